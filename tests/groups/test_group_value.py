"""The Group value: tables in, broken tables refused, equality, immutability, copies."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordtensor.errors import GroupError, WordTensorError
from wordtensor.groups import MAX_ORDER, Group, element_orders, group

# The smallest loop that is not a group: order 5, every element its own inverse (so it cannot be
# Z5), rows and columns Latin, identity 0.
LOOP5 = [
    [0, 1, 2, 3, 4],
    [1, 0, 3, 4, 2],
    [2, 4, 0, 1, 3],
    [3, 2, 4, 0, 1],
    [4, 3, 1, 2, 0],
]

RELABELLED = ["C3", "Q8", "S3", "C7:C3", "C4:C4[3]", "SL(2,3)", "C3 x V4"]


def relabelled(G: Group, seed: int) -> tuple[np.ndarray, np.ndarray]:
    permutation = np.random.default_rng(seed).permutation(G.order)
    table = np.empty_like(G.cayley)
    table[np.ix_(permutation, permutation)] = permutation[G.cayley]
    return permutation, table


@given(st.sampled_from(RELABELLED), st.integers(0, 2**32 - 1))
def test_any_relabelling_is_accepted_and_undone(name, seed):
    G = group(name)
    permutation, table = relabelled(G, seed)
    H = Group.from_cayley(table)
    assert H.identity == permutation[G.identity]
    np.testing.assert_array_equal(H.inverse[permutation], permutation[G.inverse])
    np.testing.assert_array_equal(element_orders(H)[permutation], element_orders(G))
    back = np.argsort(permutation)
    restored = Group.from_cayley(back[H.cayley[np.ix_(permutation, permutation)]])
    assert restored == G and hash(restored) == hash(G)


@given(st.sampled_from(RELABELLED), st.integers(0, 2**32 - 1), st.data())
def test_a_changed_entry_is_never_accepted(name, seed, data):
    _, table = relabelled(group(name), seed)
    n = len(table)
    row, column = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, n - 1))
    table[row, column] = (table[row, column] + data.draw(st.integers(1, n - 1))) % n
    with pytest.raises(GroupError, match="twice"):
        Group.from_cayley(table)


def test_a_loop_that_is_not_a_group_is_rejected_with_a_triple_that_fails():
    with pytest.raises(GroupError, match="not associative") as caught:
        Group.from_cayley(LOOP5)
    a, b, c = (
        int(part.split("=")[1].split()[0].strip(","))
        for part in str(caught.value).split(" at ")[1].split(" (")[0].split(", ")
    )
    assert LOOP5[LOOP5[a][b]][c] != LOOP5[a][LOOP5[b][c]]


def switched(name: str, seed: int) -> np.ndarray | None:
    """The table of a group with one 2x2 Latin subsquare switched, away from the identity."""
    _, table = relabelled(group(name), seed)
    n, e = len(table), Group.from_cayley(table).identity
    for a in range(n):
        for b in range(a):
            for c in range(n):
                d = int(np.flatnonzero(table[b] == table[a, c])[0])
                if table[b, c] == table[a, d] and c != d and e not in (a, b, c, d):
                    table[np.ix_([a, b], [c, d])] = table[np.ix_([b, a], [c, d])]
                    return table
    return None


@pytest.mark.parametrize("name", ["Q8", "C3 x V4", "S4", "C32"])
@pytest.mark.parametrize("seed", range(4))
def test_lights_test_finds_a_single_switched_square(name, seed):
    table = switched(name, seed)
    assert table is not None
    everywhere = np.array_equal(table[table], table[:, table])
    assert not everywhere  # O(n^3) says that it is not associative
    with pytest.raises(GroupError, match=r"not associative|no inverse"):
        Group.from_cayley(table)


def test_no_identity_and_one_sided_identity():
    subtraction = [[(a - b) % 5 for b in range(5)] for a in range(5)]
    with pytest.raises(GroupError, match=r"no identity.*row 0 has 4 at position 1"):
        Group.from_cayley(subtraction)
    with pytest.raises(GroupError, match="no identity"):
        Group.from_cayley(np.array(subtraction).T)


def test_left_and_right_inverses_must_agree():
    # A loop of order 5 in which 1*2 = 0 but 2*1 = 3.
    table = [[0, 1, 2, 3, 4], [1, 3, 0, 4, 2], [2, 4, 3, 1, 0], [3, 0, 4, 2, 1], [4, 2, 1, 0, 3]]
    with pytest.raises(GroupError, match=r"no inverse: 1\*2 is the identity 0, but 2\*1 = 4"):
        Group.from_cayley(table)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[0, 1], [1, 1]], "row 1 holds 1 twice, at positions 0 and 1"),
        ([[0, 1], [0, 1]], "column 0 holds 0 twice, at positions 0 and 1"),
        ([[1, 2], [2, 1]], "subtract 1"),
        ([[0, -1], [1, 0]], "entry -1 at row 0, column 1"),
        ([[0, 1], [1, 2]], "entry 2 at row 1, column 1"),
        ([[0, 1, 2], [1, 2, 0]], r"square.*\(2, 3\)"),
        ([0, 1], "square"),
        ([[0, 1], [1]], "square"),
        ([], "square"),
        (np.zeros((0, 0), int), "at least one row"),
        ([[0.0, 1.0], [1.0, 0.0]], "integers; given dtype float64"),
        ([[0.5, 1], [1, np.nan]], "integers"),
        ([[False, True], [True, False]], "integers; given dtype bool"),
        ([["0", "1"], ["1", "0"]], "integers"),
        ([[0, 2**70], [1, 0]], "integers"),
        ([[0, 1j], [1, 0]], "complex"),
        (np.ma.masked_array([[0, 1], [1, 0]], [[False, False], [False, True]]), "Masked"),
        (np.ma.masked_array([[0, 1], [1, 0]]), "Masked"),
        ([np.ma.masked_array([0, 1], [True, False]), [1, 0]], "Masked"),
        ([[1, 2, 3], [2, 3, 1], [3, 1, 2]], "subtract 1"),
        (np.array([[0, 1], [1, 0]], dtype=object), "integers"),
        (None, "square"),
        ("S3", "square"),
        (np.broadcast_to(np.int8(0), (5041, 5041)), "order 5041, above the limit of 5040"),
    ],
)
def test_broken_tables(table, message):
    with pytest.raises(GroupError, match=message):
        Group.from_cayley(table)


def test_unsigned_and_small_dtypes_and_the_trivial_group():
    table = np.array([[0, 1], [1, 0]], dtype=np.uint8)
    assert Group.from_cayley(table).cayley.dtype == np.int32
    trivial = Group.from_cayley([[0]])
    assert (trivial.order, trivial.identity, trivial.labels) == (1, 0, ("0",))


def test_labels_and_names_are_checked():
    table = [[0, 1], [1, 0]]
    assert Group.from_cayley(table).name == "group of order 2"
    for labels in (["a"], ["a", "a"], ["a", 1], "ab", ["a", "a" * 10_000], 3, {"a", "b"},
                   {"a": 0, "b": 1}, iter("ab")):  # fmt: skip
        with pytest.raises(GroupError, match="label"):
            Group.from_cayley(table, labels=labels)
    for name in (5, "a" * 10_000):
        with pytest.raises(GroupError, match="name"):
            Group.from_cayley(table, name=name)


def test_names_and_labels_are_kept_without_control_characters():
    G = Group.from_cayley([[0, 1], [1, 0]], "a\x1b[2J\u202e", ["\n", "\x07é"])
    assert G.name == "a\\x1b[2J\\u202e"
    assert G.labels == ("\\n", "\\x07é")
    assert pickle.loads(pickle.dumps(G)).labels == G.labels
    with pytest.raises(GroupError, match="distinct"):
        Group.from_cayley([[0, 1], [1, 0]], labels=["\n", "\\n"])


@given(st.integers(0, 10**6), st.sampled_from([5, 6, 7, 8]))
def test_a_latin_square_that_is_not_associative_is_always_refused(seed, n):
    """Random loops: Latin squares with identity, of which nearly none are groups."""
    rng = np.random.default_rng(seed)
    table = np.array([[(a + b) % n for b in range(n)] for a in range(n)])
    rows, columns, symbols = (rng.permutation(n) for _ in range(3))
    table = symbols[table[np.ix_(rows, columns)]]
    for _ in range(6):  # switch cycles of two rows
        a, b = rng.choice(n, 2, replace=False)
        start = column = int(rng.integers(n))
        while True:
            table[[a, b], column] = table[[b, a], column]
            column = next(
                iter(c for c in np.flatnonzero(table[a] == table[a, column]) if c != column), start
            )
            if column == start:
                break
    table = table[np.argsort(table[:, 0])]
    table = table[:, np.argsort(table[0])]  # first row and column in order: an identity
    associative = np.array_equal(table[table], table[:, table])
    if associative:
        assert Group.from_cayley(table).order == n
    else:
        with pytest.raises(GroupError, match=r"not associative|no inverse"):
            Group.from_cayley(table)


def test_validate_false_still_refuses_what_has_no_identity():
    assert Group.from_cayley(LOOP5, validate=False).order == 5
    with pytest.raises(GroupError):
        Group.from_cayley([[0, 1], [1, 1]], validate=False)


def test_the_given_table_is_copied_and_the_group_cannot_change():
    table = np.array(group("Q8").cayley)
    G = Group.from_cayley(table)
    table[:] = 0
    assert G == group("Q8")
    for array in (G.cayley, G.inverse):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        G.name = "other"


def test_the_constructor_does_not_share_a_writeable_array():
    G = group("C3")
    cayley = np.array(G.cayley)
    H = Group("mine", cayley, np.array(G.inverse), 0, list(G.labels))
    cayley[:] = 0
    assert H == G and isinstance(H.labels, tuple)


@pytest.mark.parametrize("name", ["C3", "Q8", "C4:C4[3]"])
def test_copies_are_equal_and_read_only(name):
    G = group(name)
    for other in (pickle.loads(pickle.dumps(G)), copy.deepcopy(G), copy.copy(G)):
        assert other == G and hash(other) == hash(G)
        assert (other.name, other.labels, other.identity) == (G.name, G.labels, G.identity)
        assert not other.cayley.flags.writeable and not other.inverse.flags.writeable


def test_equality_is_of_tables_not_of_names():
    assert group("D4") != group("Q8")
    assert group("C6") != group("S3")
    assert group("Heis(2)") != group("C2^3")
    renamed = Group.from_cayley(group("S3").cayley, name="D3")
    assert renamed == group("S3") and len({renamed, group("S3")}) == 1
    assert group("C3") != "C3"
    assert repr(group("S4")) == "Group('S4', order=24)" and len(group("S4")) == 24


def test_errors_are_value_errors_of_the_library():
    assert issubclass(GroupError, WordTensorError) and issubclass(GroupError, ValueError)


def test_the_largest_group_is_validated():
    S7 = group("S7")
    assert S7.order == MAX_ORDER == 5040
    assert Group.from_cayley(S7.cayley) == S7
