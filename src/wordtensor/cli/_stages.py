"""Which part of long work a command is at: a line on stderr where nothing was seen for a while."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from .._progress import LIVE, OVER, SEEN, stages
from ._output import say

_SILENCE: Final = 3.0  # seconds
_LONG_SILENCE: Final = 10.0  # also where each stage is short
_PERIOD: Final = 0.5  # seconds between two looks at the clock


class StageLines(logging.Handler):
    """Knows the last stage, and says it once it has lasted."""

    def __init__(
        self, first: str, clock: Callable[[], float], tell: Callable[[str], object]
    ) -> None:
        super().__init__(SEEN)
        self.clock, self.tell = clock, tell
        self.begin = self.since = self.untold = self.spoken = clock()
        self.stage: str | None = first
        self.live = 0  # lines that change, on a terminal

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a stage that begins, or of a line of progress that was shown."""
        if record.levelno == SEEN:
            self.spoken = self.clock()
            self.live += (record.msg == LIVE) - (record.msg == OVER)
        else:
            self.since = self.clock()
            self.untold = self.since if self.stage is None else self.untold
            self.stage = record.getMessage()

    def look(self) -> None:
        """Say the stage, if it or the silence has lasted; each stage is said once."""
        now = self.clock()
        lasted = now - max(self.since, self.spoken) >= _SILENCE
        lasted = lasted or now - max(self.untold, self.spoken) >= _LONG_SILENCE
        if self.stage is not None and not self.live and lasted:
            stage, self.stage, self.spoken = self.stage, None, now
            self.tell(f"{stage} ... {now - self.begin:.0f} s")


@contextmanager
def stages_shown(first: str) -> Iterator[None]:
    """Say the stages of what is inside on stderr."""
    lines = StageLines(first, time.monotonic, lambda text: say(text, err=True))
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_PERIOD):
            lines.look()

    # A daemon: Ctrl-C is the main thread's, and no exit waits for this one.
    thread = threading.Thread(target=watch, daemon=True)
    level = stages.level
    stages.addHandler(lines)
    stages.setLevel(SEEN)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        stages.removeHandler(lines)
        stages.setLevel(level)
