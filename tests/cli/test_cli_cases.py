"""The inputs that people brought and that failed once: each gives its stated outcome now."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.errors import GroupError, NetworkError

CASES = Path(__file__).parents[3] / "shared" / "cases"

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="needs ../shared/cases")

TABLES = {
    "header.csv": "e a b", "letters.csv": "e a b", "sage.txt": "a b c", "gap.txt": "1 2 3",
    "list.txt": "0 1 2", "tabs.tsv": "0 1 2", "trailing.csv": "0 1 2", "floats.csv": "0 1 2",
    "other.json": "e r s",
}  # fmt: skip
SCHEMES = {"strassen.m": "<2,2,2> rank 7", "strassen.exp": "<2,2,2> rank 7",
           "reduced_111.json": "<1,1,1> rank 1"}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_named_and_keeps_its_labels(run, name):
    result = run("info", CASES / name, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["order"], told["labels"]) == (3, TABLES[name].split())
    assert told["identity"]["name"] == "C3"


def test_numbers_from_one_are_said(run):
    assert "counts from 1" in run("info", CASES / "gap.txt").stderr


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_is_exact(run, name):
    told = run("schemes", "verify", CASES / name)
    assert told.exit_code == 0
    assert f"{SCHEMES[name]}: exact over Z" in told.stdout


def test_compact_cycles_are_refused_with_the_way_to_write_them():
    with pytest.raises(GroupError, match=r'"\(1 2 3\)" or "\(1,2,3\)"'):
        runpy.run_path(str(CASES / "f2_compact_cycles.py"))


def test_a_network_with_more_arrays_is_refused_by_their_names():
    with pytest.raises(NetworkError, match=r"'blocks.1.attn.W_K'.*no part"):
        runpy.run_path(str(CASES / "f1_two_block_transformer.py"))


def test_every_case_is_tried():
    tried = {*TABLES, *SCHEMES, "f2_compact_cycles.py", "f1_two_block_transformer.py", "README.md"}
    assert {path.name for path in CASES.iterdir()} == tried


@pytest.mark.parametrize(("word", "same"), [("a^99999999*b", "a^3*b"), ("ab" * 50_000, "(a*b)^2")])
def test_long_words_are_short_ones(word, same):
    assert np.array_equal(wt.word_tensor(word, "S3").table, wt.word_tensor(same, "S3").table)
