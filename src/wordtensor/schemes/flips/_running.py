"""Rounds of a search in the flip graph until a limit, with reports and a checkpoint."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..._interrupts import was_interrupted
from ._checkpoint import save_checkpoint
from ._search import FlipSearch, Progress

__all__ = ["Limits", "run_rounds"]

_SAVE_EVERY: Final = 5.0


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: by the time of this session and by the flips of all."""

    seconds: float | None  # Time since ``began``;
    flips: int | None  # Flips spent by the search, those before a resumption included;
    # When this session began, by `time.monotonic`
    began: float = field(default_factory=time.monotonic)

    def reached(self, search: FlipSearch[Any]) -> bool:
        """Tell whether a search is to stop."""
        late = self.seconds is not None and time.monotonic() - self.began >= self.seconds
        return late or (self.flips is not None and search.spent >= self.flips)


def run_rounds(
    search: FlipSearch[Any],
    stop: Limits,
    reports: Sequence[Callable[[Progress], None]],
    path: Path | None = None,
    task: dict[str, Any] | None = None,
    device: str = "cpu",
) -> bool:
    """Do rounds until a limit is reached or the search is done."""
    threads = min(search.options.walkers, os.cpu_count() or 1)
    saved = -_SAVE_EVERY
    interrupted = False
    with ThreadPoolExecutor(threads) if threads > 1 else nullcontext() as executor:
        try:
            while not search.done and not stop.reached(search):
                now = search.round(executor, device)
                for report in reports:
                    report(now)
                if path is not None and time.monotonic() - saved > _SAVE_EVERY:
                    save_checkpoint(path, search, task or {})
                    saved = time.monotonic()
        except (KeyboardInterrupt, SystemError) as error:
            if not was_interrupted(error):
                raise
            interrupted = True
        if path is not None:
            save_checkpoint(path, search, task or {})
    return interrupted
