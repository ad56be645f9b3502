"""Exit codes, JSON on stdout, log lines on stderr, and the check of an output file."""

import json
import logging
import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from ..errors import FileFormatError

EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


def echo_json(values: Mapping[str, Any]) -> None:
    """Write one JSON object to stdout; infinity and NaN, which JSON lacks, become null."""
    typer.echo(json.dumps(_finite(values), indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return value


def start_logging(verbosity: int) -> int:
    """Send wordtensor's log records to stderr: one -v for what happens, two for all of it."""
    if verbosity:
        logger = logging.getLogger("wordtensor")
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        logger.handlers[:] = [handler]
        logger.setLevel(logging.INFO if verbosity == 1 else logging.DEBUG)
    return verbosity


def check_target(path: Path, force: bool) -> None:
    """Refuse a file that cannot be written, before any work is paid for.

    Parameters
    ----------
    path : Path
        The file to be written.
    force : bool
        Whether an existing file may be replaced.

    Raises
    ------
    FileFormatError
        If the path is a directory or a device, its directory is missing, or it exists and `force`
        is False.
    """
    if path.is_dir():
        raise FileFormatError(f"Path {str(path)!r} is a directory; name a file")
    if path.exists() and not path.is_file():
        # Writing replaces what is there, and must not replace /dev/null.
        raise FileFormatError(f"Path {str(path)!r} is a device or a pipe; name a file")
    if not path.parent.is_dir():
        raise FileFormatError(f"There is no directory {str(path.parent)!r} to write to")
    if path.exists() and not force:
        raise FileFormatError(f"File {str(path)!r} exists; choose another name or pass --force")
    if not os.access(path.parent, os.W_OK):
        raise FileFormatError(f"Directory {str(path.parent)!r} is not writable; name another one")
