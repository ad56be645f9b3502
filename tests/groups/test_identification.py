"""Which group a table is: every group of order <= 31, abelian ones, families, what is unknown."""

import json
from pathlib import Path

import numpy as np
import pytest

from wordtensor.groups import (
    Group,
    centre,
    conjugacy_classes,
    element_orders,
    group,
    identify,
    isomorphism,
)
from wordtensor.groups._catalogue import small_group_numbers

VECTORS = json.loads((Path(__file__).parent / "vectors" / "gap_small_groups.json").read_text())


def relabelled(G: Group, seed: int) -> Group:
    """Return the group with its elements in a random order."""
    place = np.random.default_rng(seed).permutation(G.order)
    table = np.empty_like(G.cayley)
    table[np.ix_(place, place)] = place[G.cayley]
    return Group.from_cayley(table)


@pytest.mark.parametrize("order", range(1, 32))
def test_a_random_relabelling_of_every_small_group_is_named_rightly(order):
    for n, number in small_group_numbers(31):
        if n == order:
            G = relabelled(group(f"SmallGroup({n},{number})"), 7 * n + number)
            found = identify(G)
            assert (found.order, found.number) == (n, number)
            assert isomorphism(G, group(found.name)) is not None
            assert all(isomorphism(G, group(name)) is not None for name in found.names)


def test_the_groups_of_order_up_to_31_are_gaps_by_their_invariants():
    vectors = {tuple(one["id"]): one for one in VECTORS}
    for n, number in small_group_numbers(31):
        G, vector = group(f"SmallGroup({n},{number})"), vectors[n, number]
        orders, counts = np.unique(element_orders(G), return_counts=True)
        assert dict(zip(map(str, orders), counts.tolist(), strict=True)) == vector["element_orders"]
        assert sorted(conjugacy_classes(G).sizes.tolist()) == sorted(vector["class_sizes"])
        assert len(centre(G)) == vector["centre"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C3", "C3 = SmallGroup(3,1)"),
        ("Q8", "Q8 = SmallGroup(8,4)"),
        ("D3", "S3 = SmallGroup(6,1), also D3"),
        ("C4:C4", "C4:C4[3] = SmallGroup(16,4)"),
        ("F20", "C5:C4 = SmallGroup(20,3), also F20, AGL(1,5)"),
        ("PSL(2,5)", "A5 = SmallGroup(60,5), also PSL(2,5), SL(2,4)"),
        ("SmallGroup(24,8)", "SmallGroup(24,8)"),
        ("C4 x C9 x C2", "C36 x C2"),
        ("C2^6", "C2^6"),
        ("C6^2 x C3 x C25", "C150 x C6 x C3"),
        ("GL(3,2)", "PSL(2,7), also GL(3,2)"),
        ("S5", "S5, also PGL(2,5)"),
        ("PSL(2,9)", "A6, also PSL(2,9)"),
        ("D50", "D50"),
        ("Dic25", "Dic25"),
        ("Q64", "Q64"),
        ("SD64", "SD64"),
        ("M7(2)", "M7(2)"),
        ("ES-(128)", "ES-(128)"),
        ("SL(2,8)", "PSL(2,8)"),
        ("AGL(1,9)", "AGL(1,9)"),
        ("S3 wr C2", "S3 wr C2"),
        ("C13:C12", "C13:C12"),
        ("S4 x S3", "S4 x S3"),
        ("A5 x C2", "A5 x C2"),
        ("SL(2,3) x C5", "SL(2,3) x C5"),
        ("SmallGroup(16,3) x C5", "SmallGroup(16,3) x C5"),
    ],
)
def test_what_is_said_of_a_relabelled_group(name, shown, monkeypatch):
    monkeypatch.setattr("wordtensor.groups.identification.gap_number", lambda G: None)
    found = identify(relabelled(group(name), 3))
    assert str(found) == shown
    if found.name:
        assert isomorphism(group(found.name), group(name)) is not None


def test_what_is_not_known_is_said(monkeypatch):
    monkeypatch.setattr("wordtensor.groups.identification.gap_number", lambda G: None)
    found = identify(relabelled(group("C2 wr C4"), 1))
    assert (found.order, found.number, found.name, found.names) == (64, None, None, ())
    assert str(found) == "a group of order 64, of which no name is known here"


def test_with_gap_the_number_of_any_group_is_known():
    pytest.importorskip("passagemath_gap")
    assert str(identify(relabelled(group("C2 wr C4"), 1))) == "SmallGroup(64,32)"
    assert identify(relabelled(group("S5 x C6"), 1)).number == 769


def test_identity_is_a_value():
    assert identify(group("D3")) == identify(group("S3")) and identify(group("C6")).name == "C6"
    assert len({identify(group("D3")), identify(group("S3")), identify(group("C6"))}) == 2


@pytest.mark.parametrize("given", ["S4", "SmallGroup(24,12)", np.add.outer([0, 1], [0, 1]) % 2])
def test_what_group_accepts_is_identified(given):
    assert identify(given) == identify(group(given))
