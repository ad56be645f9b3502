"""A run's folder: what is written there while a net is trained, and how a run is taken up again."""

import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from .._files import damage_as, parse_json, read_file, read_json, replace_file
from .._folders import locked, prepare_folder
from .._layouts._limits import table_digest
from .._version import __version__
from ..errors import FileFormatError, NetworkError, WordTensorError
from ..groups import Group
from ..words import ValueTable
from ._optimizers import slot_names
from ._start import Target, first_task, parameter_count
from ._state import TrainingState
from .config import TrainConfig
from .evaluation import SCORES
from .files import read_safetensors, save, write_safetensors
from .tasks import TableTask, Task, TensorTask, WordTask, name_of

Writer = Callable[[dict[str, Any]], None]

METRICS_FILE: Final = "metrics.jsonl"
STATE_FILE: Final = "state.safetensors"
# Of a study of many seeds, whose runs have folders of their own.
STUDY_FILE: Final = "study.json"
_CONFIG_FILE: Final = "config.json"
_NET_FILE: Final = "net.safetensors"
_BEST_FILE: Final = "best.safetensors"
_RESULTS: Final = (_NET_FILE, _BEST_FILE, METRICS_FILE)
_CHECKPOINTS: Final = "checkpoints"
# Of a table, in the state's header; and what the arrays of a state are to a reader.
_LABELS: Final = ("rows", "columns", "labels")
_LEARNED: Final = {"cayley": "group", "values": "table", "size": "table"}
# What `replace_file` calls a file until it is whole.
_TEMPORARY: Final = re.compile(r"\.[\w-]+\.(?:safetensors|jsonl?)\.[0-9a-f]{8}\Z")
_LARGEST_CONFIG: Final = 2**20
_ELSEWHERE: Final = "wait until it has ended, end it (Ctrl-C keeps what it has), or name another"


@contextmanager
def run_folder(path: Path, *, resume: bool) -> Iterator[Path]:
    """Hold a folder for a run meanwhile, without what a killed one left half-written."""
    with _writing(path):
        if (path / STUDY_FILE).exists():
            raise FileFormatError(
                f"Folder {str(path)!r} holds a study of many seeds, and a run needs a folder of "
                "its own; name another folder"
            )
        if not (resume and (path / STATE_FILE).exists()):
            _refuse_strangers(path)
    with held_folder(path):
        for place in (path, path / _CHECKPOINTS):
            prepare_folder(place, _TEMPORARY, seconds=0)
        yield path


@contextmanager
def recipe_folder(path: Path) -> Iterator[None]:
    """Hold a folder for the runs of a recipe, each of which has a folder in it."""
    with _writing(path):
        if any((path / name).exists() for name in (STATE_FILE, *_RESULTS)):
            raise FileFormatError(
                f"Folder {str(path)!r} holds a run, and a recipe needs a folder of its own; name "
                "another folder"
            )
    with held_folder(path):
        yield


@contextmanager
def held_folder(path: Path) -> Iterator[None]:
    """Make a folder if it does not exist, and say where another run holds it."""
    with _writing(path, "make the folder"):
        path.mkdir(parents=True, exist_ok=True)
    with locked(path, f"Another run is going on in the folder {str(path)!r}; {_ELSEWHERE}"):
        yield


@contextmanager
def _writing(path: Path, verb: str = "write") -> Iterator[None]:
    """Name what cannot be written, as where the disk is full."""
    try:
        yield
    except OSError as error:
        raise FileFormatError(f"Cannot {verb} {str(path)!r}: {error.strerror or error}") from error


def _refuse_strangers(path: Path) -> None:
    """Refuse a folder with files of the names that a run writes, if they are of no run."""
    config = path / _CONFIG_FILE
    if config.exists():
        try:
            TrainConfig.from_dict(read_json(config, _LARGEST_CONFIG))
        except WordTensorError as error:
            raise FileFormatError(
                f"Folder {str(path)!r} is no run's folder: its {_CONFIG_FILE!r}, which a run would "
                f"replace, is no configuration ({error}); name another folder"
            ) from error
        return
    found = [name for name in (STATE_FILE, *_RESULTS) if (path / name).exists()]
    if found:
        raise FileFormatError(
            f"Folder {str(path)!r} is no run's folder, since it has no {_CONFIG_FILE!r}, and holds "
            f"{found[0]!r}, which a run would replace; name another folder, or take that file away"
        )


def clear_folder(path: Path) -> None:
    """Take away what an earlier run left, its state first: nobody shall go on from it."""
    old = [path / name for name in (STATE_FILE, *_RESULTS)]
    with _writing(path):
        for file in [*old, *(path / _CHECKPOINTS).glob("step-*.safetensors")]:
            file.unlink(missing_ok=True)


@contextmanager
def journal(path: Path | None, state: TrainingState) -> Iterator[Writer]:
    """Write records as lines of JSON, after those that the state already knows."""
    if path is None:
        yield lambda row: None
        return
    target = path / METRICS_FILE
    # The configuration first: it says that the folder is a run's, whenever the run is killed.
    replace_file(path / _CONFIG_FILE, json.dumps(state.config.to_dict(), indent=2).encode())
    lines = "".join(json.dumps(row) + "\n" for row in state.records)
    replace_file(target, lines.encode())
    with _writing(target):
        stream = target.open("ab", buffering=0)
    with stream:

        def write(row: dict[str, Any]) -> None:
            line = memoryview(json.dumps(row).encode() + b"\n")
            with _writing(target):
                while line:  # of a disk that is nearly full, a part is taken
                    line = line[stream.write(line) :]

        yield write


def _about(state: TrainingState) -> dict[str, Any]:
    config, task = state.config, state.tasks[0]
    learned: dict[str, Any] = {"word": config.word, "group": name_of(task, config.group)}
    if isinstance(task, WordTask):
        learned["table"] = table_digest(task.group.cayley)
    if isinstance(task, TableTask):
        learned = {"values_of": config.table, "values": table_digest(task.table.values)}
    return learned | {
        "seeds": list(config.seeds),
        "version": __version__,
    }


def save_checkpoint(state: TrainingState, folder: Path) -> None:
    """Write the net as it is now, under the number of the step."""
    path = folder / _CHECKPOINTS / f"step-{state.step:08d}.safetensors"
    save(state.net, path, _about(state) | {"step": state.step})


def save_nets(state: TrainingState, folder: Path, between: dict[str, Any] | None) -> None:
    """Write the net at the end, with a record that the metrics file lacks, and the best one."""
    end = {"step": state.step} | ({} if between is None else {"record": between})
    save(state.net, folder / _NET_FILE, _about(state) | end)
    about = _about(state) | {"steps": state.best_step().tolist()}
    save(state.best_net(), folder / _BEST_FILE, about)


def save_state(state: TrainingState, folder: Path) -> None:
    """Write all that is needed to go on into the folder, whole or not at all."""
    tensors: dict[str, Tensor] = {f"net.{n}": p for n, p in state.net.named_parameters()}
    tensors |= {f"first.{name}": value for name, value in state.first.items()}
    for number, slots in state.optimizer.state_dict()["state"].items():
        for key, value in slots.items():
            if value is not None:
                tensors[f"optimizer.{number}.{key}"] = torch.as_tensor(value)
    tensors["success_step"] = torch.tensor(state.success_step)
    tensors["lowest_loss"] = torch.tensor(state.lowest_loss)
    tensors |= _target_tensors(state.tasks[0])
    metrics = folder / METRICS_FILE
    _sync(metrics)  # the state counts on these records, also where the power fails
    lines = read_file(metrics).splitlines(keepends=True) if metrics.exists() else []
    header = {
        "config": state.config.to_dict(),
        "step": state.step,
        "records": len(state.records),
        "digest": _digest(lines[: len(state.records)]),
        "seconds": state.seconds,
        **_labels(state.tasks[0]),
    }
    write_safetensors(folder / STATE_FILE, tensors, header)


def _digest(lines: Sequence[bytes]) -> str:
    """Return a checksum of lines of a metrics file."""
    return sha256(b"".join(lines)).hexdigest()


def _sync(path: Path) -> None:
    """Have a file's lines on disk, if there is one."""
    with _writing(path), suppress(FileNotFoundError):
        with path.open("r+b") as stream:
            os.fsync(stream.fileno())


def restore_state(state: TrainingState, folder: Path) -> None:
    """Take up the run that a folder holds."""
    header, tensors = read_safetensors(folder / STATE_FILE)
    _check_same(folder, header, tensors, state)
    net, optimizer = state.net, state.optimizer
    with damage_as(folder / STATE_FILE, "it is damaged"):
        step, seconds = int(header["step"]), float(header["seconds"])
        _check_arrays(state, tensors, step)
        net.assign({name: tensors[f"net.{name}"] for name, _ in net.named_parameters()})
        state.first = {name: tensors[f"first.{name}"].to(net.device) for name in state.first}
        slots = optimizer.state_dict()
        slots["state"] = {
            number: {key: tensors[f"optimizer.{number}.{key}"] for key in _slots(state, step)}
            for number, _ in enumerate(net.parameters())
        }
        optimizer.load_state_dict(slots)
        state.success_step = tensors["success_step"].numpy().copy()
        state.lowest_loss = tensors["lowest_loss"].numpy().copy()
        state.step = step
    state.take_records(read_records(folder / METRICS_FILE, header, state.config.instances))
    state.start_clock(seconds)


def read_config(folder: Path, target: Target = None) -> tuple[TrainConfig, Target]:
    """Return the configuration of a folder's run, and what it was for, if no target is given."""
    header, tensors = read_safetensors(folder / STATE_FILE)
    held = sum(value.numel() for name, value in tensors.items() if name.startswith("net."))
    try:
        config = TrainConfig.from_dict(header.get("config"))  # type: ignore[arg-type]
        target = target or _target(config, tensors, header)
        # Before memory is taken on a header's word: the arrays must be as large as it says.
        fits = parameter_count(config, first_task(config, target)) == held
    except WordTensorError as error:
        raise FileFormatError(f"Folder {str(folder)!r} holds no training run: {error}") from error
    if not fits:
        raise FileFormatError(
            f"The arrays in {str(folder)!r} do not fit its configuration, or the target passed"
        )
    return config, target


def _target_tensors(task: Task) -> dict[str, Tensor]:
    """Return what is learned, where the configuration alone does not say it."""
    if isinstance(task, TensorTask):
        return {"target": torch.tensor(task.target)}
    if isinstance(task, WordTask):
        return {"cayley": torch.tensor(task.group.cayley)}
    if isinstance(task, TableTask):
        values = torch.tensor(task.table.values)
        return {"values": values, "size": torch.tensor(task.table.size)}
    return {}


def _labels(task: Task) -> dict[str, Any]:
    """Return what a table's rows, columns and values are called."""
    if not isinstance(task, TableTask):
        return {}
    return {name: list(getattr(task.table, name)) for name in _LABELS}


def table_of(
    name: str, tensors: Mapping[str, Tensor], header: Mapping[str, Any]
) -> ValueTable | None:
    """Return the table that a run's state holds, if it holds one."""
    if "values" not in tensors or "size" not in tensors:
        return None
    labels = [tuple(header[key]) for key in _LABELS]
    return ValueTable(name, tensors["values"].numpy(), int(tensors["size"]), *labels)


def _target(config: TrainConfig, tensors: dict[str, Tensor], header: dict[str, Any]) -> Target:
    """Return what `_target_tensors` kept: a group's name may stand for another table."""
    if "target" in tensors:
        return TensorTask(tensors["target"].numpy())
    if "cayley" in tensors:
        return Group.from_cayley(tensors["cayley"].numpy(), config.group)
    return table_of(config.table, tensors, header)


def _slots(state: TrainingState, step: int) -> frozenset[str]:
    return slot_names(state.config) if step else frozenset()


def _check_arrays(state: TrainingState, tensors: dict[str, Tensor], step: int) -> None:
    """Refuse arrays that this run cannot have written."""
    config = state.config
    if not 0 <= step <= config.steps:
        raise ValueError(f"it claims {step} steps of {config.steps}")
    count: tuple[int, ...] = (config.instances,)
    wanted = {"success_step": (count, torch.int64), "lowest_loss": (count, torch.float64)}
    for number, (name, parameter) in enumerate(state.net.named_parameters()):
        shape, dtype = tuple(parameter.shape), parameter.dtype
        wanted |= {f"net.{name}": (shape, dtype), f"first.{name}": (shape, dtype)}
        for key in _slots(state, step):
            wanted[f"optimizer.{number}.{key}"] = (
                ((), torch.float32) if key == "step" else (shape, dtype)
            )
    for name, (shape, dtype) in wanted.items():
        if (tuple(tensors[name].shape), tensors[name].dtype) != (shape, dtype):
            raise ValueError(f"the array {name!r} is not {dtype} of shape {shape}")


def require_config(folder: Path, saved: Mapping[str, Any], config: TrainConfig) -> None:
    """Refuse a folder whose run has another configuration."""
    asked = config.to_dict()
    differing = sorted(key for key in saved.keys() | asked if saved.get(key) != asked.get(key))
    if differing:
        key = differing[0]
        raise NetworkError(
            f"Folder {str(folder)!r} holds another run: its {key!r} is {saved.get(key)!r}, not "
            f"{asked.get(key)!r}; name another folder, or begin anew (resume=False, --anew)"
        )


def _check_same(
    folder: Path, header: dict[str, Any], tensors: dict[str, Tensor], state: TrainingState
) -> None:
    """Refuse a folder whose run has another configuration, group or tensor."""
    saved = header.get("config")
    if not isinstance(saved, dict):
        raise FileFormatError(f"File {str(folder / STATE_FILE)!r} is no state of a training run")
    require_config(folder, saved, state.config)
    for name, value in _target_tensors(state.tasks[0]).items():
        if name not in tensors or not torch.equal(tensors[name], value):
            raise NetworkError(
                f"Folder {str(folder)!r} holds a run for another "
                f"{_LEARNED.get(name, name)}; pass the one that it was made with, or "
                "name another folder"
            )


def read_records(path: Path, header: dict[str, Any], instances: int) -> list[dict[str, Any]]:
    """Read the records that a state knows; what a killed run wrote after it is made again."""
    count = header.get("records")
    with damage_as(path, "it is damaged"):
        lines = read_file(path).splitlines(keepends=True) if path.is_file() else []
        if not isinstance(count, int) or not 1 <= count <= len(lines):
            raise ValueError(f"it has {len(lines)} records where the run made {count}")
        rows = [parse_json(line) for line in lines[:count]]
        before = -1
        for row in rows:
            before, earlier = row["step"], before
            if not isinstance(before, int) or not earlier < before < 2**63:
                raise ValueError(f"step {before!r} does not follow step {earlier}")
            if not math.isfinite(float(row["seconds"])) or any(
                len(row[name]) != instances
                or not all(value is None or isinstance(value, float) for value in row[name])
                for name in SCORES
            ):
                raise ValueError(f"its record of step {before} is not one of this run")
        if _digest(lines[:count]) != header.get("digest"):
            raise ValueError("its records are not those that the run wrote")
    return rows
