"""Abelian normal subgroups, their characters and the orbits of these."""

import numpy as np
import pytest

from wordtensor.groups import conjugacy_classes, group
from wordtensor.irreps._abelian import abelian_normal_subgroup, character_orbits

NAMES = ["C1", "C3", "C12", "C4 x C2 x C6", "C2^5", "Q8", "D12", "S4", "A5", "SL(2,3)", "Heis(3)"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_abelian_normal_and_a_product_of_cyclic_groups(name):
    G = group(name)
    N = abelian_normal_subgroup(G, conjugacy_classes(G))
    inside = np.zeros(G.order, dtype=bool)
    inside[N.elements] = True
    assert len(N.elements) == inside.sum() == np.prod(N.orders)
    for g in range(G.order):
        assert inside[G.cayley[G.cayley[g, N.elements], G.inverse[g]]].all()
    # Multiplying is adding exponents: abelian, and the product of cyclic groups that it says.
    orders = np.array(N.orders)[:, None, None]
    added = (N.exponents[:, :, None] + N.exponents[:, None, :]) % orders
    expected = N.elements[np.ravel_multi_index(tuple(added), N.orders)]
    assert np.array_equal(G.cayley[np.ix_(N.elements, N.elements)], expected)


@pytest.mark.parametrize(("name", "size"), [("C12", 12), ("D12", 12), ("Q8", 4), ("S4", 4)])
def test_its_size(name, size):
    G = group(name)
    assert len(abelian_normal_subgroup(G, conjugacy_classes(G)).elements) == size


@pytest.mark.parametrize("name", NAMES)
def test_orbits_against_all_elements(name):
    G = group(name)
    N = abelian_normal_subgroup(G, conjugacy_classes(G))
    labels = character_orbits(G, N)
    every = np.arange(len(N.elements))
    values = np.exp(2j * np.pi * N.phases(every, every) / N.exponent)
    assert np.allclose(values @ values.conj().T, len(every) * np.eye(len(every)))
    joined = np.zeros((len(every), len(every)), dtype=bool)
    for g in range(G.order):
        moved = N.places[G.cayley[G.cayley[g, N.elements], G.inverse[g]]]
        inner = values[:, moved] @ values.conj().T
        joined |= (np.abs(inner) > 0.5) | (np.abs(values[:, moved] @ values.T) > 0.5)
    assert np.array_equal(joined, labels[:, None] == labels[None, :])
