"""When a search stops, and which limits and options are refused."""

import time
from dataclasses import dataclass
from typing import Any

from ...errors import SchemeError, WordTensorError
from ._state import SearchState


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop."""

    rank: int  # an exact value of so few terms is enough
    seconds: float | None  # time of this session; None for no limit
    flips: int | None  # flips spent, former sessions included; None for no limit

    def reached(self, state: SearchState[Any, Any], began: float) -> bool:
        """Tell whether a search is to stop that began, or went on, at a monotonic time."""
        if not state.settled:
            return False
        late = self.seconds is not None and time.monotonic() - began >= self.seconds
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
    if rank is not None and rank < least:
        raise error(f"Argument 'rank' must be at least {least}, not {rank}")
    if seconds is not None and not seconds >= 0:
        raise error(f"Argument 'seconds' must be at least 0, not {seconds}")
    if flips is not None and flips < 1:
        raise error(f"Argument 'flips' must be at least 1, not {flips}")


def check_counts(options: object, *names: str) -> None:
    """Refuse counts below 1; None stands for a default."""
    for name in names:
        value = getattr(options, name)
        if value is not None and value < 1:
            raise SchemeError(f"Argument {name!r} must be at least 1, not {value}")


def check_seed(seed: int) -> None:
    """Refuse a negative seed."""
    if seed < 0:
        raise SchemeError(f"Argument 'seed' must be at least 0, not {seed}")
