"""What a format of scheme files is to the others."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..scheme import Scheme


@dataclass(frozen=True, slots=True)
class Format:
    """A way to keep schemes in a file."""

    name: str
    about: str  # what a file of it is, with its article
    ending: str  # of the names of its files
    recognise: Callable[[bytes], bool]  # by the contents of a file, which may be damaged
    # from contents and name: each scheme is checked
    parse: Callable[[bytes, str], tuple[Scheme, ...]]
    write: Callable[[str | Path, tuple[Scheme, ...]], None]  # whole or not at all
