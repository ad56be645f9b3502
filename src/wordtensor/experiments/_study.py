"""A study of many seeds: its chunks, and its folder, which has a line of JSON for each seed."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .._files import damage_as, parse_json, read_file, read_json, replace_file
from ..errors import FileFormatError, NetworkError
from ..groups import group
from ..irreps import real_irreps
from ..nets._folder import STUDY_FILE
from ..nets.config import TrainConfig

Row = Mapping[str, Any]

# In one model many seeds fill a GPU. On a CPU they would save no time, and a kill would cost more.
_ON_CPU, _ON_GPU = 1, 50
_SEEDS_FILE: Final = "seeds.jsonl"
# What may differ between two starts of a study: the seeds, and where they are trained.
_FREE: Final = ("seed", "instances", "device", "threads")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One run: a configuration, and the name of its folder."""

    config: TrainConfig
    name: str


def chunks(configs: Sequence[TrainConfig], done: Iterable[Row]) -> Iterator[Chunk]:
    """Yield what is left to train: consecutive seeds, 1 at a time on a CPU and 50 elsewhere."""
    there = {(row["width"], row["seed"]) for row in done}
    for number, config in enumerate(configs):
        size = _ON_CPU if config.device == "cpu" else _ON_GPU
        start = 0
        while start < config.instances:
            count = 0
            for seed in config.seeds[start : start + size]:
                if (config.width, seed) in there:
                    break
                count += 1
            if count:
                part = _part(config, start, count)
                ends = f"{part.seeds[0]:04d}-{part.seeds[-1]:04d}"
                yield Chunk(part, f"{number:02d}-{config.model}-width-{config.width}-seeds-{ends}")
            start += max(count, 1)


def _part(config: TrainConfig, start: int, count: int) -> TrainConfig:
    """Return the configuration of some of the seeds."""
    rates = config.learning_rate
    if isinstance(rates, tuple):
        rates = rates[start : start + count]
    return config.replace(seed=config.seed + start, instances=count, learning_rate=rates)


def open_study(folder: Path, configs: Sequence[TrainConfig], resume: bool) -> tuple[Row, ...]:
    """Return the rows of those seeds that a folder has, of the same study only."""
    asked = {"configs": [_fixed(config) for config in configs]}
    about, seeds = folder / STUDY_FILE, folder / _SEEDS_FILE
    if not resume:
        seeds.unlink(missing_ok=True)
    elif about.exists():
        _require_same(about, asked)
    elif seeds.exists():
        raise FileFormatError(
            f"Folder {str(folder)!r} holds {_SEEDS_FILE!r} and no {STUDY_FILE!r}, so it is no "
            "study's folder; name another one"
        )
    replace_file(about, json.dumps(asked, indent=2).encode())
    if not seeds.exists():
        return ()
    # A killed study may have written a part of its last line.
    lines = read_file(seeds).splitlines(keepends=True)
    whole = [line for line in lines if line.endswith(b"\n")]
    if whole != lines:
        replace_file(seeds, b"".join(whole))
    wanted = {(config.width, seed) for config in configs for seed in config.seeds}
    by_width = {config.width: config for config in configs}
    labels = [str(phi) for phi in real_irreps(group(configs[0].group))][1:]
    with damage_as(seeds, "it is damaged"):
        rows = {(row["width"], row["seed"]): row for row in map(parse_json, whole)}
        for row in rows.values():
            _check_row(row, by_width[row["width"]], labels)
    return tuple(row for key, row in rows.items() if key in wanted)


def _check_row(row: Row, config: TrainConfig, labels: Sequence[str]) -> None:
    """Refuse what is no row of a study: its report reads these values."""
    accuracy, last = row["test_accuracy"], row["last"]
    sound = {
        "seed": type(row["seed"]) is int,
        "fraction": row["fraction"] == config.fraction,
        "steps": row["steps"] in range(config.steps + 1),
        "success": row["success"] in range(-1, config.steps + 1),
        "test_accuracy": accuracy is None or _is_number(accuracy),
        "last": list(last) == labels and all(map(_is_number, last.values())),
        "order": _is_order(row["order"], labels),
        "halfway": _is_order(row["halfway"], labels),
        "seconds": _is_number(row["seconds"]),
    }
    for key, is_sound in sound.items():
        if not is_sound:
            raise ValueError(f"the {key!r} of seed {row['seed']!r} is {row[key]!r:.80}")


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_order(pairs: Any, labels: Sequence[str]) -> bool:
    """Say whether it is a list of irreps, each with a step, or none if it was not learned."""
    return isinstance(pairs, list) and all(
        label in labels and (step is None or type(step) is int) for label, step in pairs
    )


def keep_rows(folder: Path, rows: Iterable[Row]) -> None:
    """Write the rows of a chunk behind the others."""
    path = folder / _SEEDS_FILE
    try:
        with path.open("ab") as stream:
            stream.write("".join(json.dumps(dict(row)) + "\n" for row in rows).encode())
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise FileFormatError(f"Cannot write {str(path)!r}: {error.strerror or error}") from error


def _fixed(config: TrainConfig) -> dict[str, Any]:
    return {key: value for key, value in config.to_dict().items() if key not in _FREE}


def _require_same(about: Path, asked: dict[str, Any]) -> None:
    """Refuse a folder whose study has other configurations."""
    with damage_as(about, "it is damaged"):
        held = read_json(about)["configs"]
        differing = [
            (key, one.get(key), other[key])
            for one, other in zip(held, asked["configs"], strict=False)
            for key in other
            if one.get(key) != other[key]
        ]
    if len(held) != len(asked["configs"]):
        differing.append(("configs", len(held), len(asked["configs"])))
    if differing:
        key, one, other = differing[0]
        raise NetworkError(
            f"Folder {str(about.parent)!r} holds another study: its {key!r} is {one!r}, not "
            f"{other!r}; name another folder, or begin anew (resume=False, --anew)"
        )
