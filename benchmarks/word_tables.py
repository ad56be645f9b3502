"""Word tables against plain numpy indexing and a copy of the table's bytes, side by side.

Usage: python benchmarks/word_tables.py [GROUP ...]   (S6 and S7 by default; medians of 7 runs)
"""

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

import wordtensor as wt
from wordtensor.groups import exponent
from wordtensor.words._powers import reduce_exponents
from wordtensor.words.evaluate import evaluate_numba


def milliseconds(run: Callable[[], object], repeats: int = 7) -> float:
    run()  # the first run compiles, and touches the pages
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def plain_commutator(G: wt.Group) -> np.ndarray:
    a_b = G.cayley
    return G.cayley[G.cayley[a_b, G.inverse[:, None]], G.inverse[None, :]]


def main() -> None:
    import numba

    threads = numba.get_num_threads()
    print(f"[a,b], {threads} thread(s), medians in ms; ratio = copy / ours")
    print(f"{'group':6}{'ours':>9}{'numpy':>10}{'numpy/ours':>12}{'copy':>9}{'ratio':>8}")
    for name in sys.argv[1:] or ["S6", "S7"]:
        G = wt.group(name)
        syllables = reduce_exponents(wt.word("[a,b]").syllables, exponent(G))
        if not np.array_equal(evaluate_numba(syllables, G), plain_commutator(G)):
            raise SystemExit(f"{name}: the kernel's table is wrong")
        target = np.empty_like(G.cayley)
        ours = milliseconds(lambda f=syllables, G=G: evaluate_numba(f, G))
        plain = milliseconds(lambda G=G: plain_commutator(G), 3)
        copy = milliseconds(lambda G=G, target=target: np.copyto(target, G.cayley))
        print(f"{name:6}{ours:9.2f}{plain:10.1f}{plain / ours:12.1f}{copy:9.2f}{copy / ours:8.2f}")


if __name__ == "__main__":
    main()
