"""Decompositions of word tensors over the integers, found in the flip graph."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from ..bounds import Bound
from ..errors import DecompositionError
from ..groups import Group, conjugacy_classes, element_orders, power_map
from ..groups._primes import prime_divisors
from ..words import Word, word_tensor
from ._assemble import assemble
from ._plan import make_plan
from ._solution import Solution
from .block import Block
from .decomposition import Decomposition
from .routes import Analysis, analyse

if TYPE_CHECKING:
    from ..schemes import Progress, TensorSearchResult
    from ..schemes.flips._packed import Ring

_RINGS: Final[dict[str, tuple["Ring", ...]]] = {"Z": ("Z",), "F2": ("F2",), "both": ("Z", "F2")}
_LARGEST_ORDER: Final = 300


def integral_decompose(
    word: Word | str,
    group: Group | str,
    rank: int | None = None,
    *,
    ring: Literal["Z", "F2", "both"] = "both",
    fractions: bool = False,
    seed: int = 0,
    seconds: float | None = 60.0,
    flips: int | None = None,
    progress: bool | None = None,
    callback: Callable[["Progress"], None] | None = None,
) -> Decomposition:
    """Write a word tensor as a sum of few rank-one terms with integer coefficients.

    Parameters
    ----------
    word : Word or str
        The word: "a*b", "[a,b]", ...
    group : Group or str
        The group or its name, of order n. After merging equal slices no side may be above 32 for
        "Z", 64 for "F2".
    rank : int, optional
        Stop here; by default at the lower bound, if it is met.
    ring : {"both", "Z", "F2"}
        Walk over Z with coefficients -1, 0, 1; or modulo 2, then lift; or one after the other, with
        half of the limits for each.
    fractions : bool
        Let lifts have odd denominators: then the terms are over the ring of fractions with odd
        denominators, where fewer can be enough, and not over Z.
    seed : int
        Seed of all randomness, at least 0.
    seconds, flips : optional
        Stop after the batch of walks in which this time ends, or so many flips are done. With
        ``seconds=None`` the result is the same each time.
    progress : bool, optional
        Whether to show progress on standard error, or in a notebook a bar; by default in a notebook
        only.
    callback : callable, optional
        Called with a `Progress` after each batch of walks.

    Returns
    -------
    Decomposition
        Its one block has a lower bound of its own, for terms over these rings; that of the
        decomposition holds for real terms. Ctrl-C ends the search and returns the best so far.

    Raises
    ------
    DecompositionError
        If the tensor is too large or an argument is out of range.
    MemoryLimitError
        If lifting might take more than 1 GiB.

    Notes
    -----
    Terms over Z are also real terms and terms modulo each prime, so that the rank over Z is at
    least the largest of these ranks, and often larger than the real one: (C2, ab) has 2 real terms
    and needs 3 over Z, as modulo 2 the group algebra is the local F_2[x]/(x+1)^2.
    Merging equal slices of the 0/1 tensor and dropping empty ones changes no rank over Z.

    Examples
    --------
    >>> d = integral_decompose("a*b", "C2", flips=10**5)
    >>> d.rank, d.lower_bound, d.blocks[0].lower_bound, d.status
    (3, 2, 3, 'exact')
    """
    from ..schemes import TensorOptions, search_tensor

    began = time.monotonic()
    if ring not in _RINGS:
        raise DecompositionError(f"Argument 'ring' must be 'both', 'Z' or 'F2', not {ring!r}")
    if rank is not None and rank < 1:
        raise DecompositionError(f"Argument 'rank' must be at least 1, not {rank}")
    tensor = word_tensor(word, group)
    _check_sizes(tensor.order, str(tensor.word), tensor.group.name)
    analysis = analyse(tensor, seed)
    bounds = make_plan(analysis, "real", "auto").bounds
    bound = max(bounds[0], _modular_bound(analysis, fractions), key=lambda found: found.value)
    x, y, z = analysis.merged.shape
    core = analysis.merged.to_dense()
    block = Block("general", (x, y, z), analysis.merged.maps(), core)
    rings = _RINGS[ring]

    def search(walk_ring: "Ring") -> "TensorSearchResult":
        return search_tensor(
            np.rint(core).astype(np.int64),
            max(rank or 0, bound.value),
            TensorOptions(ring=walk_ring, integral=not fractions, seed=seed),
            seconds=None if seconds is None else seconds / len(rings),
            flips=None if flips is None else max(1, flips // len(rings)),
            progress=progress,
            callback=callback,
        )

    best = search(rings[0])
    for walk_ring in rings[1:]:
        if not best.interrupted and best.terms.rank > bound.value:
            best = _shorter(best, search(walk_ring))
    result = _assemble(analysis, block, best, bounds, bound)
    return replace(result, seconds=time.monotonic() - began)


def integral_bound(word: Word | str, group: Group | str, *, fractions: bool = False) -> Bound:
    """Bound the rank of a word tensor over the integers from below.

    Parameters
    ----------
    word : Word or str
        The word.
    group : Group or str
        The group or its name.
    fractions : bool
        Allow odd denominators: then only what holds modulo 2 counts.

    Returns
    -------
    Bound
        The larger of the bound for real terms and, for words that are products up to bijections,
        of the bounds modulo primes.

    Notes
    -----
    Terms over Z are terms over F_p. By Alder and Strassen an algebra A over any field needs at
    least ``2 dim A - t`` terms, with t maximal two-sided ideals. F_p[G] has as many as there are
    orbits of the p-th power map on the conjugacy classes of elements of order prime to p.

    References
    ----------
    A. Alder, V. Strassen, On the algorithmic complexity of associative algebras, Theoret. Comput.
    Sci. 15 (1981). S. D. Berman, The number of irreducible representations of a finite group over
    an arbitrary field, Dokl. Akad. Nauk SSSR 106 (1956).

    Examples
    --------
    >>> integral_bound("a*b", "S3").value, integral_bound("a*b", "Q8").value
    (10, 15)
    >>> integral_bound("a*b", "C3").value, integral_bound("a*b", "C3", fractions=True).value
    (5, 4)
    """
    analysis = analyse(word_tensor(word, group), 0)
    real = make_plan(analysis, "real", "auto").bound
    return max(real, _modular_bound(analysis, fractions), key=lambda found: found.value)


def _modular_bound(analysis: Analysis, fractions: bool) -> Bound:
    product, G = analysis.isotopy, analysis.tensor.group
    if product is None or not product.is_regular:
        return Bound(0, "")
    bounds = [
        Bound(
            2 * G.order - (ideals := _maximal_ideals(G, p)),
            f"Alder, Strassen 1981, modulo {p}: 2*{G.order} - {ideals}",
        )
        for p in ([2] if fractions else prime_divisors(G.order))
    ]
    return max(bounds, key=lambda bound: bound.value, default=Bound(0, ""))


def _maximal_ideals(G: Group, p: int) -> int:
    """Count the maximal two-sided ideals of F_p[G]."""
    classes = conjugacy_classes(G)
    orders = element_orders(G)[classes.representatives]
    image = classes.index[power_map(G, p)[classes.representatives]]
    waiting = {int(c) for c in np.flatnonzero(orders % p)}
    count = 0
    while waiting:
        count += 1
        c = waiting.pop()
        while (c := int(image[c])) in waiting:
            waiting.remove(c)
    return count


def _check_sizes(order: int, word: str, group: str) -> None:
    from ..schemes.flips._packed import LONGEST

    if order > _LARGEST_ORDER:
        raise DecompositionError(
            f"{word} over {group} is a tensor of order {order}; decompositions over Z are "
            f"searched up to {_LARGEST_ORDER}, and if no side of the merged tensor is above "
            f"{LONGEST['Z']} (over F2, {LONGEST['F2']})"
        )


def _shorter(best: "TensorSearchResult", found: "TensorSearchResult") -> "TensorSearchResult":
    """Keep the shorter result, with the flips of both."""
    kept = found if found.terms.rank < best.terms.rank else best
    interrupted = best.interrupted or found.interrupted
    return replace(kept, flips=best.flips + found.flips, interrupted=interrupted)


def _assemble(
    analysis: Analysis,
    block: Block,
    found: "TensorSearchResult",
    bounds: tuple[Bound, ...],
    bound: Bound,
) -> Decomposition:
    """Bring the terms to group coordinates and write the report."""
    terms = found.terms
    d1, d2, d3 = terms.denominators
    where = "over Z" if found.ring == "Z" else "modulo 2 and lifting"
    note = f"flip graph {where}, seed {found.seed}, {found.flips} flips"
    if not terms.is_integral:
        note += f", denominators {d1}, {d2}, {d3}"
    # The search has checked the terms in integers; "exact" is what `verify` can check again.
    factors = (terms.U / d1, terms.V / d2, terms.W / d3)
    solution = Solution(factors, "flips", "structural", note, found.interrupted)
    made = assemble(analysis, "flips", bounds, [(block, bound, solution)], "real")
    return replace(made, effort="search", method="flips", seed=found.seed)
