"""A line of progress on standard error while the solver works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .descent import Attempt

__all__ = ["show_progress"]


def _silent(_: Attempt) -> None:
    """Report nothing."""
    return


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
