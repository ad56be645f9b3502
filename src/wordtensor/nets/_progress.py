"""A bar on standard error while a net is trained."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .config import TrainConfig

__all__ = ["show_training"]


def _median(values: list[float | None]) -> float | None:
    known = sorted(value for value in values if value is not None)
    return known[len(known) // 2] if known else None


def _words(row: dict[str, Any]) -> str:
    """Say loss and accuracy, on test pairs if there are any, in as few columns as possible."""
    parts = []
    loss = _median(row["train_loss"])
    if loss is not None:
        parts.append(f"loss {loss:.1e}")
    for part in ("test", "train"):
        accuracy = _median(row[f"{part}_accuracy"])
        if accuracy is not None:
            parts.append(f"{part} accuracy {accuracy:.3f}")
            break
    return ", ".join(parts)


@contextmanager
def show_training(config: TrainConfig, shown: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Give a function that shows a record, if asked; many instances by their median."""
    if not shown:
        yield lambda row: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    what = "parity" if config.model == "parity" else f"{config.word} over {config.group}"
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=10),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[words]}", markup=False),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=config.steps, words="")
        yield lambda row: bar.update(task, completed=row["step"], words=_words(row))
