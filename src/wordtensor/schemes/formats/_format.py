"""What a format of scheme files is to the others."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar

from ..._typing import Sizes
from ...errors import FileFormatError
from ..complex_scheme import ComplexScheme
from ..scheme import Scheme

# What is set in print for the signs on a keyboard.
_SIGNS: Final = str.maketrans("\u2212\u00d7\u00b7\u22c5\u2297", "-****")
AnyScheme = Scheme | ComplexScheme

# What the third factor of a file may be.
PLAIN: Final = "third factor indexed by the product"
TRANSPOSED: Final = "third factor indexed by the transposed product"

S = TypeVar("S", Scheme, ComplexScheme)


class Read(NamedTuple, Generic[S]):
    """A scheme that was read and checked, and what was found out about its file."""

    scheme: S
    note: str = ""  # such as the convention that holds
    additions: int | None = None  # that the file writes, where its sums have names


AnyRead = Read[Scheme] | Read[ComplexScheme]


@dataclass(frozen=True, slots=True)
class Source:
    """A file of schemes: its contents, its place, and the sizes if they were given."""

    content: bytes
    path: Path
    sizes: Sizes | None = None

    @property
    def name(self) -> str:
        """Its name in errors."""
        return self.path.name

    def text(self) -> str:
        """Return what a file of text says."""
        try:
            text = self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileFormatError(f"File {self.name} is not text in UTF-8") from error
        return text.replace("\r\n", "\n").replace("\r", "\n").translate(_SIGNS)


def the_file(path: Path) -> tuple[Path, ...]:
    """Return the one file that most formats write."""
    return (path,)


@dataclass(frozen=True, slots=True)
class Format:
    """A way to keep schemes in a file."""

    name: str
    about: str  # what a file of it is
    ending: str  # of the names of its files
    write: Callable[[str | Path, tuple[Scheme, ...]], None]  # whole or not at all
    # By the contents of a file, which may be damaged. None: it is only written.
    recognise: Callable[[bytes], bool] | None = None
    parse: Callable[[Source], tuple[AnyRead, ...]] | None = None  # each scheme is checked
    targets: Callable[[Path], tuple[Path, ...]] = the_file  # what is written under a name
    third: str = TRANSPOSED  # how the third factor is written; empty: the file itself says it
