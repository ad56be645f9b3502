"""The bytes of a file and the entries of an archive, with a limit on what is taken into memory."""

import io
import struct
import zipfile
from pathlib import Path
from typing import Final

from ...errors import FileFormatError

__all__ = ["archive_entries", "content_of"]

_LARGEST: Final = 2**30


def content_of(path: str | Path) -> bytes:
    """Read a file of at most 1 GiB."""
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except OSError as error:
        raise FileFormatError(f"Cannot read {path}: {error.strerror or error}") from error
    if len(content) > _LARGEST:
        raise FileFormatError(f"{path} is larger than 1 GiB; that is not a file of schemes")
    return content


def archive_entries(content: bytes, name: str) -> list[zipfile.ZipInfo]:
    """List the entries of an npz file that unpacks to at most 1 GiB."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise FileFormatError(f"{name} is a damaged npz file: {error}") from error
    if not entries:
        raise FileFormatError(f"{name} holds no scheme")
    if sum(entry.file_size for entry in entries) > _LARGEST:
        raise FileFormatError(f"{name} unpacks to more than 1 GiB, which schemes do not need")
    return entries
