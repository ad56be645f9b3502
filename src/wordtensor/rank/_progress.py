"""Progress while the solver works."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import count

from .._progress import begin_stage, show_progress
from ..solver.descent import Attempt


def show_attempts(
    shown: bool | None,
    subject: str,
    callback: Callable[[Attempt], None] | None,
    limit: float | None = None,
) -> AbstractContextManager[Callable[[Attempt], None]]:
    """Show each attempt, if asked; in files, each after which a block is shorter."""
    starts, began = count(1), time.monotonic()

    def line(now: Attempt) -> str:
        return (
            f"{now.best} terms for this block; start {next(starts)}, {now.rank} terms {now.status} "
            f"(residual {now.residual:.0e})"
        )

    def told(now: Attempt) -> None:
        begin_stage("solver, %d terms for the present block and looking for fewer", now.best)
        if callback is not None:
            callback(now)

    def share(_: Attempt) -> float | None:
        return (time.monotonic() - began) / limit if limit else None

    first = "reading its structure"
    return show_progress(
        shown, subject, line, told, first=first, key=lambda now: now.best, share=share
    )
