"""When a search stops, and which limits and options are refused."""

import time
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from ..._typing import is_integer
from ...errors import SchemeError, WordTensorError
from ._state import SearchState

# A walk of so many flips takes half a minute, and nothing ends it before its time.
_MOST: Final = 10**9
# Walks have room for so many more terms, and there is a table for each walker.
_MOST_OF: Final = MappingProxyType({"margin": 10**4, "walkers": 2**16})


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop."""

    rank: int  # an exact value of so few terms is enough
    seconds: float | None  # time of this session; None for no limit
    flips: int | None  # flips spent, former sessions included; None for no limit
    # When the session began: what is made ready for the first walk counts as well.
    began: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        """Return the time of this session so far."""
        return time.monotonic() - self.began

    def reached(self, state: SearchState[Any, Any]) -> bool:
        """Tell whether a search is to stop: if it has any time, not before its first walk."""
        if not state.settled:
            return False
        ready = self.seconds == 0 or state.spent > 0
        late = self.seconds is not None and ready and self.elapsed() >= self.seconds
        spent = self.flips is not None and state.spent >= self.flips
        return state.has(self.rank) or late or spent


def check_limits(
    rank: int | None,
    seconds: float | None,
    flips: int | None,
    *,
    least: int = 1,
    error: type[WordTensorError] = SchemeError,
) -> None:
    """Refuse limits that are out of range."""
    if rank is not None:
        _check_whole("rank", rank, least, _MOST, error)
    if seconds is not None and not seconds >= 0:
        raise error(f"Argument 'seconds' must be at least 0, not {seconds}")
    if flips is not None:
        _check_whole("flips", flips, 1, None, error)


def check_counts(options: object, *names: str) -> None:
    """Refuse counts below 1 and those that a walk cannot end with; None stands for a default."""
    for name in names:
        value = getattr(options, name)
        if value is not None:
            _check_whole(name, value, 1, _MOST_OF.get(name, _MOST))


def check_seed(seed: int) -> None:
    """Refuse a negative seed."""
    _check_whole("seed", seed, 0, None)


def _check_whole(
    name: str,
    value: object,
    least: int,
    most: int | None,
    error: type[WordTensorError] = SchemeError,
) -> None:
    """Refuse what is no whole number in a range."""
    if not is_integer(value):
        raise error(f"Argument {name!r} must be a whole number, not {value!r:.40}")
    if value < least:
        raise error(f"Argument {name!r} must be at least {least}, not {value}")
    if most is not None and value > most:
        raise error(f"Argument {name!r} must be at most {most}, not {value}")
