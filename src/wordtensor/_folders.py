"""Folders and files of the user's own results: where they are, what they hold, who writes them."""

import errno
import logging
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from ._files import target_of
from .errors import FileFormatError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# Path, size, time and inode: one version of a file.
Stamp = tuple[str, int, int, int]

_LOCK: Final = ".lock"
# Nobody writes one file for so long: what has another name by then was left by a killed process.
_STALE_SECONDS: Final = 3600.0
# What a lock says that another one holds.
_HELD: Final = (errno.EAGAIN, errno.EACCES)

_log = logging.getLogger(__name__)


def data_folder(variable: str, name: str) -> Path | None:
    """Return the folder that a variable names, or else one with the user's data; None: use none."""
    named = os.environ.get(variable)
    if named is not None:
        try:
            return Path(named).expanduser() if named.strip() else None
        except RuntimeError as error:  # of ~somebody
            raise FileFormatError(
                f"Variable {variable} names no folder ({named!r}): {str(error).rstrip('.')}. Name "
                "a folder by its full path, or unset the variable"
            ) from error
    from platformdirs import user_data_path

    return user_data_path("wordtensor", appauthor=False) / name


def list_files(folder: Path, suffix: str) -> tuple[Stamp, ...]:
    """List the visible files of a folder that end so, by name; none if it cannot be read."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(suffix) and not entry.name.startswith("."):
                    status = _status(entry)
                    if status is not None:
                        stamp = (status.st_size, status.st_mtime_ns, status.st_ino)
                        found.append((entry.path, *stamp))
    except FileNotFoundError:
        return ()
    except OSError as error:
        _log.warning("cannot read the folder %r: %s", str(folder), error.strerror)
        return ()
    return tuple(sorted(found))


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return the status of a file; None for one that has just gone, or a link to nowhere."""
    try:
        return entry.stat()
    except OSError as error:
        if entry.is_symlink():
            _log.warning("left out %r, a link that leads nowhere: %s", entry.path, error.strerror)
        return None


def prepare_folder(
    folder: Path, temporary: re.Pattern[str], seconds: float = _STALE_SECONDS
) -> None:
    """Make a folder that is written to, and remove what killed processes left in it, no more."""
    oldest = time.time() - seconds
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            try:
                if temporary.match(path.name) and path.stat().st_mtime <= oldest:
                    path.unlink()
            except FileNotFoundError:
                continue  # another process was faster
    except OSError as error:
        raise FileFormatError(f"Cannot write to {folder}: {error.strerror or error}") from error


@contextmanager
def locked(folder: Path, busy: str = "") -> Iterator[None]:
    """Hold other processes and threads off a folder, if they ask as well; a killed one lets go."""
    # Where another one holds it: wait, or raise with what is to be said then.
    with _claimed(folder / _LOCK, f"to {folder}", busy):
        yield


@contextmanager
def held(path: Path, what: str) -> Iterator[None]:
    """Hold a file for one process; while another holds it, refuse it. A killed one lets go."""
    target = target_of(path)
    place = target.with_name(f".{target.name}{_LOCK}")
    name = f"{what} {str(path)!r}"
    busy = (
        f"The {name} is in use by another process that is still running; wait for its end, or name "
        "another file"
    )
    with _claimed(place, f"the {name}", busy):
        try:
            prepare_folder(
                target.parent, re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}"), 0
            )
            yield
        finally:
            with suppress(OSError):
                place.unlink()


def _claimed(place: Path, what: str, busy: str) -> BinaryIO:
    """Open a file and take its lock; where another holds it, wait, or raise with what to say."""
    while True:
        try:
            stream = place.open("ab")
        except OSError as error:
            reason = error.strerror or error
            raise FileFormatError(f"Cannot write {what}: {reason}") from error
        try:
            _take(stream, wait=not busy)
        except OSError as error:  # some network folders have no locks
            if busy and error.errno in _HELD:
                stream.close()
                raise FileFormatError(busy) from None
            _log.warning("no lock on %s, write from one process only: %s", place, error.strerror)
            return stream
        except BaseException:  # Ctrl-C, while it waits
            stream.close()
            raise
        if _is_at(stream, place):
            return stream
        stream.close()  # whoever held it has just removed it


def _is_at(stream: BinaryIO, place: Path) -> bool:
    """Tell whether an open file still has its name."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(stream.fileno()), place.stat())
    return False


def _take(stream: BinaryIO, *, wait: bool) -> None:
    """Take the lock of an open file, waiting for it or not; closing the file gives it back."""
    if sys.platform == "win32":
        msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(stream, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
