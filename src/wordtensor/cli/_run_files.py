"""The files in the folder of a run: which of its nets is shown, and what the others say of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._extras import room_of
from .._files import damage_as, parse_json, read_file
from .._layouts._limits import table_digest
from ..errors import FileFormatError, NetworkError
from ..groups import Group
from ..words import ValueTable

if TYPE_CHECKING:
    from ..nets import History, TrainConfig


@dataclass(frozen=True, slots=True, eq=False)
class ShownNet:
    """Which of the two nets of a run is shown, its best or its last one."""

    best: int  # the step of the best net
    end: int  # the step of the last one
    last: bool  # whether the last one was asked for
    history: Mapping[str, NDArray[Any]] | None  # metrics over training

    @property
    def step(self) -> int:
        """The step of the net that is shown."""
        return self.end if self.last else self.best

    def __str__(self) -> str:
        """Say which net is shown, and how the other one is."""
        best, end = self._at(self.best), self._at(self.end)
        if self.best == self.end:
            return f"the net shown is the one at the end, {end}; the run had no better one"
        if self.last:
            return (
                f"the net shown is the one at the end, {end}; without --last the best one is "
                f"shown, {best}"
            )
        return (
            f"the net shown is the best one of the run, {best}; --last shows the one at the end, "
            f"{end}"
        )

    def named(self, folder: str, instance: int | None) -> str:
        """Return a name for titles."""
        of_many = "" if instance is None else f", instance {instance}"
        return folder + of_many + ("" if self.step == self.end else f", step {self.step}")

    def to_dict(self) -> dict[str, Any]:
        """Return which net is shown, ready for JSON."""
        return {"step": self.step, "best_step": self.best, "last_step": self.end}

    def _at(self, step: int) -> str:
        """Name a step, and the accuracy that counts there if it was taken."""
        if self.history is None or step not in self.history["step"]:
            return f"step {step}"
        tested = not np.isnan(self.history["test_accuracy"]).all()
        name, on = ("test_accuracy", "test") if tested else ("train_accuracy", "training")
        value = self.history[name][self.history["step"] == step][0]
        return f"step {step} (accuracy {value:.4g} on {on} pairs)"


def net_of_run(folder: Path, last: bool = False) -> Path:
    """Return the file in the folder of a run with its best net, or with the last one."""
    from ..nets._folder import STUDY_FILE

    path = folder / ("net.safetensors" if last else "best.safetensors")
    if not path.is_file():
        runs = sorted(each.parent.name for each in folder.glob(f"*/{path.name}"))
        if runs:
            raise FileFormatError(
                f"Folder {str(folder)!r} holds the runs of a recipe in folders of their own; name "
                f"one of them, such as {str(folder / runs[0])!r}"
            )
        if (folder / STUDY_FILE).is_file():
            raise FileFormatError(
                f"Folder {str(folder)!r} holds a study of many seeds, which kept no nets; train "
                "with --keep-runs in a new folder, and name one of the runs in it"
            )
        raise FileFormatError(
            f"There is no file {path.name!r} in {str(folder)!r}: this is no folder of a "
            "finished training; the same train command ends a run that was killed"
        )
    return path


def values_of_run(
    folder: Path, name: str, header: Mapping[str, Any], tensors: Mapping[str, Any]
) -> ValueTable:
    """Return the table of values that a run was on."""
    from ..nets._folder import table_of

    with damage_as(folder / "state.safetensors", "it is missing, or damaged"):
        table = table_of(name, tensors, header)
    if table is None:
        raise FileFormatError(
            f"File {str(folder / 'state.safetensors')!r} holds no table; give it with --table, and "
            f"{str(folder / 'net.safetensors')!r}"
        )
    return table


def state_of_run(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and arrays of a run's state; nothing if it is not there."""
    from ..nets.files import read_safetensors

    path = folder / "state.safetensors"
    return read_safetensors(path) if path.is_file() else ({}, {})


def check_one_run(
    net: Path,
    config: "TrainConfig",
    about: Mapping[str, Any],
    header: Mapping[str, Any],
    tensors: Mapping[str, Any],
) -> None:
    """Refuse files that are not of one run: the configuration says which pairs were trained on."""
    learned, told = (
        (config.table, about.get("values_of")) if config.table else (config.word, about.get("word"))
    )
    pairs: list[tuple[str, str, object, object]] = [
        ("config.json", net.name, learned, told),
        ("config.json", net.name, list(config.seeds), about.get("seeds")),
    ]
    if header:
        pairs.append(("config.json", "state.safetensors", config.to_dict(), header.get("config")))
    for kept, said in (("cayley", "table"), ("values", "values")):
        if kept in tensors:
            digest = table_digest(tensors[kept].numpy())
            pairs.append(("state.safetensors", net.name, digest, about.get(said)))
    for first, second, one, other in pairs:
        if one != other:
            raise FileFormatError(
                f"Files {first!r} and {second!r} in {str(net.parent)!r} are not of the same run; "
                f"give {str(net)!r} with its word and group instead"
            )


def group_of_run(folder: Path, tensors: Mapping[str, Any], name: str) -> tuple[Group | None, str]:
    """Return the group that a run was on, by its table: a name may stand for another one."""
    path = folder / "state.safetensors"
    if not path.is_file():
        return None, f"{str(path)!r} is missing"
    if "target" in tensors:
        raise NetworkError(f"The run in {str(folder)!r} learned a tensor, and no word over a group")
    if "cayley" not in tensors:
        return None, f"{str(path)!r} holds no table"
    return Group.from_cayley(tensors["cayley"].numpy(), name), ""


def checkpoints_of_run(folder: Path) -> tuple[tuple[int, Path], ...]:
    """Return steps and files of a run's checkpoints, the first one first."""
    found = []
    for path in (folder / "checkpoints").glob("step-*.safetensors"):
        digits = path.stem.removeprefix("step-")
        if digits.isdecimal():
            found.append((int(digits), path))
    return tuple(sorted(found))


def history_of_run(
    folder: Path, header: dict[str, Any], instances: int, end: dict[str, Any] | None
) -> "History | None":
    """Return the metrics that the state knows, and those of the end; None if there are none."""
    from ..nets._folder import read_records

    nets = room_of("nets", "This command")
    path = folder / "metrics.jsonl"
    if not path.is_file() or not path.stat().st_size:
        return None
    with damage_as(path, "it is damaged"):
        if header:
            rows = read_records(path, header, instances)
        else:
            rows = [parse_json(line) for line in read_file(path).splitlines()]
        found: History = nets.History.from_records(rows)
    with damage_as(folder / "net.safetensors", "its record of the end is none"):
        if end is not None and end["step"] not in found.step:
            rows.insert(int(np.searchsorted(found.step, end["step"])), end)
            found = nets.History.from_records(rows)
    return found


def of_instance(history: "History | None", instance: int) -> Mapping[str, NDArray[Any]] | None:
    """Return the metrics of one instance."""
    if history is None:
        return None
    scores = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    return {"step": history.step} | {name: getattr(history, name)[:, instance] for name in scores}


def best_instance(config: "TrainConfig", history: "History | None", steps: list[int]) -> int:
    """Return the first instance that was right on the most pairs, each at a step of its own."""
    if history is None:
        return 0
    from ..nets.evaluation import merit

    right = merit(history.train_accuracy, history.test_accuracy, config.fraction, 1.0)
    records = np.searchsorted(history.step, steps, side="right") - 1
    return int(right[records, np.arange(len(steps))].argmax())
