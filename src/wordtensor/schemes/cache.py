"""The user's own schemes: a folder with one file each, which searches fill and `decompose` uses."""

import logging
import os
import re
import time
from functools import lru_cache
from pathlib import Path
from typing import Final

from ..errors import FileFormatError, SchemeError
from .scheme import Scheme
from .store import digest, read_schemes, save_schemes

__all__ = ["FOLDER_VARIABLE", "remember", "user_folder", "user_schemes"]

FOLDER_VARIABLE: Final = "WORDTENSOR_SCHEMES"

_SUFFIX: Final = ".npz"
# Nobody writes one scheme for so long: what has another name by then was left by a killed process.
_STALE_SECONDS: Final = 3600.0
_MAX_FILES: Final = 4096
_TEMPORARY: Final = re.compile(r"\.\d+x\d+x\d+_[RCH]_m\d+_[0-9a-f]{12}\.npz\.")

_log = logging.getLogger(__name__)


def user_folder() -> Path | None:
    """Return the folder of the user's schemes, which need not exist."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named is not None:
        return Path(named).expanduser() if named.strip() else None
    from platformdirs import user_data_path

    return user_data_path("wordtensor", appauthor=False) / "schemes"


def user_schemes() -> tuple[Scheme, ...]:
    """Return the user's schemes.

    Returns
    -------
    tuple of Scheme
        In the order of their file names. Files that are damaged are left out with a warning in the
        log; checksums are compared, Brent's equations were checked by `remember`.

    Notes
    -----
    A file is read once as long as its size, time and inode stay the same, so that a call costs no
    more than a listing of the folder. Whatever does not end in ``.npz`` is ignored.
    """
    folder = user_folder()
    if folder is None:
        return ()
    return tuple(s for entry in _listing(folder) for s in _read(*entry))


def _listing(folder: Path) -> list[tuple[str, int, int, int]]:
    """List path, size, time and inode of the files of schemes, by name."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(_SUFFIX) and not entry.name.startswith("."):
                    status = _status(entry)
                    if status is not None:
                        stamp = (status.st_size, status.st_mtime_ns, status.st_ino)
                        found.append((entry.path, *stamp))
    except FileNotFoundError:
        return []
    except OSError as error:
        _log.warning("cannot read the user's schemes in %s: %s", folder, error.strerror)
        return []
    return sorted(found)


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return the status of a file; None for one that has just gone, or a link to nowhere."""
    try:
        return entry.stat()
    except OSError:
        return None


@lru_cache(maxsize=_MAX_FILES)
def _read(path: str, size: int, modified: int, inode: int) -> tuple[Scheme, ...]:
    """Read one version of a file; what cannot be used is left out."""
    try:
        schemes = read_schemes(path)
    except FileFormatError as error:
        _log.warning("left out a file of the user's schemes: %s", error)
        return ()
    if any(s.characteristic for s in schemes):
        _log.warning("left out schemes that hold modulo a prime only in %s", path)
    return tuple(s for s in schemes if not s.characteristic)


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
    """
    folder = user_folder()
    if folder is None:
        raise SchemeError(
            f"The environment variable {FOLDER_VARIABLE} is empty, so no scheme is kept; unset it "
            "or name a folder."
        )
    if s.characteristic:
        raise SchemeError(f"{s!r} holds modulo {s.characteristic} only; lift it before it is kept.")
    s.check()
    target = folder / _file_name(s)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(folder)
    except OSError as error:
        raise FileFormatError(f"Cannot write to {folder}: {error.strerror or error}.") from error
    save_schemes(target, [s])
    return target


def _remove_stale(folder: Path) -> None:
    """Remove temporary files that a killed process left behind, and nothing else."""
    oldest = time.time() - _STALE_SECONDS
    for path in folder.iterdir():
        try:
            if _TEMPORARY.match(path.name) and path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue  # another process was faster
