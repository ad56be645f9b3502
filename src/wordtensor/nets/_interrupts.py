"""Ctrl-C between two steps of training, never within one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

__all__ = ["Interruption", "deferred_interrupts"]

_SIGNALS: Final = ("SIGINT", "SIGTERM")


@dataclass(slots=True)
class Interruption:
    """Whether Ctrl-C was pressed since."""

    pending: bool = False  # True once it was


@contextmanager
def deferred_interrupts() -> Iterator[Interruption]:
    """Note Ctrl-C instead of raising it; a second one raises."""
    # Only signals that would raise KeyboardInterrupt are deferred, and only in the main thread,
    # which is the only one that Python delivers them to.
    noted = Interruption()
    before: dict[int, Any] = {}

    def note(number: int, frame: FrameType | None) -> None:
        if noted.pending:
            raise KeyboardInterrupt
        noted.pending = True

    if threading.current_thread() is threading.main_thread():
        for name in _SIGNALS:
            number = getattr(signal, name)
            if signal.getsignal(number) is signal.default_int_handler:
                before[number] = signal.signal(number, note)
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
