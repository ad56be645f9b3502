"""All optimal ways to share the norm: the narrowest of them, and how far each share may move."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from .._typing import Array
from .game import Strategies, solve_programme

# An irrep is among the best against tau, or a class is held down by the shares, up to this.
_TIGHT: Final = 1e-9
_SLACK: Final = 1e-10
# Ranges are known to about the tolerance of the solver.
_ROUND: Final = 7
_NODES: Final = 500


def _best_irreps(A: Array, play: Strategies) -> NDArray[np.intp]:
    """Irreps that are best against tau; optimal shares are zero on all others."""
    return np.flatnonzero(A @ play.tau >= play.bound * (1.0 - _TIGHT))


def share_ranges(A: Array, play: Strategies) -> tuple[Array, Array]:
    """Return the least and the largest share of each irrep over all optima, to seven decimals."""
    best = _best_irreps(A, play)
    B = A[best] / play.bound
    least, largest = np.zeros(len(A)), np.zeros(len(A))
    for place, irrep in enumerate(best):
        for target, sign in ((least, 1.0), (largest, -1.0)):
            goal = np.zeros(len(best))
            goal[place] = sign
            answer: Any = linprog(
                goal,
                A_ub=-B.T,
                b_ub=np.full(A.shape[1], _SLACK - 1.0),
                A_eq=np.ones((1, len(best))),
                b_eq=[1.0],
                method="highs",
                options={"primal_feasibility_tolerance": _SLACK},
            )
            # Without an answer, what is known: the share at hand.
            value = sign * answer.fun if answer.success else play.shares[irrep]
            target[irrep] = abs(round(float(value), _ROUND))
    return least, largest


def narrowest(A: Array, play: Strategies, widths: NDArray[np.int64]) -> Strategies:
    """Return optimal strategies with the fewest neurons; widths: how many each irrep needs."""
    best = _best_irreps(A, play)
    # The widest are left out first; among equals the last.
    order = sorted(best.tolist(), key=lambda irrep: (-widths[irrep], -irrep))
    found, cost = play, int(widths[play.shares > 0.0].sum())
    waiting: list[tuple[list[int], list[int]]] = [([], order)]  # kept, undecided
    for _ in range(_NODES):
        if not waiting:
            break
        kept, undecided = waiting.pop()
        allowed = kept + undecided
        if not allowed or widths[kept].sum() >= cost:
            continue
        fewer = solve_programme(A[allowed])
        if fewer.reached < play.reached * (1.0 - _TIGHT):
            continue
        shares = np.zeros(len(A))
        shares[allowed] = fewer.shares
        if widths[shares > 0.0].sum() < cost:
            cost = int(widths[shares > 0.0].sum())
            found = Strategies(shares, play.tau, fewer.reached, play.bound)
        if undecided:
            waiting.append(([*kept, undecided[0]], undecided[1:]))
            waiting.append((kept, undecided[1:]))
    return found
