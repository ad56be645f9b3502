"""Word tables against plain numpy indexing and a copy of the table's bytes, side by side.

Usage: python benchmarks/word_tables.py [GROUP ...] [--device cpu|cuda] [--json FILE]

On the CPU: medians of 7 runs for S6 and S7, in 32 bits and in 16 (``copy=False``). On a CUDA device
each table is split into what it consists of: bringing the group there, launching the kernels, the
kernels themselves (by CUDA events), and the copy to the host, from pageable and from pinned memory;
beside them the bandwidth that a copy on the device reaches.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import wordtensor as wt
from wordtensor.words import word_table
from wordtensor.words._powers import simplified
from wordtensor.words.evaluate import evaluate_numba

WORDS = {"[a,b]": "[a,b]", "W8": "a*b*a^-1*b*a^2*b^3*a*b^-1"}
Row = dict[str, Any]


def milliseconds(run: Callable[[], object], repeats: int = 7) -> float:
    run()  # the first run compiles, and touches the pages
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def plain(text: str, G: wt.Group) -> np.ndarray:
    """Tabulate a word as one would with NumPy: a fancy index for each syllable."""
    table = None
    for letter, k in wt.word(text).syllables:
        powers = wt.groups.power_map(G, k)
        factor = powers[None, :] if letter else powers[:, None]
        table = factor if table is None else G.cayley[table, factor]
    return table


def on_cpu(G: wt.Group, name: str) -> Row:
    import numba

    factors, times = simplified(wt.word(WORDS[name]).syllables, G)
    if not np.array_equal(evaluate_numba(factors, G, times), plain(WORDS[name], G)):
        raise SystemExit(f"{G.name}: the kernel's table is wrong")
    target = np.empty_like(G.cayley)
    return {
        "group": G.name,
        "word": name,
        "threads": numba.get_num_threads(),
        "ours": milliseconds(lambda: evaluate_numba(factors, G, times)),
        "ours, 16 bits": milliseconds(lambda: evaluate_numba(factors, G, times, narrow=True)),
        "numpy": milliseconds(lambda: plain(WORDS[name], G), 2),
        "copy": milliseconds(lambda: np.copyto(target, G.cayley)),
    }


def by_events(run: Callable[[], object], repeats: int = 20) -> float:
    """Return the median time in ms that a device takes, between two events."""
    from numba import cuda

    run()
    times = []
    for _ in range(repeats):
        cuda.synchronize()
        begin, end = cuda.event(), cuda.event()
        begin.record()
        run()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end))
    return float(statistics.median(times))


def on_cuda(G: wt.Group, name: str) -> Row:
    from numba import cuda

    from wordtensor.words import _cuda

    factors, times = simplified(wt.word(WORDS[name]).syllables, G)
    there = word_table(WORDS[name], G, device="cuda", copy=False)
    if not np.array_equal(there.copy_to_host(), evaluate_numba(factors, G, times)):
        raise SystemExit(f"{G.name}: the device's table is wrong")
    loaded = _cuda.load(factors, times, G)
    other = cuda.device_array_like(there.array)
    pageable = np.empty(there.shape, np.int16)
    pageable.fill(0)
    pinned = cuda.pinned_array(there.shape, np.int16)

    def done(run: Callable[[], object]) -> Callable[[], None]:
        def finished() -> None:
            run()
            cuda.synchronize()

        return finished

    launches = []
    for _ in range(20):
        cuda.synchronize()
        start = time.perf_counter()
        _cuda.launch(loaded)
        launches.append(1e3 * (time.perf_counter() - start))
    cuda.synchronize()
    # An event's time includes gaps between launches where these are slower than the kernels.
    kernels = by_events(lambda: _cuda.launch(loaded))
    twice = by_events(lambda: other.copy_to_device(there.array))
    bandwidth = 2 * there.nbytes / twice / 1e6
    moved = loaded.bytes_moved / kernels / 1e6
    return {
        "group": G.name,
        "word": name,
        "gpu": str(cuda.get_current_device().name),
        "group there": milliseconds(done(lambda: _cuda.load_cayley(G))),
        "all there": milliseconds(done(lambda: _cuda.load(factors, times, G))),
        "launch": statistics.median(launches),
        "kernels": kernels,
        "copy pageable": milliseconds(lambda: there.array.copy_to_host(pageable)),
        "copy pinned": milliseconds(lambda: there.array.copy_to_host(pinned)),
        "copy_to_host, 32 bits": milliseconds(there.copy_to_host),
        "table, copy=False": milliseconds(
            lambda: word_table(WORDS[name], G, device="cuda", copy=False)
        ),
        "table, copy=True": milliseconds(lambda: word_table(WORDS[name], G, device="cuda")),
        "GB/s of kernels": moved,
        "GB/s of a copy there": bandwidth,
        "bandwidth / kernels": bandwidth / moved,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="*", default=["S6", "S7"])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    measure = on_cuda if asked.device == "cuda" else on_cpu
    rows = []
    for group in asked.groups:
        G = wt.group(group)
        for name in WORDS:
            try:
                row = measure(G, name)
            except wt.WordTensorError as error:
                raise SystemExit(f"error: {error}") from None
            rows.append(row)
            print(f"{row.pop('group')} {row.pop('word')}, medians in ms", flush=True)
            for what, value in row.items():
                print(
                    f"  {what:24}{value:.3f}" if isinstance(value, float) else f"  {what:24}{value}"
                )
            row |= {"group": group, "word": name}
    if asked.json:
        asked.json.write_text(
            json.dumps({"version": wt.__version__, "rows": rows}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
