"""The store of solved cores: those of the package, and the user's own, one file for each key."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Final, cast

import numpy as np

from .._files import read_file
from .._folders import Stamp, data_folder, list_files, locked, prepare_folder
from .._typing import Field, Inexact, Integers, Sizes
from ..errors import FileFormatError
from ._archive import CORE_BYTES, parse_cores, read_cores, write_package
from ._canonical import CanonicalCore, canonical_form, labelling_version
from ._solved import SolvedCore

FOLDER_VARIABLE: Final = "WORDTENSOR_CORES"

_SUFFIX: Final = ".npz"
_NAME: Final = re.compile(
    r"(\d+)x(\d+)x(\d+)_(\d+)_(real|complex)_igraph([0-9A-Za-z.+-]+)_([0-9a-f]{64})\.npz"
)
_TEMPORARY: Final = re.compile(rf"\.{_NAME.pattern}\.")
_MAX_FILES: Final = 4096

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """What the store knows of a solved core before it is read."""

    key: str
    field: Field
    size: Sizes  # in increasing order: another igraph may order the modes otherwise
    ones: int
    igraph: str
    read: Callable[[], SolvedCore | None]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Store:
    """An immutable collection of solved cores, each of which is read when it is asked for.

    `Store()` is empty; `default_store` and `user_store` are not. Iterating reads all of it.

    Attributes
    ----------
    listed : tuple
        What there is, by key, field, sizes, number of ones and version of igraph.

    Examples
    --------
    >>> from wordtensor.cores import canonical_core
    >>> core = canonical_core("a*b", "C3")
    >>> units = tuple(np.eye(3)[:, place] for place in core.coords)
    >>> store = Store().with_solved(SolvedCore.of(core, units, summands=(9,)))
    >>> store.find(core), store.find(core, "complex")
    (SolvedCore(3x3x3, 9 ones, rank 9, numerical), None)
    """

    listed: tuple[_Listed, ...] = ()
    _by_key: dict[tuple[str, Field], list[_Listed]] = field(init=False)
    _by_size: dict[tuple[Sizes, int, Field], dict[str, list[_Listed]]] = field(init=False)

    def __post_init__(self) -> None:
        by_key: dict[tuple[str, Field], list[_Listed]] = {}
        by_size: dict[tuple[Sizes, int, Field], dict[str, list[_Listed]]] = {}
        for one in self.listed:
            by_key.setdefault((one.key, one.field), []).append(one)
            versions = by_size.setdefault((one.size, one.ones, one.field), {})
            versions.setdefault(one.igraph, []).append(one)
        object.__setattr__(self, "_by_key", by_key)
        object.__setattr__(self, "_by_size", by_size)

    def find(self, core: CanonicalCore, field: Field = "real") -> SolvedCore | None:
        """Return the best terms that are known for a core.

        Parameters
        ----------
        core : CanonicalCore
            The core.
        field : {"real", "complex"}
            Where its terms shall live.

        Returns
        -------
        SolvedCore or None
            In the coordinates of ``core``; of equal ranks an exact one. None if there is none.
            That its terms add up is not checked.

        Notes
        -----
        As `find_all`.
        """
        return next(iter(self.find_all(core, field)), None)

    def find_all(self, core: CanonicalCore, field: Field = "real") -> tuple[SolvedCore, ...]:
        """Return all terms that are known for a core, so that wrong ones hide no right ones.

        Parameters
        ----------
        core, field
            As for `find`.

        Returns
        -------
        tuple of SolvedCore
            Best first.

        Notes
        -----
        Another version of igraph may have ordered the same core otherwise. What such a version
        found for a core of the same size is brought into today's order when it is asked for.
        """
        found = [one.read() for one in self._by_key.get((core.key, field), ())]
        for version, others in self._by_size.get((*_measures(core), field), {}).items():
            if version != labelling_version():
                found += [_relabelled(one, core) for one in others if one.key != core.key]
        known = (solved for solved in found if solved is not None)
        return tuple(sorted(known, key=lambda solved: solved.cost))

    def with_solved(self, solved: SolvedCore) -> "Store":
        """Return a store that also holds a solved core.

        Parameters
        ----------
        solved : SolvedCore
            What to add.

        Returns
        -------
        Store
            A new store.
        """
        one = _Listed(solved.key, solved.field, *_measures(solved), solved.igraph, lambda: solved)
        return Store((*self.listed, one))

    def __iter__(self) -> Iterator[SolvedCore]:
        return (solved for one in self.listed if (solved := one.read()) is not None)

    def __len__(self) -> int:
        return len(self.listed)

    def __repr__(self) -> str:
        return f"Store({len(self)} solved cores)"


def _measures(core: CanonicalCore | SolvedCore) -> tuple[Sizes, int]:
    """Return sizes in increasing order and the number of ones: the same in every igraph."""
    x, y, z = sorted(core.shape)
    return (x, y, z), core.coords.shape[1]


def _profile(shape: Sizes, coords: Integers) -> list[list[int]]:
    """Count the ones of each slice, which no order of slices and modes changes."""
    counts = (np.bincount(coords[m], minlength=shape[m]) for m in range(3))
    return sorted(sorted(count.tolist()) for count in counts)


def _relabelled(one: _Listed, core: CanonicalCore) -> SolvedCore | None:
    """Bring what another igraph found into the order of a core, if it is the same one."""
    solved = one.read()
    if solved is None or _profile(solved.shape, solved.coords) != _profile(core.shape, core.coords):
        return None
    moved = _moved(solved, labelling_version())
    return moved if moved.key == core.key else None


@lru_cache(maxsize=_MAX_FILES)
def _moved(solved: SolvedCore, version: str) -> SolvedCore:
    """Bring a solved core into the order of today's igraph."""
    core = canonical_form(solved.shape, solved.coords)
    factors: list[Inexact] = []
    for mode in core.modes:
        factor = np.empty_like(solved.terms[mode])
        factor[core.rows[mode]] = solved.terms[mode]
        factors.append(factor)
    return replace(
        solved,
        key=core.key,
        shape=core.shape,
        coords=core.coords,
        terms=(factors[0], factors[1], factors[2]),
        igraph=version,
    )


@lru_cache(maxsize=1)
def default_store() -> Store:
    """Return the store of the solved cores that come with the package.

    Returns
    -------
    Store
        Immutable, so the cached value is shared.

    Examples
    --------
    >>> default_store() is default_store()
    True
    """
    source = files(__package__).joinpath("data").joinpath("cores.npz")
    archive = parse_cores(source.read_bytes(), "cores.npz")
    listed = []
    for number, header in enumerate(archive.headers):
        x, y, z = sorted(header["shape"])
        names = (header["key"], header["field"], (x, y, z), header["ones"], header["igraph"])
        listed.append(_Listed(*names, partial(archive.solved, number)))
    return Store(tuple(listed))


def user_folder() -> Path | None:
    """Return the folder of the user's solved cores.

    Returns
    -------
    Path or None
        The one that ``WORDTENSOR_CORES`` names, or else one with the user's data; it need not
        exist. None if the variable is empty: then none is used.

    Examples
    --------
    >>> folder = user_folder()
    """
    return data_folder(FOLDER_VARIABLE, "cores")


def user_store(folder: Path | None = None) -> Store:
    """Return the store of the package's solved cores and of the user's.

    Parameters
    ----------
    folder : Path, optional
        Where the user's are; by default the folder that ``WORDTENSOR_CORES`` names (if it is empty,
        none), or else one with the user's data.

    Returns
    -------
    Store
        That of `default_store` if the user has none. A file is read when its core is asked for;
        damaged ones are named in the log and left out.

    Examples
    --------
    >>> len(user_store()) >= len(default_store())
    True
    """
    folder = user_folder() if folder is None else folder
    stamps = () if folder is None else list_files(folder, _SUFFIX)
    return _extended(stamps) if stamps else default_store()


@lru_cache(maxsize=4)
def _extended(stamps: tuple[Stamp, ...]) -> Store:
    own = (_listed_file(stamp) for stamp in stamps)
    return Store((*default_store().listed, *(one for one in own if one is not None)))


def _listed_file(stamp: Stamp) -> _Listed | None:
    """Read what the name of a file says; None for other files."""
    match = _NAME.fullmatch(Path(stamp[0]).name)
    if match is None:
        return None
    x, y, z, ones, where, igraph, key = match.groups()
    sizes = (int(x), int(y), int(z))
    return _Listed(key, cast(Field, where), sizes, int(ones), igraph, partial(_version, *stamp))


@lru_cache(maxsize=_MAX_FILES)
def _version(path: str, size: int, modified: int, inode: int) -> SolvedCore | None:
    """Read one version of a file; None if it cannot be used."""
    try:
        found = read_cores(read_file(path, CORE_BYTES), path)
        if [_file_name(solved) for solved in found] != [Path(path).name]:
            raise FileFormatError(f"Cannot use {path!r}: it holds other cores than its name says")
    except FileFormatError as error:
        _log.warning("left out a file of the user's solved cores: %s", error)
        return None
    return found[0]


def _file_name(solved: SolvedCore) -> str:
    (x, y, z), ones = _measures(solved)
    return f"{x}x{y}x{z}_{ones}_{solved.field}_igraph{solved.igraph}_{solved.key}{_SUFFIX}"


def save_solved(solved: SolvedCore, folder: Path | None = None) -> Path | None:
    """Keep a solved core among the user's, if it is better than what is there.

    Parameters
    ----------
    solved : SolvedCore
        What was found. Better are fewer terms; of equally many, rational ones, then those of a
        quadratic field, then numerical ones; of equal ones, more starts spent in vain.
    folder : Path, optional
        Where to; by default as for `user_store`.

    Returns
    -------
    Path or None
        The file that was written; None if what was there is as good, or if there is no folder.

    Raises
    ------
    FileFormatError
        If the folder cannot be written to.

    Notes
    -----
    There is one file for each key, field and version of igraph, written whole or not at all.
    Comparing and writing happen under a lock: of two processes the better one has the last word.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from wordtensor.cores import canonical_core
    >>> core = canonical_core("a*b", "C3")
    >>> units = tuple(np.eye(3)[:, place] for place in core.coords)
    >>> with TemporaryDirectory() as name:
    ...     found = SolvedCore.of(core, units, summands=(9,))
    ...     kept, again = (save_solved(found, Path(name)) for _ in range(2))
    ...     kept is None, again is None, user_store(Path(name)).find(core).rank
    (False, True, 9)
    """
    folder = user_folder() if folder is None else folder
    if folder is None:
        return None
    target = folder / _file_name(solved)
    prepare_folder(folder, _TEMPORARY)
    with locked(folder):
        with suppress(FileNotFoundError):
            status = target.stat()
            known = _version(str(target), status.st_size, status.st_mtime_ns, status.st_ino)
            if known is not None and known.cost <= solved.cost:
                return None
        write_package([solved], target)
    return target
