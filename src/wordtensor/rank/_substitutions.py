r"""Words that are functions of simpler ones: w(a, b) = h(u(f(a), g(b))).

If the table of u has structure, its factors become factors of w: the rows of the first two are
taken at f(a) and g(b), and those of the third are added up over the fibres of h. Where f, g and h
are injective nothing is gained, since w then has the structure itself.

Tried are the roots of w, and ``u = a^i b a^j`` with ``g(b) = b^k`` for all exponents i, j and k, as
well with the letters exchanged: a acts on the whole group by permutations of it, and products
(j = 0) and conjugates (j = -i) are among them. Whether w is a function of u is asked of the tables,
so that the answer depends neither on the labels of the elements nor on which of the words that are
equal over G was given; and the candidates for inverted or exchanged letters are the same ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..groups import Group, exponent, is_abelian, power_map
from ..words import Word, word_table
from ..words._powers import reduce_exponents

# Above this order only exponents up to 3, and their negatives, are tried.
_ALL_EXPONENTS_ORDER: Final = 64
# Words with more letters are not searched for roots.
_LONGEST: Final = 10_000

# Exponents i, j, k; the table u of a^i b a^j; g(b) = b^k; and h.
_Around = tuple[tuple[int, int, int], NDArray[np.integer], NDArray[np.integer], NDArray[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Substitution:
    """A simpler table u with w(a, b) = h(u(f(a), g(b)))."""

    name: str  # of the word u(f(a), g(b))
    table: NDArray[np.integer]  # u, shape (n, n)
    f: NDArray[np.integer]  # shape (n,)
    g: NDArray[np.integer]  # shape (n,)
    h: NDArray[np.int64]  # shape (n,); -1 where it does not matter


def substitutions(w: Word, table: NDArray[np.integer], G: Group) -> Iterator[Substitution]:
    """Yield tables u of simpler words such that w, with this table, is a function of u."""
    everything = np.arange(G.order)
    # One letter acts on the other by a set of permutations, which is all that a rank depends on.
    seen: set[frozenset[bytes]] = set()
    for exchanged in (False, True):
        for (i, j, k), u, g, h in _actions_around(table.T if exchanged else table, G):
            permutations = _rows(u)
            if permutations in seen:
                continue
            seen.add(permutations)
            simpler = Word.from_syllables(((0, i), (1, k), (0, j)), w.letters)
            if exchanged:
                transposed = np.ascontiguousarray(u.T)
                yield Substitution(str(simpler.swapped()), transposed, g, everything, h)
            else:
                yield Substitution(str(simpler), u, everything, g, h)
    for root in _roots(Word(reduce_exponents(w.syllables, exponent(G)), w.letters)):
        v = word_table(root, G)
        power = _function(v, table)
        if power is None or np.unique(table).size == np.unique(v).size:
            continue
        if not seen & {_rows(v), _rows(v.T)}:
            yield Substitution(str(root), v, everything, everything, power)


def _rows(u: NDArray[np.integer]) -> frozenset[bytes]:
    return frozenset(row.tobytes() for row in u)


def _function(u: NDArray[np.integer], table: NDArray[np.integer]) -> NDArray[np.int64] | None:
    """Return h with h(u) = table, -1 where u has no value, or None."""
    h = np.full(len(table), -1, dtype=np.int64)
    h[u] = table
    return h if np.array_equal(h[u], table) else None


def _actions_around(table: NDArray[np.integer], G: Group) -> Iterator[_Around]:
    """Yield exponents i, j, k, the table u of a^i b a^j, g and h with w(a, b) = h(u(a, g(b)))."""
    period, values = exponent(G), np.unique(table).size
    exponents = _exponents(G)
    powers = {k: power_map(G, k) for k in exponents}
    ends = _ends(G, exponents)
    products = np.array([power_map(G, s) for s in ends])
    for k in filter(None, exponents):
        g = powers[k]
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
            u = G.cayley[G.cayley[powers[i]], powers[j][:, None]]
            h = _function(u[:, g], table)
            if h is not None:
                yield (_centred(i, period), _centred(j, period), _centred(k, period)), u, g, h


def _exponents(G: Group) -> tuple[int, ...]:
    """Return the exponents that are tried, modulo the group's."""
    period = exponent(G)
    if G.order <= _ALL_EXPONENTS_ORDER:
        return tuple(range(period))
    return tuple(sorted({k % period for k in range(-3, 4)}))


def _ends(G: Group, exponents: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """Return the pairs (i, j), not both 0, of the words a^i b a^j, by the sum of i and j."""
    period, second = exponent(G), (0,) if is_abelian(G) else exponents
    ends: dict[int, list[tuple[int, int]]] = {}
    for i, j in product(exponents, second):
        if i or j:
            ends.setdefault((i + j) % period, []).append((i, j))
    return ends


def _centred(k: int, period: int) -> int:
    """Return the residue of least absolute value."""
    below = (period - 1) // 2
    return (k + below) % period - below


def _roots(w: Word) -> Iterator[Word]:
    """Yield the v with v^k = w, k > 1, of a word."""
    if w.length > _LONGEST:
        return
    letters = [(c, 1 if k > 0 else -1) for c, k in w.syllables for _ in range(abs(k))]
    # (g v g^-1)^k = g v^k g^-1: the roots are those of what is left when both ends are cancelled.
    start = 0
    while letters and (letters[start][0], -letters[start][1]) == letters[-1 - start]:
        start += 1
    core = letters[start : len(letters) - start]
    for length in range(1, len(core) // 2 + 1):
        if len(core) % length == 0 and core == core[:length] * (len(core) // length):
            root = letters[: start + length] + letters[len(letters) - start :]
            yield Word.from_syllables(root, w.letters)
