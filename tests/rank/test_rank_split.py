"""The centroid and the direct summands that it cuts out."""

from collections import Counter

import numpy as np
import pytest

from wordtensor.cores import centroid
from wordtensor.rank._split import split_core, support_components
from wordtensor.rank._support import fourier_tensor
from wordtensor.schemes import product_tensor
from wordtensor.words import word_tensor
from wordtensor.words.core import Core


def product(n, m, p, division="R"):
    coords, values = product_tensor(n, m, p, division)
    tensor = np.zeros(coords.max(axis=1) + 1)
    np.add.at(tensor, tuple(coords), values)
    return tensor


def hidden_core(tensor, seed, in_coordinates):
    """Hide a tensor behind a random change of basis; the core's maps are the identity."""
    rng = np.random.default_rng(seed)
    maps = [rng.standard_normal((size, size)) + 2 * np.eye(size) for size in tensor.shape]
    hidden = in_coordinates(tensor, maps)
    return Core(hidden / np.abs(hidden).max(), tuple(np.eye(size) for size in tensor.shape))


SUMS = {
    "real lines": ([product(1, 1, 1)] * 4, ["<1,1,1>"] * 4),
    "vectors": ([product(1, 1, 2), product(3, 1, 1), product(1, 2, 1)],
                ["<1,1,2>", "<3,1,1>", "<1,2,1>"]),
    "complex": ([product(1, 1, 1, "C")] * 2 + [product(1, 1, 1)],
                ["<1,1,1>_C", "<1,1,1>_C", "<1,1,1>"]),
    "complex vectors": ([product(1, 1, 3, "C"), product(2, 1, 1, "C"), product(1, 2, 1, "C")],
                        ["<1,1,3>_C", "<2,1,1>_C", "<1,2,1>_C"]),
    "quaternions": ([product(1, 1, 1, "H"), product(1, 1, 1)], ["4x4x4", "<1,1,1>"]),
    "matrices": ([product(2, 2, 2), product(1, 2, 2)], ["4x4x4", "2x4x2"]),
    "complex matrices": ([product(2, 1, 2, "C"), product(1, 1, 1, "C")],
                         ["4x4x8 over C", "<1,1,1>_C"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SUMS)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_hidden_direct_sum_is_found_again(case, seed, direct_sum, in_coordinates, rebuild):
    parts, names = SUMS[case]
    core = hidden_core(direct_sum(parts), seed, in_coordinates)
    blocks = split_core(core, np.random.default_rng(seed))
    assert Counter(block.name for block in blocks) == Counter(names)
    assert np.abs(rebuild(blocks) - core.tensor).max() < 1e-8


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
def test_a_local_algebra_stays_whole(k, truncated, in_coordinates, rebuild):
    core = hidden_core(truncated(k), k, in_coordinates)
    blocks = split_core(core, np.random.default_rng(0))
    assert [block.shape for block in blocks] == [(k, k, k)]
    assert np.abs(rebuild(blocks) - core.tensor).max() < 1e-7


@pytest.mark.parametrize("k", [2, 3, 4])
def test_a_local_algebra_is_cut_from_a_field(k, truncated, direct_sum, in_coordinates, rebuild):
    tensor = direct_sum([truncated(k), product(1, 1, 1), product(1, 1, 1, "C")])
    core = hidden_core(tensor, 1, in_coordinates)
    blocks = split_core(core, np.random.default_rng(0))
    shapes = sorted(block.shape for block in blocks)
    if k < 4:  # the eigenvalues of a long Jordan block may be too far apart to be told from others
        assert shapes == sorted([(1, 1, 1), (2, 2, 2), (k, k, k)])
    assert np.sum(shapes, axis=0).tolist() == [k + 3] * 3
    assert np.abs(rebuild(blocks) - core.tensor).max() < 1e-7


def test_the_centroid_commutes_with_the_tensor(direct_sum, in_coordinates):
    tensor = hidden_core(direct_sum([product(1, 1, 1, "C"), product(1, 2, 2)]), 3,
                         in_coordinates).tensor  # fmt: skip
    basis = centroid(tensor)
    assert len(basis) == 3
    for x, y, z in basis:
        first = np.einsum("pjk,pi->ijk", tensor, x)
        np.testing.assert_allclose(np.einsum("iqk,qj->ijk", tensor, y), first, atol=1e-8)
        np.testing.assert_allclose(np.einsum("ijr,rk->ijk", tensor, z), first, atol=1e-8)


@pytest.mark.parametrize(
    "text, name",
    [("a*b*a", "D4"), ("a*b*a", "C3"), ("a^2*b", "Q8"), ("a*b", "C6"), ("[a,b]", "A4")],
)
def test_summands_do_not_depend_on_the_basis(text, name, in_coordinates, rebuild):
    tensor = word_tensor(text, name)
    core = tensor.core()
    rng = np.random.default_rng(7)
    bases = [rng.standard_normal((s, s)) + 2 * np.eye(s) for s in core.shape]
    inverse = [np.linalg.inv(b) for b in bases]
    # C'(x, y, z) = C(Ax, By, Cz), with maps that undo the change.
    moved = Core(
        in_coordinates(core.tensor, [b.T for b in bases]),
        tuple(m @ i.T for m, i in zip(core.maps, inverse, strict=True)),
    )
    plain = split_core(core, np.random.default_rng(0))
    other = split_core(moved, np.random.default_rng(1))
    assert Counter(b.name for b in plain) == Counter(b.name for b in other)
    for blocks in (plain, other):
        assert np.abs(rebuild(blocks) - tensor.to_dense()).max() < 1e-8


def test_m5_of_2_falls_into_the_published_summands():
    blocks = split_core(word_tensor("a*b*a", "M5(2)").core(), np.random.default_rng(0))
    if blocks is None:
        pytest.skip("the core is above the limit of the centroid")
    shapes = Counter((block.shape, block.division) for block in blocks)
    assert shapes[(1, 4, 4), "R"] == 2


@pytest.mark.parametrize("text, name", [("a*b*a", "S3"), ("[a,b]", "Q8"), ("a^2*b", "SL(2,3)")])
def test_components_of_the_support_add_up(text, name, in_coordinates):
    tensor = word_tensor(text, name)
    parts = support_components(fourier_tensor(tensor))
    total = sum(in_coordinates(core.tensor, core.maps) for core in parts)
    assert np.abs(total - tensor.to_dense()).max() < 1e-11
    assert np.sum([core.shape for core in parts], axis=0).tolist() == list(tensor.core().shape)


def test_cores_that_are_too_large_are_left_alone(monkeypatch):
    monkeypatch.setattr("wordtensor.cores._centroid.MAX_UNKNOWNS", 100)
    assert split_core(word_tensor("a*b", "S3").core(), np.random.default_rng(0)) is None
