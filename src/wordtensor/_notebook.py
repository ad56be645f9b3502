"""A bar in a notebook: what long work is at, for as long as it lasts."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from importlib import import_module
from multiprocessing import parent_process
from typing import Any, Final
from uuid import uuid4

from ._markup import element
from ._text import printable

_PERIOD: Final = 0.5  # seconds before a bar is shown, and between two looks of it
_LONGEST: Final = 200  # letters that it has room for


def in_notebook() -> bool:
    """Say whether this is the process of a Jupyter kernel, without importing anything for it."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    kernel = any(kind.__name__ == "ZMQInteractiveShell" for kind in type(shell).__mro__)
    return kernel and parent_process() is None


class Bar:
    """What a bar shows, and the thread that shows it: work that is quick never has one."""

    def __init__(self, head: str) -> None:
        self.head, self.text, self.share = head, "", None  # type: str, str, float | None
        self.began = time.monotonic()
        self._name, self._shown = uuid4().hex, False
        self._ended = threading.Event()
        # A thread of its own context knows which cell the bar belongs to.
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._watch,), daemon=True, name="wordtensor-bar"
        )

    def tell(self, text: str, share: float | None) -> None:
        """Take note of what work is at, and which share of it is done; None if nobody knows."""
        self.text, self.share = text, share

    def start(self) -> None:
        """Begin to look at the clock."""
        with suppress(RuntimeError):  # no more threads: then there is no bar
            self._thread.start()

    def end(self) -> None:
        """Take the bar away."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._shown:
            self._draw({"text/html": "", "text/plain": ""})

    def _watch(self) -> None:
        while not self._ended.wait(_PERIOD):
            self._draw(self._bundle())

    def _bundle(self) -> dict[str, str]:
        """Return the bar as HTML and as text."""
        share, seconds = self.share, time.monotonic() - self.began
        said = printable(": ".join(part for part in (self.head, self.text) if part))
        said = f"{said[:_LONGEST]} ({seconds:.0f} s)"
        value = None if share is None else f"{min(max(share, 0.0), 1.0):.3f}"
        bar = element("progress", value=value, max="1")
        done = "" if value is None else f"{100 * float(value):.0f} % "
        return {
            "text/html": element("div", bar, " ", said, class_="mathjax_ignore tex2jax_ignore"),
            "text/plain": f"{done}{said}",
        }

    def _draw(self, bundle: dict[str, str]) -> None:
        # Whatever a front end does: a bar changes neither results nor errors.
        with suppress(Exception):
            display: Any = import_module("IPython.display").publish_display_data
            display(bundle, transient={"display_id": self._name}, update=self._shown)
            self._shown = True


@contextmanager
def drawn(bar: Bar) -> Iterator[Bar]:
    """Show a bar as long as the work inside lasts."""
    bar.start()
    try:
        yield bar
    finally:
        bar.end()
