"""Files of schemes in any of the formats: recognised by what is in them, not by their names."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..._files import path_of, read_file
from ..._kinds import SCHEMES, expecting
from ..._progress import begin_stage
from ..._typing import Sizes
from ...errors import FileFormatError, SchemeError
from .._complex_library import save_complex_schemes
from ..complex_scheme import ComplexScheme
from ..library import SCHEME_BYTES
from ..scheme import Scheme
from . import (
    _braces,
    _expressions,
    _flat,
    _latex,
    _ours,
    _plain,
    _python,
    _sparse,
    alphatensor,
    fmm,
)
from ._format import AnyRead, AnyScheme, Format, Source

# The first that recognises a file reads it. AlphaTensor's takes any archive, and expressions almost
# any text, so these are the last.
_FORMATS: Final[tuple[Format, ...]] = (
    _ours.FORMAT,
    fmm.FORMAT,
    _plain.FORMAT,
    _braces.FORMAT,
    _braces.MAPLE,
    _sparse.FORMAT,
    _flat.FORMAT,
    alphatensor.FORMAT,
    _expressions.FORMAT,
)
_WRITTEN_ONLY: Final[tuple[Format, ...]] = (_latex.FORMAT, _python.FORMAT)

FILE_FORMATS: Final = tuple(known.name for known in _FORMATS)
WRITTEN_FORMATS: Final = tuple(known.name for known in (*_FORMATS, *_WRITTEN_ONLY))


def read_scheme_file(
    path: str | Path, *, sizes: tuple[int, int, int] | None = None
) -> tuple[Scheme | ComplexScheme, ...]:
    """Read a file of schemes in any format and check each scheme exactly.

    Parameters
    ----------
    path : str or Path
        A file in one of `FILE_FORMATS`. For the sparse matrices of "sms" one of the three files,
        their name without ``_L``, ``_R`` or ``_P``, or the folder that holds them.
    sizes : tuple of int, optional
        The sizes n, m and p, where a file does not say them: plain arrays, whose shapes say them
        too, and expressions with variables such as a111.

    Returns
    -------
    tuple of Scheme or ComplexScheme
        In the order of the file, the product not transposed. Complex coefficients are read in files
        of wordtensor, in braces (``I``) and in arrays.

    Raises
    ------
    FileFormatError
        If the file has no known format, cannot be read, or is damaged.
    SchemeError
        If a scheme is wrong; the message names the scheme and the first failing equation.

    Notes
    -----
    The third factor of a file belongs to the product or to its transpose, as in trace(X Y Z). Both
    are tried; the provenance says which one holds.

    Examples
    --------
    >>> from importlib.resources import files
    >>> packaged = files("wordtensor.schemes") / "data" / "schemes.npz"
    >>> max(read_scheme_file(str(packaged)), key=lambda s: s.rank)
    Scheme(<16,2,16>, rank=392, ring='Q')
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "dot.exp"
    ...     size = file.write_text("a11*b11*c11 + a12*b21*c11")
    ...     read_scheme_file(file)
    (Scheme(<1,2,1>, rank=2, ring='Z'),)
    """
    return tuple(read.scheme for read in readings_of(path, sizes))


def readings_of(path: str | Path, sizes: Sizes | None = None) -> tuple[AnyRead, ...]:
    """Read a file of schemes, with what was found out about it."""
    with expecting(path, SCHEMES):
        place = _place(path_of(path))
        source = Source(read_file(place, SCHEME_BYTES), place, sizes)
        begin_stage("reading schemes of %s", source.name)
        for known in _FORMATS:
            if known.recognise is not None and known.parse and known.recognise(source.content):
                return known.parse(source)
        start = source.content[:24].decode("utf-8", "replace")
        raise FileFormatError(
            f"File {source.name} begins with {start!r} and is in no format of schemes; read are "
            + ", ".join(known.about for known in _FORMATS)
        )


def _place(path: Path) -> Path:
    """Return the file to begin with, where a name stands for three."""
    if path.is_dir():
        return _sparse.part_in(path)
    first = _sparse.parts_of(path)[0]
    return first if first.is_file() and not path.exists() else path


def write_scheme_file(
    path: str | Path,
    schemes: Scheme | ComplexScheme | Iterable[Scheme | ComplexScheme],
    format: str | None = None,
) -> None:
    """Write schemes to a file, whole or not at all.

    Parameters
    ----------
    path : str or Path
        The file to write; its folder must exist. For "sms" the three files NAME_L.sms, NAME_R.sms
        and NAME_P.sms, each whole.
    schemes : Scheme, ComplexScheme or iterable of them
        One scheme, or any number for "wordtensor", real or complex ones; over R or F_2 and of
        different sizes for "alphatensor"; one over R or F_2 for the others, over R for "python".
    format : str, optional
        The format, one of `WRITTEN_FORMATS`: those of `FILE_FORMATS`, and "latex" and "python",
        which are not read. By default the ending of the file's name decides: .npz (wordtensor),
        .json (fmm), .m, .mpl (maple), .sms, .txt (flat), .exp, .tex (latex) or .py (python); a name
        without an ending is one of wordtensor's.

    Raises
    ------
    SchemeError
        If the format or ending is unknown, the ending is another format's, or the format cannot
        hold these schemes.
    FileFormatError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from wordtensor.schemes import best_scheme
    >>> with TemporaryDirectory() as folder:
    ...     write_scheme_file(f"{folder}/strassen.json", best_scheme(2, 2, 2))
    ...     read_scheme_file(f"{folder}/strassen.json")
    (Scheme(<2,2,2>, rank=7, ring='Z'),)
    """
    given = _several(schemes)
    kind = format_for(path_of(path), format)
    over_c = [s for s in given if isinstance(s, ComplexScheme)]
    real = tuple(s for s in given if isinstance(s, Scheme))
    if not over_c:
        kind.write(path, real)
    elif real or kind is not _ours.FORMAT:
        raise SchemeError(f"{over_c[0]!r} fits into files of 'wordtensor' for complex ones only")
    else:
        save_complex_schemes(path, over_c)


def _several(schemes: object) -> tuple[AnyScheme, ...]:
    """Return schemes as a tuple, and one as well."""
    if isinstance(schemes, Scheme | ComplexScheme):
        return (schemes,)
    wanted = "Argument 'schemes' must be a Scheme or several"
    if not isinstance(schemes, Iterable):
        raise SchemeError(f"{wanted}, not {str(schemes)[:40]}")
    given = tuple(schemes)
    for s in given:
        if not isinstance(s, Scheme | ComplexScheme):
            raise SchemeError(f"{wanted}, and holds {str(s)[:40]!r}")
    return given


def format_named(name: str) -> Format:
    """Return the format of a name."""
    for known in (*_FORMATS, *_WRITTEN_ONLY):
        if known.name == name:
            return known
    raise SchemeError(f"Argument 'format' must be one of {WRITTEN_FORMATS}, not {name!r}")


def format_for(path: Path, name: str | None) -> Format:
    """Return the format that is named, or that a file's ending means; the two must agree."""
    if name is None:
        return format_of(path)
    kind, ending = format_named(name), path.suffix.lower()
    others = {known.ending for known in (*_FORMATS, *_WRITTEN_ONLY)} - {kind.ending}
    if ending in others:
        raise SchemeError(
            f"Files of format {name!r} end in {kind.ending!r}, and {str(path)!r:.80} would be "
            "taken for one of another format; name another file, or leave the format out"
        )
    return kind


def format_of(path: Path) -> Format:
    """Return the format that the ending of a file's name means: our own if it has none."""
    ending = path.suffix.lower() or _ours.FORMAT.ending
    meant: dict[str, Format] = {}
    for known in (*_FORMATS, *_WRITTEN_ONLY):
        meant.setdefault(known.ending, known)
    if ending in meant:
        return meant[ending]
    endings = ", ".join(f"{shown} ({known.name})" for shown, known in meant.items())
    raise SchemeError(
        f"No format of schemes is written to files that end in {ending!r}; the endings are "
        f"{endings}, and a format that is named goes to files of any other ending"
    )
