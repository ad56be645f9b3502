"""What a format of scheme files is to the others."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..scheme import Scheme

__all__ = ["Format"]


@dataclass(frozen=True, slots=True)
class Format:
    """A way to keep schemes in a file."""

    name: str
    about: str  # What a file of it is, with its article
    ending: str  # Of the names of its files
    recognise: Callable[[bytes], bool]  # From the contents of a file, which may be damaged
    parse: Callable[[bytes, str], tuple[Scheme, ...]]  # Contents and name: each scheme checked
    write: Callable[[str | Path, tuple[Scheme, ...]], None]  # Whole or not at all
