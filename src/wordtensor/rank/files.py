"""Files: ``.npz`` arrays without pickle, with a JSON header that has a schema number."""

import os
import re
from pathlib import Path
from typing import Any, Final, get_args

from .._files import damage_as, read_arrays, read_file, read_header, write_archive
from .._typing import Field
from ..errors import FileFormatError
from ..groups import Group
from ..words import word
from .decomposition import BlockReport, Decomposition, Status

__all__ = ["SCHEMA", "load", "save"]

SCHEMA: Final = 1
_ARRAYS: Final = ("U", "V", "W", "cayley")

_SCHEME_NAME: Final = re.compile(r"<\d{1,4},\d{1,4},\d{1,4}>(_C|_H)?")


def save(d: Decomposition, path: str | os.PathLike[str]) -> None:
    """Write a decomposition to a file, whole or not at all.

    Parameters
    ----------
    d : Decomposition
        What to write.
    path : str or path
        Usually ending in ".npz"; an existing file is replaced.

    Raises
    ------
    FileFormatError
        If the folder does not exist or cannot be written to.

    Notes
    -----
    The arrays are U, V, W and the group's Cayley table; "header" holds the rest as JSON in UTF-8
    bytes. Readers need only numpy and json.
    """
    header = {"schema": SCHEMA, "labels": list(d.group.labels), **d.to_dict()}
    arrays = {"cayley": d.group.cayley, **dict(zip("UVW", d.factors, strict=True))}
    write_archive(path, arrays, header)


def load(path: str | os.PathLike[str]) -> Decomposition:
    """Read a decomposition that `save` wrote.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    Decomposition
        As it was saved; `verify` says whether it is still right.

    Raises
    ------
    FileFormatError
        If the file is missing, damaged, pickled, of a newer schema, or not one of ours.
    """
    if not isinstance(path, str | os.PathLike):
        raise FileFormatError(f"Argument 'path' must be a path, not {path!r}")
    source = Path(path)
    content = read_file(source)
    with damage_as(source, "it is damaged, or not a wordtensor .npz file"):
        arrays = read_arrays(content)
        missing = [key for key in ("header", *_ARRAYS) if key not in arrays]
        if missing:
            raise FileFormatError(
                f"{source} is not a wordtensor decomposition: it has no {missing[0]!r}"
            )
        header = read_header(arrays)
    return _from_parts(source, header, arrays)


def _from_parts(source: Path, header: Any, arrays: dict[str, Any]) -> Decomposition:
    schema = header.get("schema") if isinstance(header, dict) else None
    if schema != SCHEMA:
        raise FileFormatError(
            f"{source} has schema {schema!r}; this version of wordtensor reads schema {SCHEMA}"
        )
    try:
        G = Group.from_cayley(arrays["cayley"], header["group"], header["labels"])
        blocks = tuple(_block(entry) for entry in header["blocks"])
        factors = (arrays["U"], arrays["V"], arrays["W"])
        rank = factors[0].shape[1]
        kinds = {factor.dtype.kind for factor in factors}
        if any(f.shape != (G.order, rank) for f in factors) or not kinds <= {"f", "c"}:
            raise FileFormatError(f"{source} is damaged: its factors do not fit its group")
        if header["status"] not in get_args(Status) or header["field"] not in get_args(Field):
            raise FileFormatError(f"{source} is damaged: its status or field is none of ours")
        return Decomposition(
            word(header["word"], tuple(header["letters"])),
            G,
            factors,
            int(header["lower_bound"]),
            tuple(header["certificate"]),
            float(header["residual"]),
            header["status"],
            header["route"],
            blocks,
            header["field"],
            header["effort"],
            header["method"],
            int(header["seed"]),
            header["version"],
            float(header["seconds"]),
            bool(header["interrupted"]),
        )
    except FileFormatError:
        raise
    except (KeyError, TypeError, IndexError, ValueError, OverflowError) as error:
        raise FileFormatError(f"{source} is damaged: {error}") from error


def _block(entry: dict[str, Any]) -> BlockReport:
    triplets = entry["triplets"]
    x, y, z = entry["shape"]
    start, stop = entry["columns"]
    if entry["strategy"] == "scheme" and not _SCHEME_NAME.fullmatch(entry["name"]):
        raise ValueError(f"block {entry['name']!r} names no scheme")
    fields = {
        **entry,
        "shape": (int(x), int(y), int(z)),
        "columns": (int(start), int(stop)),
        "triplets": None if triplets is None else tuple((i, j, k) for i, j, k in triplets),
    }
    return BlockReport(**fields)
