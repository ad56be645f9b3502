"""The loop of every search: step until a limit, tell what is found, write it down, mind Ctrl-C."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from ..._interrupts import was_interrupted
from ._limits import Limits
from ._state import SearchState
from .results import Progress

_SAVE_EVERY: Final = 5.0

State = TypeVar("State", bound=SearchState[Any, Any])


def run_search(
    state: State,
    step: Callable[[State], State],
    limits: Limits,
    *,
    report: Callable[[Progress], None],
    named: Callable[[State], State] | None = None,
    on_exact: Callable[[Any], object] | None = None,
    save: Callable[[State], None] | None = None,
) -> tuple[State, bool]:
    """Step until a limit is reached; return the last state, and whether Ctrl-C was the end."""
    # ``named`` makes a state of one with a new exact value, to say how that was found.
    began, saved = time.monotonic(), -math.inf
    interrupted = False
    try:
        while not limits.reached(state, began):
            before, state = state, _after(state, step, named)
            if on_exact is not None and state.found is not before.found:
                on_exact(state.found)
            report(state.progress())
            if save is not None and time.monotonic() - saved > _SAVE_EVERY:
                save(state)
                saved = time.monotonic()
    except (KeyboardInterrupt, SystemError) as error:
        if not was_interrupted(error):
            raise
        interrupted = True
    if save is not None:
        save(state)
    return state, interrupted


def _after(
    state: State, step: Callable[[State], State], named: Callable[[State], State] | None
) -> State:
    """Make one step and count its time."""
    began = time.monotonic()
    after = step(state)
    after = replace(after, seconds=state.seconds + time.monotonic() - began)
    return after if named is None or after.found is state.found else named(after)
