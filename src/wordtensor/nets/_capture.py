"""Whole steps recorded once and replayed, where launching single operations costs the time."""

from collections.abc import Callable

import torch
from torch import Tensor

Body = Callable[[Tensor | None], None]
# From something to do to the same thing done again, without running it now.
Recorder = Callable[[Callable[[], None]], Callable[[], None]]

# Steps before recording: optimisers and libraries of matrices set themselves up in them.
_FIRST = 3
# Steps in one launch, where nothing comes from outside between them.
TOGETHER = 16


def cuda_graph(work: Callable[[], None]) -> Callable[[], None]:
    """Record what work launches on the current CUDA device; the result launches it all at once."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


# A record is made for every length of a batch, and one of many steps without batches. The pairs of
# a batch are copied to where the record reads them.
class Launches:
    """Runs a step's body, and from the fourth time on replays a record of it."""

    def __init__(self, body: Body, record: Recorder) -> None:
        self._body, self._record, self._made = body, record, 0
        self._records: dict[tuple[int, int], tuple[Callable[[], None], Tensor | None]] = {}

    def ready(self) -> bool:
        """Whether the first steps, which run as they are, lie behind."""
        return self._made >= _FIRST

    def __call__(self, batch: Tensor | None, times: int = 1) -> None:
        """Make so many steps with one batch, or with all pairs."""
        if not self.ready():
            for _ in range(times):
                self._body(batch)
            self._made += times
            return
        key = (0 if batch is None else batch.shape[-1], times)
        if key not in self._records:
            place = None if batch is None else batch.clone()
            self._records[key] = (self._record(lambda: self._repeat(place, times)), place)
        replay, place = self._records[key]
        if place is not None and batch is not None:
            place.copy_(batch)
        replay()

    def _repeat(self, batch: Tensor | None, times: int) -> None:
        for _ in range(times):
            self._body(batch)
