"""Products in disguise."""

import numpy as np
import pytest

from wordtensor.groups import group
from wordtensor.rank._products import isotopy, product_blocks
from wordtensor.words import word_table


@pytest.mark.parametrize("name", ["C3", "S3", "Q8", "Dic3", "SL(2,3)", "M5(2)"])
@pytest.mark.parametrize("text", ["a*b", "b*a", "a^-1*b", "b^-1*a^-1"])
def test_regular_products_are_rebuilt_from_irreps(text, name, rebuild, dense):
    G = group(name)
    table = word_table(text, G)
    found = isotopy(table, G)
    assert found.is_regular
    blocks = product_blocks(found, G, 0)
    assert all(block.summand for block in blocks)
    assert np.abs(rebuild(blocks) - dense(table, G.order)).max() < 1e-11


@pytest.mark.parametrize("text", ["a^2*b^2", "b^3*a^2", "a^2*b", "a^3"])
def test_irregular_products_are_rebuilt_too(text, rebuild, dense):
    G = group("SL(2,3)")
    table = word_table(text, G)
    found = isotopy(table, G)
    assert not found.is_regular
    blocks = product_blocks(found, G, 0)
    assert not any(block.summand for block in blocks)
    assert np.abs(rebuild(blocks) - dense(table, G.order)).max() < 1e-11


@pytest.mark.parametrize("reverse", [False, True])
def test_any_maps_f_and_g_are_recovered(reverse):
    G = group("S4")
    rng = np.random.default_rng(3)
    f, g = rng.integers(24, size=(2, 24))
    table = G.cayley[g[None, :], f[:, None]] if reverse else G.cayley[f[:, None], g[None, :]]
    found = isotopy(table, G)
    assert found.reversed == reverse
    left, right = found.f[:, None], found.g[None, :]
    again = G.cayley[right, left] if found.reversed else G.cayley[left, right]
    np.testing.assert_array_equal(again, table)


def test_isotopy_works_where_the_identity_is_not_the_first_element(relabelled):
    G = relabelled("S3", [3, 1, 5, 0, 2, 4])
    assert G.identity != 0
    assert isotopy(word_table("a*b", G), G).is_regular
    assert isotopy(word_table("b^-1*a", G), G).is_regular


@pytest.mark.parametrize("text", ["a*b*a", "[a,b]", "a*b*a^-1", "a*b*a*b"])
def test_other_words_are_no_products_over_s4(text):
    assert isotopy(word_table(text, group("S4")), group("S4")) is None


def test_one_entry_decides():
    table = group("S3").cayley.copy()
    table[4, 5] = table[4, 4]
    assert isotopy(table, group("S3")) is None


def test_an_isotopy_is_found_where_there_is_one():
    G = group("S3")
    assert isotopy(word_table("a*b^-1", G), G).is_regular
    assert isotopy(word_table("a*b*a", G), G) is None
