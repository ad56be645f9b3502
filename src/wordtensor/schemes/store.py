"""Schemes on disk: compressed integer arrays with a JSON header and checksums, never pickled."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._files import damage_as, read_archive, read_file, write_archive
from ..errors import FileFormatError, SchemeError
from .scheme import Scheme

__all__ = ["load_schemes", "read_schemes", "save_schemes"]

_FORMAT: Final = "wordtensor-schemes"
_NEWEST: Final = 2
# Bytes of a file of schemes, and those that it may unpack to.
SCHEME_BYTES: Final = 2**30


def digest(s: Scheme) -> str:
    """Return the SHA-256 of the sizes, denominators and numerators."""
    start = f"{s.shape} {s.division} {s.denominators} {s.rank}"
    if s.characteristic:
        start += f" {s.characteristic}"
    state = hashlib.sha256(start.encode())
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
    The version is 2 if a scheme is over F_2 or F_3, else 1. The file is replaced at once: whoever
    interrupts the writing keeps the old one.
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
                **({"characteristic": s.characteristic} if s.characteristic else {}),
                "sha256": digest(s),
            }
        )
    version = _NEWEST if any("characteristic" in entry for entry in entries) else 1
    write_archive(path, arrays, {"format": _FORMAT, "version": version, "schemes": entries})


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
    return parse_schemes(read_file(path, SCHEME_BYTES), str(path))


def parse_schemes(content: bytes, name: str) -> tuple[Scheme, ...]:
    """Read schemes from the bytes of a file; see `read_schemes`."""
    with damage_as(name, "it is damaged, or no file of schemes"):
        header, arrays = read_archive(content, SCHEME_BYTES)
        if header["format"] != _FORMAT or header["version"] not in range(1, _NEWEST + 1):
            raise FileFormatError(
                f"{name} has format {header['format']!r} version {header['version']!r}; this "
                f"wordtensor reads {_FORMAT!r} versions 1 to {_NEWEST}."
            )
        return tuple(_entry(entry, arrays, t, name) for t, entry in enumerate(header["schemes"]))


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
            entry.get("characteristic", 0),
        )
    except SchemeError as error:
        raise FileFormatError(f"Scheme number {t} of {name} is damaged: {error}") from error
    if digest(s) != entry["sha256"]:
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
    return parse_schemes(source.read_bytes(), "schemes.npz")
