"""The papers' experiments by name, each with a quick size and a full one."""

from typing import TYPE_CHECKING

from .. import _extras
from ._costs import Cost as Cost
from ._recipe import BlockTarget as BlockTarget
from ._recipe import GroupTarget as GroupTarget
from ._recipe import Outcome as Outcome
from ._recipe import Recipe as Recipe
from .registry import RECIPES as RECIPES
from .registry import recipe as recipe

if TYPE_CHECKING:
    from .running import run_recipe as run_recipe


# What takes torch is read when it is first used, as in `nets`.
__getattr__ = _extras.read_later(__name__, {"running": ("run_recipe",)})


def __dir__() -> list[str]:
    return sorted({*globals(), "run_recipe"})
