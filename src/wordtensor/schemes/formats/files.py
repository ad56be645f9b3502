"""Files of schemes in any of the formats: recognised by what is in them, not by their names."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..._files import damage_as, member_names, read_file
from ...errors import FileFormatError, SchemeError
from ..library import SCHEME_BYTES, parse_schemes, save_schemes
from ..scheme import Scheme
from .alphatensor import parse_alphatensor, write_alphatensor
from .fmm import parse_fmm, write_fmm

__all__ = ["FILE_FORMATS", "read_scheme_file", "write_scheme_file"]

FILE_FORMATS: Final = ("wordtensor", "fmm", "alphatensor")


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
    content, name = read_file(path, SCHEME_BYTES), Path(path).name
    if content.startswith(b"PK"):
        with damage_as(name, "it is a damaged npz file"):
            ours = "header.npy" in member_names(content)
        if ours:
            return _all_checked(parse_schemes(content, name), name)
        return parse_alphatensor(content, name)
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return (parse_fmm(content, name),)
    raise FileFormatError(
        f"{name} is neither an npz file of wordtensor or AlphaTensor nor an FMM JSON file"
    )


def _all_checked(schemes: tuple[Scheme, ...], name: str) -> tuple[Scheme, ...]:
    for t, s in enumerate(schemes):
        try:
            s.check()
        except SchemeError as error:
            raise SchemeError(f"Scheme number {t} of {name}: {error}") from error
    return schemes


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
    format : {"wordtensor", "fmm", "alphatensor"}
        The format.

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
    chosen = tuple(schemes)
    if format == "wordtensor":
        save_schemes(path, chosen)
    elif format == "alphatensor":
        write_alphatensor(path, chosen)
    elif format == "fmm":
        if len(chosen) != 1:
            raise SchemeError(f"An FMM file holds one scheme, not {len(chosen)}")
        write_fmm(path, chosen[0])
    else:
        raise SchemeError(f"Argument 'format' must be one of {FILE_FORMATS}, not {format!r}")
