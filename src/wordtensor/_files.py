"""Bytes on disk: written whole or not at all, read within limits, refused with one error."""

import io
import json
import math
import os
import secrets
import stat
import struct
import sys
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from ._memory import allowed_bytes, require_memory
from ._text import size_text
from .errors import FileFormatError, MemoryLimitError

Path_ = str | os.PathLike[str]

# Bytes of Python objects that a letter of JSON may bring with it: an object with its table, a list,
# a key, a number or text and its place, and the head of a text, which has two quotes.
_JSON_BYTES: Final = ((b"{", 240), (b"[", 120), (b":", 100), (b",", 48), (b'"', 40))
# Bytes of a member of an archive beside its content, and how an entry of its directory begins.
_MEMBER: Final = 1024
# A byte of deflate becomes 1032 at most.
_DEFLATE: Final = 1032
_ENTRY: Final = b"PK\x01\x02"

_ZIP: Final = b"PK"
HEADER: Final = "header"
_REASON: Final = 160  # letters

# What numpy, zipfile and json raise on bytes that are not ours or were changed: a flipped bit can
# ask for a password (RuntimeError), another compression (NotImplementedError), or all memory.
DAMAGE: Final[tuple[type[Exception], ...]] = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    OverflowError,
    RuntimeError,
    MemoryError,
    SyntaxError,
    Warning,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


@contextmanager
def damage_as(path: Path_, what: str, *more: type[Exception]) -> Iterator[None]:
    """Turn what damaged bytes raise into "Cannot read 'path': what (reason)"."""
    try:
        yield
    except FileFormatError:
        raise
    except MemoryLimitError as error:
        raise MemoryLimitError(f"Cannot read {os.fspath(path)!r}: {error}") from error
    except (*DAMAGE, *more) as error:
        message = f"Cannot read {os.fspath(path)!r}: {what} ({_reason(error)})"
        raise FileFormatError(message) from error


def _reason(error: BaseException) -> str:
    """Say in one line of bounded length what was wrong."""
    text = f"it has no {error}" if type(error) is KeyError else " ".join(str(error).split())
    text = text or type(error).__name__
    return text if len(text) <= _REASON else f"{text[:_REASON]}..."


def read_file(path: Path_, limit: float = math.inf) -> bytes:
    """Read a file of at most so many bytes, and within the limit on memory."""
    content, size, path = b"", 0, path_of(path)
    most = int(min(limit, allowed_bytes(), sys.maxsize - 1))
    try:
        kind = path.stat().st_mode
        if stat.S_ISFIFO(kind) and not os.fspath(path).startswith("/dev/"):
            # Nobody may ever write to it. What the shell makes of <(command) is /dev/fd/63.
            raise OSError("it is a named pipe; give a file, or a command as <(command)")
        if stat.S_ISDIR(kind):
            raise OSError("it is a directory; give a file")
        if stat.S_ISCHR(kind) or stat.S_ISBLK(kind) or stat.S_ISSOCK(kind):
            raise OSError("it is a device or a socket; give a file")
        with path.open("rb") as stream:
            # A regular file is one piece; a pipe has no size, and perhaps no end.
            size = os.fstat(stream.fileno()).st_size
            if size <= most:
                piece = max(size, 2**20) + 1
                while more := stream.read(min(piece, most + 1 - len(content))):
                    content += more
    except FileNotFoundError as error:
        message = f"Cannot read {os.fspath(path)!r}: there is no file of that name"
        raise FileFormatError(message) from error
    except OSError as error:
        message = f"Cannot read {os.fspath(path)!r}: {error.strerror or error}"
        raise FileFormatError(message) from error
    size = max(size, len(content))
    if size > limit:
        raise FileFormatError(
            f"Cannot read {os.fspath(path)!r}: it is larger than {size_text(limit)}, which no such "
            "file needs"
        )
    require_memory(size, f"Reading the file {os.fspath(path)!r}")
    return content


def read_json(path: Path_, limit: float = math.inf) -> Any:
    """Read a file of JSON."""
    content = read_file(path, limit)
    with damage_as(path, "it is no JSON"):
        return parse_json(content)


def parse_json(content: bytes) -> Any:
    """Parse JSON, within the limit on memory; no object may have a key twice."""
    # The text itself and the texts in it take up to four bytes a letter each.
    needed = 8 * len(content) + sum(size * content.count(letter) for letter, size in _JSON_BYTES)
    require_memory(needed, f"What {size_text(len(content))} of JSON may become")
    try:
        return json.loads(content, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dict of a JSON object, in which no key may stand twice."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("an object has a key twice")
    return made


def read_members(
    content: bytes, limit: float = math.inf, only: str | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield names and bytes of the members, or one, of a zip archive, whose checksums hold."""
    with _opened(content) as archive:
        members = [each for each in archive.infolist() if only in (None, each.filename)]
        sizes = [member.file_size for member in members]
        for member in members:
            most = _DEFLATE * min(member.compress_size, len(content))
            if member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                if member.file_size > most:
                    raise ValueError(
                        f"a member claims {size_text(member.file_size)}, and is smaller"
                    )
        if sum(sizes) > limit:
            raise ValueError(f"it unpacks to more than {size_text(limit)}")
        # The archive, what is kept of its members, and the bytes of the one that is read.
        needed = len(content) + sum(sizes) + max(sizes, default=0)
        require_memory(needed, f"Unpacking {size_text(sum(sizes))}")
        for member in members:
            with archive.open(member) as stream:
                # With the size, zipfile unpacks no more than that, whatever the bytes say.
                yield member.filename, stream.read(member.file_size)


def member_names(content: bytes) -> list[str]:
    """List the names of the members of a zip archive."""
    with _opened(content) as archive:
        return archive.namelist()


def array_sizes(content: bytes) -> dict[str, int]:
    """Return the names of an archive's arrays with the bytes that they unpack to."""
    with _opened(content) as archive:
        members = archive.infolist()
    sizes = {member.filename.removesuffix(".npy"): member.file_size for member in members}
    if len(sizes) < len(members):
        raise ValueError("it has two arrays of one name")
    return sizes


def _opened(content: bytes) -> zipfile.ZipFile:
    if not content.startswith(_ZIP):
        raise ValueError("it is no zip archive")
    require_memory(_MEMBER * content.count(_ENTRY), "The directory of the archive")
    return zipfile.ZipFile(io.BytesIO(content))


def read_arrays(content: bytes, limit: float = math.inf) -> dict[str, NDArray[Any]]:
    """Read the arrays of an npz archive; nothing is unpickled."""
    return {
        name.removesuffix(".npy"): read_array(member)
        for name, member in read_members(content, limit)
        if member.startswith(np.lib.format.MAGIC_PREFIX)
    }


def read_array(content: bytes) -> NDArray[Any]:
    """Read the bytes of a npy file, if they hold as many numbers as their header claims."""
    with warnings.catch_warnings():
        # What numpy only warns of is nothing that anybody writes today.
        warnings.simplefilter("error")
        return _array(content)


def _array(content: bytes) -> NDArray[Any]:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise ValueError(f"an array has version {version}")
    if dtype.hasobject:
        raise ValueError("an array holds objects, which are pickled")
    held = len(content) - stream.tell()
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize > held:
        raise ValueError(f"an array claims shape {str(shape)[:80]} and holds {held} bytes")
    stream.seek(0)
    array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
    return array


def same_json(one: Any, other: Any) -> bool:
    """Tell whether values are the same JSON, in which 1, 1.0 and true differ."""
    texts = [json.dumps(value, sort_keys=True) for value in (one, other)]
    return texts[0] == texts[1]


def read_header(arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Return the JSON header of an archive that `write_archive` wrote."""
    return parse_json(arrays[HEADER].tobytes())


def read_header_alone(content: bytes, limit: float) -> Any:
    """Read the JSON header of an archive before anything else is unpacked."""
    [(_, member)] = read_members(content, limit, only=f"{HEADER}.npy")
    return read_header({HEADER: read_array(member)})


def read_archive(content: bytes, limit: float = math.inf) -> tuple[Any, dict[str, NDArray[Any]]]:
    """Read the JSON header and all arrays of an npz archive."""
    arrays = read_arrays(content, limit)
    return read_header(arrays), arrays


def write_archive(
    path: Path_, arrays: Mapping[str, NDArray[Any]], header: Any = None, *, pickled: bool = False
) -> None:
    """Write a compressed npz archive, whole or not at all; a header becomes JSON in bytes."""
    entries = dict(arrays)
    if header is not None:
        entries[HEADER] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    if not pickled and any(array.dtype.hasobject for array in entries.values()):
        raise TypeError("Arrays of objects are not written")
    _replace(path, lambda stream: np.savez_compressed(stream, **entries))  # type: ignore[arg-type]


def replace_file(path: Path_, content: bytes) -> None:
    """Write a file, whole or not at all."""
    _replace(path, lambda stream: stream.write(content))


def _replace(path: Path_, fill: Callable[[BinaryIO], object]) -> None:
    """Fill a file under another name in the same folder, then give it its own."""
    target = target_of(path)
    temporary = target.parent / f".{target.name}.{secrets.token_hex(4)}"
    try:
        # As for any new file, the umask decides who may read it.
        with temporary.open("xb") as stream:
            fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        reason = error.strerror or error
        if not target.parent.is_dir():
            reason = f"there is no folder {str(target.parent)!r}"
        raise FileFormatError(f"Cannot write {os.fspath(path)!r}: {reason}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def target_of(path: Path_) -> Path:
    """Return the file that is written under a name: what a link leads to, never a device."""
    target = Path(os.path.realpath(path_of(path)))
    try:
        kind = target.lstat().st_mode
    except OSError:
        return target  # there is none yet, or whoever writes it will say why there cannot be
    if stat.S_ISLNK(kind):
        raise FileFormatError(f"Cannot write {os.fspath(path)!r}: its links lead in a circle")
    if stat.S_ISDIR(kind):
        raise FileFormatError(f"Cannot write {os.fspath(path)!r}: it is a directory; name a file")
    if not stat.S_ISREG(kind):
        raise FileFormatError(
            f"Cannot write {os.fspath(path)!r}: it is a device, a socket or a pipe; name a file"
        )
    return target


def path_of(path: object) -> Path:
    """Return a path for what may be one: a text or a `Path`."""
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
        raise FileFormatError(f"The name of a file must be a text or a path, not {path!r:.80}")
    try:
        encoded = os.fsencode(path)
    except ValueError:
        encoded = b"\0"
    if not encoded or b"\0" in encoded:
        raise FileFormatError(f"No file can have the name {os.fspath(path)!r}")
    return Path(path)


def _sync_folder(folder: Path) -> None:
    """Have the new name on disk as well, where a folder can be opened for that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
