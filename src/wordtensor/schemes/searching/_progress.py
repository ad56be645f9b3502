"""Progress while a search walks."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from ..._progress import show_progress
from ._limits import Limits
from .results import Progress


def show_search(
    shown: bool | None, head: str, callback: Callable[[Progress], None] | None, limits: Limits
) -> AbstractContextManager[Callable[[Progress], None]]:
    """Give a callback that shows steps, if asked (in files, better ones), and passes them on."""

    def share(now: Progress) -> float | None:
        spent = [] if limits.flips is None else [now.flips / limits.flips]
        spent += [limits.elapsed() / limits.seconds] if limits.seconds else []
        return max(spent, default=None)

    return show_progress(
        shown, head, _line, callback, first="the first walks", share=share,
        key=lambda now: (now.best, now.found),
    )  # fmt: skip


def _line(now: Progress) -> str:
    exact = "none exact yet" if now.found is None else f"exact {now.found}"
    speed = now.flips / max(now.seconds, 1e-9) / 1e6
    return (
        f"rank {now.best}, {exact}; pool {now.pool}; {now.flips / 1e6:.0f} million flips, "
        f"{speed:.1f} million a second, {now.seconds:.0f} s"
    )
