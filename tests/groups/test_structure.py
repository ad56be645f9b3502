"""Classes, powers, subgroups and maps, against published numbers and against GAP."""

import json
from collections import Counter
from math import gcd
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordtensor.errors import GroupError
from wordtensor.groups import (
    Group,
    centre,
    conjugacy_classes,
    element_orders,
    exponent,
    generating_set,
    group,
    is_abelian,
    is_homomorphism,
    power_map,
    subgroup,
)
from wordtensor.groups._catalogue import (
    small_group_count,
    small_group_generators,
    small_group_name,
)

VECTORS = Path(__file__).parent / "vectors"
GAP_GROUPS = json.loads((VECTORS / "gap_groups.json").read_text())
GAP_SMALL = json.loads((VECTORS / "gap_small_groups.json").read_text())

# Conway et al., ATLAS of Finite Groups (1985) for the simple groups; partition numbers for S_n.
CLASS_NUMBERS = {
    "C3": 3, "S3": 3, "S4": 5, "S5": 7, "S6": 11, "S7": 15, "A4": 4, "A5": 5, "A6": 7, "A7": 9,
    "Q8": 5, "Q16": 7, "D4": 5, "D5": 4, "D8": 7, "SL(2,3)": 7, "SL(2,5)": 9, "PSL(2,7)": 6,
    "PSL(2,11)": 8, "PGL(2,7)": 9, "M5(2)": 20, "Heis(3)": 11, "Heis(5)": 29, "C7:C3": 5,
    "C5:C4": 5, "GL(2,3)": 8, "GL(2,7)": 48, "SD16": 7,
}  # fmt: skip

SMALL = ["C1", "C3", "V4", "S3", "Q8", "D5 x C2", "C7:C3", "C4:C4[3]", "SL(2,3)", "M5(2)", "S5"]


def shape_of(G: Group) -> dict:
    orders = Counter(element_orders(G).tolist())
    return {
        "order": G.order,
        "class_sizes": sorted(conjugacy_classes(G).sizes.tolist()),
        "element_orders": {str(k): orders[k] for k in sorted(orders)},
        "centre": len(centre(G)),
    }


@pytest.mark.parametrize(("name", "number"), CLASS_NUMBERS.items())
def test_published_class_numbers(name, number):
    assert len(conjugacy_classes(group(name))) == number


@pytest.mark.parametrize("record", GAP_GROUPS, ids=lambda record: record["name"])
def test_gap_agrees(record):
    ours = shape_of(group(record["name"]))
    assert ours == {key: record[key] for key in ours}
    # GAP's own characters fit our classes: as many, and the squares of their degrees sum to n.
    assert len(record["degrees"]) == len(conjugacy_classes(group(record["name"])))
    assert sum(d * d for d in record["degrees"]) == ours["order"]


@pytest.mark.parametrize("record", GAP_GROUPS, ids=lambda record: record["name"])
def test_involutions_match_the_frobenius_schur_indicators(record):
    """The number of square roots of 1 is the sum of indicator times degree."""
    G = group(record["name"])
    roots = int((power_map(G, 2) == G.identity).sum())
    pairs = zip(record["degrees"], record["indicators"], strict=True)
    assert roots == sum(degree * indicator for degree, indicator in pairs)
    classes = conjugacy_classes(G)
    real = int((classes.inverse == np.arange(len(classes))).sum())
    assert real == sum(indicator != 0 for indicator in record["indicators"])


def test_the_catalogue_names_what_gap_has():
    named = 0
    for record in GAP_SMALL:
        name = small_group_name(*record["id"])
        if small_group_generators(*record["id"]):
            assert name is None
            name = "SmallGroup({},{})".format(*record["id"])
        if name is not None:
            named += 1
            ours = shape_of(group(name))
            assert ours == {key: record[key] for key in ours}, (record["id"], name)
    assert named > 200
    counts = Counter(record["id"][0] for record in GAP_SMALL)
    assert all(small_group_count(order) == counts[order] for order in range(1, 64))
    assert small_group_count(64) is None and small_group_name(64, 1) is None
    assert all(small_group_name(n, k) for n in range(1, 16) for k in range(1, counts[n] + 1))


@pytest.mark.parametrize("name", SMALL)
def test_classes_by_definition(name):
    G = group(name)
    classes = conjugacy_classes(G)
    for g in range(G.order):
        conjugates = {int(G.cayley[G.cayley[x, g], G.inverse[x]]) for x in range(G.order)}
        assert conjugates == set(np.flatnonzero(classes.index == classes.index[g]).tolist())
        assert classes.representatives[classes.index[g]] == min(conjugates)
        assert classes.sizes[classes.index[g]] == len(conjugates)
        assert classes.inverse[classes.index[g]] == classes.index[G.inverse[g]]
    assert classes.index[G.identity] == 0 and classes.sizes.sum() == G.order
    assert not classes.index.flags.writeable and not classes.sizes.flags.writeable


def test_the_class_of_the_identity_is_first_wherever_it_is():
    S3 = group("S3")
    shift = (np.arange(6) + 2) % 6
    table = np.empty((6, 6), dtype=int)
    table[np.ix_(shift, shift)] = shift[S3.cayley]
    G = Group.from_cayley(table)
    assert G.identity == 2
    classes = conjugacy_classes(G)
    assert classes.index[2] == 0 and classes.representatives[0] == 2 and classes.sizes[0] == 1
    assert subgroup(G, []).tolist() == [2] and power_map(G, 0).tolist() == [2] * 6


@given(st.sampled_from(SMALL), st.integers(-50, 50))
def test_powers_by_definition(name, k):
    G = group(name)
    base = G.inverse if k < 0 else np.arange(G.order)
    expected = np.full(G.order, G.identity)
    for _ in range(abs(k)):
        expected = G.cayley[expected, base]
    np.testing.assert_array_equal(power_map(G, k), expected)


def test_huge_powers_and_what_is_no_exponent():
    G = group("SL(2,3)")
    large = 10**100 + 7
    np.testing.assert_array_equal(power_map(G, large), power_map(G, large % exponent(G)))
    np.testing.assert_array_equal(power_map(G, np.int64(-1)), G.inverse)
    for bad in (0.5, "2", None):
        with pytest.raises(GroupError, match="exponent"):
            power_map(G, bad)


def test_orders_exponents_and_centres():
    orders = Counter(element_orders(group("C12")).tolist())
    assert orders == Counter(12 // gcd(12, g) for g in range(12))
    expected = {"C1": 1, "Q8": 4, "S5": 60, "S7": 420, "Heis(3)": 3, "M3(3)": 9, "V4": 2}
    assert {name: exponent(group(name)) for name in expected} == expected
    sizes = {"S7": 1, "Q8": 2, "C12": 12, "SL(2,5)": 2, "M5(2)": 8, "Heis(3)": 3, "GL(2,5)": 4}
    assert {name: len(centre(group(name))) for name in sizes} == sizes
    assert is_abelian(group("C1")) and not is_abelian(group("S3"))


@pytest.mark.parametrize("name", [*SMALL, "C2^4", "S7", "GL(2,7)", "C60"])
def test_generating_sets_generate_and_are_small(name):
    G = group(name)
    generators = generating_set(G)
    assert generators == generating_set(G)
    np.testing.assert_array_equal(subgroup(G, generators), np.arange(G.order))
    # No generator is redundant.
    for left_out in generators:
        assert len(subgroup(G, [g for g in generators if g != left_out])) < G.order
    ranks = {"C1": 0, "C3": 1, "C60": 1, "V4": 2, "C2^4": 4, "S7": 2, "Q8": 2}
    assert len(generators) == ranks.get(name, len(generators))


@given(st.sampled_from(SMALL), st.data())
def test_subgroups_are_closed_and_obey_lagrange(name, data):
    G = group(name)
    chosen = data.draw(st.lists(st.integers(0, G.order - 1), max_size=3))
    H = subgroup(G, chosen)
    assert G.order % len(H) == 0 and set(chosen) <= set(H.tolist())
    assert np.isin(G.cayley[np.ix_(H, H)], H).all() and (np.diff(H) > 0).all()


def test_subgroup_refuses_what_is_no_element():
    for bad in ([8], [-1], [0.5], ["i"], [[1]], [[1], [1, 2]]):
        with pytest.raises(GroupError, match="generators"):
            subgroup(group("Q8"), bad)


def test_homomorphisms():
    S4, C2, Q8 = group("S4"), group("C2"), group("Q8")
    sign = [label.count(" ") % 2 for label in S4.labels]  # a cycle of k points is k - 1 swaps
    assert is_homomorphism(S4, C2, sign)
    assert is_homomorphism(S4, S4, S4.cayley[S4.cayley[5], S4.inverse[5]])
    assert is_homomorphism(Q8, Q8, np.zeros(8, dtype=int))
    assert not is_homomorphism(Q8, Q8, Q8.inverse)  # an anti-automorphism
    assert is_homomorphism(group("C12"), group("C12"), power_map(group("C12"), 5))
    assert is_homomorphism(group("C1"), Q8, [0]) and not is_homomorphism(group("C1"), Q8, [1])
    swapped = np.arange(24)
    swapped[[3, 4]] = [4, 3]
    assert not is_homomorphism(S4, S4, swapped)
    for bad in ([0] * 7, [0] * 9, [8] * 8, [-1] * 8, [0.5] * 8, []):
        with pytest.raises(GroupError, match="images"):
            is_homomorphism(Q8, Q8, bad)


def test_inner_automorphisms_of_the_largest_group():
    G = group("S7")
    assert is_homomorphism(G, G, G.cayley[G.cayley[1234], G.inverse[1234]])
