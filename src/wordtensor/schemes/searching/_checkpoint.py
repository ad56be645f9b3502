"""Searches on disk: all that a search needs to go on, in a file that is never half-written."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..._files import damage_as, read_archive, read_file, same_json, write_archive
from ..._folders import held
from ..._kinds import SEARCH, expecting
from ..._progress import begin_stage
from ..._typing import IntegerFactors
from ...errors import FileFormatError
from ..scheme import Scheme
from ._state import ExactValue, SearchState
from .results import Session

_FORMAT: Final = "wordtensor-search"
_VERSION: Final = 3

Header = dict[str, Any]
Arrays = dict[str, NDArray[Any]]
State = TypeVar("State", bound=SearchState[Any, Any])


@dataclass(frozen=True, slots=True)
class Checkpoint(Generic[State]):
    """The file of one search, and how a state becomes a header with arrays and back."""

    # The file's header is JSON: the task, what all states have, and what this method adds. The
    # exact value is U, V, W over denominators.
    path: Path
    task: dict[str, Any]  # what makes it another search: the method, sizes, options, seed
    taken_apart: Callable[[State], tuple[Header, Arrays]]  # what the method's states add
    # from the common fields and what was added
    put_together: Callable[[dict[str, Any], Header, Arrays], State]
    # makes the exact value again, and refuses a wrong one
    remake: Callable[[IntegerFactors, tuple[int, int, int], str], ExactValue]

    def save(self, state: State) -> None:
        """Write a state; a crash leaves the former file or the new one."""
        added, arrays = self.taken_apart(state)
        found = state.found
        header = {
            "format": _FORMAT,
            "version": _VERSION,
            "task": self.task,
            "random": dict(state.random),
            "flips": state.flips,
            "spent": state.spent,
            "seconds": state.seconds,
            "sessions": [[s.spent, s.rank, s.version] for s in state.sessions],
            "provenance": found.provenance if isinstance(found, Scheme) else "",
            "denominators": None if found is None else list(found.denominators),
            **added,
        }
        if found is not None:
            arrays = arrays | {"U": found.U, "V": found.V, "W": found.W}
        write_archive(self.path, arrays, header)

    def load(self) -> State:
        """Read a state, to go on with it."""
        with expecting(self.path, SEARCH):
            return self._loaded()

    def _loaded(self) -> State:
        """Read the file of a state."""
        name, content = repr(str(self.path)), read_file(self.path)
        with damage_as(self.path, "it is damaged, or no checkpoint"):
            header, arrays = read_archive(content)
            if not same_json([header["format"], header["version"]], [_FORMAT, _VERSION]):
                raise FileFormatError(f"File {name} is not a checkpoint of this version")
            if header["task"] != self.task:
                raise FileFormatError(
                    f"File {name} belongs to another search "
                    f"({_difference(header['task'], self.task)}); name another file"
                )
            return self.put_together(self._common(header, arrays), header, arrays)

    def _common(self, header: Header, arrays: Arrays) -> dict[str, Any]:
        """Return the fields that all states have."""
        # A state that the generator does not take is damage as well.
        np.random.default_rng(0).bit_generator.state = header["random"]
        found = None
        if header["denominators"] is not None:
            d, e, f = (int(denominator) for denominator in header["denominators"])
            factors = (arrays["U"], arrays["V"], arrays["W"])
            found = self.remake(factors, (d, e, f), str(header["provenance"]))
        return {
            "random": header["random"],
            "found": found,
            "flips": counted(header["flips"]),
            "spent": counted(header["spent"]),
            "seconds": _seconds(header["seconds"]),
            "sessions": tuple(
                Session(counted(spent), counted(rank), str(version))
                for spent, rank, version in header["sessions"]
            ),
        }


@contextmanager
def opened(file: Checkpoint[State] | None, first: Callable[[], State]) -> Iterator[State]:
    """Give the state in a file, or else a first one; nobody else may use the file meanwhile."""
    if file is None:
        yield first()
        return
    with held(file.path, "checkpoint"):
        if file.path.exists():
            begin_stage("reading of the checkpoint %s", file.path)
            yield file.load()
        else:
            yield first()


def counted(value: Any) -> int:
    """Return what can be a count; else the file is damaged."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f"a count is {value!r}")
    return value


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value < math.inf:
        raise ValueError(f"the time spent is {value!r}")
    return float(value)


def _difference(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """Say in what two tasks differ; those of two methods have other options."""
    names = ["method"] if theirs["method"] != ours["method"] else {**ours, **theirs}
    pairs = [(name, theirs.get(name), ours.get(name)) for name in names]
    return ", ".join(f"{name} {their}, not {our}" for name, their, our in pairs if their != our)
