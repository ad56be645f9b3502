"""Isomorphisms: found under any numbering, refused between groups that only look alike."""

import numpy as np
import pytest

from wordtensor.errors import GroupError
from wordtensor.groups import Group, _isomorphism, group, is_homomorphism, isomorphism

NAMES = ["C1", "C3", "C60", "C2^5", "S3", "Q8", "D8", "M5(2)", "A4", "S4", "Heis(3)", "A5", "D50"]


def renumbered(G: Group, seed: int) -> Group:
    """Return the group with its elements in a random order."""
    order = np.random.default_rng(seed).permutation(G.order)
    back = np.argsort(order)
    return Group.from_cayley(back[G.cayley[np.ix_(order, order)]], f"{G.name} renumbered")


@pytest.mark.parametrize("name", NAMES)
def test_another_numbering_is_the_same_group(name):
    G = group(name)
    for seed in range(3):
        H = renumbered(G, seed)
        images = isomorphism(G, H)
        assert sorted(images) == list(range(G.order))
        assert is_homomorphism(G, H, images)
        with pytest.raises(ValueError, match="read-only"):
            images[0] = 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("C4", "C2^2"),
        ("Q8", "D4"),
        ("S3", "C6"),
        ("Dic3", "A4"),
        ("C3", "C5"),
        # Alike in the orders of their elements: all of order 3, or as many of each order.
        ("C3^3", "Heis(3)"),
        ("C4 x C4", "Q8 x C2"),
        ("M4(2)", "C8 x C2"),
        ("SmallGroup(16,3)", "C2^2 x C4"),
    ],
)
def test_groups_that_look_alike_are_told_apart(first, second):
    assert isomorphism(group(first), group(second)) is None
    assert isomorphism(renumbered(group(second), 0), group(first)) is None


def test_what_cannot_be_found_out_is_said(monkeypatch):
    monkeypatch.setattr(_isomorphism, "_WORK", 10)
    S4, kinds = group("S4"), np.zeros(24)
    search = _isomorphism._Search(
        G=S4, H=S4, here=kinds, there=kinds, representatives=np.arange(24), generators=(1,), left=10
    )
    with pytest.raises(GroupError, match="not found out"):
        list(search.extensions(np.r_[0, np.full(23, -1)].astype(np.int32), np.array([0]), ()))
