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
    parts = []
    for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
        value = _median(row[name])
        if value is not None:
            text = f"{value:.3f}" if name.endswith("accuracy") else f"{value:.1e}"
            parts.append(f"{name.replace('_', ' ')} {text}")
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
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[words]}", markup=False),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=config.steps, words="")
        yield lambda row: bar.update(task, completed=row["step"], words=_words(row))
