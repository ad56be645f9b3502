"""Archives on disk: arrays without pickle and a JSON header, read with care, written whole."""

import io
import json
import os
import tempfile
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .errors import FileFormatError

__all__ = ["DAMAGE", "read_archive", "read_arrays", "replace_file"]

_ZIP: Final = b"PK\x03\x04"

# What numpy, zipfile and json raise on a file that is not ours or was changed.
DAMAGE: Final = (
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
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_archive(content: bytes) -> tuple[Any, dict[str, NDArray[Any]]]:
    """Read an npz archive with a JSON header."""
    arrays = read_arrays(content)
    return json.loads(arrays["header"].tobytes()), arrays


def read_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """Read the arrays of an npz archive, with or without a header."""
    if not content.startswith(_ZIP):
        # numpy would advise to unpickle it.
        raise ValueError("it is no zip archive")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def replace_file(path: str | Path, content: bytes) -> None:
    """Write a file under another name in the same folder, then give it its own."""
    target = Path(path)
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        # mkstemp keeps others out; a file of schemes is an ordinary one.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
    except OSError as error:
        raise FileFormatError(f"Cannot write {target}: {error.strerror or error}.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
