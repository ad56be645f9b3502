"""Compile, decompose and learn the word tensors of finite groups."""

from ._version import __version__ as __version__
