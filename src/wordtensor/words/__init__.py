"""Words in two letters, and their tensors over a finite group."""

from .enumeration import reduced_words as reduced_words
from .evaluate import word_table as word_table
from .tensor import WordTensor as WordTensor
from .tensor import word_tensor as word_tensor
from .word import Word as Word
from .word import word as word
