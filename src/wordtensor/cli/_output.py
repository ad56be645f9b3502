"""Exit codes, JSON on stdout, log lines on stderr, and the check of an output file."""

import json
import logging
import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from .._files import target_of
from .._text import printable
from ..errors import FileFormatError
from ._process import EXIT_INTERRUPTED as EXIT_INTERRUPTED

if TYPE_CHECKING:
    from rich.text import Text

EXIT_FAILED = 1
EXIT_BAD_INPUT = 2

# What the files of a training run end with.
_RUN: Final = frozenset({".safetensors", ".json", ".jsonl"})


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


@contextmanager
def logs_shown(verbosity: int) -> Iterator[None]:
    """Send log records to stderr: warnings, with one -v what happens, with two all of it."""
    logger = logging.getLogger("wordtensor")
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel((logging.WARNING, logging.INFO, logging.DEBUG)[min(verbosity, 2)])
    handler.setFormatter(_OneLine())
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(handler.level)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


class _OneLine(logging.Formatter):
    """A record as one line: what a warning says, or with its level and logger."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback has lines of its own."""
        text = " ".join(printable(record.getMessage(), keep="\n").split())
        if record.levelno >= logging.WARNING:
            return f"{record.levelname.lower()}: {text}"
        return f"{record.levelname} {record.name}: {text}"


def say(text: str, *, err: bool = False) -> None:
    """Write lines of text, of which names and labels may come from a file of anybody's."""
    with suppress(OSError) if err else nullcontext():
        # Where nobody reads what is said on stderr, the work goes on.
        typer.echo(printable(text, keep="\n"), err=err)


def check_result(output: Path, force: bool, inputs: Iterable[Path | str | None]) -> None:
    """Refuse a file for a decomposition that cannot be written, before any work is paid for."""
    from ..rank.sum_of_terms import check_ending

    check_target(output, force, inputs)
    check_ending(output)


def cell(value: object, style: str = "") -> "Text":
    """Return text for rich, which takes no bracket in it for markup, as `say` writes it."""
    from rich.text import Text

    return Text(printable(str(value), keep="\n"), style)


def check_target(path: Path, force: bool, inputs: Iterable[Path | str | None] = ()) -> None:
    """Refuse a file that cannot be written, before any work is paid for.

    Parameters
    ----------
    path : Path
        The file to be written.
    force : bool
        Whether an existing file may be replaced.
    inputs : iterable of Path, str or None
        What else the command reads or writes. A folder stands for the files of a run in it; a text
        may be the name of a file or of something else.

    Raises
    ------
    FileFormatError
        If the path is a directory or a device, its directory is missing, it is one of the inputs,
        or it exists and `force` is False.
    """
    shown = repr(str(path))
    target = target_of(path)  # where a link leads to
    if not target.parent.is_dir():
        raise FileFormatError(f"There is no directory {str(target.parent)!r} to write to")
    for given in inputs:
        if given is not None and _is_same(target, given):
            raise FileFormatError(
                f"File {shown} is used by this command as {str(given)!r} as well; "
                "choose another name for the output"
            )
    if target.exists() and not force:
        raise FileFormatError(f"File {shown} exists; choose another name or pass --force")
    if not os.access(target.parent, os.W_OK):
        raise FileFormatError(f"Directory {str(target.parent)!r} is not writable; name another one")


def _is_same(target: Path, given: Path | str) -> bool:
    """Tell whether a target is a given file by whatever name, or one of the run in a folder."""
    try:
        source = Path(given)
        if source.is_dir():
            # Pages and pictures may lie beside the files of a run; these may not be replaced.
            return any(
                entry.suffix in _RUN and _is_same(target, entry) for entry in source.rglob("*")
            )
        if source.exists() and target.exists():
            return source.samefile(target)
    except (OSError, ValueError):  # ValueError: a text that is no name of a file
        return False
    return isinstance(given, Path) and os.path.realpath(given) == str(target)
