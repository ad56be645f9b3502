"""Walks in the flip graph on a GPU (schemes/flips/_walk_cuda), beside the same walks on the CPU.

There is no useful limit: a step waits for the few memory accesses of the step before it.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .base import OURS, Suite, require_cuda, unknown

CASES = ("3x3x3 F2", "4x4x4 F2", "3x3x3 Z", "4x4x4 Z")
WALKERS, STEPS = 4096, 10_000
PLUS_AFTER, MARGIN = 50_000, 4


def tensor_of(U: np.ndarray, V: np.ndarray, W: np.ndarray) -> np.ndarray:
    return np.einsum("ar,br,cr->abc", U, V, W)


class WalksCuda(Suite):
    pretty_suite = f"flips on a GPU (_walk_cuda); {WALKERS} walks of {STEPS} steps"
    params = (CASES, (OURS, "one core"))

    def prepare(self, case: str, way: str) -> Callable[[], list[Any]]:
        require_cuda()
        devices = {OURS: "cuda", "one core": "cpu"}
        if way not in devices:
            raise unknown(way)
        return self.walks(case, WALKERS, devices[way])

    def walks(self, case: str, walkers: int, device: str) -> Callable[[], list[Any]]:
        # Imported here, as they import numba.
        from wordtensor.schemes import standard_scheme
        from wordtensor.schemes.flips._packed import PackedTerms
        from wordtensor.schemes.flips._walkers import walk_many

        sizes, self.ring = case.split(" ")
        scheme = standard_scheme(*map(int, sizes.split("x")))
        self.factors = (scheme.U, scheme.V, scheme.W)
        starts = [PackedTerms.from_factors(*self.factors, self.ring)] * walkers
        one_thread = ThreadPoolExecutor(1)
        return lambda: walk_many(
            starts,
            STEPS,
            plus_after=PLUS_AFTER,
            margin=MARGIN,
            seeds=range(walkers),
            device=device,
            executor=one_thread,
        )

    def check(self, case: str, way: str, answer: list[Any]) -> float:
        """Count the walks, of some, that ended with terms of another tensor."""
        some = answer[:: max(1, len(answer) // 16)]
        return float(sum(not self._same_tensor(walk.last) for walk in some))

    def _same_tensor(self, terms: Any) -> bool:
        rows = tuple(len(factor) for factor in self.factors)
        difference = tensor_of(*terms.factors(rows)) - tensor_of(*self.factors)
        return not (difference % 2 if self.ring == "F2" else difference).any()

    def time_walks(self, case: str, way: str) -> None:
        self.work()

    def track_flips_per_second(self, case: str, way: str) -> float:
        began = time.perf_counter()
        flips = sum(walk.flips for walk in self.work())
        return flips / (time.perf_counter() - began)

    def track_wrong_walks(self, case: str, way: str) -> float:
        return self.error

    track_wrong_walks.params = (CASES, (OURS,))
    track_flips_per_second.row = "higher"
    track_flips_per_second.unit = "flips/s"
