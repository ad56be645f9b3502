"""What all suites share: ways of doing the same thing, each checked before it is timed.

A suite is a class with ``params = (cases, ways)``. The ways are "ours", the names of peers, and
"limit": what the hardware needs for it, the bytes copied or the operations done by the best
primitive there is, measured like the others.

``setup`` lets a way do its work once. This warms it up, and the answer is compared with a plain
reference. A peer whose answer is wrong is skipped (n/a). So is the time of ours; the ``track_``
methods still show the error. A fast wrong answer is never counted.

`report.py` reads the class attribute ``pretty_suite``, and what functions carry:

``track_x.params = (cases, ("ours",))``
    asv's own: which parameters a method takes, if not those of its class.
``track_x.row = "lower"`` or ``"higher"``
    The values are compared like times, in a row of their own; which are better.
"""

import importlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, NoReturn

from asv_runner.benchmarks.mark import SkipNotImplemented
from threadpoolctl import threadpool_limits

OURS, LIMIT = "ours", "limit"
SEED = 0

# Peers that take more than a few seconds are measured by `make bench-full` only.
FULL = bool(os.environ.get("WORDTENSOR_BENCH_FULL"))


def peer(module: str) -> ModuleType:
    """Import a peer, or have asv skip what needs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise NotImplementedError(f"{module} is not installed: {error}") from error


def require_memory(gib: float) -> None:
    """Have asv skip what would need more memory than there is, instead of being killed.

    Where the system does not say how much there is, nothing is skipped.
    """
    counted = Path("/proc/meminfo")
    if not counted.exists():
        return
    lines = counted.read_text().splitlines()
    available = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
    if available < gib * 2**20:
        raise NotImplementedError(f"needs {gib} GiB; {available / 2**20:.1f} GiB are available")


def require_full(seconds: float) -> None:
    """Have asv skip what takes long, unless WORDTENSOR_BENCH_FULL is set."""
    if not FULL:
        raise NotImplementedError(f"takes {seconds} s; set WORDTENSOR_BENCH_FULL to measure it")


def require_cuda() -> None:
    """Have asv skip what needs a GPU where there is none."""
    if not peer("numba.cuda").is_available():
        raise NotImplementedError("no CUDA device")


def one_thread() -> None:
    """Hold BLAS to one thread, should numpy have been imported before the package could say so."""
    threadpool_limits(1)


class Suite(ABC):
    """Times of the ways, for each of the cases."""

    # A line for the table.
    pretty_suite: ClassVar[str]
    params: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]]
    param_names = ("case", "way")
    # The largest error that counts as right.
    tolerance: ClassVar[float] = 0.0

    # For asv: seconds; one process for each measurement; least and most samples, and their seconds.
    timeout = 120.0
    rounds = 1
    repeat = (3, 50, 2.0)

    _ready: tuple[str, str] | None = None

    @abstractmethod
    def prepare(self, case: str, way: str) -> Callable[[], Any]:
        """Return the work to be timed, or raise NotImplementedError to have it skipped."""

    @abstractmethod
    def check(self, case: str, way: str, answer: Any) -> float:
        """Return how far an answer is from the plain reference."""

    def setup(self, case: str, way: str) -> None:
        # asv calls this before every sample.
        if self._ready == (case, way):
            return
        one_thread()
        self.work = self.prepare(case, way)
        self.answer = self.work()
        self.error = 0.0 if way == LIMIT else float(self.check(case, way, self.answer))
        # Written so that a NaN is wrong.
        if not self.error <= self.tolerance:
            message = f"{way} is wrong for {case}: error {self.error:.2g}"
            if way != OURS:
                raise NotImplementedError(message)
            self.work = _wrong(message)
        self._ready = (case, way)


def _wrong(message: str) -> Callable[[], NoReturn]:
    def work() -> NoReturn:
        raise SkipNotImplemented(message)

    return work


def unknown(way: str) -> NotImplementedError:
    """Return the error for a way that a case does not have."""
    return NotImplementedError(f"no way called {way!r} here")
