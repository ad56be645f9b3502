"""A line of progress on standard error while the solver works."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import count

from .._progress import begin_stage, show_progress
from ..solver.descent import Attempt


def show_attempts(
    shown: bool, subject: str, callback: Callable[[Attempt], None] | None
) -> AbstractContextManager[Callable[[Attempt], None]]:
    """Show each attempt, if asked; in files, each after which a block is shorter."""
    starts = count(1)

    def line(now: Attempt) -> str:
        return (
            f"{now.best} terms for this block; start {next(starts)}, {now.rank} terms {now.status} "
            f"(residual {now.residual:.0e})"
        )

    def told(now: Attempt) -> None:
        begin_stage("solver, %d terms for the present block and looking for fewer", now.best)
        if callback is not None:
            callback(now)

    first = "reading its structure"
    return show_progress(shown, subject, line, told, first=first, key=lambda now: now.best)
