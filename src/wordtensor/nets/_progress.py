"""Progress while a net is trained."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from .._progress import show_progress
from .config import TrainConfig


def show_training(
    config: TrainConfig, shown: bool | None
) -> AbstractContextManager[Callable[[dict[str, Any]], None]]:
    """Show each record, if asked; in files, every tenth of the steps, or a new accuracy."""

    def line(row: dict[str, Any]) -> str:
        parts = [f"{row['step']}/{config.steps} steps", f"{row['seconds']:.0f} s"]
        loss, (part, accuracy) = _median(row["train_loss"]), _accuracy(row)
        if loss is not None:
            parts.append(f"loss {loss:.1e}")
        if accuracy is not None:
            parts.append(f"{part} accuracy {accuracy:.3f}")
        return ", ".join(parts)

    def key(row: dict[str, Any]) -> tuple[int, str]:
        return 10 * row["step"] // max(config.steps, 1), f"{_accuracy(row)[1] or 0:.2f}"

    head = "parity" if config.model == "parity" else f"{config.word} over {config.group}"

    def share(row: dict[str, Any]) -> float:
        return float(row["step"]) / max(config.steps, 1)

    return show_progress(shown, head, line, key=key, share=share)


def _accuracy(row: dict[str, Any]) -> tuple[str, float | None]:
    """Return the accuracy, on test pairs if there are any; of many instances, the median."""
    tested = _median(row["test_accuracy"])
    return ("train", _median(row["train_accuracy"])) if tested is None else ("test", tested)


def _median(values: list[float | None]) -> float | None:
    known = sorted(value for value in values if value is not None)
    return known[len(known) // 2] if known else None
