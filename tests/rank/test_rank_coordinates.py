"""Bases in which irreps are exact numbers: terms over Q or Q(sqrt d) for small groups."""

import numpy as np
import pytest

from wordtensor.groups import Group, group
from wordtensor.rank import decompose, verify
from wordtensor.rank._coordinates import _signed_sums, in_exact_bases
from wordtensor.rank._solution import Solution
from wordtensor.schemes import user_registry
from wordtensor.words import word_tensor


@pytest.mark.parametrize("name, text, radicand", [
    ("S3", "a*b", 1), ("D4", "a*b", 1), ("Q8", "a*b", 1), ("A4", "a*b", 1), ("S4", "a*b", 1),
    ("SL(2,3)", "a*b", 1), ("C3", "a*b", 1), ("C7:C3", "a*b", 1), ("C5", "a*b", 5),
    ("D5", "a*b", 5), ("Dic3", "a*b", 3), ("D8", "a*b", 2), ("S4", "a*b*a^-1", 1),
    ("D5", "a^2*b", 5), ("Dic3", "a*b*a^-1", 1), ("S3", "b^2*a", 1), ("M4(2)", "a*b*a", 1),
    pytest.param("A5", "a*b", 5, marks=pytest.mark.slow),
])  # fmt: skip
def test_terms_of_small_groups_are_exact(name, text, radicand):
    d = decompose(text, name)
    assert d.status == "exact" and d.residual < 1e-12
    terms = d.exact_terms()
    assert (terms.rank, terms.radicand) == (d.rank, radicand)
    assert terms.equals(word_tensor(text, name).to_dense())
    # The blocks' own maps are the floats nearest to these numbers, and `verify` finds them right.
    found = verify(d)
    assert found.ok and not {"status", "blocks.status"} & set(found.not_checked)


@pytest.mark.parametrize("name", ["C7", "D7", "C3:C8[2]"])
def test_other_fields_stay_structural(name):
    d = decompose("a*b", name)
    assert d.status == "structural" and d.exact_terms() is None
    assert verify(d).ok


@pytest.mark.parametrize("name", ["C3", "Q8", "S3", "C5", "SL(2,3)"])
def test_exactness_does_not_depend_on_labels_or_seeds(name):
    G = group(name)
    rng = np.random.default_rng(0)
    for seed in range(3):
        new = rng.permutation(G.order)
        table = np.empty_like(G.cayley)
        table[np.ix_(new, new)] = new[G.cayley]
        d = decompose("a*b", Group.from_cayley(table), seed=seed)
        assert d.status == "exact" and d.rank == decompose("a*b", G).rank


@pytest.mark.parametrize("name", ["C3", "Q8", "S4", "SL(2,3)"])
def test_signed_sums_are_characters_of_subgroups(name):
    G = group(name)
    for _, sums in zip(range(4), _signed_sums(G), strict=False):
        for values in sums:
            inside = np.flatnonzero(values)
            products = G.cayley[np.ix_(inside, inside)]
            if len(inside) > 1:
                np.testing.assert_array_equal(values[products], np.outer(*2 * [values[inside]]))


def test_numerical_terms_keep_their_bases():
    d = decompose("a*b", "S3")
    blocks = [block.as_block() for block in d.blocks]
    zeros = [Solution(tuple(np.zeros((s, 1)) for s in b.shape), "solver", "numerical")
             for b in blocks]  # fmt: skip
    found = in_exact_bases(blocks, zeros, d.group, user_registry())
    assert all(made is block for (made, _), block in zip(found, blocks, strict=True))
