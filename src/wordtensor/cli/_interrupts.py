"""Ctrl-C where Python cannot raise it as such: it must not be lost, nor look like an error."""

import _thread
import signal
import sys
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

__all__ = ["raise_again_if_lost"]

_DELAY: Final = 0.05


def _interrupt() -> None:
    """Send Ctrl-C to the main thread, so that it also wakes from a system call."""
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def raise_again_if_lost() -> None:
    """See to it that no Ctrl-C is lost for the rest of the process.

    Notes
    -----
    Where Ctrl-C meets a destructor, a weak reference's callback or compiled code that cannot fail,
    the interpreter reports a `KeyboardInterrupt` as "ignored" and goes on. A timer raises it again
    once that code has been left. For the command line only: a library leaves hooks alone.
    """
    before = sys.unraisablehook

    def hook(lost: "UnraisableHookArgs") -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            before(lost)
            return
        timer = threading.Timer(_DELAY, _interrupt)
        timer.daemon = True
        timer.start()

    sys.unraisablehook = hook
