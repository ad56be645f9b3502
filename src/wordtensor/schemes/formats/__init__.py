"""Readers and writers of the field's file formats; everything read is checked exactly."""

from .alphatensor import read_alphatensor, write_alphatensor
from .cptensor import from_tensorly, to_tensorly
from .files import FILE_FORMATS, WRITTEN_FORMATS, read_scheme_file, write_scheme_file
from .fmm import read_fmm, write_fmm

__all__ = [
    "FILE_FORMATS",
    "WRITTEN_FORMATS",
    "from_tensorly",
    "read_alphatensor",
    "read_fmm",
    "read_scheme_file",
    "to_tensorly",
    "write_alphatensor",
    "write_fmm",
    "write_scheme_file",
]
