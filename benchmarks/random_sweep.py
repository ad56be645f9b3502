"""Whether `decompose` ends in time on whatever it is given: random words over random groups.

Usage: python benchmarks/random_sweep.py [--cases 300] [--order 120] [--seed 0] [--all]
                                         [--json FILE]

Each case runs in a child process that knows no solved cores, and that the system ends after a limit
of CPU seconds, which are what is reported: other work on the machine does not count. It is right if
the result is verified, or if the case is refused with a sentence of ours; what is not right is
printed as it comes. At the end: the slowest cases, and one line of totals.
"""

import argparse
import json
import multiprocessing
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal, Self

from word_sweep import group_names, random_word

import wordtensor as wt

# From this order on the catalogue of small groups has few names: these families are tried as well.
CATALOGUED = 63
FAMILIES = (
    "C{}", "D{}", "Dic{}", "C{} x C2", "D{} x C3", "C{} x S3", "Dic{} x C2", "A4 x C{}", "Q8 x C{}",
    "S4 x C{}", "SD{}", "Q{}", "C2^{}", "C3^{}", "C4^{}", "C5^{}", "Heis({})", "S{}", "A{}",
    "SL(2,{})", "GL(2,{})", "PSL(2,{})", "S3^{}", "D4^{}",
)  # fmt: skip

Outcome = Literal["verified", "not verified", "refused", "crashed", "too long"]


@dataclass(frozen=True)
class Case:
    """What became of one word over one group."""

    word: str
    group: str
    outcome: Outcome
    seconds: float  # of the CPU, without verification
    megabytes: float = 0.0  # the most memory that the process has held so far
    order: int = 0
    rank: int = 0
    lower_bound: int = 0
    said: str = ""  # the route and status of a result, or the sentence

    @property
    def is_right(self) -> bool:
        return self.outcome in ("verified", "refused")

    def __str__(self) -> str:
        number = f"rank {self.rank} >= {self.lower_bound}, " if self.rank else ""
        return (
            f"{self.seconds:7.2f} s {self.megabytes:6.0f} MB  {self.word} over {self.group} "
            f"(order {self.order}): {self.outcome}, {number}{self.said}"
        )


def larger_names(most: int) -> list[list[str]]:
    """Name the groups of some families that are above the catalogue: one list a family."""
    families = []
    for pattern in FAMILIES:
        names = []
        for k in range(2, most + 1):
            try:
                order = wt.group(pattern.format(k)).order
            except wt.WordTensorError:  # no such group, or far too large
                continue
            if order > most:
                break
            if order > CATALOGUED:
                names.append(pattern.format(k))
        families.append(names)
    return [names for names in families if names]


def any_word(choose: random.Random, most: int) -> wt.Word:
    """Draw a reduced word, or one whose letters have random exponents, or a commutator of two."""
    w = random_word(choose, most)
    kind = choose.random()
    if kind < 0.3:
        steps = [(c, k * choose.randint(1, 7)) for c, k in w.syllables[:4]]
        return wt.Word.from_syllables(steps, w.letters)
    if kind < 0.4:
        v = random_word(choose, 2)
        return w * v * w.inverse() * v.inverse()
    return w


def cases(count: int, most: int, length: int, seed: int) -> Iterator[tuple[str, str]]:
    """Draw words and groups: as many groups above the catalogue as in it, all families alike."""
    choose = random.Random(seed)
    small, large = group_names(min(most, CATALOGUED)), larger_names(most)
    for _ in range(count):
        names = choose.choice(large) if large and choose.random() < 0.5 else small
        yield str(any_word(choose, length)), choose.choice(names)


def run_case(text: str, name: str) -> Case:
    """Decompose and verify; an exception is an outcome as well."""
    began = time.process_time()
    order = rank = bound = 0
    outcome: Outcome
    try:
        G = wt.group(name)
        order = G.order
        d = wt.decompose(wt.word(text, letters=("a", "b")), G, store=wt.cores.Store())
        seconds = time.process_time() - began
        rank, bound, said = d.rank, d.lower_bound, f"{d.route}, {d.status}"
        report = wt.verify(d)
        outcome = "verified" if report.ok else "not verified"
    except wt.WordTensorError as error:
        seconds = time.process_time() - began
        outcome, said = "refused", str(error)
    except Exception as error:
        seconds = time.process_time() - began
        outcome, said = "crashed", f"{type(error).__name__}: {error}"
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Case(text, name, outcome, seconds, held, order, rank, bound, said)


def _serve(questions: Connection, limit: float) -> None:
    while True:
        case = questions.recv()
        spent = int(time.process_time() + limit) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent, resource.RLIM_INFINITY))
        questions.send(run_case(*case))


class Child:
    """A process that runs one case after another, and a new one where it had to be killed."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._context = multiprocessing.get_context("spawn")

    def __enter__(self) -> Self:
        self._line, far = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(far, self._limit), daemon=True)
        self._process.start()
        far.close()
        self._line.send(("a*b*a", "S3"))  # what is compiled or read once is not counted
        self._line.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    def ask(self, text: str, name: str) -> Case:
        self._line.send((text, name))
        try:
            answer: Case = self._line.recv()
            return answer
        except EOFError:
            self._process.join()
        late = self._process.exitcode == -signal.SIGXCPU
        self.__enter__()
        outcome: Outcome = "too long" if late else "crashed"
        return Case(text, name, outcome, self._limit * late, said="the process was ended")


def sweep(
    count: int, most: int, length: int, seed: int, limit: float, verbose: bool = False
) -> list[Case]:
    """Run all cases; print what is wrong as it comes, or everything."""
    found = []
    with Child(limit) as child:
        for text, name in cases(count, most, length, seed):
            case = child.ask(text, name)
            found.append(case)
            if verbose or not case.is_right:
                print(case, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--order", type=int, default=120, help="of the largest groups")
    parser.add_argument("--length", type=int, default=8, help="of the longest words")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=60.0, help="CPU seconds for a case")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all results are written")
    parser.add_argument("--all", action="store_true", help="print every case as it comes")
    options = parser.parse_args()
    drawn = (options.cases, options.order, options.length, options.seed)
    found = sweep(*drawn, options.limit, options.all)
    slowest = sorted(found, key=lambda case: -case.seconds)
    print("slowest:")
    for case in slowest[:20]:
        print(case)
    print(
        f"{len(found)} cases, {sum(case.seconds for case in found):.0f} s, median "
        f"{slowest[len(found) // 2].seconds:.2f} s; {dict(Counter(c.outcome for c in found))}"
    )
    if options.json is not None:
        rows = [asdict(case) for case in found]
        text = json.dumps({"version": wt.__version__, "cases": rows}, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
