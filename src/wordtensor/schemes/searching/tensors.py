"""Search in the flip graph for short exact decompositions of any small integer tensor."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from ..._memory import require_memory
from ..._typing import IntegerFactors, Integers, unmasked
from ...errors import DecompositionError
from ..exact_terms import ExactTerms, exact_fibres
from ..flips._archive import put_together, taken_apart
from ..flips._packed import LONGEST, PackedTerms, Ring
from ..flips._state import Exact, FlipState, WalkOptions, begun, stepped
from ..flips._walkers import walking
from ..lifting.lift import lift_terms
from ._checkpoint import Checkpoint, opened
from ._limits import Limits, check_counts, check_limits, check_seed
from ._loop import run_search
from ._progress import show_search
from .results import Progress, TensorSearchResult

_MOST_TERMS: Final = 20_000


@dataclass(frozen=True, slots=True)
class TensorOptions:
    """How `search_tensor` walks, and what it accepts.

    Attributes
    ----------
    ring : {"Z", "F2"}
        Walk over Z with coefficients -1, 0, 1; or walk modulo 2 and lift, by signs or by Hensel
        lifting, to rational numbers with odd denominators.
    integral : bool
        Accept only lifts without denominators.
    walkers : int
        Walks side by side. It is part of what makes a search repeatable.
    steps : int
        Flips of one walk.
    plus_after, margin : int
        A plus transition follows about this many flips without a reduction, at less than about the
        fewest terms plus ``margin``.
    seed : int
        Seed of all randomness, at least 0.

    Raises
    ------
    DecompositionError
        If the ring is unknown.
    SchemeError
        If a number is out of range.

    Notes
    -----
    On the tensors of benchmarks/integer_ranks.py, for both rings, plus transitions after 200 to
    1000 flips gave equally good results; after 50 or 5000 flips the results were worse.

    Examples
    --------
    >>> TensorOptions(ring="F2", integral=True).plus_after
    500
    """

    ring: Ring = "Z"
    integral: bool = False
    walkers: int = 1
    steps: int = 200_000
    plus_after: int = 500
    margin: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        if self.ring not in ("Z", "F2"):
            raise DecompositionError(f"Argument 'ring' must be 'Z' or 'F2', not {self.ring!r}")
        check_counts(self, "walkers", "steps", "plus_after", "margin")
        check_seed(self.seed)


def search_tensor(
    tensor: ArrayLike,
    rank: int | None = None,
    options: TensorOptions | None = None,
    *,
    seconds: float | None = 60.0,
    flips: int | None = None,
    checkpoint: str | Path | None = None,
    progress: bool | None = None,
    callback: Callable[[Progress], None] | None = None,
) -> TensorSearchResult:
    """Walk the flip graph of an integer tensor from its fibres, and check what is found exactly.

    Parameters
    ----------
    tensor : array of int, shape (n1, n2, n3)
        Not zero. No side above 32 for "Z" and 64 for "F2".
    rank : int, optional
        Stop here; by default the search goes on to its end.
    options : TensorOptions, optional
        How to walk, and what to accept.
    seconds : float, optional
        Stop after the batch of walks in which this time ends; None for no limit.
    flips : int, optional
        Stop after so many flips of all walks together, the last of which are cut short: unlike
        ``seconds`` the same each time.
    checkpoint : str or Path, optional
        A file that is written after walks, at most every five seconds. If it exists, the search
        goes on from it, to the same end as without interruption.
    progress : bool, optional
        Whether to show progress on standard error, or in a notebook a bar; by default in a notebook
        only.
    callback : callable, optional
        Called with a `Progress` after each batch of walks and each attempt to lift.

    Returns
    -------
    TensorSearchResult
        Also after Ctrl-C, with the best so far.

    Raises
    ------
    DecompositionError
        If the tensor or another argument is out of range.
    MemoryLimitError
        If lifting might take more than `wordtensor.memory_limit` allows.
    FileFormatError
        If the checkpoint is damaged, belongs to another search, or one that is still running, or
        cannot be written.

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
    options = options or TensorOptions()
    target = _integer_tensor(tensor, options.ring)
    check_limits(rank, seconds, flips, least=0, error=DecompositionError)
    exact = _exact_terms(target, options)
    names = ("walkers", "steps", "plus_after", "margin")
    counts = {name: getattr(options, name) for name in names}
    walk = WalkOptions(target=rank or 0, flips=flips, **counts)
    file = None if checkpoint is None else _checkpoint(Path(checkpoint), target, options)
    limits = Limits(walk.target, seconds, flips)
    with (
        opened(file, lambda: _first_state(target, options, exact)) as state,
        show_search(progress, "x".join(map(str, target.shape)), callback, limits) as report,
        walking(walk.walkers) as walks,
    ):
        last, interrupted = run_search(
            state,
            partial(stepped, options=walk, exact=exact, walks=walks),
            limits,
            report=report,
            save=None if file is None else file.save,
        )
    return TensorSearchResult(
        terms=exact_fibres(target) if last.found is None else last.found,
        rank_in_ring=last.shortest.rank,
        ring=options.ring,
        flips=last.flips,
        seconds=last.seconds,
        interrupted=interrupted,
        seed=options.seed,
        sessions=last.sessions,
    )


def fibre_terms(tensor: Integers, mode: int, ring: Ring) -> PackedTerms:
    """Write a tensor, shape (n1, n2, n3), as the sum of its fibres along a mode, in the ring."""
    # Over Z a fibre with an entry of size k is k terms with entries -1, 0, 1.
    turned = np.moveaxis(tensor % 2 if ring == "F2" else tensor, mode, 2)
    sizes = np.abs(turned).max(axis=2)
    total = sum(int(size) for size in sizes.ravel())
    if total > _MOST_TERMS:
        raise DecompositionError(
            f"The fibres of the tensor are {total} terms with coefficients -1, 0, 1; at most "
            f"{_MOST_TERMS} are allowed; divide its entries by a common factor"
            f"{', or search over F2' if ring == 'Z' else ''}"
        )
    i, j = (np.repeat(place.ravel(), sizes.ravel()) for place in np.indices(sizes.shape))
    layer = np.concatenate([np.arange(size) for size in sizes.ravel()])
    fibres = turned[i, j]
    entries = np.sign(fibres) * (np.abs(fibres) > layer[:, None])
    units = [np.eye(size, dtype=np.int64) for size in sizes.shape]
    factors = [units[0][:, i], units[1][:, j]]
    factors.insert(mode, entries.T.astype(np.int64))
    U, V, W = factors
    return PackedTerms.from_factors(U, V, W, ring)


def _integer_tensor(tensor: ArrayLike, ring: str) -> Integers:
    """Check a tensor and bring it to int64."""
    given = np.asarray(unmasked(tensor))
    if given.ndim != 3 or given.size == 0 or given.dtype.kind not in "iu":
        raise DecompositionError(
            "Argument 'tensor' must be a three-dimensional array of integers, not one of shape "
            f"{given.shape} and type {given.dtype}"
        )
    if max(given.shape) > LONGEST[ring]:
        raise DecompositionError(
            f"Argument 'tensor' has shape {given.shape}; a walk over {ring} takes sides up to "
            f"{LONGEST[ring]}{', over F2 up to 64' if ring == 'Z' else ''}"
        )
    if int(given.max()) > _MOST_TERMS or int(given.min()) < -_MOST_TERMS:
        raise DecompositionError(
            f"Argument 'tensor' has entries above {_MOST_TERMS} in size; they must be small"
        )
    target: Integers = np.array(given, dtype=np.int64)
    if not (target % 2 if ring == "F2" else target).any():
        raise DecompositionError(
            "Argument 'tensor' is zero"
            + (" modulo 2; halve it, or search over Z" if ring == "F2" else ": its rank is 0")
        )
    return target


def _check_lifting(shape: tuple[int, ...], terms: int) -> None:
    """Refuse tensors whose Brent equations, linearised, would not fit into memory."""
    require_memory(
        2 * prod(shape) * sum(shape) * terms // 8,
        f"Lifting {terms} terms of a tensor of shape {'x'.join(map(str, shape))}",
        "Walk over Z",
    )


def _first_state(
    target: Integers, options: TensorOptions, exact: Exact[ExactTerms]
) -> FlipState[ExactTerms]:
    """Start from the fibres in each direction; over Z the shortest are the first exact value."""
    ring = options.ring
    starts = [fibre_terms(target, mode, ring) for mode in range(3)]
    shortest = min(starts, key=lambda terms: terms.rank)
    if ring == "F2":
        _check_lifting(target.shape, shortest.rank)
    state: FlipState[ExactTerms] = begun(starts, options.seed)
    if ring == "F2":
        return state
    return replace(state, found=exact(shortest, 0), found_from=shortest)


def _checked(
    factors: IntegerFactors, denominators: tuple[int, int, int], target: Integers
) -> ExactTerms:
    """Make exact terms, and refuse those of another tensor."""
    value = ExactTerms(*factors, denominators)
    if not value.equals(target):
        raise DecompositionError(
            f"{value} do not add up to the tensor: this is an error in wordtensor, please report it"
        )
    return value


def _exact_terms(target: Integers, options: TensorOptions) -> Exact[ExactTerms]:
    """Return the function that makes exact terms of those of a walk."""
    n1, n2, n3 = target.shape

    def exact(terms: PackedTerms, trial: int) -> ExactTerms | None:
        factors = terms.factors((n1, n2, n3))
        if options.ring == "Z":
            return _checked(factors, (1, 1, 1), target)
        found = lift_terms(factors, target, seed=trial)
        if found is None or (options.integral and found[1] != (1, 1, 1)):
            return None
        return _checked(*found, target)

    return exact


def _checkpoint(
    path: Path, target: Integers, options: TensorOptions
) -> Checkpoint[FlipState[ExactTerms]]:
    """Return the file of a search."""
    digest = hashlib.sha256(target.tobytes()).hexdigest()
    task: dict[str, Any] = {"method": "tensor", "tensor": list(target.shape), "sha256": digest}
    task |= {"ring": options.ring, "integral": options.integral, "seed": options.seed}
    task |= {"walkers": options.walkers}

    def remake(factors: IntegerFactors, denominators: tuple[int, int, int], _: str) -> ExactTerms:
        value = ExactTerms(*factors, denominators)
        if not value.equals(target):
            raise DecompositionError("its terms do not add up to the tensor")
        return value

    return Checkpoint(path, task, taken_apart, put_together, remake)
