"""The folder of a campaign: what it was asked, what it knows of each format, and what it found."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..._files import damage_as, read_json, replace_file, same_json
from ..._folders import list_files, prepare_folder
from ..._typing import Sizes
from ...errors import FileFormatError
from ..library import digest, read_schemes, save_schemes
from ..scheme import Scheme
from ..searching._checkpoint import counted
from ._formats import Format, load_format, save_format

_FORMAT: Final = "wordtensor-campaign"
_VERSION: Final = 1
_HEADER: Final = "campaign.json"
_BYTES: Final = 2**20
_TEMPORARY: Final = re.compile(r"\.[0-9x]+(_m\d+_[0-9a-f]{12})?\.npz\.[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything is written as it comes."""

    path: Path

    @property
    def header(self) -> Path:
        """The file that makes it the folder of a campaign."""
        return self.path / _HEADER

    def prepare(self) -> None:
        """Make the folders, and remove what killed processes left there."""
        for part in ("formats", "schemes"):
            prepare_folder(self.path / part, _TEMPORARY)

    def begin(self, largest: int, seed: int, before: Mapping[Sizes, int]) -> dict[Sizes, int]:
        """Note what is asked for, or see that it is what was; return the ranks at the beginning."""
        task = {"format": _FORMAT, "version": _VERSION, "max": largest, "seed": seed}
        if not self.header.exists():
            ranks = [[*sizes, rank] for sizes, rank in before.items()]
            self._write({**task, "before": ranks, "tasks": 0, "sessions": 0})
        known = self._read()
        named = {key: known.get(key) for key in task}
        if not same_json(named, task):
            raise FileFormatError(
                f"Folder {str(self.path)!r} has a campaign with --max {named['max']} --seed "
                f"{named['seed']}, not --max {largest} --seed {seed}; name another folder"
            )
        with damage_as(self.header, "it is damaged, or not of a campaign"):
            began = {(n, m, p): counted(rank) for n, m, p, rank in known["before"]}
            return {sizes: began[sizes] for sizes in before}

    def tasks(self) -> int:
        """Return how many tasks were given out before."""
        with damage_as(self.header, "it is damaged, or not of a campaign"):
            return counted(self._read()["tasks"])

    def note(self, tasks: int) -> None:
        """Note how many tasks were given out."""
        self._write({**self._read(), "tasks": tasks})

    def schemes(self) -> tuple[Scheme, ...]:
        """Read and check the exact schemes that were found before."""
        paths = [stamp[0] for stamp in list_files(self.path / "schemes", ".npz")]
        return tuple(s.check() for path in paths for s in read_schemes(path))

    def keep(self, found: Scheme) -> Path:
        """Write an exact scheme, in a file named by its sizes, rank and digest."""
        name = f"{'x'.join(map(str, found.shape))}_m{found.rank}_{digest(found)[:12]}.npz"
        path = self.path / "schemes" / name
        save_schemes(path, [found])
        return path

    def formats(self, fresh: Iterable[Format]) -> dict[Sizes, Format]:
        """Read what is known of formats; those without a file stay as they are given."""
        return {known.sizes: load_format(self.path / "formats", known) for known in fresh}

    def save(self, known: Format) -> None:
        """Write what is known of a format."""
        save_format(self.path / "formats", known)

    def _read(self) -> dict[str, Any]:
        found = read_json(self.header, _BYTES)
        if not isinstance(found, dict) or found.get("format") != _FORMAT:
            raise FileFormatError(f"File {str(self.header)!r} is not of a campaign")
        if not same_json(found.get("version"), _VERSION):
            raise FileFormatError(f"File {str(self.header)!r} is not of a campaign of this version")
        return found

    def _write(self, header: Mapping[str, Any]) -> None:
        replace_file(self.header, json.dumps(header, indent=1).encode())
