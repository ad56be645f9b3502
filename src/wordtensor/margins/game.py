"""The game of irreps against classes whose value is the greatest normalised margin."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from .._typing import Array, Value, freeze_fields
from ..errors import NetworkError
from ..irreps import RealCharacterTable

# The two certificates must agree to this, relative to the largest payoff.
_GAP: Final = 1e-10
# A probability or a condition this near to zero is zero.
_ZERO: Final = 1e-11


@dataclass(frozen=True, slots=True, eq=False)
class Strategies(Value):
    """Optimal play of both sides, each the proof that the other's is optimal.

    Attributes
    ----------
    shares : ndarray, shape (irreps,)
        Of the budget sum_i ||omega_i||^3 over the non-trivial irreps; non-negative, sum 1.
    tau : ndarray, shape (classes,)
        Weights of the non-trivial classes; non-negative, sum 1.
    reached : float
        The margin that the shares reach, ``min_C sum_phi shares_phi A[phi, C]``.
    bound : float
        The margin that no net exceeds, ``max_phi sum_C A[phi, C] tau_C``.

    Examples
    --------
    >>> from wordtensor.margins.game import solve_programme
    >>> play = solve_programme(np.array([[2.0, 0.0], [0.0, 1.0]]))
    >>> np.round(play.shares, 9).tolist(), round(play.bound, 9)
    ([0.333333333, 0.666666667], 0.666666667)
    """

    shares: Array
    tau: Array
    reached: float
    bound: float

    def __post_init__(self) -> None:
        freeze_fields(self, "shares", "tau")

    @property
    def gap(self) -> float:
        """Relative difference of the bound and what is reached: rounding errors only."""
        return (self.bound - self.reached) / self.bound if self.bound else 0.0


def check_order(n: int) -> None:
    """Refuse the trivial group, in which no label is wrong."""
    if n < 2:
        raise NetworkError(
            "The trivial group has no wrong label, so no margin; give a group of order 2 or more"
        )


def payoffs(table: RealCharacterTable) -> Array:
    """Return what neurons of norm 1 in irreps add to margins against classes: (t - 1, t - 1)."""
    # A[phi, C] = kappa_phi (1 - chi_phi(C) / d_phi) without the trivial irrep and class, where
    # kappa_phi = 2 / (n^(3/2) sqrt(27 d_phi)) with the real dimension d, the same for the types R,
    # C and H. Derived in docs/theory/margins.md.
    check_order(table.group.order)
    dims = table.dims[1:, None].astype(np.float64)
    kappa = 2.0 / (table.group.order**1.5 * np.sqrt(27.0 * dims))
    result: Array = kappa * (1.0 - table.values[1:, 1:] / dims)
    return result


def equaliser_condition(table: RealCharacterTable) -> float:
    """Return ``max_C sum_phi d_phi^(3/2) chi_phi(C) / endo_phi`` over what is not trivial."""
    # Up to zero, `equaliser` is optimal. With irreps of type R only it is the condition of Theorem
    # 9.
    return float(_class_sums(table).max())


def _class_sums(table: RealCharacterTable) -> Array:
    weights = table.dims[1:] ** 1.5 / table.endo_dims[1:]
    result: Array = weights @ table.values[1:, 1:]
    return result


def equaliser(table: RealCharacterTable) -> Strategies | None:
    """Return the strategies that make all irreps and all classes equally good; None if none do."""
    # With S = sum_phi d^(5/2) / endo over the non-trivial irreps the value is 2 / (3 sqrt(3 n) S):
    # shares_phi = d^(5/2) / (endo S), tau_C = -|C| sum_phi d^(3/2) chi_phi(C) / (endo S).
    # Where a tau_C is negative, some irreps or classes are not played.
    sums = _class_sums(table)
    if sums.max() > _ZERO:
        return None
    shares = table.dims[1:] ** 2.5 / table.endo_dims[1:]
    return _strategies(payoffs(table), shares, -sums * table.class_sizes[1:])


def _strategies(A: Array, shares: Array, tau: Array) -> Strategies:
    """Make probabilities of two vectors; raise NetworkError unless each proves the other."""
    shares, tau = (np.where(x > _ZERO * x.max(), x, 0.0) for x in (shares, tau))
    shares, tau = shares / shares.sum(), tau / tau.sum()
    play = Strategies(shares, tau, float((shares @ A).min()), float((A @ tau).max()))
    error = abs(play.bound - play.reached) / float(A.max())
    if not error < _GAP:
        raise NetworkError(
            f"The optimum of the margin is known to {error:.1e} only; {_GAP:.0e} is needed"
        )
    return play


def solve_programme(A: Array) -> Strategies:
    """Solve a game, shape (irreps, classes), of non-negative payoffs by linear programming."""
    # max_shares min_C (shares A)_C = min_tau max_phi (A tau)_phi, the minimax theorem; the second
    # side comes as the multipliers of the first. A vertex is found: few irreps and classes are
    # played.
    rows = len(A)
    B = A / A.max()
    answer: Any = linprog(
        np.append(np.zeros(rows), -1.0),
        A_ub=np.column_stack([-B.T, np.ones(B.shape[1])]),
        b_ub=np.zeros(B.shape[1]),
        A_eq=np.append(np.ones(rows), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0.0, None)] * rows + [(None, None)],
        method="highs",
    )
    if not answer.success:
        raise NetworkError(f"The linear programme of the margin was not solved: {answer.message}")
    multipliers: NDArray[np.float64] = -answer.ineqlin.marginals
    return _strategies(A, answer.x[:rows], multipliers)
