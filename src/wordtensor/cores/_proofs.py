"""Where proved bounds are kept: those of the package, and the user's own, one file for each key."""

import io
import logging
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Final

from .._files import read_file, replace_file
from .._folders import Stamp
from .._typing import Field, Sizes
from ..errors import FileFormatError
from ._canonical import CanonicalCore, canonical_form, labelling_version
from ._names import CoreName, named, parse_name, profile
from ._own_files import keep_better, list_own
from ._proved import ProvedCore, read_proved

SUFFIX: Final = ".json"
# Bytes of one proof, of which most have a few thousand.
_MOST_BYTES: Final = 2**24
_MAX_FILES: Final = 4096

_log = logging.getLogger(__name__)

Listed = tuple[CoreName, Callable[[], ProvedCore | None]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Proofs:
    """An immutable collection of proved bounds, each of which is read when it is asked for.

    Attributes
    ----------
    listed : tuple
        What there is, by name.

    Examples
    --------
    >>> from wordtensor.cores import canonical_core
    >>> from wordtensor.cores._proofs import proofs_of
    >>> core = canonical_core("a*b", "C3")
    >>> data = {"mode": 0, "other": 1, "elements": [[0], [1], [2]]}
    >>> found = proofs_of([ProvedCore.of(core, "real", 4, data)])
    >>> found.find(core), found.find(core, "complex")
    (ProvedCore(3x3x3, 9 ones, at least 4), None)
    """

    listed: tuple[Listed, ...] = ()
    _by_size: dict[tuple[Sizes, int, Field], list[Listed]] = field(init=False)

    def __post_init__(self) -> None:
        by_size: dict[tuple[Sizes, int, Field], list[Listed]] = {}
        for name, read in self.listed:
            by_size.setdefault((name.size, name.ones, name.field), []).append((name, read))
        object.__setattr__(self, "_by_size", by_size)

    def find(self, core: CanonicalCore, field: Field = "real") -> ProvedCore | None:
        """Return the best bound that is known for a core; a bound over C holds for R.

        Parameters
        ----------
        core : CanonicalCore
            The core.
        field : {"real", "complex"}
            Where the terms live.

        Returns
        -------
        ProvedCore or None
            None if there is none. What it says is not checked. Another version of igraph may have
            ordered it otherwise; see `ProvedCore.places`.
        """
        return next(iter(self.find_all(core, field)), None)

    def find_all(self, core: CanonicalCore, field: Field = "real") -> tuple[ProvedCore, ...]:
        """Return all bounds that are known for a core, so that wrong ones hide no right ones.

        Parameters
        ----------
        core, field
            As for `find`.

        Returns
        -------
        tuple of ProvedCore
            Best first.
        """
        fields: tuple[Field, ...] = ("real", "complex") if field == "real" else ("complex",)
        found = (each for where in fields for each in self._all(core, where))
        return tuple(sorted(found, key=lambda proved: -proved.value))

    def _all(self, core: CanonicalCore, where: Field) -> Iterator[ProvedCore]:
        """Yield what there is for a core, from other versions of igraph as well."""
        mine = named(core.key, where, core.shape, core.coords.shape[1], labelling_version())
        for name, read in self._by_size.get((mine.size, mine.ones, where), ()):
            if name.key == core.key or (name.igraph != mine.igraph and _is_same(read, core)):
                found = read()
                if found is not None:
                    yield found

    def __iter__(self) -> Iterator[ProvedCore]:
        return (proved for _, read in self.listed if (proved := read()) is not None)

    def __len__(self) -> int:
        return len(self.listed)


def _is_same(read: Callable[[], ProvedCore | None], core: CanonicalCore) -> bool:
    """Say whether what another igraph found is of this core."""
    proved = read()
    if proved is None or profile(proved.shape, proved.coords) != profile(core.shape, core.coords):
        return False
    return _key_today(proved, labelling_version()) == core.key


@lru_cache(maxsize=_MAX_FILES)
def _key_today(proved: ProvedCore, version: str) -> str:
    """Return the key that a core has with today's igraph, which is of this version."""
    return canonical_form(proved.shape, proved.coords).key


def proofs_of(entries: Iterable[ProvedCore]) -> Proofs:
    """Return a collection of proofs at hand."""
    return Proofs(tuple((proved.name, partial(_given, proved)) for proved in entries))


def _given(proved: ProvedCore) -> ProvedCore:
    return proved


def package_proofs() -> Proofs:
    """List the proofs that come with the package."""
    content = files(__package__).joinpath("data").joinpath("proofs.zip").read_bytes()
    archive = zipfile.ZipFile(io.BytesIO(content))
    listed = []
    for member in archive.namelist():
        name = parse_name(member, SUFFIX)
        if name is not None:
            listed.append((name, partial(_packed, archive, member)))
    return Proofs(tuple(listed))


@lru_cache(maxsize=_MAX_FILES)
def _packed(archive: zipfile.ZipFile, member: str) -> ProvedCore:
    """Read one proof of the package."""
    return read_proved(archive.read(member), member)


def user_proofs(stamps: Iterable[Stamp]) -> Proofs:
    """List the proofs among files of the user's folder, by their names."""
    return Proofs(list_own(stamps, SUFFIX, _version))


@lru_cache(maxsize=_MAX_FILES)
def _version(path: str, size: int, modified: int, inode: int) -> ProvedCore | None:
    """Read one version of a file; None if it cannot be used."""
    try:
        found = read_proved(read_file(path, _MOST_BYTES), path)
        if f"{found.name}{SUFFIX}" != Path(path).name:
            raise FileFormatError(f"Cannot use {path!r}: it holds another core than its name says")
    except FileFormatError as error:
        _log.warning("left out a file of the user's proved bounds: %s", error)
        return None
    return found


def write_proofs(entries: Iterable[ProvedCore], path: str | Path) -> None:
    """Write proved bounds to one archive, whole or not at all.

    Parameters
    ----------
    entries : iterable of ProvedCore
        What to write; ordered by name.
    path : str or Path
        The file to write; that of the package is ``cores/data/proofs.zip``.

    Raises
    ------
    FileFormatError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_proofs([], f"{folder}/proofs.zip")
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for proved in sorted(entries, key=lambda proved: str(proved.name)):
            member = zipfile.ZipInfo(f"{proved.name}{SUFFIX}")  # of 1980: the same bytes each time
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, proved.to_json())
    replace_file(path, packed.getvalue())


def save_proved_to(folder: Path, proved: ProvedCore) -> Path | None:
    """Keep a proof in a folder, if it is better than what is there."""
    target = folder / f"{proved.name}{SUFFIX}"
    return keep_better(
        target,
        _version,
        lambda known: proved.value > known.value,
        lambda: replace_file(target, proved.to_json().encode()),
    )
