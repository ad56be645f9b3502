"""Decompositions: time, rank, gap to the proved bound, and error."""

from collections.abc import Callable

import numpy as np

import wordtensor as wt

from .base import LIMIT, OURS, SEED, Suite, unknown
from .imports import run_python

SMALL = ("S3 a*b", "S3 a^2*b", "S3 a*b*a", "D4 a*b", "D4 [a,b]", "Q8 a*b", "Q8 a*b*a*b")
CASES = (*SMALL, "S4 a*b*a^-1", "D8 a*b*a", "A4 [a,b]", "A5 a*b", "S5 a*b", "S6 a*b")
COLD_CASES = ("S3 a*b", "S4 a*b*a^-1", "S5 a*b")

# Entries of the tensor up to which the limit rebuilds them all.
ALL_ENTRIES = 2**24


class Decompose(Suite):
    pretty_suite = "decompose, warm; The limit is the product of factors that a check needs."
    params = (CASES, (OURS, LIMIT))
    tolerance = 1e-9

    def prepare(self, case: str, way: str) -> Callable[[], object]:
        group, word = case.split(" ")
        if way == OURS:
            return lambda: wt.decompose(word, group)
        if way == LIMIT:
            return rebuilding(wt.decompose(word, group))
        if way == "box cover":
            if group == "S6":
                raise NotImplementedError("the box cover takes the dense tensor")
            return lambda: wt.box_rank(word, group)
        raise unknown(way)

    def check(self, case: str, way: str, answer: object) -> float:
        if not isinstance(answer, wt.Decomposition):
            return 0.0
        found = wt.verify(answer)
        return found.max_error if found.ok else max(found.max_error, 1.0)

    def time_decompose(self, case: str, way: str) -> None:
        self.work()

    def track_rank(self, case: str, way: str) -> float:
        answer = self.answer
        return float(answer.rank if isinstance(answer, wt.Decomposition) else answer)

    def track_gap(self, case: str, way: str) -> float:
        return float(self.answer.rank - self.answer.lower_bound)

    def track_error(self, case: str, way: str) -> float:
        return self.error

    # The numbers that the paper's method gives, beside ours: boxes that cover the support.
    track_rank.params = (CASES, (OURS, "box cover"))
    track_gap.params = (CASES, (OURS,))
    track_error.params = (CASES, (OURS,))


def rebuilding(d: wt.Decomposition) -> Callable[[], np.ndarray]:
    """Return the product that rebuilds the tensor, or for large ones a contraction at random."""
    U, V, W = d.factors
    n, rank = U.shape
    if n**3 <= ALL_ENTRIES:
        pairs = (U[:, None] * V).reshape(n * n, rank)
    else:
        pairs = V * (np.random.default_rng(SEED).standard_normal(n) @ U)
    back = np.ascontiguousarray(W.T)
    out = np.empty((len(pairs), n))
    return lambda: np.matmul(pairs, back, out=out)


class DecomposeCold(Suite):
    pretty_suite = "decompose in a new process; The limit is the start of Python with numpy."
    params = (COLD_CASES, (OURS, LIMIT))
    tolerance = 1e-9
    number = 1
    repeat = (2, 5, 10.0)

    def prepare(self, case: str, way: str) -> Callable[[], str]:
        group, word = case.split(" ")
        if way == LIMIT:
            return lambda: run_python("import numpy")
        if way != OURS:
            raise unknown(way)
        code = f"import wordtensor as wt; d = wt.decompose({word!r}, {group!r})"
        return lambda: run_python(f"{code}; print(d.rank, d.residual)")

    def check(self, case: str, way: str, answer: str) -> float:
        group, word = case.split(" ")
        rank, residual = answer.split()
        here = wt.decompose(word, group)
        found = wt.verify(here)
        same = here.rank == int(rank)
        return max(found.max_error, float(residual)) if found.ok and same else 1.0

    def time_decompose(self, case: str, way: str) -> None:
        self.work()

    def track_error(self, case: str, way: str) -> float:
        return self.error

    track_error.params = (COLD_CASES, (OURS,))
