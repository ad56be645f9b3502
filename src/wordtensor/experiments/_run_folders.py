"""The folders of a recipe's runs, one beside the other: those of another recipe are refused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .._files import read_json
from ..errors import FileFormatError
from ..nets._folder import STATE_FILE, STUDY_FILE, require_config
from ._study import Chunk

_CONFIG_FILE: Final = "config.json"
_OWN: Final = "and this recipe needs a folder of its own; name another folder"


def check_runs(folder: Path | None, runs: Sequence[Chunk], by_seed: bool, resume: bool) -> None:
    """Refuse a folder with the runs of another recipe, before any is gone on with or replaced."""
    if folder is None:
        return
    if (folder / STUDY_FILE).exists():
        if by_seed:  # it says itself of which study it is
            return
        raise FileFormatError(f"Folder {str(folder)!r} holds a study of many seeds, {_OWN}")
    names = set() if by_seed else {run.name for run in runs}
    there = sorted(path.parent.name for path in folder.glob(f"*/{STATE_FILE}"))
    other = next((name for name in there if name not in names), None)
    if other is not None:
        raise FileFormatError(
            f"Folder {str(folder)!r} holds the run {other!r} of another recipe, or of another size "
            f"of it, {_OWN}"
        )
    for run in runs if resume else ():
        path = folder / run.name
        if run.name in there and (path / _CONFIG_FILE).exists():
            require_config(path, read_json(path / _CONFIG_FILE), run.config)
