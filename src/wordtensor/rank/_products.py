r"""Words that are products in disguise.

If ``w(a, b) = f(a) g(b)`` for some maps f, g of the group, the irreps of G give T at once:
``delta(c = x y) = sum_phi (dim phi / n) <rho(x) rho(y), rho(c)>``, one matrix product per irrep, in
coordinates over its division algebra.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._typing import freeze
from ..groups import Group
from ..irreps import RealIrrep, from_blocks, iter_real_irreps
from .block import Block, matrix_block, swap_inputs


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
    regular = found.is_regular
    return tuple(_irrep_block(found, irrep, regular) for irrep in iter_real_irreps(G, seed))


def _irrep_block(found: Isotopy, irrep: RealIrrep, regular: bool) -> Block:
    n, size = irrep.order, irrep.multiplicity
    entries = from_blocks(irrep.matrices, irrep.endo_dim).reshape(n, -1)
    first, second = (found.g, found.f) if found.reversed else (found.f, found.g)
    dual = entries * (irrep.dim / n)
    maps = (freeze(entries[first]), freeze(entries[second]), freeze(dual))
    block = matrix_block((size, size, size), irrep.type, maps, summand=regular)
    return swap_inputs(block) if found.reversed else block
