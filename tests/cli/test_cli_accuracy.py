"""``wordtensor accuracy``: what it proves, and what it refuses."""

import json

import numpy as np
import pytest

import wordtensor as wt


@pytest.fixture
def saved(tmp_path):
    """Return a file with the exact terms of S4, a little changed."""
    rng = np.random.default_rng(0)
    factors = wt.decompose("a*b", "S4").factors
    U, V, W = (F + 0.01 * rng.normal(size=F.shape) for F in factors)
    np.savez(tmp_path / "net.npz", U=U, V=V, W=W)
    return tmp_path / "net.npz"


def test_a_net_is_proved_to_be_right(run, saved):
    done = run("accuracy", saved, "a*b", "S4")
    assert done.exit_code == 0
    assert done.stdout.startswith("Proved: it is right on all 576 pairs of a*b over S4.\n")
    alone = json.loads(run("accuracy", saved, "a*b", "S4", "--structure-only", "--json").stdout)
    assert alone["evaluated"] == 0 and 0 < alone["right"] == alone["by_structure"] < 576
    assert alone["cost"] < 1


def test_another_word_is_answered_with_what_is_wrong(run, saved):
    told = json.loads(run("accuracy", saved, "a*b^-1", "S4", "--json").stdout)
    table, asked = (wt.word_tensor(w, "S4").table for w in ("a*b", "a*b^-1"))
    assert (told["right"], told["wrong"]) == ((table == asked).sum(), (table != asked).sum())
    assert f"(41.67 %), and wrong on {told['wrong']}." in told["verdict"][0]


def test_what_it_needs_is_said(run, saved):
    assert "There is no word" in run("accuracy", saved).stderr
    assert run("accuracy", saved, "a*b", "S3").exit_code == 2


def test_a_net_of_a_table_is_refused(run, tmp_path):
    table = ("--set", "model=hadamard", "--set", "steps=1", "-o", tmp_path / "of_table")
    assert run("train", "--table", "x^2 + y^2 mod 5", *table).exit_code in (0, 1)
    done = run("accuracy", tmp_path / "of_table")
    assert done.exit_code == 2 and "of words over groups" in done.stderr
