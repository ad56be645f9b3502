"""The papers' experiments by name, each with a quick size and a full one."""

from .recipe import BlockTarget as BlockTarget
from .recipe import GroupTarget as GroupTarget
from .recipe import Outcome as Outcome
from .recipe import Recipe as Recipe
from .registry import RECIPES as RECIPES
from .registry import recipe as recipe
from .running import run_recipe as run_recipe
