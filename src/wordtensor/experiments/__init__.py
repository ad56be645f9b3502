"""The papers' experiments by name, each with a quick size and a full one."""

from typing import TYPE_CHECKING, Any

from ._recipe import BlockTarget as BlockTarget
from ._recipe import GroupTarget as GroupTarget
from ._recipe import Outcome as Outcome
from ._recipe import Recipe as Recipe
from .registry import RECIPES as RECIPES
from .registry import recipe as recipe

if TYPE_CHECKING:
    from .running import run_recipe as run_recipe


def __getattr__(name: str) -> Any:
    # What takes torch is read when it is first used, as in `nets`.
    if name != "run_recipe":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .running import run_recipe as found

    return found


def __dir__() -> list[str]:
    return sorted({*globals(), "run_recipe"})
