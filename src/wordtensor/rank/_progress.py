"""A line of progress on standard error while the solver works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..solver.descent import Attempt

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["show_progress"]


def _silent(_: Attempt) -> None:
    """Report nothing."""
    return


def _printing(
    console: "Console", head: str, following: Callable[[Attempt], None]
) -> Callable[[Attempt], None]:
    """Print a line where a block got shorter: for files and pipes."""
    from rich.text import Text

    console.print(Text(f"{head}: reading its structure"))
    last: int | None = None

    def report(attempt: Attempt) -> None:
        nonlocal last
        if attempt.best != last:
            console.print(Text(f"{head}: {attempt.best} terms for this block"))
            last = attempt.best
        following(attempt)

    return report


@contextmanager
def show_progress(
    shown: bool, word: str, group: str, callback: Callable[[Attempt], None] | None
) -> Iterator[Callable[[Attempt], None]]:
    """Give a callback that shows each attempt, if asked, and passes it on."""
    following = callback or _silent
    if not shown:
        yield following
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    head = f"{word} over {group}"
    count = 0

    if not console.is_terminal:
        yield _printing(console, head, following)
        return
    with console.status(Text(f"{head}: reading its structure")) as status:

        def report(attempt: Attempt) -> None:
            nonlocal count
            count += 1
            status.update(
                Text(
                    f"{head}: start {count}, {attempt.rank} terms {attempt.status} "
                    f"(residual {attempt.residual:.0e}); best for this block {attempt.best}"
                )
            )
            following(attempt)

        yield report
