"""Groups from permutations and matrices."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor import memory_limit
from wordtensor.errors import GroupError, MemoryLimitError, OrderLimitError
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
        (["(1 2"], "cannot be read"),
        (["(1,,2)"], "cannot be read"),
        (["1 2"], "cannot be read"),
        (["(1 -2)"], "cannot be read"),
        ([""], "cannot be read"),
        (["(0 1)"], r"points must be 1\.\."),
        (["(1 99999)"], r"points must be 1\.\."),
        (["(1 2)(2 3)"], "twice"),
        (
            ["(123)", "(12)"],
            r'Generator 0 is .*; put blanks or commas .*"\(1 2 3\)" or "\(1,2,3\)"',
        ),
        (["(123)(45)"], r'"\(1 2 3\)"'),
        (["(1234)(56)"], r'"\(1 2 3 4\)" or "\(1,2,3,4\)"'),
        (["(1 2)(34)"], r'"\(3 4\)"'),
        (["(1 2)", "( 12 )"], r'Generator 1 is .*"\(1 2\)"'),
        (["(١ ٢)"], "cannot be read"),
        (["(1 2)\x1b[31m"], r"\\x1b\[31m"),
        (["(" + "1 " * 10**5], r"1\.\.\.'; write for example|\.\.\.'; write"),
        ([[2, 3, 1]], "subtract 1 if it counts from 1"),
        ([[True, False]], "bool"),
        ([["1", "0"]], "integers"),
        ([np.ma.masked_array([1, 0], [True, False])], "Masked"),
        (np.ma.masked_array([[1, 0]], [[True, False]]), "Masked"),
        (np.array([[1, 2**64 - 1]], dtype=np.uint64), "integers"),
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
        (np.ma.masked_array([[[1]]], [[[True]]]), 5, "Masked"),
        ([np.ma.masked_array([[1]], [[True]])], 5, "Masked"),
        ([[["1"]]], 5, "integers"),
        ([[[1j]]], 5, "integers"),
        ([[[np.nan]]], 5, "integers"),
        ([[[True]]], 5, "bool"),
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


def test_points_that_stay_may_be_written():
    """A cycle of one point with one digit means what it says."""
    assert Group.from_permutations(["(1)(2 3)"]) == Group.from_permutations(["(2 3)"])
    assert Group.from_permutations(["(12 34)"]).order == 2


def test_labels_of_many_points_are_cut_and_stay_different():
    n = 300
    G = Group.from_permutations([[*range(1, n), 0]])
    assert G.labels[0] == "()" and G.labels[1].startswith("(1 2 3 4 ")
    assert G.labels[1].endswith("... #1") and max(map(len, G.labels)) < 220
    assert len(set(G.labels)) == n
    ones = np.eye(40, dtype=int)
    M = Group.from_matrices([ones, np.roll(ones, 1, axis=0)])
    assert M.order == 40 == len(set(M.labels)) and max(map(len, M.labels)) < 220


def test_what_the_elements_take_is_estimated():
    turn = np.roll(np.eye(60, dtype=int), 1, axis=0)
    with memory_limit(0.002), pytest.raises(MemoryLimitError, match="elements generated"):
        Group.from_matrices([turn])


def test_only_what_may_be_infinite_is_said_to_be():
    wide = np.arange(8)
    cases = {
        "permutations": lambda: Group.from_permutations([np.roll(wide, 1), [1, 0, *wide[2:]]]),
        "modulo 5051": lambda: Group.from_matrices([[[1, 1], [0, 1]]], 5051),
        "integers": lambda: Group.from_matrices([[[1, 1], [0, 1]]]),
    }
    for name, make in cases.items():
        with pytest.raises(OrderLimitError, match="more than 5040 elements, the limit") as refusal:
            make()
        assert ("may be infinite" in str(refusal.value)) == (name == "integers")
