"""Bounds from the locus of low rank: they prove what is known, and are refused when changed."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.atlas._classes import word_classes
from wordtensor.bounds import LocusBound, locus_bound
from wordtensor.bounds._identities import Identity
from wordtensor.cores import canonical_core
from wordtensor.errors import WordTensorError
from wordtensor.words.maps import word_maps


def dense(core):
    tensor = np.zeros(core.shape, dtype=int)
    tensor[tuple(core.coords)] = 1
    return tensor


def core(word, group):
    return dense(canonical_core(word, group))


def quaternions():
    table = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]
    signs = [[1, 1, 1, 1], [1, -1, 1, -1], [1, -1, -1, 1], [1, 1, -1, -1]]
    tensor = np.zeros((4, 4, 4), dtype=int)
    for i in range(4):
        for j in range(4):
            tensor[i, j, table[i][j]] = signs[i][j]
    return tensor


@pytest.mark.parametrize(
    ("word", "group", "rank"),
    [
        ("a*b", "C3", 4),
        ("a*b*a^-2*b*a", "S3", 5),
        ("a^2*b*a^2*b", "S3", 5),
        ("a^3*b^2", "S3", 7),
        ("a^3*b*a*b", "S3", 8),
    ],
)
def test_it_meets_the_rank_of_cores(word, group, rank):
    tensor = core(word, group)
    found = locus_bound(tensor, upper=rank)
    assert found is not None and found.bound == rank and found.holds(tensor)


def test_over_the_complex_numbers_it_proves_less():
    assert locus_bound(core("a*b", "C3"), "complex") is None
    found = locus_bound(core("a*b*a^-2*b*a", "S3"), "complex")
    assert found is not None and found.bound == 5
    assert not any(each.squares for each in found.identities)


def test_no_combination_of_quaternions_is_singular():
    tensor = quaternions()
    assert locus_bound(tensor).bound == 7
    # Over the complex numbers they are the 2 x 2 matrices, twice: there is none of rank one.
    assert locus_bound(tensor, "complex").bound == 5


@pytest.mark.parametrize("terms", [3, 4])
def test_points_that_come_slowly_to_a_multiple_zero_hide_no_form(terms):
    # Polynomials modulo t^n need 2n - 1 products: N(z) is triangular, with the determinant +-z^n.
    tensor = np.array(
        [[[i + j == k for k in range(terms)] for j in range(terms)] for i in range(terms)]
    ).astype(int)
    for field in ("real", "complex"):
        found = locus_bound(tensor, field)
        assert found is not None and found.bound == 2 * terms - 1 and found.holds(tensor)


def test_dependent_slices_count_once():
    tensor = core("a*b*a^-2*b*a", "S3")
    doubled = np.concatenate([tensor, tensor.sum(axis=0, keepdims=True)])
    found = locus_bound(doubled, upper=5)
    assert found is not None and found.bound == 5 and found.holds(doubled)


def test_relabelled_tensors_are_proved_alike():
    tensor, rng = core("a^2*b*a^2*b", "S3"), np.random.default_rng(3)
    for _ in range(3):
        moved = tensor.transpose(rng.permutation(3))
        for mode in range(3):
            moved = np.take(moved, rng.permutation(moved.shape[mode]), axis=mode)
        assert locus_bound(moved, upper=5).bound == 5


def test_it_finds_the_same_twice():
    tensor = core("a^3*b^2", "S3")
    assert locus_bound(tensor, upper=7) == locus_bound(tensor, upper=7)


def test_what_was_changed_does_not_hold():
    tensor = core("a*b*a^2*b", "S3")
    found = locus_bound(tensor, lower=8, upper=9)
    assert found.killed and found.blocks and found.holds(tensor)
    (rows, columns), *blocks = found.blocks
    first = next(k for k, each in enumerate(found.identities) if each.squares)
    identity = found.identities[first]
    (weight, root), *squares = identity.squares
    (value, factor, minor), *others = identity.cofactors

    def changed(**parts):
        identities = list(found.identities)
        identities[first] = replace(identity, **parts)
        return replace(found, identities=tuple(identities))

    forged = [
        replace(found, rank=found.rank + 1),
        replace(found, field="complex"),
        replace(found, form=tuple(0 for _ in found.form)),
        replace(found, form=(*found.form, 0)),
        replace(found, killed=()),
        replace(found, killed=found.killed * 2),
        replace(found, killed=((0,) * len(found.killed[0]),)),
        replace(found, identities=found.identities[1:]),
        replace(found, mode=found.other, other=found.mode),
        replace(found, blocks=()),
        replace(found, blocks=found.blocks * 2),
        replace(found, blocks=((rows, ()), *blocks)),
        replace(found, blocks=((rows, columns[:-1]), *blocks)),
        replace(found, blocks=((rows, (columns[0][:-1], *columns[1:])), *blocks)),
        replace(found, blocks=((rows, (blocks[0][1][0], *columns[1:])), *blocks)),
        changed(squares=tuple(squares)),
        changed(squares=((-weight, root), *squares)),
        changed(cofactors=tuple(others)),
        changed(cofactors=((value + Fraction(1, 7), factor, minor), *others)),
        changed(exponent=identity.exponent + 1),
    ]
    assert not any(each.holds(tensor) for each in forged)
    other = tensor.copy()
    other[tuple(np.argwhere(tensor)[0])] = 0
    assert not found.holds(other)


@pytest.mark.parametrize(("word", "rank"), [("a^2*b^2*a*b", 9), ("a^2*b*a*b", 9)])
def test_the_identities_are_those_of_the_theorem(word, rank):
    # At random integer points, with determinants of numbers in place of forms.
    tensor = core(word, "S3")
    found = locus_bound(tensor, lower=rank - 1, upper=rank)
    assert found.killed and not found.blocks
    slices = np.moveaxis(tensor, (found.mode, found.other), (0, 1))
    killed = np.array(found.killed)
    conditions = [(found.rank, j, True) for j in range(len(killed) + 1)]
    conditions += [(len(killed), j, False) for j in range(1, len(killed) + 1)]
    # Images of the killed vectors may have low rank at every point; there is nothing to prove then.
    generic = killed @ np.tensordot(np.arange(3, 3 + len(slices)) ** 2, slices, 1)
    most = np.linalg.matrix_rank(generic.astype(float))
    rng = np.random.default_rng(5)
    for y in rng.integers(-2, 3, (5, len(slices))):
        values = np.tensordot(y, slices, 1)
        left = iter(found.identities)
        for low, size, with_form in conditions:
            images = killed @ values
            base = sum(
                determinant(images[np.ix_(rows, columns)]) ** 2
                for rows in combinations(range(len(images)), size)
                for columns in combinations(range(images.shape[1]), size)
            )
            if low - len(killed) + size < 1 or size > most:
                continue
            identity = next(left)
            factor = np.dot(found.form, y) if with_form else np.sqrt(np.dot(y, y))
            total = Fraction(base) * round(factor ** (2 * identity.exponent))
            for weight, root in identity.squares:
                total += weight * sum(v * int(np.prod(y[list(x)])) for x, v in root) ** 2
            for value, monomial, (rows, columns) in identity.cofactors:
                assert len(rows) == len(columns) == low - len(killed) + size + 1
                minor = determinant(values[np.ix_(rows, columns)])
                total -= value * int(np.prod(y[list(monomial)])) * minor
            assert total == 0
        assert next(left, None) is None


@pytest.mark.parametrize(
    ("word", "rank"), [("a^3*b*a*b", 8), ("a*b*a^2*b", 9), ("a*b*a^-1*b^-1*a", 9)]
)
def test_at_small_points_the_theorem_has_what_it_asks_for(word, rank):
    # Ranks of matrices of numbers, which know nothing of blocks and identities.
    tensor = core(word, "S3")
    found = locus_bound(tensor, lower=rank - 1, upper=rank)
    assert found.killed and found.blocks
    slices = np.moveaxis(tensor, (found.mode, found.other), (0, 1))
    killed = np.array(found.killed)
    rng = np.random.default_rng(7)
    for y in rng.integers(-1, 2, (2000, len(slices))) * rng.integers(0, 2, (2000, len(slices))):
        matrix = np.tensordot(y, slices, 1)
        f = np.linalg.matrix_rank(matrix) + len(killed) - np.linalg.matrix_rank(killed @ matrix)
        assert f > found.rank or not np.dot(found.form, y)
        assert f > len(killed) or not y.any()


def determinant(matrix):
    return round(np.linalg.det(matrix)) if len(matrix) else 1


@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.sampled_from([(2, 2, 3), (3, 3, 2)]))
@settings(max_examples=15, deadline=None)
def test_it_never_exceeds_a_number_of_terms(seed, terms, shape):
    rng = np.random.default_rng(seed)
    factors = [rng.integers(-1, 2, (n, terms)) for n in shape]
    tensor = np.einsum("ir,jr,kr->ijk", *factors)
    found = locus_bound(tensor) if tensor.any() else None
    assert found is None or (found.bound <= terms and found.holds(tensor))


@pytest.mark.parametrize("tensor", [np.zeros((2, 2)), np.zeros((2, 2, 2))])
def test_other_arrays_are_refused(tensor):
    with pytest.raises(wt.WordTensorError, match="integers with three axes"):
        locus_bound(tensor)


def test_the_field_is_checked():
    with pytest.raises(wt.WordTensorError):
        locus_bound(quaternions(), "rational")


@pytest.mark.slow
@pytest.mark.parametrize("group", ["C3", "D4", "Q8", "S3"])
def test_no_bound_exceeds_a_rank_that_was_found(group):
    for each in word_classes(word_maps(group)):
        tensor = dense(each.core)
        if tensor.size > 100 or min(tensor.shape) < 2:
            continue
        found = locus_bound(tensor, upper=20)
        rank = wt.decompose(str(each.word), group, seed=0).rank
        assert found is None or (found.bound <= rank and found.holds(tensor))


@pytest.mark.parametrize(("word", "rank"), [("a^3*b*a*b", 8), ("a*b", 6)])
def test_it_is_written_and_read_and_brought_to_other_places(word, rank):
    tensor, rng = core(word, "S3"), np.random.default_rng(5)
    found = locus_bound(tensor, upper=rank)
    if found is None:
        assert rank == 6  # multiplication needs 9, of which this knows nothing
        return
    text = json.dumps(found.to_dict())
    assert LocusBound.from_dict(json.loads(text)) == found
    modes = rng.permutation(3).tolist()
    # Doubled slices beside the others, in any order.
    places = [rng.permutation(2 * size) for size in tensor.shape]
    larger = np.zeros([2 * size for size in tensor.shape], dtype=int)
    larger[np.ix_(*(p[:size] for p, size in zip(places, tensor.shape, strict=True)))] = tensor
    larger = larger.transpose(np.argsort(modes))
    assert found.lifted(modes, places).holds(larger) and not found.holds(larger)


def test_hostile_data_take_no_time_and_prove_nothing():
    tensor = core("a^3*b*a*b", "S3")
    found = locus_bound(tensor, upper=8)
    identity = found.identities[0]
    x, y, z = found.elements
    forged = [
        replace(found, identities=(replace(identity, exponent=10**9), *found.identities[1:])),
        replace(found, identities=(replace(identity, exponent=-1), *found.identities[1:])),
        replace(found, elements=((*x, 99), y, z)),
        replace(found, elements=((-1, *x[1:]), y, z)),
        replace(found, elements=((x[1], *x[1:]), y, z)),
        replace(found, elements=(x[:-1], y, z)),
        replace(found, rank=50),
        replace(found, killed=found.killed * 50),
        replace(found, mode=7),
        replace(found, mode=found.other),
    ]
    assert not any(each.holds(tensor) for each in forged)


@pytest.mark.parametrize(
    "change",
    [
        {"mode": True},
        {"rank": 4.0},
        {"field": "rational"},
        {"form": "abc"},
        {"elements": [[0], [1]]},
        {"killed": [[0.5]]},
        {"blocks": [[[[1.0]], [[1]]]]},
        {"blocks": [[[1], [1]]]},
        {"identities": [{}]},
        {"identities": [{"exponent": 1, "squares": [["1/0", []]], "cofactors": []}]},
        {"identities": [{"exponent": 1, "squares": [["0.5", []]], "cofactors": []}]},
        {"more": 1},
    ],
)
def test_what_is_no_bound_is_refused(change):
    fields = locus_bound(core("a*b", "C3"), upper=4).to_dict()
    with pytest.raises(WordTensorError, match="no bound by substitution"):
        LocusBound.from_dict(fields | change)


def test_killed_vectors_that_depend_on_each_other_prove_nothing():
    # The product of complex numbers has rank 3. As floats, the vectors are independent.
    tensor = np.zeros((2, 2, 2), dtype=int)
    tensor[[0, 0, 1], [0, 1, 0], [0, 1, 1]] = 1
    tensor[1, 1, 0] = -1
    k = 3074457345618258605
    killed = ((3 * k, -3), (k, -1))
    total = Fraction(sum(x * x for vector in killed for x in vector))
    identity = Identity(0, (), ((total, (), ((0, 1), (0, 1))),))
    places = ((0, 1),) * 3
    forged = LocusBound(0, 1, places, (1, 0), killed, (), 2, "real", (identity, identity))
    assert forged.bound == 4 and not forged.holds(tensor)
