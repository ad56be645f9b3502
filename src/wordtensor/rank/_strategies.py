"""What to do with one block: the strategy, what it would cost in terms, and its factors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from .._typing import Division, Factors, Field, Inexact
from ..bounds.theorems import Bound, block_bound
from ..schemes import Registry, Scheme, best_rank, best_scheme, construction, user_registry
from ..solver.descent import FAST_WORK, Attempt, descend, fibre_factors, fibre_rank
from .block import Block

Effort = Literal["fast", "search"]
# Above this many entries a single start of the solver takes minutes.
SOLVER_LIMIT: Final = 70_000


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is known about a block before anything is searched."""

    # by a registered scheme, by the numerical solver, or one term for each fibre
    strategy: Literal["scheme", "solver", "fibres"]
    upper: int  # number of terms that is certain to be reached
    bound: Bound  # lower bound on the block's rank, with its reason


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Factors of one block in its own coordinates."""

    factors: Factors  # shapes (x, R), (y, R), (z, R), complex only where that was asked for
    strategy: str  # what produced them
    status: Literal["structural", "numerical"]  # an exact scheme, or from the solver
    note: str = ""  # the scheme's construction, or how many starts the solver took
    interrupted: bool = False  # whether Ctrl-C ended the search

    @property
    def rank(self) -> int:
        """Number of terms."""
        return int(self.factors[0].shape[1])


def assess(block: Block, field: Field = "real", registry: Registry | None = None) -> Assessment:
    """Say what a block will cost at most and at least, without searching."""
    bound = block_bound(block, field)
    if block.sizes is not None:
        return Assessment("scheme", _scheme_rank(block, field, registry), bound)
    upper = fibre_rank(block.own_tensor())
    if block.kind == "slices" or upper <= bound.value or np.prod(block.shape) > SOLVER_LIMIT:
        return Assessment("fibres", upper, bound)
    return Assessment("solver", upper, bound)


def scheme_for(
    sizes: tuple[int, int, int], division: Division, field: Field, registry: Registry | None = None
) -> Scheme:
    """Return the registered scheme that a matrix product is decomposed by."""
    (n, m, p), over = _complexified(sizes, division, field)
    return best_scheme(n, m, p, over, registry=registry or user_registry())


def _complexified(
    sizes: tuple[int, int, int], division: Division, field: Field
) -> tuple[tuple[int, int, int], Division]:
    if field == "real" or division == "R":
        return sizes, division
    n, m, p = sizes
    return (sizes if division == "C" else (2 * n, 2 * m, 2 * p)), "R"


def _scheme_rank(block: Block, field: Field, registry: Registry | None) -> int:
    (n, m, p), over = _complexified(block.sizes or (1, 1, 1), block.division, field)
    copies = 2 if field == "complex" and block.division == "C" else 1
    return copies * best_rank(n, m, p, over, registry=registry or user_registry())


def solve(
    block: Block,
    assessment: Assessment,
    rng: np.random.Generator,
    *,
    field: Field = "real",
    registry: Registry | None = None,
    upper: int | None = None,
    work: float = FAST_WORK,
    time_limit: float | None = None,
    callback: Callable[[Attempt], None] | None = None,
) -> Solution:
    """Find factors of a block by the assessed strategy, by the solver fewer than ``upper``."""
    if assessment.strategy == "scheme":
        return _solve_by_scheme(block, field, registry or user_registry())
    tensor = block.own_tensor()
    if assessment.strategy == "fibres":
        return Solution(fibre_factors(tensor), "fibres", "structural")
    limit = assessment.upper if upper is None else min(upper, assessment.upper)
    # In the core's coordinates equal tensors are equal arrays, whatever their labels.
    frame = block.frame
    found = descend(
        tensor if frame is None else frame.solver_tensor(tensor),
        assessment.bound.value,
        limit,
        rng,
        work=work,
        time_limit=time_limit,
        callback=callback,
    )
    note = f"{found.attempts} starts"
    if found.factors is None:
        return Solution(
            fibre_factors(tensor), "fibres", "structural", note, interrupted=found.interrupted
        )
    factors = found.factors if frame is None else frame.block_factors(found.factors)
    return Solution(factors, "solver", "numerical", note, found.interrupted)


def _solve_by_scheme(block: Block, field: Field, registry: Registry) -> Solution:
    sizes = block.sizes or (1, 1, 1)
    scheme = scheme_for(sizes, block.division, field, registry)
    factors: Factors = scheme.as_float()
    text = construction(*scheme.shape, scheme.division, registry=registry)
    if field == "complex" and block.division == "C":
        factors, text = _conjugate_pair(factors), f"{text} and its conjugate"
    elif field == "complex" and block.division == "H":
        factors = _split_quaternions(factors, sizes)
    return Solution(factors, "scheme", "structural", text)


def _conjugate_pair(factors: Factors) -> Factors:
    """Write Re(X Y conj(Z)) over C as half the sum of a complex product and its conjugate."""
    units = np.array([[1.0], [1.0j]])
    u, v, w = (np.kron(factor, units) for factor in factors)
    half = 0.5 * w.conj()
    return np.hstack([u, u.conj()]), np.hstack([v, v.conj()]), np.hstack([half, half.conj()])


def _split_quaternions(factors: Factors, sizes: tuple[int, int, int]) -> Factors:
    """Write <n,m,p> over H as <2n,2m,2p> over C, by quaternions as 2 x 2 complex matrices."""
    n, m, p = sizes
    u = _quaternion_entries(n, m).T @ factors[0]
    v = _quaternion_entries(m, p).T @ factors[1]
    w = 0.5 * _quaternion_entries(n, p).conj().T @ factors[2]
    return u, v, w


def _quaternion_entries(rows: int, columns: int) -> Inexact:
    """Linear map from quaternion coordinates to the entries of the 2 rows x 2 columns matrix."""
    units = np.array([np.eye(2), [[1j, 0], [0, -1j]], [[0, 1], [-1, 0]], [[0, 1j], [1j, 0]]])
    entries = np.zeros((rows, 2, columns, 2, rows, columns, 4), dtype=complex)
    for i in range(rows):
        for j in range(columns):
            entries[i, :, j, :, i, j, :] = units.transpose(1, 2, 0)
    return entries.reshape(4 * rows * columns, 4 * rows * columns)
