"""Progress on standard error: the only way in which the library prints."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeVar

State = TypeVar("State")

# What long work is at: the command line shows the last one where nothing else was seen for a while.
stages = logging.getLogger("wordtensor.stages")


def begin_stage(text: str, *values: object) -> None:
    """Log which part of long work begins, as "irreps of %s"."""
    stages.info(text, *values)


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
    start = f"{head}: {first}" if first else head
    if first and not console.is_terminal:
        console.print(Text(start), soft_wrap=True)
    last: object = None
    with console.status(Text(start)) if console.is_terminal else nullcontext() as status:

        def show(state: State) -> None:
            nonlocal last
            text = f"{head}: {line(state)}"
            now = text if key is None else key(state)
            if status is not None:
                status.update(Text(text))
            elif now != last:
                console.print(Text(text), soft_wrap=True)
            last = now
            tell(state)

        yield show
