"""The loop of every search: step until a limit, tell what is found, write it down, mind Ctrl-C."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from ..._interrupts import was_interrupted
from ...errors import FileFormatError
from ._limits import Limits
from ._state import SearchState, in_session
from .results import Progress

_SAVE_EVERY: Final = 5.0

_log = logging.getLogger(__name__)

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
    state = in_session(state, limits.rank)
    if save is not None:
        save(state)  # before any work is paid for: it may not be possible
    saved = -math.inf
    interrupted = False
    try:
        while not limits.reached(state):
            before, state = state, _after(state, step, named)
            if on_exact is not None and state.found is not before.found:
                on_exact(state.found)
            report(state.progress())
            if save is not None and time.monotonic() - saved > _SAVE_EVERY:
                _save(state, save)
                saved = time.monotonic()
    except (KeyboardInterrupt, SystemError) as error:
        if not was_interrupted(error):
            raise
        interrupted = True
    if save is not None:
        _save(state, save)
    return state, interrupted


def _save(state: State, save: Callable[[State], None]) -> None:
    """Write a state down; what was found is worth more than its checkpoint."""
    try:
        save(state)
    except FileFormatError as error:
        _log.warning("the checkpoint stays as it was: %s", error)


def _after(
    state: State, step: Callable[[State], State], named: Callable[[State], State] | None
) -> State:
    """Make one step and count its time."""
    began = time.monotonic()
    after = step(state)
    after = replace(after, seconds=state.seconds + time.monotonic() - began)
    return after if named is None or after.found is state.found else named(after)
