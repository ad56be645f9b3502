"""Multiplicities in tensor products and powers."""

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.errors import IrrepError, MemoryLimitError
from wordtensor.groups import group
from wordtensor.irreps import (
    constituents_of_power,
    fusion_multiplicities,
    real_characters,
    real_irreps,
)

NAMES = ["C3", "Q8", "Dic3", "A4", "S4", "SL(2,3)", "C7:C3"]


def test_published_products():
    # 3 x 3 = 1 + 2 + 3 + 3' for S4 (James and Liebeck, section 19); for Q8 the square of the
    # quaternions is four times each sign.
    assert fusion_multiplicities("S4")[3, 3].tolist() == [1, 0, 1, 1, 1]
    assert fusion_multiplicities("Q8")[4, 4].tolist() == [4, 4, 4, 4, 0]
    assert fusion_multiplicities("C3")[1, 1].tolist() == [2, 1]


@pytest.mark.parametrize("name", NAMES)
def test_dimensions_and_symmetry(name):
    table = real_characters(name)
    fusion = fusion_multiplicities(table)
    assert np.array_equal(fusion @ table.dims, np.multiply.outer(table.dims, table.dims))
    # <chi_i chi_j chi_k> does not depend on the order.
    triple = fusion * table.endo_dims
    assert np.array_equal(triple, triple.transpose(2, 1, 0))
    assert np.array_equal(triple, triple.transpose(1, 0, 2))
    assert np.array_equal(fusion[0], np.eye(len(table)))


@pytest.mark.parametrize("name", NAMES)
def test_powers_by_the_characters(name):
    G = group(name)
    irreps = real_irreps(G)
    for zeta in irreps:
        for k in range(6):
            expected = {
                phi.index
                for phi in irreps
                if float(zeta.character**k @ phi.character) / G.order > 0.5
            }
            assert constituents_of_power(G, zeta.index, k) == expected


def test_zeroth_power_is_trivial():
    assert constituents_of_power("Q8", 4, 0) == {0}


def test_huge_powers_alternate():
    table = real_characters("Q8")
    assert constituents_of_power(table, 4, 10**12) == {0, 1, 2, 3}
    assert constituents_of_power(table, 4, 10**12 + 1) == {4}
    assert constituents_of_power("C7", 1, 10**9) == {0, 1, 2, 3}


@pytest.mark.parametrize("k", [-1, 1.0, "2"])
def test_wrong_exponents(k):
    with pytest.raises(IrrepError, match="exponent"):
        constituents_of_power("C3", 1, k)


def test_limits():
    with pytest.raises(IrrepError, match=r"0\.\.1"):
        constituents_of_power("C3", 2, 1)
    table = real_characters("S4")
    with wt.memory_limit(9e-7), pytest.raises(MemoryLimitError, match="constituents_of_power"):
        fusion_multiplicities(table)
