"""How a walk of a campaign starts: from the pool, or from schemes of other formats."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

import numpy as np

from ..._typing import Sizes
from ..compose import join, kronecker, permuted
from ..flips._packed import PackedTerms, wandered
from ..flips._reduced import reduced
from ..projection import shortest_projection
from ..scheme import Scheme
from ._formats import Format, Formats, scheme_of

Kind = Literal["walk", "join", "project", "product"]

# Pieces wander this many flips before they are put together, and projections are tried so often.
_WANDER, _PROJECTIONS = 100_000, 24
# Starts that are longer than the shortest terms by so much more are half as likely.
_HALF: Final = 2.0
_FROM_POOL: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Terms modulo 2 of a format, and the order in which its sizes are wanted."""

    sizes: Sizes
    terms: PackedTerms

    def wandered(self, rng: np.random.Generator) -> Scheme:
        """Return another scheme of the same rank, reached by flips."""
        terms, seed = self.terms, int(rng.integers(2**62))
        if terms.rank > 1:
            terms = wandered(terms, _WANDER, seed)
        return permuted(scheme_of(in_order(self.sizes), terms), *self.sizes)


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """How terms of a format are made of others."""

    kind: Kind
    parts: tuple[Piece, ...]
    axis: str = ""

    def said(self) -> str:
        """Say it in a few words."""
        names = ["<{},{},{}>:{}".format(*part.sizes, part.terms.rank) for part in self.parts]
        if self.kind == "walk":
            return f"from {names[0]}"
        if self.kind == "project":
            return f"from {names[0]} projected along {self.axis}"
        return f"from {(' x ' if self.kind == 'product' else ' + ').join(names)}"


def started(move: Move, sizes: Sizes, rng: np.random.Generator) -> PackedTerms:
    """Make the terms that a walk starts from."""
    if move.kind == "walk":
        return reduced(move.parts[0].terms)
    if move.kind == "project":
        tries = [_projected(move, sizes, rng) for _ in range(_PROJECTIONS)]
        return min(tries, key=lambda terms: terms.rank)
    first, second = (part.wandered(rng) for part in move.parts)
    made = join(first, second, move.axis) if move.kind == "join" else kronecker(first, second)
    return _terms(made, sizes)


def _projected(move: Move, sizes: Sizes, rng: np.random.Generator) -> PackedTerms:
    return _terms(shortest_projection(move.parts[0].wandered(rng), move.axis, rng), sizes)


def _terms(made: Scheme, sizes: Sizes) -> PackedTerms:
    made = permuted(made, *sizes)
    return reduced(PackedTerms.from_factors(made.U, made.V, made.W, "F2"))


@dataclass(frozen=True, slots=True)
class Way:
    """A move before its pieces are chosen, and the rank that its terms have or may have."""

    kind: Kind
    parts: tuple[Sizes, ...]
    axis: str
    rank: int


def ways(sizes: Sizes, rank_of: Callable[[Sizes], int]) -> Iterator[Way]:
    """Yield how a format is put together of smaller ones, whose ranks are given."""
    for place, axis in enumerate("nmp"):
        for cut in range(1, sizes[place] // 2 + 1):
            parts = _with(sizes, place, cut), _with(sizes, place, sizes[place] - cut)
            yield Way("join", parts, axis, sum(rank_of(in_order(part)) for part in parts))
    for a, b, c in product(*([d for d in range(1, s + 1) if s % d == 0] for s in sizes)):
        outer, inner = (a, b, c), (sizes[0] // a, sizes[1] // b, sizes[2] // c)
        if sorted(outer)[1] > 1 and sorted(inner)[1] > 1 and outer <= inner:
            rank = rank_of(in_order(outer)) * rank_of(in_order(inner))
            yield Way("product", (outer, inner), "", rank)


def _projections(sizes: Sizes, formats: Formats) -> Iterator[Way]:
    for place, axis in enumerate("nmp"):
        larger = _with(sizes, place, sizes[place] + 1)
        known = formats.get(in_order(larger))
        if known is not None:
            # A guess: a slice takes its share of the terms, and what is left shrinks fast.
            yield Way("project", (larger,), axis, known.least * sizes[place] // larger[place] + 1)


def chosen(known: Format, formats: Formats, rng: np.random.Generator) -> Move:
    """Choose a move: walk from the pool, or from others, likelier from short ones."""
    found = [*ways(known.sizes, least_of(formats)), *_projections(known.sizes, formats)]
    if not found or rng.random() < _FROM_POOL:
        # The rank from which the next exact one is looked for, or a lower one.
        levels = sorted({terms.rank for terms in known.pool})
        return Move("walk", (_piece(known, known.sizes, levels, rng),))
    excess = np.array([max(way.rank - known.least, 0) for way in found])
    weights = 0.5 ** (excess / _HALF)
    way = found[int(rng.choice(len(found), p=weights / weights.sum()))]
    return move_of(way, formats, rng)


def move_of(way: Way, formats: Formats, rng: np.random.Generator) -> Move:
    """Choose the pieces of a move among the shortest."""
    pieces = []
    for sizes in way.parts:
        known = formats[in_order(sizes)]
        pieces.append(_piece(known, sizes, [known.least], rng))
    return Move(way.kind, tuple(pieces), way.axis)


def _piece(known: Format, sizes: Sizes, levels: list[int], rng: np.random.Generator) -> Piece:
    listed = known.level(levels[int(rng.integers(len(levels)))])
    return Piece(sizes, listed[int(rng.integers(len(listed)))])


def in_order(sizes: Sizes) -> Sizes:
    """Bring sizes into increasing order."""
    a, b, c = sorted(sizes)
    return a, b, c


def _with(sizes: Sizes, place: int, size: int) -> Sizes:
    changed = [*sizes]
    changed[place] = size
    return changed[0], changed[1], changed[2]


def least_of(formats: Formats) -> Callable[[Sizes], int]:
    """Return the function that gives the least rank modulo 2 of a format."""
    return lambda sizes: formats[sizes].least
