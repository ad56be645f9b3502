"""A word table by the compiled kernels: which of them run on which memory."""

import numpy as np
from numpy.typing import NDArray

from ..groups import Group
from . import _kernels
from ._passes import POWER, Pass, Program, program
from ._syllables import Syllables

# Entries from which two threads are faster than one, even if they have to wait for each other.
_THREADS_FROM = 2**20


def evaluate(
    factors: Syllables, G: Group, times: int = 1, narrow: bool = False
) -> NDArray[np.int32] | NDArray[np.int16]:
    """Tabulate a power of a word; see `wordtensor.words.evaluate.evaluate_numba`."""
    n = G.order
    work = program(factors, times, G)
    run = _Run(work, G, n * n >= _THREADS_FROM)
    if narrow:
        table = np.empty((n, n), np.uint16)
        run.passes(table, work.passes)
        return table.view(np.int16)
    out = np.empty((n, n), dtype=np.int32)
    *before, last = work.passes
    if not before and not work.turned:
        run.along(out, work.values, last, 0, n)
        return out
    # Half as wide, a table is gone through faster; until the end it lies in the half of the
    # result's own memory that is overwritten last.
    half = out.reshape(-1).view(np.uint16)[n * n :].reshape(n, n)
    if last.across or work.turned:
        run.passes(half, work.passes)
        last = Pass(False, np.array([(POWER, work.identity)], dtype=np.int64))
    else:
        run.passes(half, before)
    for begin, end in _stages(n) if run.parallel else ((0, n),):
        run.along(out, half, last, begin, end)
    return out


def _stages(n: int) -> list[tuple[int, int]]:
    """Cut the rows so that those of a stage, widened, lie on narrow ones of earlier stages only."""
    # Row i takes the place of the narrow rows 2 i - n and 2 i - n + 1.
    stages, begin = [], 0
    while begin < n:
        end = max(begin + 1, (begin + n) // 2)
        stages.append((begin, end))
        begin = end
    return stages


class _Run:
    """The kernels with what they look up, on one thread or many."""

    def __init__(self, work: Program, G: Group, parallel: bool) -> None:
        self.parallel = parallel
        self._work = work
        self._tables = (work.maps, G.cayley, work.orbit, work.orbit_of, work.carrier)

    def passes(self, table: NDArray[np.uint16], passes: "tuple[Pass, ...] | list[Pass]") -> None:
        """Make passes, the first from the row that the program begins with, in 16 bits."""
        across = _kernels.apply_across if self.parallel else _kernels.apply_across_serial
        transpose = (
            _kernels.transpose_in_place if self.parallel else _kernels.transpose_in_place_serial
        )
        values = self._work.values
        for step in passes:
            if step.across:
                across(table, step.steps, *self._tables)
            else:
                self.along(table, values, step, 0, len(table))
            values = table
        if self._work.turned:
            transpose(table)

    def along(
        self,
        out: NDArray[np.uint16] | NDArray[np.int32],
        values: NDArray[np.uint16],
        step: Pass,
        begin: int,
        end: int,
    ) -> None:
        """Make a pass along some rows."""
        apply = _kernels.apply_steps if self.parallel else _kernels.apply_steps_serial
        apply(out, values, step.steps, begin, end, *self._tables)
