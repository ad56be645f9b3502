"""How long recipes take, and how much memory, as benchmarks/recipe_costs.py measured it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

_FILE: Final = "recipe_costs.json"
_CORE: Final = "one core"
_UNITS: Final = ((3600.0, "h"), (60.0, "min"), (1.0, "s"))


@dataclass(frozen=True, slots=True)
class Cost:
    """About what a size of a recipe takes: some steps, measured, times the steps of all runs.

    Attributes
    ----------
    seconds : float
        Of training.
    mib : float or None
        The peak of memory in MiB, if it was measured.
    on : str
        Where it was measured.

    Examples
    --------
    >>> Cost(4800.0).time(), Cost(740.0, on="an H200").time()
    ('80 min', '12 min (an H200)')
    """

    seconds: float
    mib: float | None = None
    on: str = _CORE

    def time(self) -> str:
        """Return the time in its own unit, and where it was measured if not on one core."""
        unit, name = next((u for u in _UNITS if self.seconds >= 1.5 * u[0]), _UNITS[-1])
        amount = self.seconds / unit
        text = f"{amount:.2g} {name}" if amount < 10 else f"{amount:.0f} {name}"
        return text if self.on == _CORE else f"{text} ({self.on})"


def cost(recipe: str, quick: bool) -> Cost | None:
    """Return what is known of a recipe's size; None if nothing was measured."""
    found = _costs().get(recipe, {}).get("quick" if quick else "full")
    return None if found is None else Cost(**found)


@cache
def _costs() -> Mapping[str, Any]:
    costs: Mapping[str, Any] = json.loads(
        resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    )
    return costs
