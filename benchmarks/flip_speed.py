"""Flips per second of our walk in the flip graph, from the standard algorithm; peers beside it.

Usage: python benchmarks/flip_speed.py [--steps N] [--runs N] [--sizes N ...] [--peers DIR ...]

Millions of flips per second of CPU time on one core (on a GPU, where there is one: of wall time
over all walkers), medians of 5 runs of 20 million steps, in turns, so that other load hits all
alike. A folder of peers may have these programs:

fc, jm      harnesses around khoruzhii/flip-cpd and jakobmoosbauer/flips, modulo 2, called as
            ``fc SIZE FLIPS PLUS_AFTER SEED``; they print "... Mflips/s NUMBER ..."
flip_graph  of dronperminov/ternary_flip_graph, both rings
"""

import argparse
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from wordtensor.schemes import standard_scheme
from wordtensor.schemes.flips._packed import PackedTerms, Ring, walk
from wordtensor.schemes.flips._walkers import walk_many

PLUS_AFTER, MARGIN = 50_000, 4
Speed = Callable[[int, Ring, int, int], float]


def standard_terms(size: int, ring: Ring) -> PackedTerms:
    s = standard_scheme(size, size, size)
    return PackedTerms.from_factors(s.U, s.V, s.W, ring)


def ours(size: int, ring: Ring, steps: int, seed: int) -> float:
    start = standard_terms(size, ring)
    began = time.process_time()
    result = walk(start, steps, plus_after=PLUS_AFTER, margin=MARGIN, seed=seed)
    return result.flips / (time.process_time() - began) / 1e6


def on_cuda(walkers: int) -> Speed:
    def speed(size: int, ring: Ring, steps: int, seed: int) -> float:
        starts = [standard_terms(size, ring)] * walkers
        seeds = range(seed * walkers, (seed + 1) * walkers)
        began = time.perf_counter()
        results = walk_many(
            starts, steps, plus_after=PLUS_AFTER, margin=MARGIN, seeds=seeds, device="cuda"
        )
        return sum(r.flips for r in results) / (time.perf_counter() - began) / 1e6

    return speed


def harness(program: Path) -> Speed:
    def speed(size: int, ring: Ring, steps: int, seed: int) -> float:
        command = [program, str(size), str(steps), str(PLUS_AFTER), str(seed)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = re.search(r"Mflips/s ([0-9.]+)", told)
        if found is None:
            raise SystemExit(f"{program} printed no speed: {told!r}")
        return float(found[1])

    return speed


def ternary_flip_graph(program: Path) -> Speed:
    def speed(size: int, ring: Ring, steps: int, seed: int) -> float:
        # It reports after so many flips, and would go on.
        options = {"-r": "Z2" if ring == "F2" else "ZT", "-c": 1, "-t": 1, "--plus-diff": MARGIN}
        options |= {"-n1": size, "-n2": size, "-n3": size, "--flip-iterations": steps}
        options |= {"--min-plus-iterations": PLUS_AFTER, "--max-plus-iterations": PLUS_AFTER}
        options |= {"--seed": seed + 1}
        with tempfile.TemporaryDirectory() as folder:
            words = [str(word) for pair in options.items() for word in pair]
            command = [program, *words, "-o", folder]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            if process.stdout is None or not any("iteration time" in t for t in process.stdout):
                raise SystemExit(f"{program} ended without a report")
            process.kill()
            _, process.returncode, used = os.wait4(process.pid, 0)
            process.stdout.close()
        return steps / (used.ru_utime + used.ru_stime) / 1e6

    return speed


def competitors(folders: list[Path], ring: Ring) -> dict[str, Speed]:
    found: dict[str, Speed] = {}
    for folder in folders:
        if ring == "F2":
            found |= {p.name: harness(p) for name in ("fc", "jm") if (p := folder / name).is_file()}
        if (program := folder / "flip_graph").is_file():
            found["flip_graph"] = ternary_flip_graph(program)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[3, 4, 5])
    parser.add_argument("--peers", type=Path, nargs="+", default=[], metavar="DIR")
    parser.add_argument("--walkers", type=int, default=4096, help="on a GPU, with steps / 100")
    given = parser.parse_args()
    from numba import cuda

    print("millions of flips per second, medians; in brackets ours / theirs")
    for ring in ("F2", "Z"):
        methods = {"ours": ours} | competitors(given.peers, ring)
        for size in given.sizes:
            speeds: dict[str, list[float]] = {name: [] for name in methods}
            ours(size, ring, 1000, 0)  # compiles
            for seed in range(given.runs):
                for name, method in methods.items():
                    speeds[name].append(method(size, ring, given.steps, seed))
            medians = {name: statistics.median(values) for name, values in speeds.items()}
            line = f"{ring:3} {size}x{size}x{size}"
            for name, median in medians.items():
                ratio = "" if name == "ours" else f" ({medians['ours'] / median:.2f})"
                line += f"   {name} {median:.2f}{ratio}"
            if cuda.is_available():
                speed, steps = on_cuda(given.walkers), max(1000, given.steps // 100)
                speed(size, ring, 1000, 0)  # compiles
                several = [speed(size, ring, steps, seed) for seed in range(given.runs)]
                line += f"   cuda, {given.walkers} walkers {statistics.median(several):.2f}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
