"""``wordtensor width``: sentences, and the network that shows them."""

import json

import numpy as np

import wordtensor as wt


def test_the_command_writes_the_network_that_shows_it(run, tmp_path):
    path = tmp_path / "net.npz"
    told = run("width", "a*b", "S3", 9, "--json", "-o", path)
    assert json.loads(told.stdout)["answer"] == "enough"
    U, V, W = wt.load(path).factors
    logits = np.einsum("ar,br,cr->abc", U, V, W)
    assert np.abs(logits - wt.word_tensor("a*b", "S3").to_dense()).max() < 1e-12
    other = tmp_path / "other.npz"
    told = run("width", "a*b", "S3", 8, "-o", other)
    assert told.exit_code == 0 and not other.exists()
    assert "at least 9 are needed" in told.stdout and "is not written" in told.stderr
    assert run("width", "a*b", "S3", 0).exit_code == 2


def test_without_a_width_it_says_what_is_known_of_the_least(run, tmp_path):
    path = tmp_path / "net.npz"
    told = run("width", "a*b", "S4", "-o", path)
    assert told.stdout.startswith("Networks W^T (U[a] * V[b]) whose logits are the word tensor of")
    assert "need at least 45 and at most 55 neurons" in told.stdout
    assert wt.load(path).rank == 55
    said = json.loads(run("width", "a*b", "S4", "--json").stdout)
    assert (said["width"], said["answer"], said["lower_bound"], said["rank"]) == (
        None, "open", 45, 55,
    )  # fmt: skip
    assert "need exactly 9 neurons" in run("width", "a*b", "S3").stdout
