"""Products with a structured factor: their tensors by numpy, and their schemes exactly."""

import numpy as np
import pytest

from wordtensor.errors import SchemeError
from wordtensor.schemes import (
    STRUCTURES,
    StructuredProduct,
    best_rank,
    structured_product,
    structured_rank,
    structured_scheme,
)

SIZES = [(n, p) for n in range(1, 6) for p in (1, 2, 3)]
ALL = [
    (structure, n, n if structure == "symmetric pair" else p)
    for structure in STRUCTURES
    for n, p in SIZES
    if structure != "skew" or n > 1
]


def _first(structure, n, x):
    """Build the structured matrix of some coordinates, entry by entry."""
    values, complex_ = iter(x), structure in ("complex symmetric", "Hermitian")
    X = np.zeros((n, n), dtype=complex if complex_ else float)
    for i in range(n):
        for j in range(i + (structure == "skew"), n):
            X[i, j] = next(values)
            if complex_ and (structure != "Hermitian" or i != j):
                X[i, j] += 1j * next(values)
            if i != j and structure != "triangular":
                X[j, i] = {"skew": -X[i, j], "Hermitian": X[i, j].conj()}.get(structure, X[i, j])
    return X


def _plain(y, n, p, structure):
    if structure in ("complex symmetric", "Hermitian"):
        y = y[::2] + 1j * y[1::2]
    return y.reshape(n, p)


def _product(product, x, y):
    """Multiply with numpy's own matrix product, and return coordinates."""
    structure, n, p = product.structure, product.n, product.p
    if structure == "Gram":
        X, Y = x.reshape(n, p), y.reshape(n, p)
        return (X @ Y.T + Y @ X.T)[np.triu_indices(n)]
    X = _first("symmetric" if structure == "symmetric pair" else structure, n, x)
    Y = _first("symmetric", n, y) if structure == "symmetric pair" else _plain(y, n, p, structure)
    Z = (X @ Y).ravel()
    return np.stack([Z.real, Z.imag], 1).ravel() if np.iscomplexobj(Z) else Z


@pytest.mark.parametrize(("structure", "n", "p"), ALL)
def test_terms_multiply_as_numpy_does(structure, n, p):
    scheme = structured_scheme(structure, n, p).check()
    rng = np.random.default_rng(n * 10 + p)
    x, y = (rng.integers(-9, 9, size).astype(float) for size in scheme.product.shape[:2])
    U, V, W = scheme.terms.as_float()
    np.testing.assert_allclose(
        W @ ((U.T @ x) * (V.T @ y)), _product(scheme.product, x, y), atol=1e-8
    )
    assert scheme.rank == structured_rank(structure, n, p)


def test_ranks_are_those_that_were_found():
    ranks = {s: [structured_rank(s, n, n) for n in (2, 3, 4)] for s in STRUCTURES}
    assert ranks["symmetric"] == ranks["Gram"] == [6, 18, 40]
    assert ranks["skew"] == [4, 15, 36]
    assert ranks["complex symmetric"] == [18, 54, 120]
    assert ranks["triangular"] == [6, 17, 36]
    assert ranks["Hermitian"] == [14, 45, 120]
    assert ranks["symmetric pair"] == [5, 14, 33]


@pytest.mark.parametrize("n", range(2, 17))
def test_a_structure_never_costs_more_than_a_matrix_product(n):
    for p in (1, 2, 8, 16):
        full = best_rank(n, n, p)
        assert structured_rank("symmetric", n, p) <= full
        assert structured_rank("skew", n, p) <= full


def test_products_are_recognised_in_any_order_of_modes():
    for structure in ("symmetric", "skew", "complex symmetric", "Hermitian", "triangular"):
        product = StructuredProduct(structure, 3, 2)
        tensor = product.tensor().transpose(2, 0, 1)
        found, order = structured_product(tensor)
        assert (tensor.transpose(order) == found.tensor()).all()
        assert structured_rank(found.structure, found.n, found.p) == structured_rank(
            structure, 3, 2
        )
        tensor[0, 0, 0] += 1
        assert structured_product(tensor) is None


@pytest.mark.parametrize(
    "sizes", [("skew", 1, 1), ("symmetric", 0, 1), ("symmetric pair", 2, 3), ("odd", 2, 2)]
)
def test_what_is_no_product_is_refused(sizes):
    with pytest.raises(SchemeError):
        StructuredProduct(*sizes)


def test_constructions_are_words_and_no_commands():
    for structure, n, p in (("skew", 3, 2), ("triangular", 4, 4), ("Hermitian", 2, 1)):
        scheme = structured_scheme(structure, n, p)
        assert "wordtensor" in scheme.provenance and "wordtensor" not in scheme.construction
    said = structured_scheme("skew", 3, 2).construction
    assert said == "2 times the 5 stored terms of skew 3 x 3 times 3 x 1"
    assert structured_scheme("Hermitian", 2, 1).construction == "7 stored terms of a search"
    assert structured_scheme("Gram", 2, 1).construction == "the formula for X Y' + Y X'"
    said = structured_scheme("triangular", 2, 2).construction
    assert said == "matrix products of blocks, <1,2,2> + <1,1,2>"
