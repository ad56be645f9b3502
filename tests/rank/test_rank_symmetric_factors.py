"""Words that act by symmetric matrices: half as many terms, whatever the elements are called."""

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.rank import plan
from wordtensor.rank._strategies import assess
from wordtensor.rank.routes import analyse

NAME = "action of a, symmetric factors"


def _relabelled(G, seed):
    new = np.random.default_rng(seed).permutation(G.order)
    table = np.empty_like(G.cayley)
    table[np.ix_(new, new)] = new[G.cayley]
    return wt.Group.from_cayley(table)


def _symmetric(word, G, seed=0):
    """Return the ranks of the actions, without any bounds on the whole."""
    acting = analyse(wt.word_tensor(word, G), seed, "action").acting
    return {route.name: sum(assess(b).upper for b in route.blocks) for route in acting}


@pytest.mark.parametrize(
    ("word", "name", "rank"),
    [
        ("a*b*a", "S3", 8),
        ("a*b*a", "D5", 14),
        ("a*b^-1*a", "A4", 22),
        ("a*b*a", "C7:C3", 58),
        ("a^2*b*a^2", "C5:C4", 32),
        ("a*b*a", "Q16", 20),
        ("a*b*a", "SL(2,3)", 62),
    ],
)
def test_ranks_do_not_depend_on_labels_or_seeds(word, name, rank):
    G = wt.group(name)
    assert _symmetric(word, G)[NAME] == rank
    for seed in range(3):
        assert _symmetric(word, _relabelled(G, seed), seed)[NAME] == rank


@pytest.mark.parametrize(("name", "rank"), [("D7", 20), ("C7:C3", 58)])
def test_terms_add_up_and_are_verified(name, rank, tmp_path):
    d = wt.decompose("a*b*a", name, method="action")
    assert (d.rank, d.route) == (rank, NAME)
    assert {block.strategy for block in d.blocks} == {"scheme", "structured"}
    # The tensor itself, by a plain loop over the group's table.
    G, (U, V, W) = d.group, d.factors
    dense = np.einsum("ar,br,cr->abc", U, V, W)
    for a in range(G.order):
        for b in range(G.order):
            dense[a, b, G.cayley[G.cayley[a, b], a]] -= 1
    assert np.abs(dense).max() < 1e-9
    d.save(tmp_path / "d.npz")
    assert wt.verify(wt.load(tmp_path / "d.npz")).ok


def test_dihedral_groups_reach_the_lower_bound():
    found = plan("a*b*a", "D7")
    assert found.upper == found.lower_bound


def test_words_that_act_by_other_matrices_have_no_such_route():
    assert NAME not in _symmetric("a*b*a^-1", "S4")
    assert NAME not in _symmetric("a*b", "A4")


def test_other_modes_act_by_symmetric_matrices_as_well():
    assert "action of b, symmetric factors" in _symmetric("b*a*b", "A4")


@pytest.mark.slow
def test_large_groups_take_half_as_many_terms():
    assert plan("a*b*a", "A5").upper == 552  # 1044 by matrix products
    assert plan("a*b*a", "S5").upper == 1266  # 2062
