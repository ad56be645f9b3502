"""The library of schemes: those of the package, the user's own, and the files that hold them.

A file is an npz archive of integers with a JSON header and checksums, never pickled. The user's
schemes are a folder with one file each, which searches fill and `decompose` uses.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from .._files import damage_as, read_archive, read_file, same_json, write_archive
from .._folders import data_folder, list_files, prepare_folder
from .._kinds import SCHEMES, expecting
from .._memory import require_memory
from ..errors import FileFormatError, MemoryLimitError, SchemeError
from .scheme import Scheme

FOLDER_VARIABLE: Final = "WORDTENSOR_SCHEMES"

_FORMAT: Final = "wordtensor-schemes"
_NEWEST: Final = 2
# Bytes of a file of schemes, and those that it may unpack to.
SCHEME_BYTES: Final = 2**30

_SUFFIX: Final = ".npz"
_MAX_FILES: Final = 4096
TEMPORARY: Final = re.compile(r"\.\d+x\d+x\d+_[RCH]_m\d+_[0-9a-f]{12}\.npz\.")

_log = logging.getLogger(__name__)

Stored = TypeVar("Stored")


def digest(s: Scheme) -> str:
    """Return the SHA-256 of the sizes, denominators and numerators."""
    start = f"{s.shape} {s.division} {s.denominators} {s.rank}"
    if s.characteristic:
        start += f" {s.characteristic}"
    state = hashlib.sha256(start.encode())
    for factor in (s.U, s.V, s.W):
        state.update(np.ascontiguousarray(factor, dtype="<i8").tobytes())
    return state.hexdigest()


def narrow(array: NDArray[np.int64]) -> NDArray[np.integer[Any]]:
    """Store small integers in one byte."""
    small = -128 < array.min(initial=0) and array.max(initial=0) < 128
    return array.astype(np.int8) if small else array


def _record(s: Scheme) -> dict[str, Any]:
    """Return what a header says of a scheme."""
    return {
        "shape": s.shape,
        "division": s.division,
        "rank": s.rank,
        "denominators": s.denominators,
        "provenance": s.provenance,
        **({"characteristic": s.characteristic} if s.characteristic else {}),
        "sha256": digest(s),
    }


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

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from wordtensor.schemes import best_scheme
    >>> with TemporaryDirectory() as folder:
    ...     save_schemes(f"{folder}/own.npz", [best_scheme(2, 2, 2), best_scheme(1, 1, 1, "C")])
    ...     len(read_schemes(f"{folder}/own.npz"))
    2
    """
    arrays: dict[str, NDArray[Any]] = {}
    entries = []
    for t, s in enumerate(schemes):
        for name, factor in zip("UVW", (s.U, s.V, s.W), strict=True):
            arrays[f"{name}{t}"] = narrow(factor)
        entries.append(_record(s))
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

    Examples
    --------
    >>> from importlib.resources import files
    >>> packaged = files("wordtensor.schemes") / "data" / "schemes.npz"
    >>> min(read_schemes(str(packaged)), key=lambda s: s.rank)
    Scheme(<1,1,1>_C, rank=3, ring='Z')
    """
    with expecting(path, SCHEMES):
        return parse_schemes(read_file(path, SCHEME_BYTES), str(path))


def parse_schemes(content: bytes, name: str) -> tuple[Scheme, ...]:
    """Read schemes from the bytes of a file, as `read_schemes` does; the name is for errors."""
    with damage_as(name, "it is damaged, or no file of schemes"):
        header, arrays = read_archive(content, SCHEME_BYTES)
        version = header["version"]
        known = type(version) is int and 1 <= version <= _NEWEST
        if header["format"] != _FORMAT or not known:
            raise FileFormatError(
                f"File {name} has format {header['format']!r} version {version!r}; this "
                f"wordtensor reads {_FORMAT!r} versions 1 to {_NEWEST}"
            )
        return tuple(_entry(entry, arrays, t, name) for t, entry in enumerate(header["schemes"]))


def _entry(entry: dict[str, Any], arrays: dict[str, Any], t: int, name: str) -> Scheme:
    factors = [arrays[f"{name}{t}"] for name in "UVW"]
    # As int64, and as floating-point numbers when it is checked.
    require_memory(16 * sum(factor.size for factor in factors), f"Scheme number {t} of {name}")
    U, V, W = factors
    try:
        s = Scheme(
            shape=tuple(entry["shape"]),
            U=U,
            V=V,
            W=W,
            denominators=tuple(entry["denominators"]),
            division=entry["division"],
            provenance=entry["provenance"],
            characteristic=entry.get("characteristic", 0),
        )
    except SchemeError as error:
        raise FileFormatError(f"Scheme number {t} of {name} is damaged: {error}") from error
    if digest(s) != entry["sha256"]:
        raise FileFormatError(f"Scheme number {t} ({s!r}) of {name} does not match its checksum")
    if not same_json(entry, _record(s)):
        raise FileFormatError(f"Scheme number {t} ({s!r}) of {name} is not what its header says")
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


def user_folder() -> Path | None:
    """Return the folder of the user's schemes, which need not exist; None: use none."""
    return data_folder(FOLDER_VARIABLE, "schemes")


def required_folder() -> Path:
    """Return the folder of the user's schemes, or say that there is none."""
    folder = user_folder()
    if folder is None:
        raise SchemeError(
            f"The environment variable {FOLDER_VARIABLE} is empty, so no scheme is kept; unset it "
            "or name a folder"
        )
    return folder


def user_schemes() -> tuple[Scheme, ...]:
    """Return the user's schemes.

    Returns
    -------
    tuple of Scheme
        In the order of their file names. Each is checked exactly, since anybody may have written
        its file; files that are damaged or wrong are left out with a warning in the log.

    Notes
    -----
    A file is read once as long as its size, time and inode stay the same, so that a call costs no
    more than a listing of the folder. Whatever does not end in ``.npz`` is ignored.

    Examples
    --------
    >>> import os
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, {"WORDTENSOR_SCHEMES": ""}):
    ...     user_schemes()
    ()
    """
    folder = user_folder()
    if folder is None:
        return ()
    return usable_of(folder, _version)


def usable_of(folder: Path, version: Callable[..., tuple[Stored, ...]]) -> tuple[Stored, ...]:
    """Return what the files of a folder hold, by what reads one version of a file."""
    found: list[Stored] = []
    for stamp in list_files(folder, _SUFFIX):
        try:
            found += version(*stamp)
        except MemoryLimitError as error:  # not remembered: the limit may be another one next time
            _log.warning("left out %r of the user's schemes: %s", stamp[0], error)
    return tuple(found)


@lru_cache(maxsize=_MAX_FILES)
def _version(path: str, size: int, modified: int, inode: int) -> tuple[Scheme, ...]:
    """Read one version of a file; what cannot be used is left out."""
    try:
        schemes = read_schemes(path)
        exact = tuple(s.check() for s in schemes if not s.characteristic)
    except (FileFormatError, SchemeError) as error:
        _log.warning("left out %r of the user's schemes: %s", path, error)
        return ()
    if len(exact) < len(schemes):
        _log.warning("left out schemes that hold modulo a prime only in %r", path)
    return exact


def _file_name(s: Scheme) -> str:
    n, m, p = s.shape
    return f"{n}x{m}x{p}_{s.division}_m{s.rank}_{digest(s)[:12]}{_SUFFIX}"


def remember(s: Scheme) -> Path:
    """Put a scheme among the user's.

    Parameters
    ----------
    s : Scheme
        Checked exactly before anything is written.

    Returns
    -------
    Path
        Its file, named by sizes, algebra, rank and digest; the same scheme has the same file.

    Raises
    ------
    SchemeError
        If the scheme is wrong, holds modulo a prime only, or ``WORDTENSOR_SCHEMES`` is empty.
    FileFormatError
        If the folder cannot be written to.

    Notes
    -----
    The file is written under another name and then renamed: other processes see all of it or
    nothing, and a killed one leaves a temporary file, which is ignored and removed an hour later.

    Examples
    --------
    >>> import os
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> from wordtensor.schemes import best_scheme
    >>> with (
    ...     TemporaryDirectory() as folder,
    ...     patch.dict(os.environ, {"WORDTENSOR_SCHEMES": folder}),
    ... ):
    ...     kept = remember(best_scheme(2, 2, 2))
    ...     user_schemes()
    (Scheme(<2,2,2>, rank=7, ring='Z'),)
    """
    folder = required_folder()
    if s.characteristic:
        raise SchemeError(f"{s!r} holds modulo {s.characteristic} only; lift it before it is kept")
    s.check()
    target = folder / _file_name(s)
    prepare_folder(folder, TEMPORARY)
    save_schemes(target, [s])
    return target
