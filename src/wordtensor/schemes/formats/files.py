"""Files of schemes in any of the formats: recognised by what is in them, not by their names."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..._files import read_file
from ..._kinds import SCHEMES, expecting
from ...errors import FileFormatError, SchemeError
from ..library import SCHEME_BYTES
from ..scheme import Scheme
from . import _ours, alphatensor, fmm
from ._format import Format

# The first that recognises a file reads it. AlphaTensor's takes any archive, so it is the last.
_FORMATS: Final[tuple[Format, ...]] = (_ours.FORMAT, fmm.FORMAT, alphatensor.FORMAT)

FILE_FORMATS: Final = tuple(known.name for known in _FORMATS)


def read_scheme_file(path: str | Path) -> tuple[Scheme, ...]:
    """Read a file of schemes in any format and check each scheme exactly.

    Parameters
    ----------
    path : str or Path
        An npz file of wordtensor or AlphaTensor, or an FMM JSON file.

    Returns
    -------
    tuple of Scheme
        In the order of the file, the product not transposed.

    Raises
    ------
    FileFormatError
        If the file has no known format, cannot be read, or is damaged.
    SchemeError
        If a scheme is wrong; the message names the scheme and the first failing equation.

    Examples
    --------
    >>> from importlib.resources import files
    >>> packaged = files("wordtensor.schemes") / "data" / "schemes.npz"
    >>> max(read_scheme_file(str(packaged)), key=lambda s: s.rank)
    Scheme(<5,5,6>, rank=114, ring='Q')
    """
    with expecting(path, SCHEMES):
        content, name = read_file(path, SCHEME_BYTES), Path(path).name
        for known in _FORMATS:
            if known.recognise(content):
                return known.parse(content, name)
        raise FileFormatError(
            f"File {name} is neither {' nor '.join(known.about for known in _FORMATS)}"
        )


def write_scheme_file(
    path: str | Path, schemes: Iterable[Scheme], format: str = "wordtensor"
) -> None:
    """Write schemes to a file, whole or not at all.

    Parameters
    ----------
    path : str or Path
        The file to write; its folder must exist.
    schemes : iterable of Scheme
        Any for "wordtensor"; one over R or F_2 for "fmm"; over R or F_2 and of different sizes for
        "alphatensor".
    format : str
        The format, one of `FILE_FORMATS`.

    Raises
    ------
    SchemeError
        If the format is unknown or cannot hold these schemes.
    FileFormatError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from wordtensor.schemes import best_scheme
    >>> with TemporaryDirectory() as folder:
    ...     write_scheme_file(f"{folder}/strassen.json", [best_scheme(2, 2, 2)], "fmm")
    ...     read_scheme_file(f"{folder}/strassen.json")
    (Scheme(<2,2,2>, rank=7, ring='Z'),)
    """
    format_named(format).write(path, tuple(schemes))


def format_named(name: str) -> Format:
    """Return the format of a name."""
    for known in _FORMATS:
        if known.name == name:
            return known
    raise SchemeError(f"Argument 'format' must be one of {FILE_FORMATS}, not {name!r}")


def format_of(path: Path) -> Format:
    """Return the format that the ending of a file's name means: our own if there is none."""
    meant = (known for known in _FORMATS if known.ending == path.suffix.lower())
    return next(meant, _FORMATS[0])
