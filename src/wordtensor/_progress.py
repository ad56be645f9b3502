"""Progress on standard error: the only way in which the library prints."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

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


def begin_stage(text: str, *values: object) -> None:
    """Log which part of long work begins, as "irreps of %s"."""
    stages.info(text, *values)


def is_compiled(source: str, function: str) -> bool:
    """Say whether an earlier process left a compiled function where numba keeps it by default."""
    path = Path(source)
    return any((path.parent / "__pycache__").glob(f"{path.stem}.{function}-*.nbi"))


@contextmanager
def show_progress(
    shown: bool,
    head: str,
    line: Callable[[State], str],
    callback: Callable[[State], object] | None = None,
    *,
    first: str = "",
    key: Callable[[State], object] | None = None,
) -> Iterator[Callable[[State], None]]:
    """Give a function that shows each state, if asked, and passes it on to a callback."""
    # On a terminal, one line that changes; in files and pipes, a line where its key has changed.

    def tell(state: State) -> None:
        if callback is not None:
            callback(state)

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
