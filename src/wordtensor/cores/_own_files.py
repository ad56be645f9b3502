"""The user's folder of cores: one file for each name, listed once, and replaced by better ones."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from .._folders import Stamp, locked, prepare_folder
from ._names import CoreName, parse_name, temporary_name

T = TypeVar("T", covariant=True)


class Version(Protocol[T]):
    """Reads one version of a file; None if it cannot be used."""

    def __call__(self, path: str, size: int, modified: int, inode: int, /) -> T | None: ...


def list_own(
    stamps: Iterable[Stamp], suffix: str, version: Version[T]
) -> tuple[tuple[CoreName, Callable[[], T | None]], ...]:
    """List what files hold by their names; each is read when it is asked for."""
    names = ((parse_name(Path(stamp[0]).name, suffix), stamp) for stamp in stamps)
    return tuple((name, partial(version, *stamp)) for name, stamp in names if name is not None)


def keep_better(
    target: Path, version: Version[T], is_better: Callable[[T], bool], write: Callable[[], None]
) -> Path | None:
    """Write a file if what is there is not as good; of two processes the better one stays."""
    prepare_folder(target.parent, temporary_name(target.suffix))
    with locked(target.parent):
        with suppress(FileNotFoundError):
            status = target.stat()
            known = version(str(target), status.st_size, status.st_mtime_ns, status.st_ino)
            if known is not None and not is_better(known):
                return None
        write()
    return target
