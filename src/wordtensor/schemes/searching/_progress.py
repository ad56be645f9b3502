"""A line of progress on standard error while a search walks."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from ..._progress import show_progress
from .results import Progress


def show_search(
    shown: bool, head: str, callback: Callable[[Progress], None] | None
) -> AbstractContextManager[Callable[[Progress], None]]:
    """Give a callback that shows steps, if asked (in files, better ones), and passes them on."""
    return show_progress(
        shown, head, _line, callback, first="the first walks", key=lambda now: (now.best, now.found)
    )


def _line(now: Progress) -> str:
    exact = "none exact yet" if now.found is None else f"exact {now.found}"
    speed = now.flips / max(now.seconds, 1e-9) / 1e6
    return (
        f"rank {now.best}, {exact}; pool {now.pool}; {now.flips / 1e6:.0f} million flips, "
        f"{speed:.1f} million a second, {now.seconds:.0f} s"
    )
