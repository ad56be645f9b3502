"""One BLAS thread for small matrices: how many there are must neither show nor cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread meanwhile."""
    with blas_threads(1):
        yield


@contextmanager
def blas_threads(count: int) -> Iterator[None]:
    """Keep BLAS to so many threads meanwhile."""
    with _controller().limit(limits=count, user_api="blas"):
        yield


@lru_cache(maxsize=1)
def _controller() -> "ThreadpoolController":
    """Find the libraries once: it takes a millisecond."""
    # Loaded before its threads are limited: only libraries that are there can be.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
