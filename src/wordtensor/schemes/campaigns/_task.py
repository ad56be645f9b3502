"""A task of a campaign: a function of values that walks from one start, reduces and lifts."""

import logging
import math
import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..._typing import Sizes
from ...errors import MemoryLimitError
from ..flips._packed import PackedTerms, walk
from ..flips._reduced import reduced
from ..lifting.lift import lift_terms
from ..matrix_product import dense_product_tensor
from ..scheme import Scheme
from ._formats import rows_of
from ._moves import Move, started

# A plus transition after about so many flips in vain, and so far above the best rank.
_PLUS_AFTER, _MARGIN = 1_000, 3
_LONG, _SHORT = 4_000_000, 200_000
# A walk that stays so far above the best rank for this share of its flips is given up.
_FAR, _PATIENCE = 3, 0.3
_MOST_ENDS: Final = 12

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One walk from one start, with all that it depends on."""

    number: int
    sizes: Sizes
    move: Move
    least: int  # the least rank modulo 2 that is known
    exact: int  # what is shorter is lifted
    flips: int  # to spend
    lifts: int  # attempts to lift at most
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a task came to."""

    ends: tuple[PackedTerms, ...] = ()  # of about the least rank modulo 2
    found: Scheme | None = None
    flips: int = 0
    spent: int = 0  # of the flips that were granted
    lifts: int = 0
    seconds: float = 0.0  # of a core
    walking: float = 0.0  # of these in the compiled walk


def done(task: Task) -> Outcome:
    """Do a task; the same one comes to the same, but for its time."""
    began = time.thread_time()
    rng = np.random.default_rng(task.seed)
    outcome, now = Outcome(), started(task.move, task.sizes, rng)
    ends: dict[bytes, PackedTerms] = {}
    limit, before = min(task.least, task.exact - 1), math.inf
    while True:
        if now.rank <= limit + 1:
            ends[now.words.tobytes()] = now
        over = outcome.spent >= task.flips
        # Only what a walk does not shorten any more is worth an attempt.
        if over or now.rank >= before:
            outcome = _lifted(outcome, task, now)
        far = now.rank > limit + _FAR and outcome.spent > _PATIENCE * task.flips
        if over or far or outcome.found is not None:
            break
        before = now.rank
        outcome, now = _walked(outcome, task, now, rng)
    kept = sorted(reversed(ends.values()), key=lambda terms: terms.rank)[:_MOST_ENDS]
    return replace(outcome, ends=tuple(kept), seconds=time.thread_time() - began)


def _walked(
    outcome: Outcome, task: Task, now: PackedTerms, rng: np.random.Generator
) -> tuple[Outcome, PackedTerms]:
    """Walk for a while; where terms wait for an attempt to lift, a short while."""
    looking = now.rank < task.exact and outcome.lifts < task.lifts
    steps = min(_SHORT if looking and now.rank <= task.least else _LONG, task.flips)
    # Where terms of the least rank did not lift, walks from others do not end among them.
    held = task.least < now.rank < task.exact
    began = time.thread_time()
    met = walk(
        now,
        steps,
        plus_after=max(1, int(_PLUS_AFTER * 2.0 ** rng.uniform(-1, 2))),
        margin=int(rng.integers(2, _MARGIN + 2)),
        target=now.rank - 1 if held else 0,
        seed=int(rng.integers(2**62)),
    )
    walking = outcome.walking + time.thread_time() - began
    # A walk without flips, of terms that share no factor, counts as well.
    spent = outcome.spent + max(met.flips, steps // 4)
    outcome = replace(outcome, flips=outcome.flips + met.flips, spent=spent, walking=walking)
    return outcome, reduced(met.shortest)


def _lifted(outcome: Outcome, task: Task, terms: PackedTerms) -> Outcome:
    """Lift terms that would be shorter than what is known, as long as attempts are left."""
    if terms.rank >= task.exact or outcome.lifts >= task.lifts:
        return outcome
    outcome = replace(outcome, lifts=outcome.lifts + 1)
    factors, target = terms.factors(rows_of(task.sizes)), dense_product_tensor(*task.sizes, "R")
    try:
        lifted = lift_terms(factors, target, seed=outcome.lifts)
    except MemoryLimitError as error:
        _log.warning("not lifted: %s", error)
        return replace(outcome, lifts=task.lifts)
    if lifted is None:
        return outcome
    return replace(outcome, found=Scheme(task.sizes, *lifted[0], denominators=lifted[1]).check())
