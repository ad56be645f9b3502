"""Files of complex schemes, and those that the user has."""

import hashlib
import logging
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._files import damage_as, read_archive, read_file, same_json, write_archive
from .._folders import prepare_folder
from .._memory import require_memory
from ..errors import FileFormatError, SchemeError
from .complex_scheme import ComplexScheme
from .library import (
    SCHEME_BYTES,
    TEMPORARY,
    narrow,
    required_folder,
    usable_of,
    user_folder,
)

COMPLEX_FORMAT: Final = "wordtensor-complex-schemes"
_VERSION: Final = 1
_FOLDER: Final = "complex"  # in the folder of the user's schemes

_log = logging.getLogger(__name__)


def _digest(s: ComplexScheme) -> str:
    state = hashlib.sha256(f"{s.shape} complex {s.denominators} {s.rank}".encode())
    for factor in (s.U, s.V, s.W):
        state.update(np.ascontiguousarray(factor, dtype="<i8").tobytes())
    return state.hexdigest()


def _record(s: ComplexScheme) -> dict[str, Any]:
    return {
        "shape": s.shape,
        "rank": s.rank,
        "denominators": s.denominators,
        "provenance": s.provenance,
        "sha256": _digest(s),
    }


def save_complex_schemes(path: str | Path, schemes: Iterable[ComplexScheme]) -> None:
    """Write complex schemes to a compressed npz file, as `save_schemes` does real ones."""
    arrays: dict[str, NDArray[Any]] = {}
    entries = []
    for t, s in enumerate(schemes):
        for name, factor in zip("UVW", (s.U, s.V, s.W), strict=True):
            arrays[f"{name}{t}"] = narrow(factor)
        entries.append(_record(s))
    header = {"format": COMPLEX_FORMAT, "version": _VERSION, "schemes": entries}
    write_archive(path, arrays, header)


def parse_complex_schemes(content: bytes, name: str) -> tuple[ComplexScheme, ...]:
    """Read and check complex schemes from the bytes of a file; the name is for errors."""
    with damage_as(name, "it is damaged, or no file of complex schemes"):
        header, arrays = read_archive(content, SCHEME_BYTES)
        if header["format"] != COMPLEX_FORMAT or header["version"] != _VERSION:
            raise FileFormatError(
                f"File {name} is not of version {_VERSION} of the files of complex schemes"
            )
        schemes = [_entry(entry, arrays, t, name) for t, entry in enumerate(header["schemes"])]
    for t, s in enumerate(schemes):
        try:
            s.check()
        except SchemeError as error:
            raise SchemeError(f"Scheme number {t} of {name}: {error}") from error
    return tuple(schemes)


def _entry(entry: dict[str, Any], arrays: dict[str, Any], t: int, name: str) -> ComplexScheme:
    U, V, W = (arrays[f"{letter}{t}"] for letter in "UVW")
    where = f"Scheme number {t} of {name}"
    # As int64, and three times in real coordinates.
    require_memory(8 * 16 * (U.size + V.size + W.size), where)
    try:
        s = ComplexScheme(
            shape=tuple(entry["shape"]),
            U=U,
            V=V,
            W=W,
            denominators=tuple(entry["denominators"]),
            provenance=entry["provenance"],
        )
    except SchemeError as error:
        raise FileFormatError(f"{where} is damaged: {error}") from error
    if not same_json(entry, _record(s)):
        raise FileFormatError(f"{where} ({s!r}) is not what its header and checksum say")
    return s


def user_complex_schemes() -> tuple[ComplexScheme, ...]:
    """Return the user's complex schemes, checked; what is damaged is left out with a warning."""
    folder = user_folder()
    if folder is None:
        return ()
    return usable_of(folder / _FOLDER, _version_of)


@lru_cache(maxsize=256)
def _version_of(path: str, size: int, modified: int, inode: int) -> tuple[ComplexScheme, ...]:
    """Read one version of a file."""
    try:
        return parse_complex_schemes(read_file(path, SCHEME_BYTES), path)
    except (FileFormatError, SchemeError) as error:
        _log.warning("left out %r of the user's complex schemes: %s", path, error)
        return ()


def remember_complex(s: ComplexScheme) -> Path:
    """Put a complex scheme among the user's, checked; return its file."""
    folder = required_folder()
    s.check()
    n, m, p = s.shape
    target = folder / _FOLDER / f"{n}x{m}x{p}_C_m{s.rank}_{_digest(s)[:12]}.npz"
    prepare_folder(target.parent, TEMPORARY)
    save_complex_schemes(target, [s])
    return target
