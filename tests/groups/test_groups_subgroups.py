"""All subgroups: published numbers, the axioms, and a search that knows no theory."""

from itertools import combinations
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import GroupError
from wordtensor.groups import Group, group, is_abelian, subgroup, subgroups
from wordtensor.groups._catalogue import small_group_name, small_group_numbers

# Subgroups and their classes; those of the symmetric groups: OEIS A005432 and A000638.
NUMBERS = {
    "C1": (1, 1), "C12": (6, 6), "C113": (2, 2), "C2^3": (16, 16), "Q8": (6, 6), "D4": (10, 8),
    "S3": (6, 4), "S4": (30, 11), "S5": (156, 19), "S6": (1455, 56),
    "A4": (10, 5), "A5": (59, 9), "A6": (501, 22), "PSL(2,7)": (179, 15),
}  # fmt: skip

SMALL = [name for each in small_group_numbers(16) if (name := small_group_name(*each)) is not None]


def generated(G: Group) -> set[tuple[int, ...]]:
    """Every subgroup, as the join of ever more elements."""
    found = {(G.identity,)}
    waiting = list(found)
    while waiting:
        H = waiting.pop()
        for g in set(range(G.order)) - set(H):
            K = tuple(subgroup(G, [*H, g]).tolist())
            if K not in found:
                found.add(K)
                waiting.append(K)
    return found


@pytest.mark.parametrize(("name", "numbers"), NUMBERS.items())
def test_published_numbers(name, numbers):
    found = subgroups(group(name))
    assert (len(found), found[-1].class_number + 1) == numbers


@pytest.mark.parametrize("name", SMALL)
def test_small_groups_have_no_other_subgroups(name):
    G = group(name)
    found = [tuple(H.elements.tolist()) for H in subgroups(G)]
    assert len(set(found)) == len(found)
    assert set(found) == generated(G)


@pytest.mark.parametrize("name", ["S4", "SL(2,3)", "M5(2)", "A5", "C7:C3", "D5 x C2", "PSL(2,7)"])
def test_what_is_said_of_each_subgroup_is_true(name):
    G = group(name)
    found = subgroups(G)
    members = {}
    for H in found:
        assert H.elements.dtype == np.int32 and not H.elements.flags.writeable
        assert len(H) == H.order and H.order * H.index == G.order
        products = G.cayley[np.ix_(H.elements, H.elements)]
        assert np.array_equal(np.unique(products), H.elements)
        members.setdefault(H.class_number, set()).add(tuple(H.elements.tolist()))
    for H in found:
        moved = G.cayley[G.cayley[:, H.elements], G.inverse[:, None]]
        orbit = {tuple(row) for row in np.sort(moved, axis=1).tolist()}
        assert orbit == members[H.class_number]
        assert H.class_size == len(orbit) and H.is_normal == (len(orbit) == 1)
    if is_abelian(G):
        assert all(H.is_normal for H in found)


def test_the_order_is_the_documented_one():
    found = subgroups(group("S4"))
    assert [H.order for H in found] == sorted(H.order for H in found)
    assert [H.class_number for H in found] == sorted(H.class_number for H in found)
    firsts = []
    for number in range(11):
        mine = [H.elements.tolist() for H in found if H.class_number == number]
        assert mine == sorted(mine)
        firsts.append((len(mine[0]), mine[0]))
    assert firsts == sorted(firsts)
    assert [H.elements.tolist() for H in subgroups(group("S4"))] == [
        H.elements.tolist() for H in found
    ]


@given(st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_a_cyclic_group_has_one_subgroup_for_each_divisor(n):
    orders = [H.order for H in subgroups(group(f"C{n}"))]
    assert orders == [d for d in range(1, n + 1) if n % d == 0]


@pytest.mark.parametrize(("p", "k"), [(2, 4), (2, 5), (3, 3), (5, 2)])
def test_elementary_abelian_groups_have_the_subspaces(p, k):
    def subspaces(d):
        return prod(p ** (k - i) - 1 for i in range(d)) // prod(p ** (i + 1) - 1 for i in range(d))

    orders = [H.order for H in subgroups(group(f"C{p}^{k}"))]
    assert [orders.count(p**d) for d in range(k + 1)] == [subspaces(d) for d in range(k + 1)]


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_it_does_not_matter_how_the_elements_are_numbered(data):
    G = group(data.draw(st.sampled_from(["Q8", "A4", "D6", "C3:C4[2]"])))
    names = np.array(data.draw(st.permutations(range(G.order))))
    places = np.argsort(names)
    renamed = Group.from_cayley(names[G.cayley[np.ix_(places, places)]])
    expected = {tuple(sorted(names[H.elements].tolist())) for H in subgroups(G)}
    assert {tuple(H.elements.tolist()) for H in subgroups(renamed)} == expected


def test_intersections_of_subgroups_are_subgroups():
    found = {tuple(H.elements.tolist()) for H in subgroups(group("S4"))}
    assert all(tuple(sorted(set(H) & set(K))) in found for H, K in combinations(found, 2))


def test_too_many_subgroups_are_refused():
    with pytest.raises(GroupError, match="more than 50 subgroups; pass a larger limit"):
        subgroups(group("C2^8"), limit=50)
    assert len(subgroups(group("S3"), limit=6)) == 6
    with pytest.raises(GroupError, match="more than 5"):
        subgroups(group("S3"), limit=5)
    with pytest.raises(GroupError, match="'limit' must be"):
        subgroups(group("S3"), limit=0)


def test_a_subgroup_prints_itself():
    assert repr(subgroups(group("S3"))[-1]) == (
        "Subgroup(order=6, index=1, class_number=3, class_size=1)"
    )
