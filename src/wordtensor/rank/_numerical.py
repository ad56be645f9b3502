"""Blocks with no known scheme: the solver walks their number of terms down."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .._typing import Array, Factors, Field, Inexact, Integers
from ..solver import Symmetry
from ..solver.descent import FAST_WORK, Attempt, DescentResult, Failure, descend
from ._pencil_terms import pencil_terms
from ._split import complex_form
from ._symmetry import in_frame
from .block import Block

# With x = (Re, Im) of complex forms, Re(x y z) is the sum of these three real products (Gauss).
_GAUSS: Final = (
    ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0)),
    ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0)),
    ((1.0, 1.0), (-1.0, 1.0), (0.0, -1.0)),
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the solver may spend on one block, where it runs and whom it tells."""

    seed: tuple[int, ...] = (0,)
    work: float = FAST_WORK
    time_limit: float | None = None
    device: str = "cpu"
    callback: Callable[[Attempt], None] | None = None
    # permutations of the slices of the core, in cyclic groups of symmetries
    symmetries: tuple[tuple[Integers, ...], ...] = ()
    failed: int = 0  # a number of terms that earlier searches tried in vain


@dataclass(frozen=True, slots=True)
class Spending:
    """What the solver may spend in all, and how; None as a time limit is no search."""

    seed: int
    work: float
    time_limit: float | None
    device: str
    callback: Callable[[Attempt], None]
    symmetries: tuple[tuple[Integers, ...], ...] = ()

    @property
    def searching(self) -> bool:
        """Whether time is given to look for fewer terms than there are."""
        return self.time_limit is not None

    def divided(self, parts: int) -> "Spending":
        """Return the share of one of several equal parts."""
        limit = None if self.time_limit is None else self.time_limit / max(1, parts)
        return replace(self, work=self.work / max(1, parts), time_limit=limit)

    def allowance(self, block: int) -> Allowance:
        """Give one block everything."""
        return Allowance(
            seed=(self.seed, block, int(self.searching)),  # no start is made twice
            work=self.work,
            time_limit=self.time_limit,
            device=self.device,
            callback=self.callback,
            symmetries=self.symmetries,
        )

    def without_search(self) -> "Spending":
        """Return what "fast" spends."""
        return replace(self, time_limit=None, symmetries=())


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The fewest terms that the solver found below a limit, in the block's coordinates."""

    factors: Factors | None
    attempts: int
    interrupted: bool
    failure: Failure | None  # the most terms below these that were tried in vain
    from_pencil: bool = False  # without the solver

    @property
    def note(self) -> str:
        """How many starts there were, and what was tried in vain."""
        if self.from_pencil:
            return "from the pencil of two slices, JaJa 1979"
        note, failure = f"{self.attempts} starts", self.failure
        if failure is None:
            return note
        return f"{note}; {in_vain(failure.rank, failure.starts)} ({failure.residual:.0e} at best)"

    @property
    def rank(self) -> int:
        """Number of terms; there must be some."""
        return 0 if self.factors is None else int(self.factors[0].shape[1])


def in_vain(rank: int, starts: int) -> str:
    """Say that a number of terms was tried in vain."""
    return f"no success at {rank} terms in {starts} starts"


def search_terms(block: Block, lower: int, upper: int, field: Field, allowance: Allowance) -> Found:
    """Look for fewer than ``upper`` terms of a block, real or complex."""
    over_c = Found(None, 0, False, None)
    if block.units is not None:
        over_c = _complex_products(block, block.units, lower, upper, field, allowance)
        upper = over_c.rank or upper
        if over_c.interrupted or upper <= lower:
            return over_c
    frame, tensor = block.frame, block.own_tensor()
    # In the core's coordinates equal tensors are equal arrays, whatever their labels.
    solved = tensor if frame is None else frame.solver_tensor(tensor)
    groups: tuple[tuple[Symmetry, ...], ...] = ()
    if frame is not None:
        groups = tuple(in_frame(allowance.symmetries, frame))
    found = _descend(solved, lower, upper, field, allowance, groups, allowance.failed)
    factors = over_c.factors
    if found.factors is not None:
        factors = found.factors if frame is None else frame.block_factors(found.factors)
    attempts = found.attempts + over_c.attempts
    if not found.interrupted and (factors is None or factors[0].shape[1] > lower):
        # Where terms come as near as one likes and never meet, the solver goes on for nothing.
        made = pencil_terms(tensor, lower, field)
        if made is not None:
            return Found(made, attempts, False, None, from_pencil=True)
    return Found(factors, attempts, found.interrupted, found.failure)


def _descend(
    tensor: Inexact,
    lower: int,
    upper: int,
    field: Field,
    allowance: Allowance,
    symmetries: tuple[tuple[Symmetry, ...], ...] = (),
    failed: int = 0,
) -> DescentResult:
    return descend(
        tensor,
        lower,
        upper,
        np.random.default_rng(allowance.seed),
        work=allowance.work,
        time_limit=allowance.time_limit,
        callback=allowance.callback,
        field=field,
        device=allowance.device,
        symmetries=symmetries,
        failed=failed,
    )


def _complex_products(
    block: Block, units: Factors, lower: int, upper: int, field: Field, allowance: Allowance
) -> Found:
    """Look for terms that are products of complex numbers, of a block with a complex structure."""
    tensor, bases = complex_form(block.own_tensor(), units)
    modes = (0, 1, 2) if block.frame is None else block.frame.modes
    cost = 3 if field == "real" else 2  # three real products, or the product and its conjugate
    found = _descend(
        np.ascontiguousarray(tensor.transpose(modes)),
        -(-lower // cost),
        -(-upper // cost),
        "complex",
        allowance,
    )
    if found.factors is None:
        return Found(None, found.attempts, found.interrupted, found.failure)
    terms = [found.factors[modes.index(mode)] for mode in range(3)]
    parts = _gauss_terms(terms) if field == "real" else _conjugate_terms(terms)
    # Coordinates v_1, J v_1, ... back to those of the block.
    u, v, w = (np.linalg.solve(B.T, part) for B, part in zip(bases, parts, strict=True))
    return Found((u, v, w), found.attempts, found.interrupted, found.failure)


def _gauss_terms(terms: list[Inexact]) -> list[Array]:
    """Write Re(u x * v y * w z) as three real terms each, in coordinates Re x, Im x, ..."""
    made = []
    for factor, forms in zip(terms, _GAUSS, strict=True):
        # The form u x has the real part (Re u, -Im u) and the imaginary part (Im u, Re u).
        real = np.stack([factor.real, -factor.imag], axis=1).reshape(2 * len(factor), -1)
        imaginary = np.stack([factor.imag, factor.real], axis=1).reshape(2 * len(factor), -1)
        made.append(np.hstack([a * real + b * imaginary for a, b in forms]))
    return made


def _conjugate_terms(terms: list[Inexact]) -> list[Inexact]:
    """Write Re(u x * v y * w z) as half the sum of the product and its conjugate."""
    forms = [np.kron(factor, np.array([[1.0], [1.0j]])) for factor in terms]
    forms[2] = forms[2] * 0.5
    return [np.hstack([form, form.conj()]) for form in forms]
