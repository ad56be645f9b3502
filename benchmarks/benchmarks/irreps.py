"""Irreps with matrices, from a multiplication table.

The limit: every matrix is a product of two others and is written once, so for each irrep one
batched product ``rho(g) rho(h)`` with all h builds and writes as much as there is.
"""

import copy
from collections.abc import Callable

import numpy as np

import wordtensor as wt
from wordtensor.irreps import iter_real_irreps, real_characters

from .base import LIMIT, OURS, Suite, peer, require_full, require_memory, unknown
from .groups import CASES, GENERATORS, closure

Matrices = list[np.ndarray]


def irreps_error(irreps: Matrices, table: np.ndarray) -> float:
    """Return the largest error of irreps, real or complex, as a complete orthogonal list.

    Homomorphism (every h, eight g), unitarity, characters of norm 1, 2 or 4 and orthogonal to each
    other, and isotypic dimensions that add up to the order.
    """
    n = len(table)
    errors, dimensions = [0.0], 0.0
    chosen = np.random.default_rng(0).integers(n, size=8)
    for rho in irreps:
        for g in chosen:
            errors.append(np.abs(rho[table[g]] - rho[g] @ rho).max())
        unit = np.swapaxes(rho.conj(), 1, 2) @ rho - np.eye(rho.shape[1])
        errors.append(np.abs(unit).max())
    characters = np.array([np.trace(rho, axis1=1, axis2=2) for rho in irreps])
    gram = characters @ characters.conj().T / n
    norms = gram.diagonal().real
    errors.append(np.abs(gram - np.diag(norms)).max())
    for rho, norm in zip(irreps, norms, strict=True):
        nearest = min((1, 2, 4), key=lambda k: abs(norm - k))
        errors.append(abs(norm - nearest))
        dimensions += rho.shape[1] ** 2 / nearest
    errors.append(abs(dimensions - n))
    return float(np.max(errors))


class Irreps(Suite):
    pretty_suite = (
        "irreps of a table; The peers' irreps are complex. "
        "The limit is one matrix product for each matrix."
    )
    params = (CASES, (OURS, "spgrep", "netket", LIMIT))
    tolerance = 1e-8

    def prepare(self, case: str, way: str) -> Callable[[], Matrices]:
        if way == "netket":
            return self._netket(case)
        G = wt.group(case)
        self.table = G.cayley
        if way == OURS:
            return lambda: [phi.matrices for phi in wt.real_irreps(G)]
        if way == "spgrep":
            return self._spgrep(G.order)
        if way == LIMIT:
            given = [np.array(phi.matrices) for phi in wt.real_irreps(G)]
            targets = [np.empty_like(rho) for rho in given]
            return lambda: [
                np.matmul(rho[-1], rho, out=out) for rho, out in zip(given, targets, strict=True)
            ]
        raise unknown(way)

    def _spgrep(self, n: int) -> Callable[[], Matrices]:
        if n > 120:
            require_full(15)
            require_memory(4 * 16 * n**3 / 2**30)
        if n > 360:
            raise NotImplementedError("minutes: it holds n^3 complex numbers several times over")
        module = peer("spgrep.rep.enumerate")
        regular = np.zeros((n, n, n))
        regular[np.arange(n)[:, None], self.table, np.arange(n)] = 1
        return lambda: module.enumerate_unitary_irreps_from_regular_representation(regular)

    def _netket(self, case: str) -> Callable[[], Matrices]:
        module = peer("netket.utils.group")
        elements = [
            module.Permutation(permutation_array=np.array(p), validate=False)
            for p in closure(GENERATORS[case])
        ]
        G = module.PermutationGroup(elems=elements, degree=len(GENERATORS[case][0]))
        # It keeps what it has calculated: copies of a group with its table and no more.
        self.table = G.product_table[G.inverse]
        return lambda: copy.copy(G).irrep_matrices()

    def check(self, case: str, way: str, answer: Matrices) -> float:
        return irreps_error(answer, self.table)

    def time_irreps(self, case: str, way: str) -> None:
        self.work()

    def track_error(self, case: str, way: str) -> float:
        return self.error

    track_error.params = (CASES, (OURS,))


class Growth(Suite):
    """Groups of order n, 2n and 4n: the time is to grow as the limit does."""

    pretty_suite = "irreps one at a time, n, 2n, 4n; The limit is to write their bytes."
    cases = ("D125", "D250", "D500", "C500", "C1000", "C2000", "C2^7", "C2^9", "C2^11", "A7")
    params = (cases, (OURS, LIMIT))
    tolerance = 0.5
    timeout = 300.0

    def prepare(self, case: str, way: str) -> Callable[[], int]:
        G = wt.group(case)
        if way == OURS:
            # Every irrep is checked as it is built; all of them are there if the sum is n.
            return lambda: G.order - sum(phi.isotypic_dim for phi in iter_real_irreps(G))
        if way == LIMIT:
            shapes = [(G.order, int(dim), int(dim)) for dim in real_characters(G).dims]
            return lambda: sum(np.ones(shape).size for shape in shapes)
        raise unknown(way)

    def check(self, case: str, way: str, answer: int) -> float:
        return abs(answer)

    def time_irreps_growth(self, case: str, way: str) -> None:
        self.work()
