"""Files of solved cores: a JSON header and arrays, never pickled, unpacked one core at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._files import damage_as, read_archive, same_json, write_archive
from .._typing import Factors, Inexact, Integers
from ..errors import FileFormatError, WordTensorError
from ._solved import SolvedCore

# Bytes of a file of cores, and those that it may unpack to.
CORE_BYTES: Final = 2**28

_FORMAT: Final = "wordtensor-cores"
_VERSION: Final = 1
_FIELDS: Final = (
    "key", "shape", "field", "summands", "radicand", "failed", "seed", "seconds", "command",
    "version", "igraph",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Archive:
    """The contents of a file, of which each core is unpacked when it is asked for."""

    headers: tuple[dict[str, Any], ...]
    coords: NDArray[np.unsignedinteger[Any]]  # all ones, core by core
    palette: NDArray[np.float64]  # the different entries of exact terms
    exact: NDArray[np.unsignedinteger[Any]]  # places in the palette of all their entries
    numerical: NDArray[np.uint8]  # (8, entries): the bytes of those of the other terms
    starts: Integers  # (cores + 1, 3): where each begins in coords, exact and numerical

    def solved(self, number: int) -> SolvedCore:
        """Unpack one core."""
        return _unpacked(self, number)


@lru_cache(maxsize=4096)
def _unpacked(archive: Archive, number: int) -> SolvedCore:
    header = archive.headers[number]
    begin, end = archive.starts[number], archive.starts[number + 1]
    flat = archive.palette[archive.exact[begin[1] : end[1]]]
    if header["radicand"] == 0:
        flat = _entries(archive.numerical[:, begin[2] : end[2]])
    fields = {name: header[name] for name in _FIELDS}
    coords = archive.coords[begin[0] : end[0]].reshape(3, -1).astype(np.int64)
    return SolvedCore(coords=coords, terms=_factors(header, flat), **fields)


def _planes(numbers: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Put the first bytes of all numbers before their second ones, which packs better."""
    return np.ascontiguousarray(numbers.astype("<f8").view(np.uint8).reshape(-1, 8).T)


def _entries(planes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Put the bytes of numbers together again."""
    return np.ascontiguousarray(planes.T).view("<f8").ravel().astype(np.float64)


def _factors(header: dict[str, Any], flat: NDArray[np.float64]) -> Factors:
    """Cut the entries of one core into its factors."""
    rank = sum(header["summands"])
    numbers: Inexact = flat.view(np.complex128) if header["field"] == "complex" else flat
    x, y, _ = header["shape"]
    U, V, W = np.split(numbers, [x * rank, (x + y) * rank])
    return U.reshape(-1, rank), V.reshape(-1, rank), W.reshape(-1, rank)


def write_package(entries: Iterable[SolvedCore], path: str | Path) -> None:
    """Write solved cores to a compressed npz file, whole or not at all.

    Parameters
    ----------
    entries : iterable of SolvedCore
        What to write; ordered by key.
    path : str or Path
        The file to write; that of the package is ``cores/data/cores.npz``.

    Raises
    ------
    FileFormatError
        If the file cannot be written.

    Notes
    -----
    Entry ``header`` is JSON in bytes. All ones are in one array. The entries of exact terms, of
    which few are different, are kept as places in a palette. Those of numerical terms are kept byte
    by byte. Every float64 comes back as it was.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from wordtensor.cores import canonical_core, user_store
    >>> core = canonical_core("a*b", "C3")
    >>> units = tuple(np.eye(3)[:, place] for place in core.coords)
    >>> with TemporaryDirectory() as folder:
    ...     write_package([SolvedCore.of(core, units, summands=(9,))], f"{folder}/cores.npz")
    """
    chosen = sorted(entries, key=lambda solved: (solved.key, solved.field))
    headers = [_record(solved) for solved in chosen]
    exact = _joined(_flat(solved) for solved in chosen if solved.radicand)
    palette, places = np.unique(exact, return_inverse=True)
    arrays = {
        "coords": _narrow(_joined(solved.coords.ravel() for solved in chosen)),
        "palette": palette,
        "exact": _narrow(places),
        "numerical": _planes(_joined(_flat(solved) for solved in chosen if not solved.radicand)),
    }
    write_archive(path, arrays, {"format": _FORMAT, "version": _VERSION, "cores": headers})


def _record(solved: SolvedCore) -> dict[str, Any]:
    """Return what a header says of a core."""
    return {name: getattr(solved, name) for name in _FIELDS} | {"ones": solved.coords.shape[1]}


def _joined(parts: Iterable[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0), *parts])


def _flat(solved: SolvedCore) -> NDArray[np.float64]:
    """Return all entries, complex ones as pairs, factor by factor."""
    return np.concatenate([factor.ravel() for factor in solved.terms]).view(np.float64)


def _narrow(numbers: NDArray[Any]) -> NDArray[np.unsignedinteger[Any]]:
    """Store non-negative integers in as few bytes as they need."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def parse_cores(content: bytes, name: str) -> Archive:
    """Read the bytes of a file; the name is for errors."""
    with damage_as(name, "it is damaged, or no file of solved cores"):
        header, arrays = read_archive(content, CORE_BYTES)
        if not same_json([header["format"], header["version"]], [_FORMAT, _VERSION]):
            raise FileFormatError(
                f"File {name} has format {header['format']!r} version {header['version']!r}; this "
                f"wordtensor reads {_FORMAT!r} version {_VERSION}"
            )
        sizes = np.array([_sizes(core) for core in header["cores"]], dtype=np.int64)
        starts = np.vstack([np.zeros((1, 3), np.int64), sizes.reshape(-1, 3).cumsum(axis=0)])
        parts = [arrays[name] for name in ("coords", "exact", "numerical")]
        ones, entries, others = starts[-1].tolist()
        if [part.shape for part in parts] != [(ones,), (entries,), (8, others)]:
            raise ValueError("its arrays do not have the lengths that its header gives")
        coords, exact, numerical = parts
        palette = arrays["palette"]
        if [part.dtype.kind for part in (coords, exact, numerical, palette)] != list("uuuf"):
            raise ValueError("its arrays do not have the types that they should have")
        return Archive(tuple(header["cores"]), coords, palette, exact, numerical, starts)


def _sizes(header: dict[str, Any]) -> tuple[int, int, int]:
    """Say how many entries a core has in the arrays of ones, exact and numerical terms."""
    sizes = (header["ones"], *header["shape"], *header["summands"])
    if any(type(size) is not int or size < 1 for size in sizes):
        raise ValueError("a size is no positive integer")
    entries = sum(header["shape"]) * sum(header["summands"]) * (1 + (header["field"] == "complex"))
    exact = header["radicand"] != 0
    return 3 * header["ones"], entries * exact, entries * (not exact)


def read_cores(content: bytes, name: str) -> tuple[SolvedCore, ...]:
    """Read all solved cores of a file, and check each against itself."""
    archive = parse_cores(content, name)
    with damage_as(name, "it is damaged", WordTensorError):
        found = tuple(archive.solved(number) for number in range(len(archive.headers)))
        if not same_json(archive.headers, list(map(_record, found))):
            raise ValueError("its header is not the one of its cores")
        return found
