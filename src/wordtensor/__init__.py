"""Compile, decompose and learn the word tensors of finite groups.

The main job::

    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b*a^-1", "S4")
    >>> d.rank
    47
"""

from typing import TYPE_CHECKING, Any

from ._extras import room_of
from ._memory import memory_limit as memory_limit
from ._version import __version__ as __version__
from .errors import WordTensorError as WordTensorError

if TYPE_CHECKING:
    from . import atlas as atlas
    from . import bounds as bounds
    from . import compare as compare
    from . import cores as cores
    from . import experiments as experiments
    from . import margins as margins
    from . import nets as nets
    from . import plots as plots
    from . import report as report
    from . import schemes as schemes
    from . import solver as solver
    from .cores import CanonicalCore as CanonicalCore
    from .cores import canonical_core as canonical_core
    from .groups import Group as Group
    from .groups import group as group
    from .irreps import RealIrrep as RealIrrep
    from .irreps import real_irreps as real_irreps
    from .rank import Decomposition as Decomposition
    from .rank import Plan as Plan
    from .rank import TensorDecomposition as TensorDecomposition
    from .rank import box_rank as box_rank
    from .rank import check_certificate as check_certificate
    from .rank import decompose as decompose
    from .rank import fusion_cover as fusion_cover
    from .rank import integral_decompose as integral_decompose
    from .rank import load as load
    from .rank import plan as plan
    from .rank import read_tensor as read_tensor
    from .rank import solve as solve
    from .rank import support as support
    from .rank import verify as verify
    from .words import ValueTable as ValueTable
    from .words import Word as Word
    from .words import WordTensor as WordTensor
    from .words import value_table as value_table
    from .words import word as word
    from .words import word_maps as word_maps
    from .words import word_tensor as word_tensor

# Rooms are read when one of their names is first used: the import stays quick, and the command line
# is there to end quietly when Ctrl-C is pressed while numpy loads.
_ROOMS: dict[str, tuple[str, ...]] = {
    "atlas": (),
    "bounds": (),
    "compare": (),
    "cores": ("CanonicalCore", "canonical_core"),
    "experiments": (),
    "groups": ("Group", "group"),
    "irreps": ("RealIrrep", "real_irreps"),
    "margins": (),
    "nets": (),
    "plots": (),
    "rank": (
        "Decomposition",
        "Plan",
        "TensorDecomposition",
        "box_rank",
        "check_certificate",
        "decompose",
        "fusion_cover",
        "integral_decompose",
        "load",
        "plan",
        "read_tensor",
        "solve",
        "support",
        "verify",
    ),
    "report": (),
    "schemes": (),
    "solver": (),
    "words": (
        "ValueTable",
        "Word",
        "WordTensor",
        "value_table",
        "word",
        "word_maps",
        "word_tensor",
    ),
}


def __getattr__(name: str) -> Any:
    for room, names in _ROOMS.items():
        if name == room or name in names:
            found = room_of(room, f"The package {__name__}.{room}")
            return found if name == room else getattr(found, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    eager = {"WordTensorError", "__version__", "errors", "memory_limit"}
    return sorted({*eager, *_ROOMS, *(name for names in _ROOMS.values() for name in names)})
