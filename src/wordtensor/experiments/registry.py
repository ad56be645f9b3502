"""All recipes by name."""

import difflib
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .._memory import memory_limit
from ..errors import NetworkError
from . import _chughtai, _learning, _morwani, _shutman, _universality
from ._recipe import Recipe

# The small groups that recipes take their numbers of steps from are no part of anybody's work.
with memory_limit(math.inf):
    RECIPES: Final[Mapping[str, Recipe]] = MappingProxyType(
        {
            made.name: made
            for source in (_shutman, _morwani, _chughtai, _universality, _learning)
            for made in source.recipes()
        }
    )


def recipe(name: str) -> Recipe:
    """Return a recipe by its name.

    Parameters
    ----------
    name : str
        As in `RECIPES`.

    Returns
    -------
    Recipe
        The recipe of that name.

    Raises
    ------
    NetworkError
        If there is none; the message names close ones.

    Examples
    --------
    >>> recipe("morwani-z71").quick[0].group
    'C71'
    """
    if name in RECIPES:
        return RECIPES[name]
    close = difflib.get_close_matches(name, RECIPES, n=3) or sorted(RECIPES)
    raise NetworkError(
        f"There is no recipe {name!r}; take {', '.join(close[:3])}, or one that "
        "`wordtensor train --list` shows"
    )
