"""Functions compiled by numba, and kept for later processes where there is a folder for them."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(**options: Any) -> Callable[[_Function], _Function]:
    """Return a decorator that compiles a function at its first call, with options of numba."""

    def decorate(function: _Function) -> _Function:
        try:
            return cast(_Function, njit(cache=True, **options)(function))
        except RuntimeError:
            # Neither beside the package nor elsewhere may a file be written: every process compiles
            # anew.
            return cast(_Function, njit(**options)(function))

    return decorate
