"""Whether two sets of terms of a matrix product are one, up to order, scales and the sandwich."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment

from ..._typing import Array, Division, Integers, RealFactors, Sizes, Value, freeze_fields, unmasked
from ...errors import ComparisonError
from ...schemes import DIMENSIONS, Scheme, best_scheme
from ._alternation import alternated
from ._balance import Balanced, balanced, matrices_of
from ._invariants import pair_features, pair_signals, term_features
from ._refinement import correspondences
from ._signs import relative_signs
from ._terms import chosen_terms, term_errors, term_inner_products, term_norms
from .sandwich import Sandwich, conjugated, identity_sandwich, intertwiner

TOLERANCE: Final = 0.1
# Up to what difference invariants count as equal, one after the other.
_LADDER: Final = (1e-7, 1e-5, 1e-3, 1e-2, 1e-1)
# Up to this many terms: the time grows with the cube, to about 20 seconds here.
LARGEST_RANK: Final = 800
_LEAVES: Final = 24
_SILENCE: Final = 1e-6
_STARTS: Final = 60
_ALTERNATING_RANK: Final = 64
EXACT: Final = 1e-7


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Equivalence(Value):
    """How terms are carried to those of a scheme with R terms.

    Attributes
    ----------
    error : float
        The largest relative error of a term after the action.
    permutation : ndarray of int64, shape (R,)
        ``permutation[k]`` is the term of the scheme that term k goes to.
    transformation : Sandwich
        The action on the given terms, divided by ``scale``.
    tolerance : float
        Up to what difference invariants counted as equal; 0 if none were needed, infinite if the
        action was found without them.
    scale : float
        The multiple of the scheme's tensor that the given terms add up to, by least squares.

    Examples
    --------
    >>> from wordtensor.schemes import best_scheme
    >>> U, V, W = best_scheme(2, 2, 2).as_float()
    >>> found = strassen_match((U[:, ::-1], V[:, ::-1], W[:, ::-1]))
    >>> found.permutation.tolist(), found.error < 1e-9
    ([6, 5, 4, 3, 2, 1, 0], True)
    """

    error: float
    permutation: Integers
    transformation: Sandwich
    tolerance: float
    scale: float = 1.0

    def __post_init__(self) -> None:
        freeze_fields(self, "permutation")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values."""
        return {
            "error": self.error,
            "permutation": self.permutation.tolist(),
            "transformation": self.transformation.to_dict(),
            "tolerance": self.tolerance,
            "scale": self.scale,
        }

    def __repr__(self) -> str:
        return f"Equivalence(error={self.error:.1e}, {self.transformation!r})"


def block_scale(left: RealFactors, right: RealFactors) -> float:
    """Return the multiple of the right terms' sum that is nearest to the left terms' sum."""
    whole = float(term_inner_products(right, right).sum())
    return float(term_inner_products(left, right).sum()) / whole


def best_assignment(left: RealFactors, right: RealFactors) -> Integers:
    """Return the right term of each left one, (R,), for the largest sum of their cosines."""
    products = term_inner_products(left, right)
    norms = np.outer(term_norms(left), term_norms(right))
    cosines = np.divide(products, norms, out=np.zeros_like(norms), where=norms > 0)
    _, columns = linear_sum_assignment(-cosines)
    return np.asarray(columns, dtype=np.int64)


def equivalence(
    left: RealFactors,
    right: RealFactors,
    sizes: Sizes,
    division: Division,
    tolerance: float = TOLERANCE,
) -> Equivalence | None:
    """Return the best sandwich action found between two sets of terms, however good, or None."""
    permutation = best_assignment(left, right)
    error = float(term_errors(left, chosen_terms(right, permutation)).max())
    best = Equivalence(error, permutation, identity_sandwich(sizes, division), 0.0)
    if error <= EXACT:
        return best
    candidates = list(_candidates(left, right, sizes, division, tolerance))
    if error <= tolerance:
        candidates.append(best)
    return min(candidates, key=lambda found: found.error, default=None)


def _candidates(
    left: RealFactors, right: RealFactors, sizes: Sizes, division: Division, tolerance: float
) -> Iterator[Equivalence]:
    """Yield ever more tolerant finds, until one is within the tolerance."""
    target = balanced(matrices_of(right, sizes, division))
    sources = [(left, False), *([(conjugated(left), True)] if division == "C" else [])]
    started = [
        (flag, found)
        for terms, flag in sources
        if (found := balanced(matrices_of(terms, sizes, division))) is not None
    ]
    if target is None or not started:
        return
    unit = float(np.sqrt(np.mean(np.square(target.terms[0]).sum(axis=(1, 2)))))
    components = DIMENSIONS[division]
    wanted = pair_features(_shrunk(target.terms, unit), components=components)
    features = [
        pair_features(_shrunk(found.terms, unit), components=components) for _, found in started
    ]
    goal, signals = pair_signals(wanted), [pair_signals(given) for given in features]
    for level in _LADDER:
        for (flag, found), given in zip(started, signals, strict=True):
            leaves = 0
            for permutation in correspondences(given, goal, level):
                for made in _carried(
                    left, right, found, target, permutation, division, level, flag
                ):
                    yield made
                    if made.error <= tolerance:
                        return
                leaves += 1
                if leaves == _LEAVES:
                    break
    guesses = [_likely_order(given, wanted) for given in features]
    yield from _alternated(left, right, started, guesses, target, division, tolerance)


def _shrunk(terms: RealFactors, unit: float) -> RealFactors:
    U, V, W = terms
    return U / unit, V / unit, W / unit


def _likely_order(left: Array, right: Array) -> Integers:
    """Return which left term is most like each right one, by their features."""
    mine, theirs = term_features(left), term_features(right)
    distances = np.linalg.norm(theirs[:, None] - mine, axis=-1)
    return np.asarray(linear_sum_assignment(distances)[1], dtype=np.int64)


def _alternated(
    left: RealFactors,
    right: RealFactors,
    started: list[tuple[bool, Balanced]],
    guesses: list[Integers],
    target: Balanced,
    division: Division,
    tolerance: float,
) -> Iterator[Equivalence]:
    """Yield what alternation finds, where noise hides the invariants."""
    starts = _STARTS if len(guesses[0]) <= _ALTERNATING_RANK else 0
    for (flag, source), guess in zip(started, guesses, strict=True):
        for permutation, turn in alternated(source.terms, target.terms, division, guess, starts):
            made = _made(left, right, source, target, permutation, turn, division, np.inf, flag)
            yield made
            if made.error <= tolerance:
                return


def _carried(
    left: RealFactors,
    right: RealFactors,
    source: Balanced,
    target: Balanced,
    permutation: Integers,
    division: Division,
    level: float,
    flag: bool,
) -> Iterator[Equivalence]:
    """Yield the actions that fit one order of the terms, with their errors."""
    U, V, W = source.terms
    ordered = (U[permutation], V[permutation], W[permutation])
    signs = relative_signs(ordered, target.terms, max(_SILENCE, level))
    for turn in intertwiner(ordered, target.terms, signs, division, level):
        yield _made(left, right, source, target, permutation, turn, division, level, flag)


def _made(
    left: RealFactors,
    right: RealFactors,
    source: Balanced,
    target: Balanced,
    permutation: Integers,
    turn: tuple[Array, Array, Array],
    division: Division,
    level: float,
    flag: bool,
) -> Equivalence:
    """Compose balancing, turning and the inverse of balancing, and measure the error."""
    A = _quotient(target.A, turn[0] @ source.A)
    B = _quotient(target.B, turn[1] @ source.B)
    C = _quotient(target.C, turn[2] @ source.C)
    action = Sandwich(division, A, B, C, flag)
    moved = chosen_terms(action.applied(left), permutation)
    error = float(term_errors(moved, right).max())
    return Equivalence(error, np.argsort(permutation).astype(np.int64), action, level)


def _quotient(divisor: Array, matrix: Array) -> Array:
    return np.asarray(np.linalg.solve(divisor, matrix), dtype=np.float64)


def match_to_scheme(
    factors: tuple[ArrayLike, ArrayLike, ArrayLike], scheme: Scheme, *, tolerance: float = TOLERANCE
) -> Equivalence | None:
    """Compare the terms of one block with those of a scheme, up to everything but their sum.

    Parameters
    ----------
    factors : tuple of array_like, shapes (n*m*d, R), (m*p*d, R), (n*p*d, R)
        Terms in the standard coordinates of the product.
    scheme : Scheme
        With R terms, for <n,m,p> over R, C or H of real dimension d.
    tolerance : float
        The search ends with the first action with an error below.

    Returns
    -------
    Equivalence or None
        The best that was found; look at its ``error``. None if nothing corresponds, or the terms
        have no part along the product.

    Raises
    ------
    ComparisonError
        If the shapes do not fit, or there are more than 800 terms.

    Notes
    -----
    Terms are compared up to order, scales of factors, a scale of all terms, and the action of GL_n
    x GL_m x GL_p (and conjugation over C). Symmetries that exchange the three modes of <n,n,n> are
    left out, because the inputs and the output of a net are not exchanged.

    References
    ----------
    H. F. de Groote (1978), "On varieties of optimal algorithms for the computation of bilinear
    mappings II", Theoret. Comput. Sci. 7, 127-148: all schemes for <2,2,2> with 7 terms are one
    orbit.

    Examples
    --------
    >>> from wordtensor.schemes import best_scheme
    >>> strassen = best_scheme(2, 2, 2)
    >>> U, V, W = strassen.as_float()
    >>> found = match_to_scheme((3 * U[:, ::-1], V[:, ::-1], W[:, ::-1]), strassen)
    >>> found.permutation.tolist(), round(found.scale, 9), found.error < 1e-9
    ([6, 5, 4, 3, 2, 1, 0], 3.0, True)
    """
    right = scheme.as_float()
    left = [np.asarray(unmasked(F), dtype=np.float64) for F in factors]
    if len(left) != 3 or any(F.shape != H.shape for F, H in zip(left, right, strict=True)):
        raise ComparisonError(
            f"Terms to be compared with {scheme!r} must have the shapes "
            f"{', '.join(str(H.shape) for H in right)}, not "
            f"{', '.join(str(F.shape) for F in left)}"
        )
    if scheme.rank > LARGEST_RANK:
        raise ComparisonError(
            f"A scheme to compare with must have at most {LARGEST_RANK} terms, not {scheme.rank}"
        )
    U, V, W = left
    scale = block_scale((U, V, W), right)
    if not scale > 0:
        return None
    division = cast(Division, scheme.division)
    found = equivalence((U, V, W / scale), right, scheme.shape, division, tolerance)
    return None if found is None else replace(found, scale=scale)


def strassen_match(
    factors: tuple[ArrayLike, ArrayLike, ArrayLike], *, tolerance: float = TOLERANCE
) -> Equivalence | None:
    """Test whether seven terms of a 2 x 2 matrix product are Strassen's.

    Parameters
    ----------
    factors : tuple of array_like, each of shape (4, 7)
        Terms in the standard coordinates of <2,2,2>: row-major X, Y and Z.
    tolerance : float
        The search ends with the first action with an error below.

    Returns
    -------
    Equivalence or None
        See `match_to_scheme`.

    Raises
    ------
    ComparisonError
        If the shapes do not fit.

    References
    ----------
    V. Strassen (1969), "Gaussian elimination is not optimal", Numer. Math. 13, 354-356.

    Examples
    --------
    >>> from wordtensor.schemes import best_scheme
    >>> strassen_match(best_scheme(2, 2, 2).as_float()).error < 1e-9
    True
    """
    return match_to_scheme(factors, best_scheme(2, 2, 2), tolerance=tolerance)
