"""Groups from permutations and matrices."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import GroupError
from wordtensor.groups import Group, group
from wordtensor.groups._generators import determinant


def test_permutations_are_lexicographic_and_multiply_as_functions():
    G = group("S4")
    elements = list(itertools.permutations(range(4)))
    for g, h in itertools.product(range(24), repeat=2):
        p, q = elements[g], elements[h]
        assert elements[G.cayley[g, h]] == tuple(p[q[i]] for i in range(4))
    assert G.labels[:4] == ("()", "(3 4)", "(2 3)", "(2 3 4)")
    # (1 2)(2 3) sends 3 to 1: first the right factor.
    first, second = G.labels.index("(1 2)"), G.labels.index("(2 3)")
    assert G.labels[G.cayley[first, second]] == "(1 2 3)"


@given(
    st.integers(2, 5).flatmap(lambda k: st.lists(st.permutations(range(k)), min_size=1, max_size=4))
)
@settings(max_examples=50)
def test_closure_is_a_group_whatever_the_generators(generators):
    G = Group.from_permutations(generators)
    assert Group.from_cayley(G.cayley) == G
    assert 120 % G.order == 0 or 24 % G.order == 0
    assert Group.from_permutations(generators[::-1] * 2) == G
    assert G.identity == 0 and G.labels[0] == "()" and len(set(G.labels)) == G.order


def test_cycles_lists_and_arrays_mix():
    square = Group.from_permutations(["(1 2 3 4)", "(1, 3)"])
    assert square == Group.from_permutations([[1, 2, 3, 0], np.array([2, 1, 0, 3])])
    assert square == Group.from_permutations(["( 1 2  3 4 )", (2, 1, 0, 3)])
    assert Group.from_permutations(["()"]).order == 1
    assert Group.from_permutations(["(1 2 3)(4 5)"]).order == 6
    assert Group.from_permutations(np.array([[1, 0, 2], [1, 2, 0]]), name="all").name == "all"


@pytest.mark.parametrize(
    ("generators", "message"),
    [
        ([], "at least one"),
        ("(1 2)", "must be a sequence"),
        (5, "must be a sequence"),
        ([[0, 0, 1]], "Generator 0 is not a permutation of 0..2"),
        ([[1, 2, 3]], "not a permutation"),
        ([[0, 1], [1, 0, 2]], "same points"),
        ([[1, 0], "(1 2 3)"], "same points"),
        ([[0.0, 1.0]], "integers"),
        ([[]], "integers"),
        ([[[0, 1], [1, 0]]], "list of"),
        ([3], "list of"),
        (["(1 2"], "cannot read"),
        (["1 2"], "cannot read"),
        (["(1 -2)"], "cannot read"),
        ([""], "cannot read"),
        (["(0 1)"], r"points .* must be 1\.\."),
        (["(1 99999)"], r"points .* must be 1\.\."),
        (["(1 2)(2 3)"], "twice"),
        ([[1, 2, 3, 4, 5, 6, 7, 0], [1, 0, 2, 3, 4, 5, 6, 7]], "more than 5040"),
    ],
)
def test_broken_permutations(generators, message):
    with pytest.raises(GroupError, match=message):
        Group.from_permutations(generators)


def matrices_of(G: Group) -> list[np.ndarray]:
    return [
        np.array([[int(x) for x in row.split()] for row in label[1:-1].split("; ")])
        for label in G.labels
    ]


@pytest.mark.parametrize("modulus", [2, 3, 4, 5, None])
def test_matrices_multiply_as_matrices(modulus):
    generators = (
        [[[0, 1], [-1, 0]], [[0, 1], [-1, -1]]]
        if modulus is None
        else [[[1, 1], [0, 1]], [[0, -1], [1, 0]]]
    )
    if modulus is None:
        generators = [generators[1], [[0, 1], [1, 0]]]  # S3; the two above generate SL(2,Z)
    G = Group.from_matrices(generators, modulus=modulus)
    elements = matrices_of(G)
    np.testing.assert_array_equal(elements[0], np.eye(2))
    for g, h in itertools.product(range(G.order), repeat=2):
        product = elements[g] @ elements[h]
        expected = product if modulus is None else product % modulus
        np.testing.assert_array_equal(elements[G.cayley[g, h]], expected)
    assert G.order == {2: 6, 3: 24, 4: 48, 5: 120, None: 6}[modulus]


def test_the_labels_of_matrices():
    assert Group.from_matrices([[[1, 1], [0, 1]]], modulus=2).labels == ("[1 0; 0 1]", "[1 1; 0 1]")
    assert Group.from_matrices([[[-1]]]).labels == ("[1]", "[-1]")


@pytest.mark.parametrize(
    ("generators", "modulus", "message"),
    [
        ([[[1, 1], [0, 1]]], None, "more than 5040"),
        ([[[2, 1], [1, 1]]], None, "infinite"),
        ([[[2]]], None, "not invertible over the integers: determinant 2"),
        ([[[1, 2], [2, 4]]], 5, "not invertible modulo 5: determinant 0"),
        ([[[2, 0], [0, 1]]], 4, "not invertible modulo 4"),
        ([[[1, 0, 0], [0, 1, 0]]], None, "square"),
        ([[[1]], [[1, 0], [0, 1]]], None, "same size"),
        ([[[0.5]]], None, "integers"),
        ([[[1, 0], [0]]], None, "rectangular"),
        ([], 5, "at least one"),
        ([[[1]]], 1, "modulus"),
        ([[[1]]], 2.0, "modulus"),
        ([[[1]]], True, "modulus"),
        ([[[1, 10**7], [0, 1]]], None, "above the limits"),
        (np.array([[[1, -(2**63)], [0, 1]]]), 5, "above the limits"),
        ([[[1, 1], [0, 1]]], 5051, "more than 5040"),
    ],
)
def test_broken_matrices(generators, modulus, message):
    with pytest.raises(GroupError, match=message):
        Group.from_matrices(generators, modulus=modulus)


@given(
    st.integers(1, 5).flatmap(
        lambda d: st.lists(
            st.lists(st.integers(-4, 4), min_size=d, max_size=d), min_size=d, max_size=d
        )
    )
)
def test_the_exact_determinant(matrix):
    assert determinant(matrix) == round(np.linalg.det(np.array(matrix, dtype=float)))


def test_redundant_generators_cost_little_and_change_nothing():
    G = group("S5")
    everything = list(itertools.permutations(range(5)))
    assert Group.from_permutations(everything) == G
