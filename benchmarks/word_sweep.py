"""Ranks of equal tensors under different names, and the speed of short words over small groups.

Usage: python benchmarks/word_sweep.py labels [--pairs 300] [--seed 0] [--json FILE]
       python benchmarks/word_sweep.py speed [--no-store] [--length 4] [--json FILE] [GROUP ...]

`labels`: random words over random groups, each under random numberings of the group's elements and
spellings that give the same tensor up to the order of its slices: whatever is not the same rank,
lower bound and a verified result is printed. The pair itself is run with every number of BLAS
threads, its other names with one number each, in turn. `speed`: all words to a length with both
letters, one of each class under inversion and exchange of letters; ranks, seconds, and what share
of the blocks that the solver found, and of the results, is exact. Both end with one line of totals.
"""

import argparse
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import wordtensor as wt
from wordtensor.groups import exponent, is_abelian
from wordtensor.groups._catalogue import small_group_name, small_group_numbers
from wordtensor.words import reduced_words

GROUPS = ("S3", "D4", "Q8", "D5", "A4")


def group_names(most: int) -> list[str]:
    """Names of all groups up to an order that have one."""
    names = (small_group_name(*each) for each in small_group_numbers(most))
    return [name for name in names if name is not None]


def random_word(choose: random.Random, most: int) -> wt.Word:
    """Return a freely reduced word of random length, each of them equally likely."""
    text = ""
    for _ in range(choose.randint(1, most)):
        text += choose.choice([c for c in "abAB" if c != text[-1:].swapcase()])
    return wt.word(text, letters=("a", "b"))


def relabelled(G: wt.Group, choose: random.Random) -> wt.Group:
    """Number the elements of a group at random."""
    new = np.array(choose.sample(range(G.order), G.order))
    table = np.empty_like(G.cayley)
    table[np.ix_(new, new)] = new[G.cayley]
    return wt.Group.from_cayley(table)


def spellings(w: wt.Word, G: wt.Group) -> Iterator[tuple[str, wt.Word]]:
    """Yield words whose tensors over a group differ from w's in the order of slices and modes."""

    def respelled(change: Any) -> wt.Word:
        return wt.Word.from_syllables([change(*s) for s in w.syllables], w.letters)

    yield "inverse", w.inverse()
    yield "letters exchanged", w.swapped()
    yield "a inverted", respelled(lambda c, k: (c, k if c else -k))
    yield "b inverted", respelled(lambda c, k: (c, -k if c else k))
    yield "both inverted", respelled(lambda c, k: (c, -k))
    e = exponent(G)
    yield "exponents reduced", respelled(lambda c, k: (c, k % e))
    yield "exponents raised", respelled(lambda c, k: (c, k + e))
    if is_abelian(G):
        a, b = w.exponent_sums
        yield "collected", wt.Word.from_syllables([(0, a), (1, b)], w.letters)


def without_store() -> dict[str, Any]:
    """Return the argument that keeps `decompose` from using solved cores."""
    return {"store": wt.cores.Store()}


def outcome(w: wt.Word, G: wt.Group, threads: int, how: dict[str, Any]) -> dict[str, Any]:
    """Decompose and verify, with a number of BLAS threads; an exception is an outcome as well."""
    began = time.perf_counter()
    with threadpool_limits(threads, "blas"):
        try:
            d = wt.decompose(w, G, **how)
            found = {
                "rank": d.rank,
                "lower_bound": d.lower_bound,
                "verified": bool(wt.verify(d).ok),
                "route": d.route,
                "status": d.status,
            }
        except Exception as error:
            found = {"exception": f"{type(error).__name__}: {error}"}
    return {"threads": threads, "seconds": round(time.perf_counter() - began, 4), **found}


def named_cases(
    w: wt.Word, G: wt.Group, relabellings: int, choose: random.Random
) -> Iterator[tuple[str, wt.Word, wt.Group]]:
    for k in range(relabellings):
        yield f"relabelled {k + 1}", w, relabelled(G, choose)
    for name, other in spellings(w, G):
        yield name, other, G


def disagreement(runs: Sequence[dict[str, Any]]) -> list[str]:
    """Say in which respects the runs of one tensor are not the same, or not right."""
    faults = []
    for what in ("rank", "lower_bound"):
        if len({run[what] for run in runs if what in run}) > 1:
            faults.append(what)
    if any("exception" in run for run in runs):
        faults.append("exception")
    if not all(run.get("verified", True) for run in runs):
        faults.append("not verified")
    return faults


def labels(options: argparse.Namespace) -> dict[str, Any]:
    choose = random.Random(options.seed)
    names, threads = group_names(options.order), options.threads
    how = without_store() if options.no_store else {}
    began, pairs, count = time.perf_counter(), [], 0
    for _ in range(options.pairs):
        G = wt.group(choose.choice(names))
        w = random_word(choose, options.length)
        runs = [{"name": "itself", **outcome(w, G, t, how)} for t in threads]
        for k, (name, v, H) in enumerate(named_cases(w, G, options.relabellings, choose)):
            runs.append({"name": name, **outcome(v, H, threads[k % len(threads)], how)})
        faults, count = disagreement(runs), count + len(runs)
        pairs.append({"group": G.name, "word": str(w), "faults": faults, "runs": runs})
        if faults:
            print(f"{w} over {G.name}: {', '.join(faults)}", flush=True)
            for run in runs:
                said = run.get("exception") or f"rank {run['rank']} >= {run['lower_bound']}"
                print(f"    {run['name']:18} {run['threads']} threads  {said}", flush=True)
    spreads = Counter(
        max(ranks) - min(ranks)
        for ranks in ([r["rank"] for r in pair["runs"] if "rank" in r] for pair in pairs)
        if ranks
    )
    kinds = Counter(fault for pair in pairs for fault in pair["faults"])
    seconds = time.perf_counter() - began
    print(
        f"{len(pairs)} pairs, {count} runs, {seconds:.0f} s; pairs with faults "
        f"{sum(bool(pair['faults']) for pair in pairs)} {dict(kinds)}; largest rank minus least: "
        f"{dict(sorted(spreads.items()))}"
    )
    return {"pairs": pairs, "seconds": seconds, "spreads": spreads, "faults": kinds}


def speed(options: argparse.Namespace) -> dict[str, Any]:
    how = without_store() if options.no_store else {}
    words = [w for w in reduced_words(options.length) if all(w.letter_counts)]
    rows = []
    wt.decompose("a*b*a", "S3", **how)  # what is compiled or read once is not counted
    for name in options.groups or GROUPS:
        G = wt.group(name)
        for w in words:
            for _ in range(options.repeats):
                began = time.perf_counter()
                d = wt.decompose(w, G, **how)
                seconds = time.perf_counter() - began
            solved = [block.status for block in d.blocks if block.strategy in ("solver", "store")]
            rows.append(
                {
                    "group": name, "word": str(w), "rank": d.rank, "lower_bound": d.lower_bound,
                    "status": d.status, "route": d.route, "seconds": seconds, "solved": solved,
                }
            )  # fmt: skip
        print(summary(name, [row for row in rows if row["group"] == name]), flush=True)
    print("slowest:")
    for row in sorted(rows, key=lambda row: -row["seconds"])[:10]:
        print(f"  {1e3 * row['seconds']:8.1f} ms  {row['word']} over {row['group']}: {row['rank']}")
    print(summary("all", rows))
    return {"rows": rows}


def summary(name: str, rows: list[dict[str, Any]]) -> str:
    times = sorted(row["seconds"] for row in rows)
    hard = sum(row["seconds"] for row in rows if row["status"] == "numerical")
    solved = [status for row in rows for status in row["solved"]]
    exact = f"{solved.count('exact')} of {len(solved)}"
    return (
        f"{name:5} {len(rows)} cases, {len(rows) / sum(times):.2f} a second, median "
        f"{1e3 * statistics.median(times):.1f} ms, p95 {1e3 * times[int(0.95 * len(times))]:.1f} "
        f"ms, most {1e3 * times[-1]:.1f} ms; numerical results take {hard / sum(times):.0%}; exact "
        f"of the solver's blocks {exact}; results {dict(Counter(row['status'] for row in rows))}; "
        f"sum of ranks {sum(row['rank'] for row in rows)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--no-store", action="store_true", help="what the solver alone does")
    common.add_argument("--json", type=Path, metavar="FILE", help="where all results are written")
    ways = parser.add_subparsers(required=True)
    one = ways.add_parser("labels", parents=[common], help="equal tensors, different names")
    one.add_argument("--pairs", type=int, default=300)
    one.add_argument("--order", type=int, default=24, help="of the largest groups")
    one.add_argument("--length", type=int, default=6, help="of the longest words")
    one.add_argument("--relabellings", type=int, default=5)
    one.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="of BLAS")
    one.add_argument("--seed", type=int, default=0)
    one.set_defaults(run=labels)
    two = ways.add_parser("speed", parents=[common], help="short words over small groups")
    two.add_argument("groups", nargs="*", metavar="GROUP")
    two.add_argument("--length", type=int, default=4)
    two.add_argument("--repeats", type=int, default=1, help="of each case; the last one counts")
    two.set_defaults(run=speed)
    options = parser.parse_args()
    result = options.run(options)
    if options.json is not None:
        result["version"] = wt.__version__
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
