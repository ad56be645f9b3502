"""Memory: one limit for whatever is built, asked before it is built."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from ._text import size_text
from .errors import MemoryLimitError, WordTensorError

_GIB: Final = 2**30
# Half of a small machine: what takes more is asked for.
_allowed: ContextVar[float] = ContextVar("allowed", default=4.0 * _GIB)


@contextmanager
def memory_limit(gib: float) -> Iterator[None]:
    """Let everything inside the ``with`` block take up to so much memory.

    Parameters
    ----------
    gib : float
        The limit in GiB, above 0; outside of any block it is 4 GiB. ``inf`` lifts it.

    Yields
    ------
    None
        The limit holds for the thread that opened the block, until the block ends.

    Raises
    ------
    WordTensorError
        If the limit is not a number above 0.

    Notes
    -----
    Each large array or table is estimated before it is built, and refused with a
    `MemoryLimitError` that says how much it would take. The limit holds for one such piece of work,
    not for the sum of all that a program keeps.

    Examples
    --------
    >>> import wordtensor as wt
    >>> with wt.memory_limit(0.001):
    ...     wt.word_tensor("a*b", "S5").to_dense()
    Traceback (most recent call last):
        ...
    wordtensor.errors.MemoryLimitError: A dense 120 x 120 x 120 tensor of float64 ...
    """
    if isinstance(gib, bool) or not isinstance(gib, int | float) or not gib > 0:
        raise WordTensorError(f"The memory limit must be a number of GiB above 0, not {gib!r}")
    token = _allowed.set(float(gib) * _GIB)
    try:
        yield
    finally:
        _allowed.reset(token)


def allowed_bytes() -> float:
    """Return the limit that holds here, in bytes."""
    return _allowed.get()


def require_memory(needed: float, what: str, instead: str = "") -> None:
    """Refuse what would take more bytes than the limit; say what to do instead, if anything."""
    limit = _allowed.get()
    if needed > limit:
        advice = f"{instead}, or raise" if instead else "Raise"
        raise MemoryLimitError(
            f"{what} would take about {size_text(needed)}, above the limit of "
            f"{size_text(limit)}. {advice} the limit (wordtensor.memory_limit, --memory)"
        )
