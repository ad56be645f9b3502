"""Schemes on arrays: blocks, batches, types, libraries; additions and signs."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from wordtensor.errors import SchemeError
from wordtensor.schemes import (
    Scheme,
    best_rank,
    best_scheme,
    default_registry,
    load_schemes,
    standard_scheme,
)

SIZES = [(1, 1, 1), (2, 2, 2), (2, 3, 4), (4, 4, 5), (3, 1, 2)]


def matrices(sizes, blocks=(1, 1, 1), batch=()):
    rng = np.random.default_rng(0)
    (n, m, p), (k, l, q) = sizes, blocks  # noqa: E741
    return (
        rng.integers(-99, 100, (*batch, n * k, m * l)),
        rng.integers(-99, 100, (*batch, m * l, p * q)),
    )


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("blocks", [(1, 1, 1), (2, 3, 4)])
def test_integers_are_multiplied_exactly(sizes, blocks):
    s = best_scheme(*sizes)
    halves = replace(s, U=s.U * 3, V=s.V * 2, denominators=(3, 2, 1))
    for batch in ((), (2, 3)):
        A, B = matrices(sizes, blocks, batch)
        for scheme in (s, halves):
            C = scheme.apply(A, B)
            assert C.dtype == A.dtype and (C == A @ B).all()
        assert (s.apply(A, B[(0,) * len(batch)]) == A @ B[(0,) * len(batch)]).all()


def test_every_scheme_of_the_package_multiplies():
    for s in load_schemes():
        if s.division != "H":
            A, B = matrices(s.shape)
            if s.division == "C":
                A, B = A + 1j * A[::-1], B * (2 - 3j)
            assert (s.apply(A, B) == A @ B).all()


def test_types_are_kept():
    s = best_scheme(2, 4, 5)
    A, B = matrices((2, 4, 5), (2, 2, 2))
    for dtype in (np.float32, np.float64, np.complex64, np.int32, np.float16):
        C = s.apply((A // 20).astype(dtype), (B // 20).astype(dtype))
        assert C.dtype == dtype
        np.testing.assert_allclose(
            C, (A // 20) @ (B // 20), atol=2.0 if dtype == np.float16 else 0.01
        )
    fractions = np.vectorize(lambda x: Fraction(int(x), 7))
    C = s.apply(fractions(A), fractions(B))
    assert (C == fractions(A) @ fractions(B)).all() and type(C[0, 0]) is Fraction


def test_torch_with_gradients():
    torch = pytest.importorskip("torch")
    s = best_scheme(2, 3, 4)
    A, B = (torch.tensor(x) for x in matrices((2, 3, 4), (2, 1, 3), (5,)))
    C = s.apply(A, B)
    assert C.dtype == torch.int64 and bool((C == A @ B).all())
    x = A.double().requires_grad_()
    s.apply(x, B.double()).sum().backward()
    torch.testing.assert_close(x.grad, B.double().sum(-1)[:, None, :].expand_as(x))


def test_schemes_modulo_a_prime_give_residues():
    for prime in (2, 3):
        s = replace(best_scheme(2, 2, 2), characteristic=prime)
        A, B = matrices((2, 2, 2))
        assert (s.apply(A, B) == A @ B % prime).all()


def test_what_cannot_be_multiplied_is_refused():
    s = best_scheme(2, 2, 2)
    A, B = matrices((2, 2, 2))
    for X, Y, message in (
        (A[:1], B, r"must have shapes \(\.\.\., 2\*k, 2\*l\)"),
        (A, B[:, :1], "must have shapes"),
        (A, np.vstack([B, B]), "must have shapes"),
        (A[0], B, "must have shapes"),
        (A.astype(np.uint8), B, "signed numbers, not uint8"),
        (A > 0, B, "signed numbers, not bool"),
    ):
        with pytest.raises(SchemeError, match=message):
            s.apply(X, Y)
    with pytest.raises(SchemeError, match="complex arrays, not int64"):
        best_scheme(2, 2, 2, "C").apply(A, B)
    with pytest.raises(SchemeError, match="quaternions"):
        best_scheme(2, 2, 2, "H").apply(A, B)


def test_additions_are_counted():
    assert best_scheme(2, 2, 2).additions() >= 18
    assert standard_scheme(2, 3, 4).additions() == 2 * 4 * 2
    gauss = Scheme(
        (1, 1, 1), [[1, 0, 1], [0, 1, 1]], [[1, 0, 1], [0, 1, 1]], [[1, -1, 0], [-1, -1, 1]],
        division="C",
    )  # fmt: skip
    assert gauss.additions() == 5


def test_schemes_of_signs():
    registry = default_registry().signs_only()
    assert 0 < len(registry.schemes) < len(default_registry().schemes)
    assert registry is default_registry().signs_only()
    assert {registry.origin(s) for s in registry.schemes} == {"package"}
    for sizes in ((2, 2, 2), (3, 4, 5), (4, 4, 6), (5, 5, 6)):
        s = best_scheme(*sizes, registry=registry).check()
        assert s.has_signs_only and s.rank >= best_rank(*sizes)
    assert not best_scheme(2, 6, 6).has_signs_only


def test_sums_that_would_wrap_before_they_are_divided_are_refused():
    s = best_scheme(2, 2, 2)
    thirds = replace(s, U=s.U * 3, denominators=(3, 1, 1))
    A, B = (one.astype(np.int8) for one in matrices((2, 2, 2)))
    with pytest.raises(SchemeError, match="8 bits"):
        thirds.apply(A, B)
    assert (s.apply(A, B) == A @ B).all()  # these wrap as the product itself does
    large = A.astype(object) * 10**30
    assert (thirds.apply(large, B.astype(object)) == large @ B.astype(object)).all()
    fractions = large * Fraction(1, 7)
    assert (thirds.apply(fractions, B.astype(object)) == fractions @ B.astype(object)).all()


@pytest.mark.parametrize("given", [[[1, 2], [3, 4]], "ab", None])
def test_only_arrays_are_multiplied(given):
    with pytest.raises(SchemeError, match="Only arrays"):
        best_scheme(2, 2, 2).apply(given, given)
