"""Flips per second of our walk in the flip graph, from the standard algorithm; peers beside it.

Usage: python benchmarks/flip_speed.py [--steps N] [--runs N] [--sizes N ...] [--peers DIR ...]
       python benchmarks/flip_speed.py --device cuda [--walkers 4096,32768,131072] [--json FILE]

Millions of flips per second of CPU time on one core, medians of 5 runs of 20 million steps, in
turns, so that other load hits all alike. On a GPU of wall time over all walkers, from their start
to the ends that are read, for several numbers of walkers, and of walkers that share a warp. A
folder of peers may have these programs:

fc, jm, mm  harnesses around khoruzhii/flip-cpd, jakobmoosbauer/flips and, for size 3, which is the
            largest that it takes, khoruzhii/mmlb: modulo 2, called as
            ``fc SIZE FLIPS PLUS_AFTER SEED``; they print "... Mflips/s NUMBER ..."
fc3         the same of flip-cpd modulo 3
flip_graph  of dronperminov/ternary_flip_graph, both rings
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from wordtensor.schemes import standard_scheme
from wordtensor.schemes.flips._packed import PackedTerms, Ring, walk

MMLB_LARGEST = 3  # its factors have at most nine coordinates
PLUS_AFTER, MARGIN, FIRST_STEPS = 50_000, 4, 5_000
Row = dict[str, Any]
Speed = Callable[[int, Ring, int, int], float]


def standard_terms(size: int, ring: Ring) -> PackedTerms:
    s = standard_scheme(size, size, size)
    return PackedTerms.from_factors(s.U, s.V, s.W, ring)


def ours(size: int, ring: Ring, steps: int, seed: int) -> float:
    start = standard_terms(size, ring)
    began = time.process_time()
    result = walk(start, steps, plus_after=PLUS_AFTER, margin=MARGIN, seed=seed)
    return result.flips / (time.process_time() - began) / 1e6


def on_cuda(size: int, ring: Ring, walkers: int, seconds: float, lanes: int | None) -> Row:
    """Measure building, walking and reading apart, in about so many seconds."""
    from numba import cuda

    from wordtensor.schemes.flips._batch import Walkers
    from wordtensor.schemes.flips._fleet import Fleet

    start = standard_terms(size, ring)

    def made(steps: int) -> tuple[float, float, float, int]:
        counts = [np.full(walkers, n) for n in (0, steps, PLUS_AFTER, MARGIN, 0)]
        times = [time.perf_counter()]
        fleet = Fleet.begun(Walkers((start,), *counts, np.arange(walkers)))
        cuda.synchronize()
        times.append(time.perf_counter())
        fleet.advance(lanes=lanes)
        times.append(time.perf_counter())
        _, flips = fleet.checked()
        fleet.shortest(range(min(walkers, 200)))
        times.append(time.perf_counter())
        built, walked, read = np.diff(times)
        return float(built), float(walked), float(read), int(flips.sum())

    made(10)  # compiles
    steps = FIRST_STEPS
    _, walked, _, _ = made(steps)
    steps = max(steps, int(steps * seconds / max(walked, seconds / 1000)))
    built, walked, read, flips = made(steps)
    row: Row = {"size": size, "ring": ring, "walkers": walkers, "lanes": lanes, "steps": steps}
    row |= {"built_s": built, "walked_s": walked, "read_s": read, "flips": flips}
    return row | {"mflips_per_s": flips / (built + walked + read) / 1e6}


def measure_cuda(given: argparse.Namespace) -> None:
    """Print flips per second of a GPU, and write them where --json says, after each row."""
    from wordtensor._devices import check_device

    check_device("cuda")
    walkers = [int(count) for count in given.walkers.split(",")]
    cases: list[tuple[int, Ring, int, int | None]] = [(3, "F2", count, None) for count in walkers]
    cases += [(3, "F2", max(walkers), lanes) for lanes in (1, 2, 8)]
    cases += [(size, "F2", walkers[0], None) for size in given.sizes if size != 3]
    cases += [(size, "Z", walkers[0], None) for size in given.sizes[:1]]
    print("millions of flips per second of all walkers, building and reading included")
    rows: list[Row] = []
    began = time.perf_counter()
    for size, ring, count, lanes in cases:
        if time.perf_counter() - began > given.limit:
            print(f"stopped after {given.limit} s, before the other cases")
            break
        row = on_cuda(size, ring, count, given.seconds, lanes)
        rows.append(row)
        times = ", ".join(
            f"{name} {row[f'{name}_s']:.2f} s" for name in ("built", "walked", "read")
        )
        shared = "" if lanes is None else f", {lanes} a warp"
        print(
            f"{ring:3} {size}x{size}x{size}   {count} walkers{shared}   "
            f"{row['mflips_per_s']:.0f}   ({times})",
            flush=True,
        )
        if given.json is not None:
            given.json.write_text(json.dumps(rows, indent=1) + "\n")


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


def competitors(folders: list[Path], ring: Ring, size: int) -> dict[str, Speed]:
    names = {"F2": ("fc", "jm", "mm"), "F3": ("fc3",), "Z": ()}[ring]
    found: dict[str, Speed] = {}
    for folder in folders:
        for name in names:
            if (folder / name).is_file() and (name != "mm" or size <= MMLB_LARGEST):
                found[name] = harness(folder / name)
        if ring != "F3" and (program := folder / "flip_graph").is_file():
            found["flip_graph"] = ternary_flip_graph(program)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[3, 4, 5])
    parser.add_argument("--peers", type=Path, nargs="+", default=[], metavar="DIR")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    cuda = parser.add_argument_group("with --device cuda, sized for three minutes")
    cuda.add_argument("--walkers", default="4096,32768,131072", help="numbers, with commas")
    cuda.add_argument("--seconds", type=float, default=3.0, help="of a measurement")
    cuda.add_argument("--limit", type=float, default=150.0, help="no case begins after these")
    cuda.add_argument("--json", type=Path, metavar="FILE", help="where to write the rows")
    given = parser.parse_args()
    if given.device == "cuda":
        return measure_cuda(given)
    print("millions of flips per second, medians; in brackets ours / theirs")
    rings: tuple[Ring, ...] = ("F2", "F3", "Z")
    for ring, size in ((ring, size) for ring in rings for size in given.sizes):
        methods = {"ours": ours} | competitors(given.peers, ring, size)
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
        print(line, flush=True)


if __name__ == "__main__":
    main()
