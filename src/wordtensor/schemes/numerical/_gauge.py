"""The gauge of a numerical scheme: balanced, turned, sparse, and with a fixed diagonal gauge."""

import numpy as np
from numpy.typing import NDArray

from ..._typing import Array
from ._brent import BrentSystem, cholesky_step


def balanced(factors: tuple[Array, Array, Array]) -> Array:
    """Give the three columns of each term the same norm, and lay all entries out in one vector."""
    norms = [np.linalg.norm(f, axis=0) for f in factors]
    mean = np.cbrt(norms[0] * norms[1] * norms[2])
    scales = [mean / np.where(k > 0.0, k, 1.0) for k in norms]
    return np.concatenate([(f * k).ravel() for f, k in zip(factors, scales, strict=True)])


def turned(
    factors: tuple[Array, Array, Array], shape: tuple[int, int, int], rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Apply a random orthogonal change of the bases of X, Y and Z to factors of <n,m,p>."""
    P, Q, S = (np.linalg.qr(rng.standard_normal((size, size)))[0] for size in shape)
    pairs = ((P, Q), (Q, S), (P, S))
    turned = []
    for f, (left, right) in zip(factors, pairs, strict=True):
        grid = f.reshape(len(left), len(right), -1)
        turned.append(np.einsum("ai,bj,ijr->abr", left, right, grid).reshape(f.shape))
    return turned[0], turned[1], turned[2]


def sparsified(
    system: BrentSystem,
    entries: Array,
    *,
    steps: int = 60,
    weight: float = 1e-3,
    power: float = 1.0,
) -> Array:
    """Return nearly a solution with many entries near zero, by minimising sums of powers."""
    # |x|^power is smoothed to (x^2 + e^2)^(power/2) with e falling from 0.3 to 0.001.
    damping = 1.0
    for step_number in range(steps):
        smooth = 0.3 * (1e-3 / 0.3) ** min(1.0, step_number / max(1, steps - 8))
        defects, gradient = system.evaluate(entries)
        normal = system.normal_matrix(entries)
        squares = entries**2 + smooth**2
        pull = weight * power * squares ** (power / 2.0 - 1.0)
        cost = 0.5 * defects + weight * float(np.sum(squares ** (power / 2.0)))
        for _ in range(5):
            step = cholesky_step(normal, pull + weight * damping, gradient + pull * entries)
            if step is not None:
                trial = entries + step
                after = 0.5 * system.evaluate(trial)[0]
                after += weight * float(np.sum((trial**2 + smooth**2) ** (power / 2.0)))
                if after <= cost:
                    entries, damping = trial, max(damping / 3.0, 1e-3)
                    break
            damping *= 4.0
    return entries


def diagonal_gauge(
    system: BrentSystem, entries: Array, shape: tuple[int, int, int], components: int
) -> tuple[Array, NDArray[np.int64]]:
    """Set entries to 1 or -1 by diagonal P, Q, S and by scaling terms; return all, and which."""
    # The exponents of the chosen entries are unimodular, so that no root of another entry appears.
    exponents = _exponents(system.rank, shape, components)
    used = np.flatnonzero(entries)
    edges = np.array(system.edges)
    mode = np.searchsorted(edges, used, side="right")
    # First the largest entries of U and V, for the scale of each term, then those of W.
    order = used[np.lexsort((-np.abs(entries[used]), mode))]
    reduced: list[tuple[int, NDArray[np.int64]]] = []
    chosen = []
    for place in order:
        row = exponents[place].copy()
        for column, earlier in reduced:
            row -= row[column] * earlier[column] * earlier
        units = np.flatnonzero(np.abs(row) == 1)
        if len(units):
            reduced.append((int(units[-1]), row))
            chosen.append(int(place))
    logs = -np.log(np.abs(entries[chosen]))
    scales, *_ = np.linalg.lstsq(exponents[chosen].astype(np.float64), logs, rcond=None)
    entries = entries * np.exp(exponents @ scales)
    entries[chosen] = np.sign(entries[chosen])
    return entries, np.array(chosen, dtype=np.int64)


def _exponents(rank: int, shape: tuple[int, int, int], components: int) -> NDArray[np.int64]:
    """Say how log |entry| changes with the logs of the diagonals of P, Q, S and two scales."""
    n, m, p = shape
    sizes = n + m + p
    left, right = (0, n, 0), (n, n + m, n + m)
    blocks = []
    for mode, (rows, columns) in enumerate(((n, m), (m, p), (n, p))):
        block = np.zeros((rows, columns, components, rank, sizes + 2 * rank), dtype=np.int64)
        sign = -1 if mode == 2 else 1
        for i in range(rows):
            block[i, ..., left[mode] + i] += sign
        for j in range(columns):
            block[:, j, ..., right[mode] + j] -= sign
        for r in range(rank):
            if mode != 1:
                block[..., r, sizes + r] = sign
            if mode != 0:
                block[..., r, sizes + rank + r] = sign
        blocks.append(block.reshape(-1, sizes + 2 * rank))
    return np.concatenate(blocks)
