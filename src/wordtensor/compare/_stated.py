"""An activation that was stated by hand: whether another one would be right on more pairs."""

from dataclasses import replace
from math import sqrt
from typing import Final

from .._text import joined, percent
from .._typing import Booleans, Indices
from ._attention import Attention
from ._forms import Lookups
from ._forward import Network
from ._network import chance_level, share_right
from ._nonlinear import ACTIVATIONS

# Multiplications of one forward pass above which other activations are not tried.
_MOST: Final = 2e10
# So many of the better ones are named.
_NAMED: Final = 3
# Standard deviations of the pairs on which two nets differ, if chance decided which one is right.
_SURE: Final = 3.0


def stated_doubts(
    net: Network, table: Indices, mask: Booleans
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say what a stated activation leaves open, where a net is not right: as doubts, or notes."""
    if not net.stated:
        return (), ()
    share, count = share_right(net, table, mask), int(mask.sum())
    pairs = "pairs" if mask.all() else "training pairs"
    others = _others(net, table, mask) if share < 1 else {}
    level = max(share, chance_level(table))
    better = [name for name in sorted(others, key=lambda k: -others[k]) if others[name] > level]
    said = "a state dict does not say its activation"
    if not better:
        best = share == 1 or others
        more = f"more of the {pairs}{' than chance explains' * (level > share)}"
        known = f", and no other is right on {more}" if best else ""
        return (), (f"{net.neurons} was stated: {said}{known}",)
    shares = [f"on {percent(others[name])} as {name}" for name in better[:_NAMED]]
    unnamed = len(better) - len(shares)
    rest = f" (and on more as {unnamed} others)" * (unnamed > 0)
    known = (
        f"of the {pairs}, it is right on {percent(share)} as {net.neurons}, which was stated, but "
        f"{joined(shares)}{rest}"
    )
    if _surely_better(others[better[0]], share, count):
        return (f"Another activation may be the true one, since {said}: {known}.",), ()
    return (), (f"{net.neurons} was stated: {said}; {known}, which may be chance",)


def _surely_better(other: float, share: float, pairs: int) -> bool:
    """Say whether a gain is more than chance makes if both are wrong on different pairs."""
    return pairs * (other - share) > _SURE * sqrt(pairs * (2 - other - share))


def _others(net: Network, table: Indices, mask: Booleans) -> dict[str, float]:
    """Return the shares of pairs that other activations are right on, where they can be tried."""
    found: dict[str, float] = {}
    if net.neurons in ACTIVATIONS and float(table.size) * net.readout.size <= _MOST:
        for name in (name for name in ACTIVATIONS if name != net.neurons):
            if isinstance(net.form, Lookups):
                other = replace(net, form=replace(net.form, combination=name))
            elif isinstance(net.form, Attention):
                other = replace(net, form=replace(net.form, activation=name))
            else:
                break
            found[name] = share_right(other, table, mask)
    return found
