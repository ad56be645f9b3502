"""Ctrl-C: it ends a loop at a safe place, is neither lost nor taken for an error."""

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")
_DELAY: Final = 0.05


def was_interrupted(error: BaseException | None) -> bool:
    """Tell whether an exception is Ctrl-C or comes of it, as compiled code's SystemError does."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__
    return error is not None


@dataclass(slots=True)
class Interruption:
    """Whether Ctrl-C was pressed meanwhile."""

    pending: bool = False  # true once it was


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
        for name in SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.default_int_handler:
                before[number] = signal.signal(number, note)
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def heed_interrupts() -> Interruption:
    """For a whole process: lose no Ctrl-C, and take SIGTERM and SIGHUP for one."""
    # For the command line only: a library leaves hooks and handlers alone.
    lost = _raise_again_if_lost()
    # What a batch system or a container sends to end a job: keep the best so far, as on Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    hangup = getattr(signal, "SIGHUP", None)  # the terminal was closed; Windows has none
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:  # nohup
        signal.signal(hangup, signal.default_int_handler)
    return lost


def _raise_again_if_lost() -> Interruption:
    """Raise a Ctrl-C again that the interpreter could only report."""
    # Where Ctrl-C meets a destructor, a weak reference's callback or compiled code that cannot
    # fail, a KeyboardInterrupt is "ignored". A timer raises it again once that code was left.
    # It may be lost in a callback of the compiler, which then fails at once with an error of its
    # own: until it is raised again, it is pending.
    before, waits = sys.unraisablehook, Interruption()

    def hook(lost: "UnraisableHookArgs") -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            before(lost)
            return
        waits.pending = True
        timer = threading.Timer(_DELAY, _interrupt, (waits,))
        timer.daemon = True
        timer.start()

    sys.unraisablehook = hook
    return waits


def _interrupt(waits: Interruption) -> None:
    """Send Ctrl-C to the main thread, so that it also wakes from a system call."""
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    waits.pending = False
