"""Search in the flip graph for short exact decompositions of any small integer tensor."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from .._typing import IntegerFactors, Integers
from .._version import __version__
from ..errors import DecompositionError, MemoryLimitError
from ._search_progress import show_search
from .flips._checkpoint import load_checkpoint
from .flips._running import Limits, run_rounds
from .flips._search import FlipOptions, FlipSearch, Progress
from .flips._terms import LONGEST, Ring, Terms
from .lifting.lift import lift_terms

__all__ = ["ExactTerms", "TensorSearchResult", "fibre_terms", "search_tensor"]


# Measured on the tensors of benchmarks/integer_ranks.py, for both rings: plus transitions after 200
# to 1000 flips are alike, after 50 or 5000 worse.
_STEPS, _PLUS_AFTER, _MARGIN = 200_000, 500, 4
_MOST_TERMS: Final = 20_000
_LIFT_LIMIT: Final = 2**30


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExactTerms:
    """Rank-one terms with rational coefficients.

    Attributes
    ----------
    U, V, W : ndarray of int64, shapes (n1, R), (n2, R), (n3, R)
        Numerators, read-only.
    denominators : tuple of int
        One for each factor. ``T[i, j, k] = sum_r U[i, r] V[j, r] W[k, r] / (d1 d2 d3)``.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([[1]])
    >>> terms = ExactTerms(one, one, 6 * one, (1, 1, 3))
    >>> terms, terms.equals(2 * one[None]), terms.equals(one[None])
    (ExactTerms(1 terms, denominators=(1, 1, 3)), True, False)
    """

    U: Integers
    V: Integers
    W: Integers
    denominators: tuple[int, int, int] = (1, 1, 1)

    def __post_init__(self) -> None:
        for name in ("U", "V", "W"):
            array = np.array(getattr(self, name), dtype=np.int64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def rank(self) -> int:
        """Number of terms."""
        return int(self.U.shape[1])

    @property
    def is_integral(self) -> bool:
        """Whether all coefficients are integers."""
        return self.denominators == (1, 1, 1)

    def equals(self, tensor: Integers) -> bool:
        """Tell whether the terms add up to a tensor, shape (n1, n2, n3), exactly."""
        factors = (self.U, self.V, self.W)
        if tensor.shape != tuple(len(factor) for factor in factors):
            return False
        scale = prod(self.denominators)
        sizes = [int(np.abs(factor).max(initial=0)) for factor in factors]
        largest = max(prod(sizes) * self.rank, scale * int(np.abs(tensor).max(initial=0)))
        kind = np.int64 if largest < 2**62 else np.object_  # Python's integers have no limit
        U, V, W = (factor.astype(kind) for factor in factors)
        return all(
            bool(((V * row) @ W.T == scale * level.astype(kind)).all())
            for row, level in zip(U, tensor, strict=True)
        )

    def __repr__(self) -> str:
        return f"ExactTerms({self.rank} terms, denominators={self.denominators})"


@dataclass(frozen=True, slots=True, eq=False)
class TensorSearchResult:
    """What `search_tensor` found.

    Attributes
    ----------
    terms : ExactTerms or None
        The fewest exact terms, checked.
    rank_in_ring : int
        The fewest terms met in the ring of the walk; modulo 2 they may have no exact value.
    ring : {"F2", "Z"}
        Of the walk.
    flips : int
        Flips done.
    seconds : float
        Time spent, that before a resumption included.
    interrupted : bool
        Whether Ctrl-C ended it.
    seed : int
        Seed of all randomness.
    version : str
        The version of wordtensor.
    """

    terms: ExactTerms | None
    rank_in_ring: int
    ring: Ring
    flips: int
    seconds: float
    interrupted: bool
    seed: int
    version: str = __version__


def search_tensor(
    tensor: ArrayLike,
    rank: int | None = None,
    *,
    ring: Ring = "Z",
    integral: bool = False,
    seed: int = 0,
    seconds: float | None = 60.0,
    flips: int | None = None,
    walkers: int = 1,
    steps: int = _STEPS,
    plus_after: int = _PLUS_AFTER,
    margin: int = _MARGIN,
    checkpoint: str | Path | None = None,
    progress: bool = False,
    callback: Callable[[Progress], None] | None = None,
) -> TensorSearchResult:
    """Walk the flip graph of an integer tensor from its fibres, and check what is found exactly.

    Parameters
    ----------
    tensor : array of int, shape (n1, n2, n3)
        Not zero. No side above 32 for "Z" and 64 for "F2".
    rank : int, optional
        Stop here; by default the search goes on to its end.
    ring : {"Z", "F2"}
        Walk over Z with coefficients -1, 0, 1; or walk modulo 2 and lift, by signs or by Hensel
        lifting, to rational numbers with odd denominators.
    integral : bool
        Accept only lifts without denominators.
    seed : int
        Seed of all randomness, at least 0.
    seconds : float, optional
        Stop after the round of walks in which this time ends; None for no limit.
    flips : int, optional
        Stop after the round in which so many flips are done: unlike ``seconds`` the same each time.
    walkers : int
        Walks side by side. It is part of what makes a search repeatable.
    steps : int
        Flips of one walk.
    plus_after, margin : int
        A plus transition follows about this many flips without a reduction, at less than about the
        fewest terms plus ``margin``.
    checkpoint : str or Path, optional
        A file that is written after rounds. If it exists, the search goes on from it, to the same
        end as without interruption.
    progress : bool
        Show a line of progress on standard error.
    callback : callable, optional
        Called with a `Progress` after each round.

    Returns
    -------
    TensorSearchResult
        Also after Ctrl-C, with the best so far.

    Raises
    ------
    DecompositionError
        If the tensor or another argument is out of range.
    MemoryLimitError
        If lifting might take more than 1 GiB.
    FileFormatError
        If the checkpoint is damaged or belongs to another search.

    References
    ----------
    M. Kauers, J. Moosbauer, "Flip graphs for matrix multiplication", ISSAC (2023).

    Examples
    --------
    Polynomials of degree 1 modulo x^2 - 1: two products over the real numbers, three over Z.

    >>> cyclic = [[[1, 0], [0, 1]], [[0, 1], [1, 0]]]
    >>> search_tensor(cyclic, 3, flips=10**5).terms
    ExactTerms(3 terms, denominators=(1, 1, 1))
    """
    target = _integer_tensor(tensor, ring)
    _check_limits(rank, seconds, flips)
    starts = [fibre_terms(target, mode, ring) for mode in range(3)]
    if ring == "F2":
        _check_lifting(target.shape, min(start.rank for start in starts))
    options = FlipOptions(rank or 0, steps, plus_after, margin, walkers, seed=seed)
    exact = _exact_terms(target, ring, integral)
    digest = hashlib.sha256(target.tobytes()).hexdigest()
    task: dict[str, Any] = {"tensor": list(target.shape), "sha256": digest, "ring": ring}
    task |= {"integral": integral, "seed": seed, "walkers": walkers}
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        search = load_checkpoint(path, task, exact)
        search.options = replace(search.options, target=options.target)
    else:
        search = FlipSearch.begin(starts, options, exact)
        if ring == "Z":
            _accept_start(search)
    stop = Limits(seconds, flips)
    with show_search(progress, "x".join(map(str, target.shape)), callback) as report:
        interrupted = run_rounds(search, stop, [report], path, task)
    return TensorSearchResult(
        _exact_fibres(target) if search.best is None else search.best,
        search.reached,
        ring,
        search.flips,
        search.seconds,
        interrupted,
        seed,
    )


def fibre_terms(tensor: Integers, mode: int, ring: Ring) -> Terms:
    """Write a tensor as the sum of its fibres along a mode.

    Parameters
    ----------
    tensor : ndarray of int64, shape (n1, n2, n3)
        Any.
    mode : {0, 1, 2}
        Along which fibres run.
    ring : {"F2", "Z"}
        Where the coefficients live.

    Returns
    -------
    Terms
        One for each fibre that is not zero in the ring; over Z a fibre with an entry of size k is
        k terms with entries -1, 0, 1.

    Raises
    ------
    DecompositionError
        If they are more than 20000.

    Examples
    --------
    >>> tensor = np.array([[[2, -1], [0, 1]]])
    >>> fibre_terms(tensor, 2, "Z"), fibre_terms(tensor, 2, "F2")
    (Terms(3 terms, ring='Z'), Terms(2 terms, ring='F2'))
    """
    turned = np.moveaxis(tensor % 2 if ring == "F2" else tensor, mode, 2)
    sizes = np.abs(turned).max(axis=2)
    total = sum(int(size) for size in sizes.ravel())
    if total > _MOST_TERMS:
        raise DecompositionError(
            f"The fibres of the tensor are {total} terms with coefficients -1, 0, 1; at most "
            f"{_MOST_TERMS} are allowed. Divide its entries by a common factor"
            f"{', or search over F2' if ring == 'Z' else ''}."
        )
    i, j = (np.repeat(place.ravel(), sizes.ravel()) for place in np.indices(sizes.shape))
    layer = np.concatenate([np.arange(size) for size in sizes.ravel()])
    fibres = turned[i, j]
    entries = np.sign(fibres) * (np.abs(fibres) > layer[:, None])
    units = [np.eye(size, dtype=np.int64) for size in sizes.shape]
    factors = [units[0][:, i], units[1][:, j]]
    factors.insert(mode, entries.T.astype(np.int64))
    U, V, W = factors
    return Terms.from_factors(U, V, W, ring)


def _integer_tensor(tensor: ArrayLike, ring: str) -> Integers:
    """Check a tensor and bring it to int64."""
    if ring not in ("F2", "Z"):
        raise DecompositionError(f"Argument 'ring' must be 'Z' or 'F2', not {ring!r}.")
    given = np.asarray(tensor)
    if given.ndim != 3 or given.size == 0 or given.dtype.kind not in "iu":
        raise DecompositionError(
            "Argument 'tensor' must be a three-dimensional array of integers, not one of shape "
            f"{given.shape} and type {given.dtype}."
        )
    if max(given.shape) > LONGEST[ring]:
        raise DecompositionError(
            f"Argument 'tensor' has shape {given.shape}; a walk over {ring} takes sides up to "
            f"{LONGEST[ring]}{', over F2 up to 64' if ring == 'Z' else ''}."
        )
    if int(given.max()) > _MOST_TERMS or int(given.min()) < -_MOST_TERMS:
        raise DecompositionError(
            f"Argument 'tensor' has entries above {_MOST_TERMS} in size; they must be small."
        )
    target: Integers = np.array(given, dtype=np.int64)
    if not (target % 2 if ring == "F2" else target).any():
        raise DecompositionError(
            "Argument 'tensor' is zero"
            + (" modulo 2; halve it, or search over Z." if ring == "F2" else ": its rank is 0.")
        )
    return target


def _check_limits(rank: int | None, seconds: float | None, flips: int | None) -> None:
    if rank is not None and rank < 0:
        raise DecompositionError(f"Argument 'rank' must be at least 0, not {rank}.")
    if seconds is not None and not seconds >= 0:
        raise DecompositionError(f"Argument 'seconds' must be at least 0, not {seconds}.")
    if flips is not None and flips < 1:
        raise DecompositionError(f"Argument 'flips' must be at least 1, not {flips}.")


def _check_lifting(shape: tuple[int, ...], terms: int) -> None:
    """Refuse tensors whose Brent equations, linearised, would not fit into memory."""
    size = 2 * prod(shape) * sum(shape) * terms // 8
    if size > _LIFT_LIMIT:
        raise MemoryLimitError(
            f"Lifting {terms} terms of a tensor of shape {shape} may take {size / 2**30:.1f} GiB, "
            f"more than {_LIFT_LIMIT / 2**30:.0f} GiB; walk over Z instead."
        )


def _exact_terms(
    target: Integers, ring: Ring, integral: bool
) -> Callable[[Terms, int], ExactTerms | None]:
    """Return the function that makes exact terms of those of a walk."""
    n1, n2, n3 = target.shape

    def exact(terms: Terms, trial: int) -> ExactTerms | None:
        factors = terms.factors((n1, n2, n3))
        found: tuple[IntegerFactors, tuple[int, int, int]] | None = (factors, (1, 1, 1))
        if ring == "F2":
            found = lift_terms(factors, target, seed=trial)
        if found is None:
            return None
        value = ExactTerms(*found[0], found[1])
        if integral and not value.is_integral:
            return None
        if not value.equals(target):
            raise DecompositionError(
                f"{value} do not add up to the tensor: this is an error in wordtensor, please "
                "report it"
            )
        return value

    return exact


def _accept_start(search: FlipSearch[Any]) -> None:
    """Let the shortest start be the first exact value."""
    shortest = min(search.starts, key=lambda terms: terms.rank)
    found = search.exact(shortest, 0)
    if found is not None:
        search.best, search.best_rank, search.best_terms = found, shortest.rank, [shortest]


def _exact_fibres(target: Integers) -> ExactTerms:
    """Return the fibres in the direction that has the fewest, for a search that lifted nothing."""
    modes = [np.flatnonzero(np.abs(target).sum(axis=mode).ravel()) for mode in range(3)]
    mode = min(range(3), key=lambda m: len(modes[m]))
    fibres = np.moveaxis(target, mode, 2)
    first, second, length = fibres.shape
    places = modes[mode]
    factors = [
        np.eye(first, dtype=np.int64)[:, places // second],
        np.eye(second, dtype=np.int64)[:, places % second],
        fibres.reshape(-1, length)[places].T,
    ]
    factors.insert(mode, factors.pop())
    return ExactTerms(factors[0], factors[1], factors[2])
