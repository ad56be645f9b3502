"""Files: ``.npz`` arrays without pickle, with a JSON header that has a schema number."""

import json
import os
import re
import struct
import tempfile
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Final, get_args

import numpy as np
from numpy.lib.npyio import NpzFile

from .._typing import Field
from ..errors import FileFormatError
from ..groups import Group
from ..words import word
from .decomposition import BlockReport, Decomposition, Status

__all__ = ["SCHEMA", "load", "save"]

SCHEMA: Final = 1
_ARRAYS: Final = ("U", "V", "W", "cayley")

_SCHEME_NAME: Final = re.compile(r"<\d{1,4},\d{1,4},\d{1,4}>(_C|_H)?")

# What numpy, zipfile and json raise on damaged bytes; a flipped bit can ask for a password
# (RuntimeError), for another compression (NotImplementedError) or for all memory there is.
_DAMAGE: Final = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    TypeError,
    AttributeError,
    RuntimeError,
    MemoryError,
    SyntaxError,
    OverflowError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    tokenize.TokenError,
)


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
    target = Path(path)
    header = {"schema": SCHEMA, "labels": list(d.group.labels), **d.to_dict()}
    arrays = {
        "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        "cayley": d.group.cayley,
        **dict(zip("UVW", d.factors, strict=True)),
    }
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise FileFormatError(f"Cannot write to {target.parent}: {error.strerror}") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
    except OSError as error:
        raise FileFormatError(f"Cannot write {target}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


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
    try:
        # np.load leaves its own file open when it fails; and a lone .npy has no members.
        with source.open("rb") as stream, _archive(stream) as archive:
            missing = [key for key in ("header", *_ARRAYS) if key not in archive.files]
            if missing:
                raise FileFormatError(
                    f"{source} is not a wordtensor decomposition: it has no {missing[0]!r}"
                )
            header = json.loads(bytes(archive["header"]).decode())
            arrays = {key: archive[key] for key in _ARRAYS}
    except FileNotFoundError as error:
        raise FileFormatError(f"There is no file {source}") from error
    except FileFormatError:
        raise
    except _DAMAGE as error:
        raise FileFormatError(
            f"{source} cannot be read: it is damaged, or not a wordtensor .npz file"
        ) from error
    return _from_parts(source, header, arrays)


def _archive(stream: BinaryIO) -> NpzFile:
    archive = np.load(stream, allow_pickle=False)
    if not isinstance(archive, NpzFile):
        raise ValueError("a single array")
    return archive


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
