"""Words in two letters, and their tensors over a finite group."""

from ._device_table import DeviceTable as DeviceTable
from ._word import Word as Word
from ._word import word as word
from .core import Core as Core
from .core import concise_core as concise_core
from .enumeration import reduced_words as reduced_words
from .evaluate import word_table as word_table
from .maps import WordMaps as WordMaps
from .maps import word_maps as word_maps
from .tables import ValueTable as ValueTable
from .tables import value_table as value_table
from .tensor import WordTensor as WordTensor
from .tensor import word_tensor as word_tensor
