"""Rounding of numerical terms to exact ones, checked by fractions that share no code with it."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from wordtensor.errors import DecompositionError
from wordtensor.schemes import ExactArray
from wordtensor.solver import fit, round_terms
from wordtensor.words import word_tensor


def converged(tensor, rank):
    """Return factors from the first random start that converges."""
    for seed in range(100):
        result = fit(tensor, rank, rng=seed)
        if result.status == "converged":
            return result.factors
    raise AssertionError("no start has converged")


def core(word, name):
    return np.array(word_tensor(word, name).core().tensor)


def entry(terms, mode, row, term):
    """Return the parts of one coefficient without and with the root, as fractions."""
    top = (terms.U, terms.V, terms.W)[mode][row, term]
    root = 0 if terms.roots is None else terms.roots[mode][row, term]
    denominator = terms.denominators[mode]
    return Fraction(int(top), denominator), Fraction(int(root), denominator)


def times(x, y, radicand):
    return x[0] * y[0] + radicand * x[1] * y[1], x[0] * y[1] + x[1] * y[0]


def adds_up(terms, tensor):
    """Check every entry of an integer tensor with Python's fractions."""
    for place in product(*map(range, tensor.shape)):
        total = [Fraction(0), Fraction(0)]
        for term in range(terms.rank):
            u, v, w = (entry(terms, mode, row, term) for mode, row in enumerate(place))
            part = times(times(u, v, terms.radicand), w, terms.radicand)
            total = [total[0] + part[0], total[1] + part[1]]
        if total != [round(float(tensor[place])), 0]:
            return False
    return True


@pytest.mark.parametrize(
    ("word", "name", "rank"),
    [
        ("a*b", "C3", 4),
        ("a*b*a", "S3", 8),
        ("a*b*a", "D4", 8),
        ("a*b*a^-1", "Q8", 8),
        ("a*b*a", "Dic3", 16),
    ],
)
def test_terms_of_word_tensors_become_rational(word, name, rank):
    tensor = core(word, name)
    terms = round_terms(tensor, converged(tensor, rank))
    assert terms.rank == rank
    assert terms.radicand == 1
    assert adds_up(terms, tensor)


# Over Q the algebra of C5 has two ideals and takes 10 - 2 terms, over Q(sqrt 5) it has three.
@pytest.mark.parametrize(("word", "name", "rank"), [("a*b", "C5", 7), ("a*b*a", "D5", 14)])
def test_pentagons_need_the_root_of_five(word, name, rank):
    tensor = core(word, name)
    terms = round_terms(tensor, converged(tensor, rank))
    assert terms.radicand == 5
    assert adds_up(terms, tensor)
    assert any("sqrt(5)" in text for row in terms.texts()[0] for text in row)


# A summand of a^3*b*a^2 over S3.
STUBBORN = [
    [[0, 2, 0, -1], [0, -1, 0, 2], [2, 0, -1, 0], [-1, 0, -1, 0]],
    [[2, 0, -1, 0], [-1, 0, -1, 0], [0, 2, 0, -1], [0, -1, 0, 2]],
    [[0, -1, 0, -1], [0, 2, 0, -1], [-1, 0, -1, 0], [-1, 0, 2, 0]],
    [[-1, 0, 2, 0], [2, 0, -1, 0], [0, -1, 0, -1], [0, 2, 0, -1]],
]


def test_where_one_solution_resists_others_are_tried():
    tensor = np.array(STUBBORN, dtype=float)
    factors = fit(tensor, 7, rng=6).factors
    walks = round_terms(tensor, factors, rng=1, work=2.5e9)
    terms = round_terms(tensor, factors, rng=1)
    assert walks is None
    assert terms.rank == 7
    assert adds_up(terms, tensor)


def test_a_tensor_over_a_quadratic_field():
    root = np.sqrt(2.0)
    tensor = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [root, 0.0]]])
    terms = round_terms(tensor, converged(tensor, 3))
    assert terms.radicand == 2
    exact = ExactArray(
        np.array([[[1, 0], [0, 1]], [[0, 1], [0, 0]]]),
        np.array([[[0, 0], [0, 0]], [[0, 0], [1, 0]]]),
        1,
        2,
    )
    assert terms.equals(exact)
    assert not terms.equals(exact.conjugate())


def test_what_is_not_exact_stays_numerical():
    tensor = np.array([[[np.pi, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]])
    factors = converged(tensor, 3)
    assert round_terms(tensor, factors) is None
    plain = tensor.copy()
    plain[0, 0, 0] = 3.0
    assert round_terms(plain, [factor[:, :1] for factor in factors]) is None
    assert round_terms(plain, converged(plain, 3)) is not None


def test_work_is_counted_and_results_repeat():
    tensor = core("a*b*a", "S3")
    factors = converged(tensor, 8)
    assert round_terms(tensor, factors, work=1e4) is None
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(round_terms(tensor, factors, rng=3))
    for mode in "UVW":
        np.testing.assert_array_equal(getattr(found[0], mode), getattr(found[1], mode))


def test_what_cannot_be_terms_is_refused():
    tensor = core("a*b*a", "S3")
    with pytest.raises(DecompositionError, match="one row for each"):
        round_terms(tensor, [np.ones((2, 3))] * 3)
    with pytest.raises(DecompositionError, match="must be real"):
        round_terms(tensor, [1j * np.ones((6, 3))] * 3)
    for none in ([], [np.ones(6)] * 3, [np.float64(1)] * 3):
        with pytest.raises(DecompositionError, match="one row for each"):
            round_terms(tensor, none)
    for strange in (0 * tensor, 1e-20 * tensor, np.nan * tensor, np.where(tensor, np.inf, 0.0)):
        assert round_terms(strange, [np.ones((6, 3))] * 3) is None
    assert round_terms(tensor, [np.full((6, 3), np.nan)] * 3) is None


@st.composite
def sparse_terms(draw):
    """Draw small integer factors of few terms, none of them zero."""
    shape = tuple(draw(st.integers(2, 4)) for _ in range(3))
    rank = draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    factors = [rng.integers(-2, 3, (size, rank)) for size in shape]
    for factor in factors:
        factor[0, ~factor.any(axis=0)] = 1
    return factors, rng


@settings(max_examples=40, deadline=None)
@given(sparse_terms())
def test_disturbed_terms_come_back_exact(drawn):
    factors, rng = drawn
    U, V, W = factors
    tensor = np.einsum("ar,br,cr->abc", U, V, W)
    longest = int(np.argmax(tensor.shape))
    others = [factors[mode] for mode in range(3) if mode != longest]
    independent = (others[0][:, None, :] * others[1][None, :, :]).reshape(-1, U.shape[1])
    if not tensor.any() or np.linalg.matrix_rank(independent) < U.shape[1]:
        return  # not all terms are needed: fewer would do
    u, v = rng.uniform(0.5, 2.0, (2, U.shape[1]))
    disturbed = [
        factor * scale + 1e-12 * rng.standard_normal(factor.shape)
        for factor, scale in zip(factors, (u, v, 1.0 / (u * v)), strict=True)
    ]
    terms = round_terms(tensor, disturbed)
    assert terms is not None
    assert adds_up(terms, tensor)
