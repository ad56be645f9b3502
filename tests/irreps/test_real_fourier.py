"""The real Fourier transform and isotypic spaces."""

import numpy as np
import pytest

from wordtensor.errors import IrrepError
from wordtensor.groups import group
from wordtensor.irreps import (
    inverse_real_fourier,
    isotypic_basis,
    isotypic_projector,
    real_fourier,
    real_irreps,
)

NAMES = ["C3", "Q8", "Dic3", "M5(2)", "SL(2,3)", "Q8 x C3", "S4"]


def test_published_signal_on_c3():
    G = group("C3")
    irreps = real_irreps(G)
    coefficients = real_fourier(G, [1, 2, 5], irreps)
    assert np.allclose(inverse_real_fourier(G, coefficients, irreps), [1, 2, 5], atol=1e-13)
    # With dim / n, without the division by endo_dim, the plane counts twice.
    wrong = coefficients[0][0, 0] / 3 + 2 * np.array([1 - 8 / 3, 2 - 8 / 3, 5 - 8 / 3])
    doubled = [coefficients[0], 2 * coefficients[1]]
    assert np.allclose(inverse_real_fourier(G, doubled, irreps), wrong, atol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_inversion_and_parseval_in_batches(name):
    G = group(name)
    irreps = real_irreps(G)
    f = np.random.default_rng(0).standard_normal((2, 3, G.order))
    coefficients = real_fourier(G, f, irreps)
    assert [c.shape for c in coefficients] == [(2, 3, phi.dim, phi.dim) for phi in irreps]
    assert np.allclose(inverse_real_fourier(G, coefficients, irreps), f, atol=1e-12)
    energy = sum(
        phi.weight * (c**2).sum(axis=(-2, -1)) for phi, c in zip(irreps, coefficients, strict=True)
    )
    assert np.allclose(energy, (f**2).sum(axis=-1), atol=1e-11)
    assert np.allclose(real_fourier(G, f[1, 2], irreps)[-1], coefficients[-1][1, 2], atol=1e-12)


@pytest.mark.parametrize("name", ["C3", "Q8", "S4"])
def test_convolution_becomes_the_product(name):
    G = group(name)
    irreps = real_irreps(G)
    f, k = np.random.default_rng(1).standard_normal((2, G.order))
    product = np.bincount(G.cayley.ravel(), weights=np.outer(f, k).ravel())
    parts = (real_fourier(G, x, irreps) for x in (f, k, product))
    for left, right, both in zip(*parts, strict=True):
        assert np.allclose(left @ right, both, atol=1e-11)


@pytest.mark.parametrize("name", NAMES)
def test_isotypic_spaces(name):
    G = group(name)
    irreps = real_irreps(G)
    bases = [isotypic_basis(G, phi) for phi in irreps]
    everything = np.concatenate(bases, axis=1)
    assert everything.shape == (G.order, G.order)
    assert np.allclose(everything.T @ everything, np.eye(G.order), atol=1e-12)
    for phi, basis in zip(irreps, bases, strict=True):
        assert np.allclose(isotypic_projector(G, phi), basis @ basis.T, atol=1e-12)


def test_a_part_of_the_irreps_projects():
    G = group("S4")
    irreps = real_irreps(G)
    f = np.random.default_rng(2).standard_normal(24)
    part = irreps[1:3]
    found = inverse_real_fourier(G, real_fourier(G, f, part), part)
    expected = sum(isotypic_projector(G, phi) @ f for phi in part)
    assert np.allclose(found, expected, atol=1e-12)


def test_wrong_shapes():
    G, H = group("C3"), group("Q8")
    irreps = real_irreps(G)
    with pytest.raises(IrrepError, match="orders differ"):
        isotypic_basis(H, irreps[1])
    with pytest.raises(IrrepError, match="orders differ"):
        real_fourier(H, np.zeros(8), irreps)
    for wrong in (np.zeros(4), 1.0):
        with pytest.raises(IrrepError, match="need the shape"):
            real_fourier(G, wrong, irreps)
    with pytest.raises(IrrepError, match="one coefficient array"):
        inverse_real_fourier(G, [np.ones((1, 1))], irreps)
    with pytest.raises(IrrepError, match="need the shape"):
        inverse_real_fourier(G, [np.ones((1, 1)), np.ones((1, 1))], irreps)
    with pytest.raises(IrrepError, match="batch axes"):
        inverse_real_fourier(G, [np.ones((1, 1)), np.ones((4, 2, 2))], irreps)
