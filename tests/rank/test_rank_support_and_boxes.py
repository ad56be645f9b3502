"""Triplets of irreps: support, fusion cover, and covers by boxes."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.errors import MemoryLimitError
from wordtensor.groups import group
from wordtensor.irreps import isotypic_projector, isotypic_spaces, real_irreps
from wordtensor.rank import box_cover, box_rank, decompose, fusion_cover, support, verify
from wordtensor.rank._box_cover import box_blocks
from wordtensor.rank._support import fourier_tensor
from wordtensor.words import word_tensor

W8 = "a*b*a^-1*b*a^2*b^3*a*b^-1"


@pytest.mark.parametrize("name", ["C3", "S3", "Q8", "SL(2,3)"])
def test_multiplication_has_diagonal_support(name):
    count = len(real_irreps(group(name)))
    assert support("a*b", name) == {(k, k, k) for k in range(count)}


@pytest.mark.parametrize("name", ["C3", "S3", "Q8", "A4"])
@pytest.mark.parametrize("text", ["a*b*a", "a^2*b", "[a,b]"])
def test_support_agrees_with_isotypic_projectors(text, name):
    G = group(name)
    dense = word_tensor(text, G).to_dense()
    projectors = [isotypic_projector(G, irrep) for irrep in real_irreps(G)]
    expected = set()
    for i, first in enumerate(projectors):
        by_a = np.einsum("abc,ax->xbc", dense, first)
        for j, second in enumerate(projectors):
            by_b = np.einsum("xbc,by->xyc", by_a, second)
            for k, third in enumerate(projectors):
                if np.abs(by_b @ third).max() > 1e-9:
                    expected.add((i, j, k))
    assert support(text, G) == expected


def test_fourier_coordinates_keep_the_norm_and_are_read_only():
    fourier = fourier_tensor(word_tensor("a*b*a", "Q8"))
    assert np.vdot(fourier.tensor, fourier.tensor) == pytest.approx(64.0)
    np.testing.assert_allclose(fourier.spaces.basis.T @ fourier.spaces.basis, np.eye(8), atol=1e-12)
    with pytest.raises(ValueError, match="read-only"):
        fourier.tensor[0, 0, 0] = 1.0


def test_dense_supports_are_bounded():
    with wt.memory_limit(4e-6), pytest.raises(MemoryLimitError, match="fusion_cover"):
        support("a*b", "S3")
    assert fusion_cover("a*b", "S3")


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([-2, -1, 1, 2, 3])), max_size=5),
    st.sampled_from(["C3", "V4", "S3", "Q8", "D5", "A4", "Dic3"]),
)
def test_support_lies_inside_the_fusion_cover(syllables, name):
    text = "*".join(f"{letter}^{k}" for letter, k in syllables) or "1"
    assert support(text, name) <= fusion_cover(text, name)


@pytest.mark.parametrize(
    "name, text, rank",
    [("D8", "a*b*a", 52), ("M5(2)", "a*b*a", 152), ("D8", W8, 40), ("M5(2)", W8, 48),
     ("S4", "a*b*a", 180)],
)  # fmt: skip
def test_box_ranks_of_the_literature(name, text, rank):
    assert box_rank(text, name) == rank


@pytest.mark.slow
def test_box_rank_of_a_long_word_over_s4():
    assert box_rank(W8, "S4") == 458


@pytest.mark.parametrize("name, text", [("S3", "a*b*a"), ("Q8", "a^2*b"), ("S4", "[a,b]")])
def test_every_triplet_contains_a_chosen_pair(name, text):
    triplets = support(text, name)
    edges = fourier_tensor(word_tensor(text, name)).spaces.edges
    dims = tuple(int(d) for d in np.diff(edges))
    cover = box_cover(triplets, dims)
    for t in triplets:
        assert any(t[i] == x and t[j] == y for i, j, x, y in cover.pairs)
    assert cover.rank == sum(dims[x] * dims[y] for _, _, x, y in cover.pairs)


def test_the_cover_is_the_cheapest_of_all():
    triplets = frozenset({(0, 1, 2), (0, 1, 0), (1, 1, 2), (2, 0, 2), (2, 2, 1)})
    dims = (1, 4, 9)
    pairs = sorted({(i, j, t[i], t[j]) for t in triplets for i, j in ((0, 1), (0, 2), (1, 2))})
    costs = [dims[x] * dims[y] for _, _, x, y in pairs]
    best = min(
        sum(costs[k] for k in chosen)
        for size in range(1, 6)
        for chosen in combinations(range(len(pairs)), size)
        if all(any(t[pairs[k][0]] == pairs[k][2] and t[pairs[k][1]] == pairs[k][3]
                   for k in chosen) for t in triplets)
    )  # fmt: skip
    assert box_cover(triplets, dims).rank == best


@pytest.mark.parametrize("name, text", [("S3", "a*b*a"), ("C3", "a*b"), ("Q8", "[a,b]")])
def test_boxes_add_up_to_the_tensor(name, text, rebuild):
    tensor = word_tensor(text, name)
    blocks = box_blocks(fourier_tensor(tensor))
    assert not any(block.summand for block in blocks)
    assert np.abs(rebuild(blocks) - tensor.to_dense()).max() < 1e-12


@pytest.mark.parametrize(
    ("w", "name"),
    [("a*b", "C3"), ("a*b*a", "Q8"), ("a*b*a", "D8"), ("a^2*b", "S4"), ("a*b*a", "C2^4")],
)
def test_triplets_of_blocks_by_their_definition(w, name):
    d = wt.decompose(w, name)
    spaces = isotypic_spaces(name)
    for block in d.blocks:
        U, V, W = (factor[:, slice(*block.columns)] for factor in d.factors)
        own = np.einsum("ar,br,cr->abc", *(spaces.basis.T @ factor for factor in (U, V, W)))
        energies = spaces.summed(np.square(own), 0, 1, 2)
        found = np.argwhere(energies > 1e-9 * energies.max())
        assert block.triplets == tuple(map(tuple, found.tolist()))
    touched = {triplet for block in d.blocks for triplet in block.triplets}
    assert support(w, name) <= touched


@pytest.mark.parametrize("name", ["C3", "Q8", "D6", "S3"])
@pytest.mark.parametrize("text", ["[a,b]", "(a*b)^2", "a^2*b", "a*b^2*a"])
def test_rounding_is_no_term(text, name):
    """What a box cover calls exact is so, in both fields; no term is made of rounding alone."""
    for field in ("real", "complex"):
        d = decompose(text, name, field, method="boxes")
        assert verify(d).ok
        assert all(np.abs(block.tensor[block.tensor != 0]).min() > 1e-9 for block in d.blocks)


def test_boxes_without_rounding_take_fewer_terms():
    assert decompose("[a,b]", "Q8", method="boxes").rank <= 7
    assert decompose("(a*b)^2", "D6", method="boxes").rank <= 10
