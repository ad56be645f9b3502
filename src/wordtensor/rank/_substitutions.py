r"""Words that are functions of simpler ones: w(a, b) = h(u(f(a), g(b))).

If the table of u has structure, its factors become factors of w: the rows of the first two are
taken at f(a) and g(b), and those of the third are added up over the fibres of h. Where f, g and h
are injective nothing is gained, since w then has the structure itself.

Tried are the roots of w, and ``u = a^i b a^j`` with ``g(b) = b^k`` for all exponents i, j and k, as
well with the letters exchanged: a acts on the whole group by permutations of it, and products
(j = 0) and conjugates (j = -i) are among them. Whether w is a function of u is asked of the tables,
so that the answer depends neither on the labels of the elements nor on which of the words that are
equal over G was given; and the candidates for inverted or exchanged letters are the same ones.
Where w does not see a normal subgroup N, the same is tried over G/N, since f and g may well end
there: [a,b] over a group with a centre, or words over D6 that are words over S3.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..groups import Group, exponent, is_abelian, power_map
from ..words import Word, word_table
from ..words._powers import reduce_exponents
from ..words._syllables import power, root
from ..words.core import first_occurrences, merge_table

# Rows at which two tables are compared before they are made in full.
_SAMPLE: Final = 8
# Above this order only exponents up to 3, and their negatives, are tried.
_ALL_EXPONENTS_ORDER: Final = 64

# Exponents i, j, k; the table u of a^i b a^j; g(b) = b^k; and h.
_Around = tuple[tuple[int, int, int], NDArray[np.integer], NDArray[np.integer], NDArray[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Substitution:
    """A simpler table u over a group with m elements, with w(a, b) = h(u(f(a), g(b)))."""

    name: str  # of the word u(f(a), g(b))
    group: Group  # G, or a quotient of it
    table: NDArray[np.integer]  # u, shape (m, m)
    f: NDArray[np.integer]  # shape (n,), values below m
    g: NDArray[np.integer]  # shape (n,), values below m
    h: NDArray[np.int64]  # shape (m,), values below n; -1 where it does not matter


def substitutions(w: Word, table: NDArray[np.integer], G: Group) -> Iterator[Substitution]:
    """Yield tables u of simpler words such that w, with this table, is a function of u."""
    quotient = _quotient(table, G)
    if quotient is not None:
        Q, first, coset = quotient
        for found in _over(w, table[np.ix_(first, first)], Q):
            name = f"{found.name} over a quotient of order {Q.order}"
            yield replace(found, name=name, f=found.f[coset], g=found.g[coset])
    yield from _over(w, table, G)


def _quotient(
    table: NDArray[np.integer], G: Group
) -> tuple[Group, NDArray[np.integer], NDArray[np.integer]] | None:
    """Return G/N, an element of each coset, and each element's coset; N is what w does not see."""
    merged = merge_table(table, G.order)
    labels = merged.rows * G.order + merged.columns
    same = np.flatnonzero(labels == labels[G.identity])
    # w(na, b) = w(a, nb) = w(a, b) for all a and b; normal, since w commutes with conjugation.
    kernel = same[(labels[G.cayley[same]] == labels).all(axis=1)]
    if kernel.size == 1:
        return None
    first, coset = np.unique(G.cayley[kernel].min(axis=0), return_inverse=True)
    return Group.from_cayley(coset[G.cayley[np.ix_(first, first)]], validate=False), first, coset


def _over(w: Word, table: NDArray[np.integer], G: Group) -> Iterator[Substitution]:
    """Yield the tables over one group."""
    everything = np.arange(G.order)
    values = _count(table)
    rows, _ = first_occurrences(table)
    columns, _ = first_occurrences(np.ascontiguousarray(table.T))
    # One letter acts on the other by a set of permutations, which is all that a rank depends on.
    seen: set[frozenset[bytes]] = set()
    for exchanged in (False, True):
        seen_as = (table.T, columns, rows) if exchanged else (table, rows, columns)
        for (i, j, k), u, g, h in _actions_around(*seen_as, values, G):
            permutations = _rows(u)
            if permutations in seen:
                continue
            seen.add(permutations)
            simpler = Word.from_syllables(((0, i), (1, k), (0, j)), w.letters)
            if exchanged:
                transposed = np.ascontiguousarray(u.T)
                yield Substitution(str(simpler.swapped()), G, transposed, g, everything, h)
            else:
                yield Substitution(str(simpler), G, u, everything, g, h)
    for simpler in _roots(Word(reduce_exponents(w.syllables, exponent(G)), w.letters)):
        v = word_table(simpler, G)
        power = _function(v, table)
        if power is None or _count(v) == values:
            continue
        if not seen & {_rows(v), _rows(v.T)}:
            yield Substitution(str(simpler), G, v, everything, everything, power)


def _rows(u: NDArray[np.integer]) -> frozenset[bytes]:
    return frozenset(row.tobytes() for row in u)


def _function(u: NDArray[np.integer], table: NDArray[np.integer]) -> NDArray[np.int64] | None:
    """Return h with h(u) = table, -1 where u has no value, or None."""
    h = np.full(table.shape[-1], -1, dtype=np.int64)
    h[u] = table
    return h if np.array_equal(h[u], table) else None


def _actions_around(
    table: NDArray[np.integer],
    rows: NDArray[np.integer],
    columns: NDArray[np.integer],
    values: int,
    G: Group,
) -> Iterator[_Around]:
    """Yield exponents i, j, k, the table u of a^i b a^j, g and h with w(a, b) = h(u(a, g(b)))."""
    # The labels of rows and columns of a table are equal where these are.
    period = exponent(G)
    exponents = _exponents(G)
    powers = {k: power_map(G, k) for k in exponents}
    ends = _ends(rows, G, exponents)
    if not ends:
        return
    products = np.array([power_map(G, s) for s in ends])
    for k in filter(None, exponents):
        g = powers[k]
        if not _sees_only(columns, g):
            continue
        h = _function(g, table[G.identity])  # at a = 1, where w(1, b) = h(b^k)
        if h is None:
            continue
        if h.min() >= 0:  # g is a bijection, and h is known
            reached = np.unique(h).size
            if reached < values or reached == G.order:
                continue
        known = h[products]  # at b = 1, where w(a, 1) = h(a^(i + j))
        possible = ((known == table[:, G.identity]) | (known < 0)).all(axis=1)
        pairs = (p for p, fits in zip(ends.values(), possible, strict=True) if fits)
        for i, j in chain.from_iterable(pairs):
            found = None
            for some in (slice(_SAMPLE), slice(None)):  # a look at a few rows is enough mostly
                u = G.cayley[G.cayley[powers[i][some]], powers[j][some, None]]
                found = _function(u[:, g], table[some])
                if found is None:
                    break
            if found is not None:
                exponents_found = _centred(i, period), _centred(j, period), _centred(k, period)
                yield exponents_found, u, g, found


def _count(table: NDArray[np.integer]) -> int:
    """Count the values of a table."""
    return int(np.count_nonzero(np.bincount(table.ravel())))


def _sees_only(labels: NDArray[np.integer], g: NDArray[np.integer]) -> bool:
    """Say whether columns b, equal where their labels are, are functions of g(b)."""
    chosen = np.empty_like(g)
    chosen[g] = np.arange(g.size)
    return np.array_equal(labels[chosen[g]], labels)


def _exponents(G: Group) -> tuple[int, ...]:
    """Return the exponents that are tried, modulo the group's."""
    period = exponent(G)
    if G.order <= _ALL_EXPONENTS_ORDER:
        return tuple(range(period))
    return tuple(sorted({k % period for k in range(-3, 4)}))


def _ends(
    rows: NDArray[np.integer], G: Group, exponents: Sequence[int]
) -> dict[int, list[tuple[int, int]]]:
    """Return the pairs (i, j) of words a^i b a^j that tell w's rows apart, by the sum i + j."""
    period, second = exponent(G), (0,) if is_abelian(G) else exponents
    pairs = [(i, j) for i, j in product(exponents, second) if i or j]
    # a^i and a^j are known if and only if a^gcd(i, j) is.
    common = {math.gcd(i, j, period) for i, j in pairs}
    enough = {d for d in common if _sees_only(rows, power_map(G, d))}
    ends: dict[int, list[tuple[int, int]]] = {}
    for i, j in pairs:
        if math.gcd(i, j, period) in enough:
            ends.setdefault((i + j) % period, []).append((i, j))
    return ends


def _centred(k: int, period: int) -> int:
    """Return the residue of least absolute value."""
    below = (period - 1) // 2
    return (k + below) % period - below


def _roots(w: Word) -> Iterator[Word]:
    """Yield the v with v^k = w, k > 1, of a word, shortest first."""
    base, times = root(w.syllables)
    for k in range(1, times // 2 + 1):
        if times % k == 0:
            yield Word(power(base, k), w.letters)
