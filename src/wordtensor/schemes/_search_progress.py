"""A line of progress on standard error while a search walks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .search_result import Progress

__all__ = ["show_search"]


@contextmanager
def show_search(
    shown: bool, head: str, callback: Callable[[Progress], None] | None
) -> Iterator[Callable[[Progress], None]]:
    """Give a callback that shows each step, if asked, and passes it on."""

    def silent(_: Progress) -> None:
        return

    following = callback or silent
    if not shown:
        yield following
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(Text(f"{head}: the first round")) as status:

            def report(now: Progress) -> None:
                status.update(Text(f"{head}: {_line(now)}"))
                following(now)

            yield report
        return
    seen: tuple[int, int | None] | None = None

    def print_line(now: Progress) -> None:
        nonlocal seen
        if (now.best, now.found) != seen:
            seen = (now.best, now.found)
            console.print(Text(f"{head}: {_line(now)}"))
        following(now)

    yield print_line


def _line(now: Progress) -> str:
    exact = "none exact yet" if now.found is None else f"exact {now.found}"
    speed = now.flips / max(now.seconds, 1e-9) / 1e6
    return (
        f"rank {now.best}, {exact}; pool {now.pool}; {now.flips / 1e6:.0f} million flips, "
        f"{speed:.1f} a second, {now.seconds:.0f} s"
    )
