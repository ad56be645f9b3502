"""Pairs that a trilinear net must get right, from norms of its rows alone.

With F(w(a, b), c) in the place of the logits, and d the difference, a pair is wrong only if some
other answer c has ``d(a, b, c) >= t(a, b)``, where t is the right logit (computed, one for each
pair) less the largest other entry of F. So each wrong pair of a cell, a row a with a set B of
elements b, takes t^2 of the sum of all d^2 in the cell, and that sum is known from Gram matrices:
``sum_{b in B, c} L^2 = u_a^T ((V_B^T V_B) * (W^T W)) u_a``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from .._memory import allowed_bytes
from .._typing import Array, Booleans, Indices, Integers
from ._evaluation import Decided, full_cost
from ._forms import Lookups
from ._forward import Network
from ._rounding import GROW, SHRINK, UNIT, gamma, largest_of, norms, underflow

# Passes over (a, b, r): activations, their means' readout, two inner products of two, norms.
_PASSES: Final = 8
# Matrices of R x R that are held at once.
_MATRICES: Final = 4
# Roundings in a term u v w of a net with squares, centred.
_TERM: Final = 6
# How far above the mean of its row's the deviation of a cell may be expected.
_UNEVEN: Final = 1.5
# What may be saved must be so many times what it takes.
_PRICE: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """Logits ``sum_r u_r(a) v_r(b) w_r(c) + offset(c)``, but for a function of a and b."""

    left: Array  # shape (n, R)
    right: Array  # shape (n, R)
    readout: Array  # shape (R, n), centred
    offset: Array  # shape (n,)
    gram: Array  # shape (R, R): of the readout


@dataclass(frozen=True, slots=True, eq=False)
class _Fibres:
    """What is known of single pairs: thresholds, and inner products with the ideal."""

    thresholds: Array  # shape (n, n): t, zero if it is not positive
    correct: Array  # shape (n, n): at most (L - F)^2 of the right answer
    inner: Array  # shape (n, n): <L, F>
    ideal: Array  # shape (n, n): |F|^2
    allowance: float


def fibre_bound(net: Network, table: Indices) -> tuple[Decided, Integers] | None:
    """Decide pairs by cells, and bound the wrong pairs of each row; None if it cannot pay."""
    n = net.order
    cost, width = _least_cost(net), _terms_count(net)
    form, most = net.form, allowed_bytes()
    if not isinstance(form, Lookups) or not width or _MATRICES * 8 * width**2 > most:
        return None
    if 2 * cost > full_cost(net):
        return None
    terms = _terms(form)
    fibres = _fibres(terms, table)
    squares = SHRINK * np.square(fibres.thresholds)
    right = np.zeros((n, n), dtype=bool)
    possible = np.full(n, n)
    cells, energy = 1, np.zeros(n)
    while cells:
        asked = np.flatnonzero(~right.all(axis=1))
        cost += _level_cost(terms, cells, len(asked))
        counts, total = np.zeros(len(asked), dtype=int), np.zeros(len(asked))
        for B in np.array_split(np.arange(n), cells):
            deviation = _deviations(terms, fibres, asked, B)
            inside = squares[np.ix_(asked, B)]
            right[np.ix_(asked, B)] |= inside > deviation[:, None]
            counts += _most_wrong(inside, deviation)
            total += deviation
        possible[asked] = np.minimum(possible[asked], counts)
        possible = np.minimum(possible, n - right.sum(axis=1))
        if cells > 1:
            break
        energy = total
        cells = _more_cells(terms, squares, energy, right, net.width * (n + 1))
    margin = float(fibres.thresholds.min())
    deviation_of_pair = float(np.sqrt(energy.sum() / n**2))
    none = np.zeros_like(right)
    return Decided(right, none, margin, deviation_of_pair, fibres.allowance, cost), possible


def _terms_count(net: Network) -> int:
    """Return how many products a net is the sum of; 0 if it is not trilinear."""
    if not net.is_trilinear:
        return 0
    width: int = net.width
    return width if net.combination == "product" else 3 * width


def _terms(form: Lookups) -> _Terms:
    """Return a net as a sum of products; squares as ``2 u v + u^2 + v^2``."""
    U, V, W = form.left, form.right, form.readout - form.readout.mean(axis=1, keepdims=True)
    if form.combination == "square":
        V = V if form.bias is None else V + form.bias
        one = np.ones_like(U)
        U, V = np.hstack([2.0 * U, U**2, one]), np.hstack([V, one, V**2])
        W = np.vstack([W, W, W])
    offset = np.zeros(form.order) if form.offset is None else form.offset
    return _Terms(U, V, W, offset, W @ W.T)


def _least_cost(net: Network) -> int:
    """Count the multiplications before the first level."""
    n, width = net.order, _terms_count(net)
    return n * width * (_PASSES * n + width)


def _level_cost(terms: _Terms, cells: int, rows: int) -> int:
    """Count the multiplications of one level: Gram matrices, and a form for each cell."""
    width, n = len(terms.readout), len(terms.left)
    return width * width * (n + cells + cells * rows)


def _fibres(terms: _Terms, table: Indices) -> _Fibres:
    """Look at every pair once: its right logit, and its mean over the fibre of its value."""
    U, V, W = terms.left, terms.right, terms.readout
    ideal = _fibre_means(terms, table) @ W  # any matrix would do: it is taken as exact
    inward = ideal @ W.T
    correct, inner = np.empty(table.shape), np.empty(table.shape)
    for a, values in enumerate(table):
        correct[a] = (V * W.T[values]) @ U[a]
        inner[a] = (V * inward[values]) @ U[a]
    width = len(W)
    sizes = np.sqrt(np.square(U) @ np.square(V).T)
    errors = GROW * gamma(width + _TERM + 4) * sizes * norms(W.T)[table] + underflow(U, V, W)
    rivals = ideal + terms.offset
    np.fill_diagonal(rivals, -np.inf)
    rival = rivals.max(axis=1)[table]
    offset = terms.offset[table]
    errors += 8 * UNIT * (np.abs(correct) + np.abs(offset) + np.abs(rival))
    thresholds = np.fmax(correct + offset - rival - errors, 0.0)
    apart = np.maximum(np.abs(correct - np.diagonal(ideal)[table]) - GROW * errors, 0.0)
    squares = np.einsum("gc,gc->g", ideal, ideal)[table]
    return _Fibres(thresholds, SHRINK * np.square(apart), inner, squares, largest_of(errors))


def _fibre_means(terms: _Terms, table: Indices) -> Array:
    """Return the means of the activations over the pairs of each value, shape (n, R)."""
    n, width = terms.left.shape
    sums = np.zeros((n, width))
    for rows in _blocks(n, width):
        hidden = (terms.left[rows, None] * terms.right).reshape(-1, width)
        values = table[rows].ravel()
        chosen = csr_array(
            (np.ones(len(values)), (values, np.arange(len(values)))), (n, len(values))
        )
        sums += chosen @ hidden
    return sums / np.maximum(np.bincount(table.ravel(), minlength=n), 1)[:, None]


def _deviations(terms: _Terms, fibres: _Fibres, rows: Integers, B: Integers) -> Array:
    """Bound the sums of squares of d over all b in B and wrong answers c, for each row."""
    U, V, W = terms.left[rows], terms.right[B], terms.readout
    width, n = W.shape
    gram = (V.T @ V) * terms.gram
    net = np.einsum("ar,ar->a", U @ gram, U)
    inner, ideal, correct = (
        part[np.ix_(rows, B)].sum(axis=1) for part in (fibres.inner, fibres.ideal, fibres.correct)
    )
    size = np.abs(U) @ (norms(V.T) * norms(W))
    rounding = gamma(2 * n + 2 * width + _TERM + 16) * np.square(size + np.sqrt(ideal))
    apart = net - 2 * inner + ideal - correct
    squares = np.where(np.isfinite(apart), np.maximum(apart, 0.0), np.inf) + GROW * rounding
    roots = np.sqrt(squares) + gamma(_TERM + 2) * size
    small = underflow(U, V, W)
    bounds: Array = GROW * np.square(GROW * roots + small) + small
    return bounds


def _most_wrong(squares: Array, deviations: Array) -> Integers:
    """Count the pairs of each cell that its deviation can pay for, the cheapest first."""
    spent = SHRINK * np.cumsum(np.sort(squares, axis=1), axis=1)
    counts: Integers = (~(spent > deviations[:, None])).sum(axis=1)
    return counts


def _more_cells(
    terms: _Terms, squares: Array, energy: Array, right: Booleans, pair_cost: int
) -> int:
    """Choose into how many cells rows are cut: what saves most; 0 if nothing is worth its price."""
    n, cells = len(squares), 1
    left, rows = ~right, int((~right.all(axis=1)).sum())
    best, most = 0, 0.0
    while rows and cells < n:
        cells = min(2 * cells, n)
        hoped = (left & (squares > _UNEVEN * energy[:, None] / cells)).sum()
        saved = float(hoped * pair_cost - _PRICE * _level_cost(terms, cells, rows))
        if saved > most:
            best, most = cells, saved
    return best


def _blocks(n: int, width: int) -> Iterator[slice]:
    """Yield slices of rows whose activations take 64 MiB."""
    step = max(1, 2**23 // (n * width))
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))
