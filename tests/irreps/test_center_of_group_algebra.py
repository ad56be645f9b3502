"""The central idempotents against convolution written out."""

import numpy as np
import pytest

from wordtensor.groups import conjugacy_classes, group
from wordtensor.irreps._center import central_idempotents, class_multiplication, symmetric_classes


def convolve(G, f, k):
    result = np.zeros(G.order)
    for g in range(G.order):
        for h in range(G.order):
            result[G.cayley[g, h]] += f[g] * k[h]
    return result


@pytest.mark.parametrize("name", ["C3", "Q8", "A4", "SL(2,3)", "C7:C3"])
def test_idempotents(name):
    G = group(name)
    classes, idempotents = central_idempotents(G, seed=5)
    functions = idempotents[:, classes.index]
    assert np.allclose(functions.sum(axis=0), np.arange(G.order) == G.identity, atol=1e-13)
    for i, e in enumerate(functions):
        for j, f in enumerate(functions):
            assert np.allclose(convolve(G, e, f), e if i == j else 0, atol=1e-13)


def test_class_multiplication():
    G = group("Dic3")
    classes = symmetric_classes(conjugacy_classes(G))
    rng = np.random.default_rng(1)
    a, c = rng.standard_normal((2, len(classes)))
    matrix = class_multiplication(G, classes, c)
    assert np.array_equal(matrix, matrix.T)
    scale = np.sqrt(classes.sizes)
    product = (matrix @ (scale * a)) / scale
    assert np.allclose(product[classes.index], convolve(G, a[classes.index], c[classes.index]))


@pytest.mark.parametrize("name", ["C120", "C2^7", "C3 x C3 x S4"])
def test_many_irreps_stay_accurate(name):
    G = group(name)
    _, idempotents = central_idempotents(G)
    isotypic = G.order * idempotents[:, 0]
    assert np.abs(isotypic - np.rint(isotypic)).max() < 1e-11
    assert int(np.rint(isotypic).sum()) == G.order


def test_classes_of_inverses_are_joined():
    assert symmetric_classes(conjugacy_classes(group("C5"))).sizes.tolist() == [1, 2, 2]


def test_idempotents_at_the_identity_are_dimensions_over_the_order():
    _, idempotents = central_idempotents(group("C3"))
    assert sorted(float(round(3 * e[0], 9)) for e in idempotents) == [1.0, 2.0]
