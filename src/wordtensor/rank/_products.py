r"""Words that are products in disguise, and words that are functions of simpler ones.

If ``w(a, b) = f(a) g(b)`` for some maps f, g of the group, the irreps of G give T at once:
``delta(c = x y) = sum_phi (dim phi / n) <rho(x) rho(y), rho(c)>``, one matrix product per irrep, in
coordinates over its division algebra. If ``w = h(u(a, b))`` for a word u whose table has
structure, the factors of u become factors of w by adding up the rows of the third one over the
fibres of h; where h is injective nothing is gained, since w then has the structure itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._typing import freeze
from ..groups import Group, exponent, power_map
from ..irreps import RealIrrep, from_blocks, iter_real_irreps
from ..words import Word, word_table
from .block import Block, matrix_block, swap_inputs

# Above this order only small exponents are tried for f and g.
_ALL_EXPONENTS_ORDER = 64


@dataclass(frozen=True, slots=True, eq=False)
class Isotopy:
    """Maps with w(a, b) = f(a) g(b), or g(b) f(a) if ``reversed``."""

    f: NDArray[np.int64]
    g: NDArray[np.int64]
    reversed: bool

    @property
    def is_regular(self) -> bool:
        """Whether f and g are bijections, so that T is the group algebra's own tensor."""
        n = self.f.size
        return np.unique(self.f).size == n and np.unique(self.g).size == n


@dataclass(frozen=True, slots=True, eq=False)
class Substitution:
    """A simpler table u with w = h(u): h is given on the values of u, and -1 elsewhere."""

    name: str
    table: NDArray[np.int32]
    h: NDArray[np.int64]


def isotopy(table: NDArray[np.integer], G: Group) -> Isotopy | None:
    """Find f and g with table[a, b] = f(a) g(b), or g(b) f(a), for a table (n, n), or None."""
    # With g(0) = 1 the first column must be f and the first row f(0) g; one comparison decides.
    f = table[:, 0].astype(np.int64)
    undo = int(G.inverse[f[0]])
    g = G.cayley[undo, table[0]].astype(np.int64)
    if np.array_equal(G.cayley[f[:, None], g[None, :]], table):
        return Isotopy(f, g, False)
    g = G.cayley[table[0], undo].astype(np.int64)
    if np.array_equal(G.cayley[g[None, :], f[:, None]], table):
        return Isotopy(f, g, True)
    return None


def product_blocks(found: Isotopy, G: Group, seed: int) -> tuple[Block, ...]:
    """Return the blocks of w(a, b) = f(a) g(b): one matrix product for each real irrep."""
    return tuple(_irrep_block(found, irrep) for irrep in iter_real_irreps(G, seed))


def _irrep_block(found: Isotopy, irrep: RealIrrep) -> Block:
    n, size = irrep.order, irrep.multiplicity
    entries = from_blocks(irrep.matrices, irrep.endo_dim).reshape(n, -1)
    first, second = (found.g, found.f) if found.reversed else (found.f, found.g)
    dual = entries * (irrep.dim / n)
    maps = (freeze(entries[first]), freeze(entries[second]), freeze(dual))
    block = matrix_block((size, size, size), irrep.type, maps, summand=found.is_regular)
    return swap_inputs(block) if found.reversed else block


def substitutions(w: Word, table: NDArray[np.integer], G: Group) -> Iterator[Substitution]:
    """Yield tables u of simpler words such that w, with this table, is a function of u."""
    # Not injective, or nothing is gained. Whether w is constant on the fibres of u is asked of the
    # tables, not of the words, since the identities of G make many words equal.
    image = np.unique(table).size
    seen: set[bytes] = {table.astype(np.int32).tobytes()}
    for name, u in _candidates(w, G):
        key = u.astype(np.int32).tobytes()
        if key in seen:
            continue
        seen.add(key)
        h = np.full(G.order, -1, dtype=np.int64)
        h[u] = table
        if np.array_equal(h[u], table) and np.unique(u).size > image:
            yield Substitution(name, u, h)


def _candidates(w: Word, G: Group) -> Iterator[tuple[str, NDArray[np.int32]]]:
    for root in _roots(w):
        yield str(root), word_table(root, G)
    top = exponent(G) if G.order <= _ALL_EXPONENTS_ORDER else 4
    powers: dict[bytes, tuple[int, NDArray[np.int32]]] = {}
    for k in sorted(range(1, max(2, top)), key=lambda k: (min(k, top - k), k)):
        values = power_map(G, k)
        powers.setdefault(values.tobytes(), (k, values))
    cayley, inverse = G.cayley, G.inverse
    for i, f in powers.values():
        for j, g in powers.values():
            x, y = f[:, None], g[None, :]
            yield f"a^{i}*b^{j}", cayley[x, y]
            yield f"b^{j}*a^{i}", cayley[y, x]
            yield f"a^{i}*b^{j}*a^-{i}", cayley[cayley[x, y], inverse[x]]
            yield f"b^{j}*a^{i}*b^-{j}", cayley[cayley[y, x], inverse[y]]


def _roots(w: Word) -> Iterator[Word]:
    """Yield the proper roots v with v^k = w, k > 1, of a word."""
    for k in range(2, w.length + 1):
        if w.length % k == 0 and len(w.syllables) % k == 0:
            v = Word(w.syllables[: len(w.syllables) // k], w.letters)
            if v**k == w:
                yield v
