"""Compile, decompose and learn the word tensors of finite groups.

The main job::

    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b*a^-1", "S4")
    >>> d.rank
    47
"""

from ._version import __version__ as __version__
from .errors import WordTensorError as WordTensorError
from .groups import Group as Group
from .groups import group as group
from .irreps import RealIrrep as RealIrrep
from .irreps import real_irreps as real_irreps
from .rank import Decomposition as Decomposition
from .rank import Plan as Plan
from .rank import box_rank as box_rank
from .rank import decompose as decompose
from .rank import fusion_cover as fusion_cover
from .rank import load as load
from .rank import plan as plan
from .rank import support as support
from .rank import verify as verify
from .words import Word as Word
from .words import WordTensor as WordTensor
from .words import word as word
from .words import word_tensor as word_tensor
