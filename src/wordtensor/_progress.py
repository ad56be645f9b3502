"""Progress, on standard error or in a notebook: the only way in which the library prints."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from ._notebook import Bar, drawn, in_notebook
from ._text import printable

if TYPE_CHECKING:
    from rich.status import Status

State = TypeVar("State")

# What long work is at: the command line shows the last one where nothing else was seen for a while.
stages = logging.getLogger("wordtensor.stages")
# The level of its records of progress that was seen: a line, or one that changes from LIVE to OVER.
SEEN: Final = 5
LIVE: Final = "live"
OVER: Final = "over"
# Which share of the work is done, where a record knows it.
_SHARE: Final = "share"


def begin_stage(text: str, *values: object) -> None:
    """Log which part of long work begins, as "irreps of %s"."""
    stages.info(text, *values)


def is_compiled(source: str, function: str) -> bool:
    """Say whether an earlier process left a compiled function where numba keeps it by default."""
    path = Path(source)
    return any((path.parent / "__pycache__").glob(f"{path.stem}.{function}-*.nbi"))


@contextmanager
def show_progress(
    shown: bool | None,
    head: str,
    line: Callable[[State], str],
    callback: Callable[[State], object] | None = None,
    *,
    first: str = "",
    key: Callable[[State], object] | None = None,
    share: Callable[[State], float | None] | None = None,
) -> Iterator[Callable[[State], None]]:
    """Give a function that shows each state, if asked, and passes it on to a callback."""
    # On a terminal, one line that changes; in files and pipes, a line where its key has changed;
    # in a notebook a bar, also if nobody said whether (None).

    def tell(state: State) -> None:
        if callback is not None:
            callback(state)

    if shown is not False and in_notebook():

        def draw(state: State) -> None:
            # Last: a callback may begin a stage.
            tell(state)
            stages.log(SEEN, "%s", line(state), extra={_SHARE: share and share(state)})

        with notebook_bar(shown, head):
            yield draw
        return
    if not shown:
        yield tell
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    start = printable(f"{head}: {first}" if first else head)
    if first and not console.is_terminal:
        _write(start)
    last: object = None
    with _live(console.status(Text(start))) if console.is_terminal else nullcontext() as status:

        def show(state: State) -> None:
            nonlocal last
            text = printable(f"{head}: {line(state)}")
            now = text if key is None else key(state)
            if status is not None:
                status.update(Text(text))
            elif now != last:
                _write(text)
            last = now
            tell(state)

        yield show


@contextmanager
def notebook_bar(shown: bool | None, head: str) -> Iterator[None]:
    """In a notebook, show what the work inside is at, unless that is refused or shown already."""
    # The bar hears what is logged: of parts of work that know nothing of it, too.
    if shown is False or not in_notebook() or any(isinstance(f, _Heard) for f in stages.filters):
        yield
        return
    level, heard = stages.level, _Heard(Bar(head), stages.getEffectiveLevel())
    with drawn(heard.bar):
        stages.addFilter(heard)
        stages.setLevel(SEEN)
        try:
            yield
        finally:
            stages.setLevel(level)
            stages.removeFilter(heard)


class _Heard(logging.Filter):
    """Tells a bar what is logged, and lets pass what would have been logged without it."""

    def __init__(self, bar: Bar, level: int) -> None:
        super().__init__()
        self.bar, self.level = bar, level

    def filter(self, record: logging.LogRecord) -> bool:
        """Take note of a record."""
        if record.msg not in (LIVE, OVER):
            self.bar.tell(record.getMessage(), getattr(record, _SHARE, self.bar.share))
        return record.levelno >= self.level


def _write(text: str) -> None:
    """Write a line to stderr; where nobody reads it, the work goes on."""
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    stages.log(SEEN, "%s", text)


@contextmanager
def _live(status: "Status") -> Iterator["Status"]:
    """Show a line that changes, and note how long."""
    stages.log(SEEN, LIVE)
    try:
        with status:
            yield status
    finally:
        stages.log(SEEN, OVER)
