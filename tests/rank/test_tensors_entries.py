"""Entries that floats do not hold: too large, too unequal, too near to others, added up."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.errors import FileFormatError
from wordtensor.rank import plan_tensor, tensor

BIG = 10**9


@pytest.mark.parametrize("large", [BIG, 2**53, 10**15])
def test_a_rank_that_floats_do_not_show(large):
    d = wt.solve(np.array([[[large + 1, large], [large, large - 1]]]))
    assert (d.rank, d.lower_bound, wt.verify(d).ok) == (2, 2, True)
    assert wt.solve(np.array([[[large, 0], [0, 1]]])).rank == 2


@pytest.mark.parametrize("gap", [10**8, 10**10, 10**16])
def test_a_bound_is_not_above_the_rank_where_eigenvalues_are_close(gap):
    # Two real eigenvalues, so the rank is 2; floats take them for a double one.
    close = [[[1, 0], [0, 1]], [[1, 1], [Fraction(1, gap), 1]]]
    assert plan_tensor(close).lower_bound == 2
    assert wt.verify(wt.solve(close)).ok


def test_what_is_known_to_rounding_says_so():
    close = np.array([[[1, 0], [0, 1]], [[1, 1], [1e-8 * np.pi, 1]]])
    assert str(plan_tensor(close)).splitlines()[-2].endswith("to rounding")
    assert str(wt.solve(np.pi * np.eye(2)[None])).endswith("the rank is 2, to rounding")
    assert str(wt.solve(np.eye(2)[None])).endswith("the rank is 2")


@pytest.mark.parametrize("share", [0.01, 0.003])
def test_a_term_that_is_small_does_not_count_twice(share):
    for seed, shape in enumerate([(2, 4, 3), (2, 3, 4), (3, 2, 3), (2, 4, 3), (2, 3, 4)]):
        rng = np.random.default_rng(seed)
        U, V, W = (rng.standard_normal((size, 2)) * [share, 1.0] for size in shape)
        assert plan_tensor(np.einsum("ir,jr,kr->ijk", U, V, W)).lower_bound == 2


def test_large_numbers_take_no_time():
    # Their squares are no floats any more, so no quadratic equation is read off them.
    d = wt.solve([[[-141715492, -440730875], [-286348004, 109216459], [280676744, 251111856]]])
    assert d.rank == d.lower_bound == 2


def test_integers_that_are_rounded_are_said_to_be():
    large = tensor(np.array([[[2**62 + 1, 2**62], [2**62, 2**62 - 1]]]))
    assert large.exact is None
    assert "too large" in large.notes[0]
    assert tensor([[[2**62 + 1, 1]]]).notes == large.notes
    near = tensor(np.array([[[1.0, 1 + 1e-13]]]))
    assert "fractions" in near.notes[0]
    assert tensor(np.array([[[1 / 3, 0.1]]])).notes == ()


def test_sums_of_small_integers_do_not_wrap():
    place = np.zeros((3, 2), dtype=np.int64)
    given = SimpleNamespace(coords=place, data=np.array([100, 100], np.int8), shape=(1, 1, 1))
    assert tensor(given).entries.item() == 200
    ones = np.ones((1, 2), np.int8)
    assert tensor(SimpleNamespace(factors=[100 * ones, ones, ones], weights=None)).entries == 200
    large = np.array([[2**40, 1]])
    summed = tensor(SimpleNamespace(factors=[large, large, np.ones((1, 2), int)], weights=None))
    assert summed.entries.item() == pytest.approx(2.0**80)


@pytest.mark.parametrize(
    "form",
    [
        "[\n  [\n    [\n 1,\n 2\n ],\n [3, 4]\n ]\n]\n",
        "np.array([[[1, 2],\n [3, 4]]])",
        "T = [[[1, 2], [3, 4]]]",
        "T := {{{1, 2}, {3, 4}}};",
        "torch.tensor([[[1, 2], [3, 4]]], dtype=torch.float64)",
        "1\u00d72\u00d72 Array{Int64, 3}:\n[:, :, 1] =\n 1  3\n\n[:, :, 2] =\n 2  4\n",
        "ans =\n\nans(:,:,1) =\n\n   1   3\n\nans(:,:,2) =\n\n   2   4\n\n",
    ],
)
def test_forms_that_programs_print(form, tmp_path):
    path = tmp_path / "t.txt"
    path.write_text(form)
    assert wt.read_tensor(path).entries.tolist() == [[[1, 2], [3, 4]]]


def test_a_shape_with_a_number_of_entries_is_no_entry(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("2 2 2 2\n0 0 0 1\n1 1 1 5\n")
    with pytest.raises(FileFormatError, match=r'line 1 may be .* as "2 x 2 x 2"'):
        wt.read_tensor(path)
    path.write_text("2 x 2 x 2\n0 0 0 1\n1 1 1 \u22125\n")
    assert wt.read_tensor(path).entries[1, 1, 1] == -5
    path.write_text("3 3 3 0,5\n1 1 1 2\n")
    with pytest.raises(FileFormatError):
        wt.read_tensor(path)


def test_a_name_is_one_line(tmp_path):
    path = tmp_path / "t.json"
    path.write_text('{"name": "a\\nthe rank is 9", "tensor": [[[1]]]}')
    assert wt.read_tensor(path).name == "a the rank is 9"


def test_a_file_says_that_nobody_knows_why_blocks_are_structural():
    d = wt.solve(np.pi * np.eye(2)[None])
    assert d.status == "structural"
    assert {"status", "blocks.lower_bound"} <= set(wt.verify(d).not_checked)
