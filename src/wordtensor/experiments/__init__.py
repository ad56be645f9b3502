"""The papers' experiments by name, each with a quick size and a full one."""

from ._recipe import BlockTarget as BlockTarget
from ._recipe import GroupTarget as GroupTarget
from ._recipe import Outcome as Outcome
from ._recipe import Recipe as Recipe
from .registry import RECIPES as RECIPES
from .registry import recipe as recipe
from .running import run_recipe as run_recipe
