"""One damped Gauss-Newton step for a batch of starts: the normal equations, two ways to solve."""

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from .._progress import begin_stage, is_compiled
from .._typing import Array, Booleans, Integers, Sizes
from ._arrays import (
    Stacked,
    conjugated,
    like,
    modes,
    namespace,
    squared_norms,
    to_numpy,
    transposed,
)
from ._lapack import factorise, positive_inverse, solve_factorised

# Up to this many unknowns, the longest mode eliminated, exact steps are quicker than compiling.
DENSE_UNKNOWNS: Final = 64
# Bytes of matrices that are built at once on the CPU.
_CHUNK_BYTES: Final = 4e6
# Operations, about, from which conjugate gradients are handed to another thread.
_WORTH_A_THREAD: Final = 5e5
# Bytes of matrices that are built at once on a GPU.
_DEVICE_BYTES: Final = 1.2e10


@dataclass(frozen=True, slots=True, eq=False)
class NormalEquations:
    """The damped normal equations of a step for B starts."""

    sizes: Sizes
    factors: Stacked
    grams: Any  # shape (B, 3, R, R): F^T conj(F) of each mode
    hadamards: Any  # shape (B, 3, R, R): products of the two other modes' Gram matrices
    gradient: Stacked  # half that of the squared error with its ridge
    shifts: Array  # shape (B,): ridge and damping, added to the diagonal

    def take(self, places: Any) -> "NormalEquations":
        """Keep some of the starts."""
        parts = (self.factors, self.grams, self.hadamards, self.gradient, self.shifts)
        factors, grams, hadamards, gradient, shifts = (part[places] for part in parts)
        return NormalEquations(self.sizes, factors, grams, hadamards, gradient, shifts)

    def shifted(self) -> Any:
        """Return the diagonal blocks, shape (B, 3, R, R)."""
        identity = np.eye(self.grams.shape[-1])
        return self.hadamards + like(self.shifts[:, None, None, None] * identity, self.factors)


def dense_unknowns(sizes: Sizes, rank: int) -> int:
    """Count the unknowns of an exact step, those of the longest mode eliminated."""
    return (sum(sizes) - max(sizes)) * rank


def dense_steps(system: NormalEquations, pool: ThreadPoolExecutor) -> tuple[Stacked, Booleans]:
    """Solve exactly; return the steps, and for each start whether there is one."""
    count, size = len(system.shifts), dense_unknowns(system.sizes, system.grams.shape[-1])
    xp = namespace(system.factors)
    room = _CHUNK_BYTES if xp is np else _DEVICE_BYTES
    chunk = max(1, int(room / (8.0 * size * size)))
    parts = [system.take(slice(k, k + chunk)) for k in range(0, count, chunk)]
    run: Callable[..., Iterable[Any]] = pool.map if xp is np and len(parts) > 1 else map
    found = list(run(_dense_chunk, parts))
    steps, solved = zip(*found, strict=True)
    return (steps[0] if len(steps) == 1 else xp.concatenate(steps)), np.concatenate(solved)


def _dense_chunk(system: NormalEquations) -> tuple[Stacked, Booleans]:
    """Solve exactly for starts whose matrices fit into the memory at once."""
    xp, blocks, order = namespace(system.factors), system.shifted(), _elimination(system.sizes)
    inverse, invertible = _inverses(blocks[:, order[0]])
    roots, solved = _factorise(_schur_complement(system, blocks, inverse, order))
    steps = _back(system, system.gradient, inverse, roots, order)
    # In the narrow curved valleys near a solution the step is bent along the valley.
    bends = _back(system, _curvature(system, steps), inverse, roots, order)
    short = squared_norms(bends) < squared_norms(steps)
    steps = steps + xp.where(like(short, bends)[:, None, None], bends, xp.zeros_like(bends))
    return steps, solved & invertible


def _elimination(sizes: Sizes) -> tuple[int, int, int]:
    """Say which mode is eliminated, and which are left."""
    # The longest mode's diagonal block is one small matrix for all rows, so that the Schur
    # complement of the other two modes is no more work than their own.
    e = int(np.argmax(sizes))
    p, q = (m for m in range(3) if m != e)
    return e, p, q


def _back(
    system: NormalEquations, gradient: Stacked, inverse: Any, roots: Any, order: tuple[int, ...]
) -> Stacked:
    """Solve for minus a gradient once the matrix of the shorter two modes is factorised."""
    sizes, grams, (e, p, q) = system.sizes, system.grams, order
    xp, factors, gradients = (
        namespace(inverse),
        modes(system.factors, sizes),
        modes(gradient, sizes),
    )
    known = gradients[e] @ inverse
    onward = transposed(transposed(conjugated(factors[e])) @ known)
    right = xp.concatenate(
        [
            factors[p] @ (grams[:, q] * onward) - gradients[p],
            factors[q] @ (grams[:, p] * onward) - gradients[q],
        ],
        axis=1,
    )
    found = _solve(roots, right)
    step = {p: found[:, : sizes[p]], q: found[:, sizes[p] :]}
    images = {m: transposed(step[m]) @ conjugated(factors[m]) for m in (p, q)}
    pulled = grams[:, q] * images[p] + grams[:, p] * images[q]
    step[e] = -(gradients[e] + factors[e] @ pulled) @ inverse
    return xp.concatenate([step[m] for m in range(3)], axis=1)


def _curvature(system: NormalEquations, steps: Stacked) -> Stacked:
    """Contract half the second derivative along the steps with the Jacobian."""
    factors, moves = modes(system.factors, system.sizes), modes(steps, system.sizes)
    grams = system.grams
    images = [transposed(d) @ conjugated(f) for d, f in zip(moves, factors, strict=True)]
    found = []
    for m in range(3):
        p, q = (k for k in range(3) if k != m)
        mixed = images[p] * grams[:, q] + grams[:, p] * images[q]
        found.append(moves[m] @ mixed + factors[m] @ (images[p] * images[q]))
    return namespace(steps).concatenate(found, axis=1)


def _schur_complement(
    system: NormalEquations, blocks: Any, inverse: Any, order: tuple[int, int, int]
) -> Any:
    """Return the matrices of the shorter two modes; of these only the lower triangle is right."""
    e, p, q = order
    factors, grams = modes(system.factors, system.sizes), system.grams
    xp, rank, edge = namespace(inverse), inverse.shape[-1], system.sizes[p]
    # What couples (j, s) of the others with t of the longest mode, F[i, s] apart.
    coupling = xp.concatenate(
        [
            factors[m][:, :, None, :] * transposed(grams[:, other])[:, None]
            for m, other in ((p, q), (q, p))
        ],
        axis=1,
    )
    count, size = coupling.shape[:2]
    coupling = coupling.reshape(count, size * rank, rank)
    matrix = coupling @ transposed(-inverse) @ transposed(conjugated(coupling))
    matrix = matrix.reshape(count, size, rank, size, rank)
    across = conjugated(transposed(factors[p]))
    matrix[:, edge:, :, :edge, :] += factors[q][:, :, None, None, :] * _pairs(across)
    matrix *= transposed(grams[:, e])[:, None, :, None, :]
    for j in range(size):
        matrix[:, j, :, j, :] += transposed(blocks[:, p if j < edge else q])
    return matrix.reshape(count, size * rank, size * rank)


def _pairs(across: Any) -> Any:
    """Lay conj(F[j, s]), shape (B, s, j), out as (B, 1, s, j, 1)."""
    return across[:, None, :, :, None]


def _inverses(matrices: Any) -> tuple[Any, Booleans]:
    """Invert positive definite matrices (B, R, R), and say for which it went well."""
    if not isinstance(matrices, np.ndarray):
        found, info = namespace(matrices).linalg.inv_ex(matrices)
        return found, to_numpy(info) == 0
    found = np.ascontiguousarray(matrices)
    good = np.array([positive_inverse(matrix) for matrix in found], dtype=bool)
    lower = np.tril(found, -1)
    return np.tril(found) + conjugated(transposed(lower)), good


def _factorise(matrices: Any) -> tuple[Any, Booleans]:
    """Return Cholesky factors, and for which it went well: rounding may bring failures."""
    if isinstance(matrices, np.ndarray):
        good = np.array([factorise(matrix) for matrix in matrices], dtype=bool)
        matrices[~good] = np.eye(matrices.shape[-1])
        return matrices, good
    torch = namespace(matrices)
    roots, info = torch.linalg.cholesky_ex(matrices)
    return roots, to_numpy(info) == 0


def _solve(roots: Any, right: Any) -> Any:
    """Solve with what has been factorised."""
    flat = right.reshape(len(right), -1, 1)
    if not isinstance(roots, np.ndarray):
        return namespace(roots).cholesky_solve(flat, roots).reshape(right.shape)
    for root, column in zip(roots, flat, strict=True):
        solve_factorised(root, column)
    return flat.reshape(right.shape)


def _tell_compiling() -> None:
    """Say so where the kernel has to be compiled first, which takes seconds."""
    if not is_compiled(str(Path(__file__).with_name("_gradients.py")), "conjugate_gradients"):
        begin_stage("compiling the solver's kernel, once for all processes")


def loose_steps(
    system: NormalEquations, tolerances: Array, limits: Integers, pool: ThreadPoolExecutor
) -> tuple[Stacked, Booleans, Integers]:
    """Solve by preconditioned conjugate gradients; also return how many each start took."""
    if f"{__package__}._gradients" not in sys.modules:
        _tell_compiling()
    from ._gradients import conjugate_gradients

    x, y, _ = system.sizes
    blocks, steps = system.shifted(), np.empty_like(system.factors)

    def solve(start: int) -> int:
        return conjugate_gradients(
            system.factors[start],
            system.grams[start],
            blocks[start],
            system.gradient[start],
            x,
            y,
            tolerances[start],
            limits[start],
            steps[start],
        )

    large = limits.max() * system.factors[0].size * blocks.shape[-1] > _WORTH_A_THREAD
    run: Callable[..., Iterable[int]] = pool.map if large and len(steps) > 1 else map
    counts = np.fromiter(run(solve, range(len(steps))), dtype=np.int64)
    return steps, counts >= 0, np.maximum(counts, 0)
