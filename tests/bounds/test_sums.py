"""Bounds of direct sums: those of the summands add up, and are refused when changed."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.bounds import SumBound, sum_bound
from wordtensor.cores import canonical_core
from wordtensor.errors import WordTensorError


def core(word, group):
    found = canonical_core(word, group)
    tensor = np.zeros(found.shape, dtype=int)
    tensor[tuple(found.coords)] = 1
    return tensor


def direct_sum(one, two):
    both = np.zeros([x + y for x, y in zip(one.shape, two.shape, strict=True)], dtype=int)
    both[tuple(map(slice, one.shape))] = one
    both[tuple(slice(x, None) for x in one.shape)] = two
    return both


def hidden(tensor, seed):
    """Change the bases by invertible integer matrices."""
    rng = np.random.default_rng(seed)
    for mode, size in enumerate(tensor.shape):
        change = np.triu(rng.integers(-1, 2, (size, size)), 1) + np.eye(size, dtype=int)
        change = change[rng.permutation(size)]
        tensor = np.moveaxis(np.tensordot(change, tensor, (1, mode)), 0, mode)
    return tensor


@cache
def cubic():
    """Return a bound for S3 x C2, whose two characters of C2 split tensors into two of S3."""
    tensor = core("a^2*b*a*b*a*b^-1*a^-1*b^2", "D6")
    return tensor, sum_bound(tensor, upper=12)


def quaternions():
    table = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]
    signs = [[1, 1, 1, 1], [1, -1, 1, -1], [1, -1, -1, 1], [1, 1, -1, -1]]
    tensor = np.zeros((4, 4, 4), dtype=int)
    for i in range(4):
        for j in range(4):
            tensor[i, j, table[i][j]] = signs[i][j]
    return tensor


def test_it_adds_up_what_it_knows_of_the_summands():
    # Four characters of Q8, and the quaternions, of which substitution proves 7 of 8.
    one = np.ones((1, 1, 1), dtype=int)
    tensor = direct_sum(direct_sum(one, one), quaternions())
    found = sum_bound(tensor, upper=9)
    assert found.bound == 9 and found.holds(tensor)


def test_over_the_complex_numbers_it_proves_less():
    tensor = direct_sum(core("a*b", "C3"), core("a*b", "C3"))
    real, complex_ = sum_bound(tensor, upper=8), sum_bound(tensor, "complex", upper=8)
    assert (real.bound, complex_.bound, complex_.field) == (8, 6, "complex")


def test_it_meets_the_rank_over_a_product_of_groups():
    tensor, found = cubic()
    assert found.bound == 12 and len(found.summands) >= 2 and found.holds(tensor)


@pytest.mark.slow
@pytest.mark.parametrize(("word", "rank"), [("a^3*b^3", 14), ("a^3*b*a^2*b^2", 16)])
def test_it_meets_the_rank_of_larger_ones(word, rank):
    tensor = core(word, "D6")
    found = sum_bound(tensor, upper=rank)
    assert found.bound == rank and found.holds(tensor)


def test_a_tensor_that_does_not_split_is_left_alone():
    assert sum_bound(core("a^2*b*a^2*b", "S3")) is None


def test_another_basis_does_not_hide_a_sum():
    tensor = hidden(direct_sum(core("a*b", "C3"), core("a*b", "C3")), 1)
    found = sum_bound(tensor, upper=8)
    # The multiplication of C3 is a sum itself: 1 + 3.
    assert found.bound == 8 and len(found.summands) >= 3 and found.holds(tensor)


def test_it_is_written_and_read_and_brought_to_other_places():
    (tensor, found), rng = cubic(), np.random.default_rng(5)
    assert SumBound.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    modes = rng.permutation(3).tolist()
    places = [rng.permutation(2 * size) for size in tensor.shape]
    larger = np.zeros([2 * size for size in tensor.shape], dtype=int)
    larger[np.ix_(*(p[:size] for p, size in zip(places, tensor.shape, strict=True)))] = tensor
    larger = larger.transpose(np.argsort(modes))
    assert found.lifted(modes, places).holds(larger) and not found.holds(larger)


def test_what_was_changed_does_not_hold():
    tensor, found = cubic()
    first, *others = found.summands
    x, y, z = first.bases
    more = replace(first.bound, rank=first.bound.rank + 1)
    turned = first.bound.lifted((1, 2, 0), first.bound.elements)
    forged = [
        replace(found, summands=()),
        replace(found, summands=(first, *found.summands)),
        replace(found, summands=(replace(first, bound=more), *others)),
        replace(found, summands=(replace(first, bases=(x[1:], y, z)), *others)),
        replace(found, summands=(replace(first, bases=((), y, z)), *others)),
        replace(found, summands=(replace(first, bases=(x, y, (z[0][1:], *z[1:]))), *others)),
        replace(found, summands=(replace(first, bases=(others[0].bases[0], y, z)), *others)),
        replace(found, summands=(replace(first, bound=turned), *others)),
        replace(found, elements=(found.elements[0][1:], *found.elements[1:])),
        replace(found, elements=((99, *found.elements[0][1:]), *found.elements[1:])),
    ]
    assert not any(each.holds(tensor) for each in forged)
    other = tensor.copy()
    other[tuple(np.argwhere(tensor)[0])] = 0
    assert not found.holds(other)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 3))
@settings(max_examples=15, deadline=None)
def test_it_never_exceeds_a_number_of_terms(seed, first, second):
    rng = np.random.default_rng(seed)
    parts = [
        np.einsum("ir,jr,kr->ijk", *(rng.integers(-1, 2, (2, terms)) for _ in range(3)))
        for terms in (first, second)
    ]
    tensor = hidden(direct_sum(*parts), seed)
    found = sum_bound(tensor) if all(part.any() for part in parts) else None
    assert found is None or (found.bound <= first + second and found.holds(tensor))


@pytest.mark.parametrize(
    "change", [{"elements": [[0]]}, {"summands": [{}]}, {"summands": [{"bases": 1}]}, {"more": 1}]
)
def test_what_is_no_bound_is_refused(change):
    fields = sum_bound(core("a*b", "C3"), upper=4).to_dict()
    with pytest.raises(WordTensorError, match="no bound by substitution"):
        SumBound.from_dict(fields | change)


def test_other_arrays_are_refused():
    with pytest.raises(WordTensorError, match="integers with three axes"):
        sum_bound(np.zeros((2, 2, 2)))


def test_a_sum_of_nothing_is_no_bound():
    with pytest.raises(WordTensorError, match="it has no summands"):
        SumBound.from_dict({"elements": [[0], [0], [0]], "summands": []})
