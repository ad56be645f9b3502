"""The store of solved cores: those of the package, and the user's own, one file for each key."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np

from .._files import read_file
from .._folders import Stamp, data_folder, list_files
from .._typing import Field, Inexact, Sizes
from ..errors import FileFormatError
from ._archive import CORE_BYTES, parse_cores, read_cores, write_package
from ._canonical import CanonicalCore, canonical_form, labelling_version
from ._names import CoreName, named, profile
from ._own_files import keep_better, list_own
from ._proofs import SUFFIX as PROOF_SUFFIX
from ._proofs import Proofs, package_proofs, proofs_of, save_proved_to, user_proofs
from ._proved import ProvedCore
from ._solved import SolvedCore

FOLDER_VARIABLE: Final = "WORDTENSOR_CORES"

_SUFFIX: Final = ".npz"
_MAX_FILES: Final = 4096

_log = logging.getLogger(__name__)


_Listed = tuple[CoreName, Callable[[], SolvedCore | None]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Store:
    """What is known about cores: terms, and proved bounds, each read when it is asked for.

    `Store()` is empty; `default_store` and `user_store` are not. Iterating reads all solved cores.

    Attributes
    ----------
    listed : tuple
        The solved cores that there are, by key, field, sizes, number of ones and version of igraph.
    proofs : Proofs
        The lower bounds that were proved by a search.

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
    proofs: Proofs = field(default_factory=Proofs)
    _by_key: dict[tuple[str, Field], list[_Listed]] = field(init=False)
    _by_size: dict[tuple[Sizes, int, Field], dict[str, list[_Listed]]] = field(init=False)

    def __post_init__(self) -> None:
        by_key: dict[tuple[str, Field], list[_Listed]] = {}
        by_size: dict[tuple[Sizes, int, Field], dict[str, list[_Listed]]] = {}
        for one in self.listed:
            name = one[0]
            by_key.setdefault((name.key, name.field), []).append(one)
            versions = by_size.setdefault((name.size, name.ones, name.field), {})
            versions.setdefault(name.igraph, []).append(one)
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
        found = [read() for _, read in self._by_key.get((core.key, field), ())]
        mine = named(core.key, field, core.shape, core.coords.shape[1], labelling_version())
        for version, others in self._by_size.get((mine.size, mine.ones, field), {}).items():
            if version != mine.igraph:
                found += [_relabelled(read, core) for name, read in others if name.key != core.key]
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
        return replace(self, listed=(*self.listed, (_name(solved), lambda: solved)))

    def with_proved(self, proved: ProvedCore) -> "Store":
        """Return a store that also holds a proved bound.

        Parameters
        ----------
        proved : ProvedCore
            What to add.

        Returns
        -------
        Store
            A new store.
        """
        return replace(self, proofs=Proofs((*self.proofs.listed, *proofs_of([proved]).listed)))

    def __iter__(self) -> Iterator[SolvedCore]:
        return (solved for _, read in self.listed if (solved := read()) is not None)

    def __len__(self) -> int:
        return len(self.listed)

    def __repr__(self) -> str:
        return f"Store({len(self)} solved cores)"


def _name(solved: SolvedCore) -> CoreName:
    ones = solved.coords.shape[1]
    return named(solved.key, solved.field, solved.shape, ones, solved.igraph)


def _relabelled(read: Callable[[], SolvedCore | None], core: CanonicalCore) -> SolvedCore | None:
    """Bring what another igraph found into the order of a core, if it is the same one."""
    solved = read()
    if solved is None or profile(solved.shape, solved.coords) != profile(core.shape, core.coords):
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
        x, y, z = header["shape"]
        name = named(header["key"], header["field"], (x, y, z), header["ones"], header["igraph"])
        listed.append((name, partial(archive.solved, number)))
    return Store(tuple(listed), package_proofs())


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
    if folder is None:
        return default_store()
    stamps, proofs = list_files(folder, _SUFFIX), list_files(folder, PROOF_SUFFIX)
    return _extended(stamps, proofs) if stamps or proofs else default_store()


@lru_cache(maxsize=4)
def _extended(stamps: tuple[Stamp, ...], proofs: tuple[Stamp, ...]) -> Store:
    known = default_store()
    own, mine = list_own(stamps, _SUFFIX, _version), user_proofs(proofs).listed
    return Store((*known.listed, *own), Proofs((*known.proofs.listed, *mine)))


@lru_cache(maxsize=_MAX_FILES)
def _version(path: str, size: int, modified: int, inode: int) -> SolvedCore | None:
    """Read one version of a file; None if it cannot be used."""
    try:
        found = read_cores(read_file(path, CORE_BYTES), path)
        if [f"{_name(solved)}{_SUFFIX}" for solved in found] != [Path(path).name]:
            raise FileFormatError(f"Cannot use {path!r}: it holds other cores than its name says")
    except FileFormatError as error:
        _log.warning("left out a file of the user's solved cores: %s", error)
        return None
    return found[0]


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
    Comparing and writing happen under a lock, so that of two processes the one with the better
    result has the last word.

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
    target = folder / f"{_name(solved)}{_SUFFIX}"
    return keep_better(
        target,
        _version,
        lambda known: solved.cost < known.cost,
        lambda: write_package([solved], target),
    )


def save_proved(proved: ProvedCore, folder: Path | None = None) -> Path | None:
    """Keep a proved bound among the user's cores, if it is better than what is there.

    Parameters
    ----------
    proved : ProvedCore
        What was proved.
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

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from wordtensor.cores import canonical_core
    >>> core = canonical_core("a*b", "C3")
    >>> data = {"mode": 0, "other": 1, "elements": [[0], [1], [2]]}
    >>> with TemporaryDirectory() as name:
    ...     found = ProvedCore.of(core, "real", 4, data)
    ...     kept, again = (save_proved(found, Path(name)) for _ in range(2))
    ...     kept is None, again is None, user_store(Path(name)).proofs.find(core).value
    (False, True, 4)
    """
    folder = user_folder() if folder is None else folder
    return None if folder is None else save_proved_to(folder, proved)
