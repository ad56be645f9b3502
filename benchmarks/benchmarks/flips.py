"""Flip-graph walks: flips per second, and time to a rank."""

import os
import re
import statistics
import subprocess
import time
from pathlib import Path

import numpy as np
from numba import njit

from wordtensor.schemes import FlipOptions, Registry, search_scheme, standard_scheme
from wordtensor.schemes.flips._packed import PackedTerms, walk

from .base import LIMIT, OURS

CASES = ("3x3 F2", "4x4 F2", "5x5 F2", "3x3 Z", "4x4 Z", "5x5 Z")
PLUS_AFTER, MARGIN, STEPS, RUNS = 50_000, 4, 3_000_000, 3
# A folder with harnesses around the C++ programs; see benchmarks/flip_speed.py.
PEERS = os.environ.get("WORDTENSOR_PEERS", "")


@njit(cache=True)
def _steps(table: np.ndarray, steps: int, state: int) -> int:
    """Draw a number and follow two look-ups: the least that a step of a walk does."""
    place = 0
    mask = np.uint64(len(table) - 1)
    x = np.uint64(state)
    for _ in range(steps):
        x ^= x << np.uint64(13)
        x ^= x >> np.uint64(7)
        x ^= x << np.uint64(17)
        place = table[np.int64((x ^ np.uint64(table[place])) & mask)]
    return place


class FlipSpeed:
    """Flips per CPU second, in millions."""

    pretty_suite = (
        "million flips per CPU second of a walk; The limit is a random number and two look-ups."
    )
    params = (CASES, (OURS, LIMIT, "flip-cpd", "flips"))
    param_names = ("case", "way")
    timeout = 300

    def setup(self, case: str, way: str) -> None:
        self.size, self.ring = int(case[0]), case[4:]
        scheme = standard_scheme(self.size, self.size, self.size)
        self.terms = PackedTerms.from_factors(scheme.U, scheme.V, scheme.W, self.ring)
        if way == OURS:
            self._walk(1000, 0)
        elif way == LIMIT:
            self.table = np.random.default_rng(0).integers(0, 256, 256)
            _steps(self.table, 10, 1)
        else:
            self.program = Path(PEERS) / {"flip-cpd": "fc", "flips": "jm"}[way]
            if not PEERS or self.ring != "F2" or not self.program.is_file():
                raise NotImplementedError("set WORDTENSOR_PEERS to a folder with the programs")

    def _walk(self, steps: int, seed: int):
        return walk(self.terms, steps, plus_after=PLUS_AFTER, margin=MARGIN, seed=seed)

    def _speed(self, way: str, seed: int) -> float:
        began = time.process_time()
        if way == OURS:
            result = self._walk(STEPS, seed)
            return result.flips / (time.process_time() - began) / 1e6
        if way == LIMIT:
            _steps(self.table, STEPS, seed + 1)
            return STEPS / (time.process_time() - began) / 1e6
        command = [self.program, str(self.size), str(STEPS), str(PLUS_AFTER), str(seed)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return float(re.search(r"Mflips/s ([0-9.]+)", told)[1])

    def track_speed(self, case: str, way: str) -> float:
        return statistics.median(self._speed(way, seed) for seed in range(RUNS))

    track_speed.row = "higher"
    track_speed.unit = "million flips per CPU second"

    def track_error(self, case: str, way: str) -> float:
        """Entries in which what was walked to differs from the matrix product."""
        found = self._walk(200_000, 1).best
        U, V, W = (np.asarray(f, dtype=np.int64) for f in found.factors((self.size**2,) * 3))
        scheme = standard_scheme(self.size, self.size, self.size)
        wanted = np.einsum("xr,yr,zr->xyz", scheme.U, scheme.V, scheme.W)
        difference = np.einsum("xr,yr,zr->xyz", U, V, W) - wanted
        return float(np.count_nonzero(difference % 2 if self.ring == "F2" else difference))

    track_error.params = (CASES, (OURS,))
    track_error.unit = "wrong entries"


class TimeToRank:
    """CPU seconds from the standard algorithm to a rank, median of five seeds.

    <4,4,4>:47 takes minutes: benchmarks/time_to_rank.py.
    """

    pretty_suite = "CPU seconds from the standard algorithm to a rank, median of five seeds"
    params = (("333 F2 23", "333 Z 23", "444 F2 49"), (OURS,))
    param_names = ("case", "way")
    timeout = 1200

    def setup(self, case: str, way: str) -> None:
        sizes, self.ring, rank = case.split()
        self.sizes, self.rank = tuple(map(int, sizes)), int(rank)
        self._search(0, 10_000)

    def _search(self, seed: int, flips: int):
        options = FlipOptions(
            ring=self.ring,
            start="standard",
            characteristic=2 if self.ring == "F2" else 0,
            seed=seed,
        )
        how = {"flips": flips, "registry": Registry(())}
        return search_scheme(*self.sizes, self.rank, options, **how)

    def track_seconds(self, case: str, way: str) -> float:
        """Not reached within the flips counts as infinite."""
        flips, times = 200_000_000, []
        for seed in range(5):
            began = time.process_time()
            result = self._search(seed, flips)
            result.shortest.check()
            reached = result.rank_in_ring <= self.rank
            times.append(time.process_time() - began if reached else float("inf"))
        return statistics.median(times)

    track_seconds.row = "lower"
    track_seconds.unit = "CPU seconds"
