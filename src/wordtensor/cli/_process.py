"""What a process needs around the command line: streams that are open, an end that is quiet."""

import atexit
import io
import os
import signal
import sys
from contextlib import suppress

from .._interrupts import SIGNALS

EXIT_INTERRUPTED = 130


def open_streams() -> None:
    """Open what the shell has closed, so that no file of ours gets the number of a stream."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    sys.stdout = sys.stdout or open(1, "w", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a letter gets a question mark, not a traceback.
            stream.reconfigure(errors="replace")


def end_process(code: int | str | None) -> None:
    """Exit with a code that no later signal changes; nothing is printed any more."""
    number = code if isinstance(code, int) else int(code is not None)
    for name in SIGNALS:
        if hasattr(signal, name):
            # What still runs is the interpreter's own end: a second Ctrl-C cuts it short.
            signal.signal(getattr(signal, name), lambda *_: os._exit(number))
    atexit.register(_ignore_signals)  # from there on, Python's own handlers are gone
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            # It was said already. Python would say it again, and change the exit code.
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(number)


def _ignore_signals() -> None:
    for name in SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
