"""From a run to a row for each of its seeds: what was learned, in which order, and when."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np

from .._typing import Array
from ..compare.gcr import KEY_SIMILARITY
from ..compare.learning_order import order_of
from ..compare.similarity import net_similarity
from ..irreps import real_irreps
from ..nets.files import load
from ..nets.models import PairNet
from ..nets.run import Run
from ..nets.tasks import WordTask
from ..words import word_tensor
from ..words.tensor import WordTensor
from ._reports import known, networks_of


def seed_rows(run: Run) -> tuple[dict[str, Any], ...]:
    """Return a row for each seed of a run whose checkpoints are in its folder."""
    config, task = run.config, cast(WordTask, run.tasks[0])
    T = word_tensor(task.word, task.group)
    labels = tuple(str(phi) for phi in real_irreps(task.group))
    last, first = (
        _similarities(cast(PairNet, run.model), T),
        _similarities(cast(PairNet, run.first), T),
    )
    steps, tables = zip(*_along(cast(Path, run.folder), T), strict=True)
    along = np.stack(tables)
    return tuple(
        {
            "width": config.width,
            "seed": seed,
            "fraction": config.fraction,
            "steps": run.steps,
            "success": int(run.success_step[k]),
            **{
                name: known(run.final[name][k])
                for name in ("train_accuracy", "test_accuracy", "test_loss")
            },
            "last": _named(labels, last[k]),
            "first": _named(labels, first[k]),
            "order": order_of(labels, steps, along[:, k]).to_dict()["order"],
            "halfway": _halfway(labels, steps, along[:, k]),
            "seconds": round(run.seconds / config.instances, 2),
        }
        for k, seed in enumerate(config.seeds)
    )


def _along(folder: Path, T: WordTensor) -> Iterator[tuple[int, Array]]:
    """Yield the steps of the checkpoints, and the similarities of all seeds then."""
    for path in sorted(folder.glob("checkpoints/step-*.safetensors")):
        yield int(re.sub(r"\D", "", path.stem)), _similarities(cast(PairNet, load(path)), T)


def _similarities(nets: PairNet, T: WordTensor) -> Array:
    """Return the logit similarities of every seed with every irrep; 0 of those that diverged."""
    nothing = np.zeros(len(real_irreps(T.group)))
    return np.stack([nothing if n is None else net_similarity(n, T) for n in networks_of(nets)])


def _halfway(labels: tuple[str, ...], steps: tuple[int, ...], along: Array) -> list[list[Any]]:
    """Return each key irrep with the step from which on it keeps half of its last similarity."""
    key = [k for k in range(1, len(labels)) if along[-1, k] > KEY_SIMILARITY]
    kept = np.logical_and.accumulate((along >= along[-1] / 2)[::-1])[::-1].argmax(axis=0)
    return sorted(([labels[k], steps[kept[k]]] for k in key), key=lambda pair: pair[1])


def _named(labels: tuple[str, ...], values: Array) -> dict[str, float]:
    """Return similarities by label, without the trivial irrep's."""
    return dict(zip(labels[1:], values[1:].tolist(), strict=True))
