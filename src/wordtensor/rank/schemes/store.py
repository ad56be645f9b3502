"""Schemes on disk: compressed integer arrays with a JSON header and checksums, never pickled."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import FileFormatError, SchemeError
from .scheme import Scheme

__all__ = ["load_schemes", "read_schemes", "save_schemes"]

_FORMAT: Final = "wordtensor-schemes"
_VERSION: Final = 1

# What numpy, zipfile and json raise on a file that is not ours or was changed.
_DAMAGE: Final = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    OverflowError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


def _digest(s: Scheme) -> str:
    """Return the SHA-256 of the sizes, denominators and numerators."""
    start = f"{s.shape} {s.division} {s.denominators} {s.rank}".encode()
    state = hashlib.sha256(start)
    for factor in (s.U, s.V, s.W):
        state.update(np.ascontiguousarray(factor, dtype="<i8").tobytes())
    return state.hexdigest()


def _narrow(array: NDArray[np.int64]) -> NDArray[np.integer[Any]]:
    """Store small integers in one byte."""
    return array.astype(np.int8) if np.abs(array).max(initial=0) < 128 else array


def save_schemes(path: str | Path, schemes: Iterable[Scheme]) -> None:
    """Write schemes to a compressed npz file.

    Parameters
    ----------
    path : str or Path
        The file to write.
    schemes : iterable of Scheme
        What to write, in order.

    Notes
    -----
    Entry ``header`` is JSON in bytes; scheme number t has the entries ``U<t>``, ``V<t>``, ``W<t>``.
    """
    arrays: dict[str, NDArray[Any]] = {}
    entries = []
    for t, s in enumerate(schemes):
        for name, factor in zip("UVW", (s.U, s.V, s.W), strict=True):
            arrays[f"{name}{t}"] = _narrow(factor)
        entries.append(
            {
                "shape": s.shape,
                "division": s.division,
                "rank": s.rank,
                "denominators": s.denominators,
                "provenance": s.provenance,
                "sha256": _digest(s),
            }
        )
    header = json.dumps({"format": _FORMAT, "version": _VERSION, "schemes": entries}).encode()
    arrays["header"] = np.frombuffer(header, dtype=np.uint8)
    with Path(path).open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def read_schemes(path: str | Path) -> tuple[Scheme, ...]:
    """Read the schemes of a file and compare their checksums.

    Parameters
    ----------
    path : str or Path
        A file written by `save_schemes`.

    Returns
    -------
    tuple of Scheme
        In the order of the file. Brent's equations are left to `Scheme.check`.

    Raises
    ------
    FileFormatError
        If the file is not ours, is newer than this version, or is damaged.
    """
    return _parse(Path(path).read_bytes(), str(path))


def _parse(content: bytes, name: str) -> tuple[Scheme, ...]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        header = json.loads(arrays["header"].tobytes())
        if header["format"] != _FORMAT or header["version"] != _VERSION:
            raise FileFormatError(
                f"{name} has format {header['format']!r} version {header['version']!r}; this "
                f"wordtensor reads {_FORMAT!r} version {_VERSION}."
            )
        return tuple(_entry(entry, arrays, t, name) for t, entry in enumerate(header["schemes"]))
    except _DAMAGE as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"{name} is not a file of schemes or is damaged: {error}") from error


def _entry(entry: dict[str, Any], arrays: dict[str, Any], t: int, name: str) -> Scheme:
    try:
        s = Scheme(
            tuple(entry["shape"]),
            arrays[f"U{t}"],
            arrays[f"V{t}"],
            arrays[f"W{t}"],
            tuple(entry["denominators"]),
            entry["division"],
            entry["provenance"],
        )
    except SchemeError as error:
        raise FileFormatError(f"Scheme number {t} of {name} is damaged: {error}") from error
    if _digest(s) != entry["sha256"]:
        raise FileFormatError(f"Scheme number {t} ({s!r}) of {name} does not match its checksum.")
    return s


@lru_cache(maxsize=1)
def load_schemes() -> tuple[Scheme, ...]:
    """Return the schemes that come with the package.

    Returns
    -------
    tuple of Scheme
        Immutable, so the cached value is shared.

    Examples
    --------
    >>> max(s.rank for s in load_schemes() if s.shape == (2, 2, 2))
    7
    """
    source = files(__package__).joinpath("data").joinpath("schemes.npz")
    return _parse(source.read_bytes(), "schemes.npz")
