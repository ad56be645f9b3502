"""What a run starts from: the tasks of a configuration, and its untrained net."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from ..errors import NetworkError
from ..groups import Group
from ..words import ValueTable
from .config import TrainConfig
from .models import MODELS, Net
from .tasks import (
    ParityTask,
    TableTask,
    Task,
    TensorTask,
    parity_task,
    table_task,
    word_task,
)

Target = Group | ValueTable | TensorTask | None


def named_after(config: TrainConfig, target: Target) -> TrainConfig:
    """Return the configuration with the name of a table that is passed, if it names none."""
    if isinstance(target, ValueTable) and not config.table:
        return config.replace(table=target.name)
    return config


def make_tasks(config: TrainConfig, target: Target = None) -> tuple[Task, ...]:
    """Return one task for each instance, or one for all, of the configured group or the target."""
    first = first_task(config, target)
    # Batches of one split come in one order, so that task too serves all.
    if isinstance(first, ParityTask | TensorTask) or config.split_seed is not None:
        return (first,)
    if config.fraction == 1 and not config.batch:
        return (first,)
    others = config.seeds[1:]
    if isinstance(first, TableTask):
        return (first, *(table_task(first.table, config.fraction, s) for s in others))
    return (first, *(word_task(first.word, first.group, config.fraction, s) for s in others))


def first_task(config: TrainConfig, target: Target = None) -> Task:
    """Return the task of the first instance."""
    if isinstance(target, TensorTask):
        if (config.model, config.loss, config.batch, config.fraction) != ("hadamard", "mse", 0, 1):
            raise NetworkError(
                "A tensor is learned by model='hadamard' with loss='mse', batch=0 and fraction=1; "
                f"given {config.model!r}, {config.loss!r}, {config.batch} and {config.fraction}"
            )
        return target
    if config.model == "parity":
        if target is not None:
            raise NetworkError("The model 'parity' learns a parity and takes no other target")
        return parity_task(config.bits, config.relevant)
    seed = config.seed if config.split_seed is None else config.split_seed
    if isinstance(target, ValueTable) or config.table:
        return table_task(_table(config, target), config.fraction, seed)
    G = config.group if target is None else target
    return word_task(config.word, G, config.fraction, seed)


def _table(config: TrainConfig, target: Group | ValueTable | None) -> ValueTable | str:
    """Return the table that is passed, or the formula of the configuration."""
    if isinstance(target, Group):
        raise NetworkError(
            f"The configuration names the table {config.table!r:.80}, and a group was passed; give "
            "one of them"
        )
    return config.table if target is None else target


def parameter_count(config: TrainConfig, task: Task) -> float:
    """Return the number of weights of all instances, without making them."""
    kind, sizes = _architecture(config, task)
    try:
        with torch.device("meta"):
            single = sum(p.numel() for p in kind(**sizes).parameters())
    except (RuntimeError, TypeError):  # more bytes, or rows, than 64 bits can count
        return math.inf
    return float(single * config.instances)


def weight_type(config: TrainConfig) -> torch.dtype:
    """Return the type of the weights; "tf32" is one of products only."""
    return torch.float64 if config.dtype == "float64" else torch.float32


def make_model(config: TrainConfig, tasks: Sequence[Task]) -> Net:
    """Return the untrained net of a configuration."""
    kind, sizes = _architecture(config, tasks[0])
    seed = config.seeds if config.instances > 1 else config.seed
    net = kind(**sizes, seed=seed, dtype=weight_type(config))
    try:
        return net.to(torch.device(config.device))
    except (RuntimeError, AssertionError, TypeError, ImportError) as error:
        reason = str(error).partition("\n")[0]
        raise NetworkError(f"Device {config.device!r:.80} cannot be used: {reason:.200}") from error


def _architecture(config: TrainConfig, first: Task) -> tuple[type[Net], dict[str, Any]]:
    """Return the class of a configured net and its arguments, seed and dtype apart."""
    if isinstance(first, ParityTask):
        sizes: dict[str, Any] = {
            "bits": config.bits,
            "width": config.width,
            "power": config.power or config.relevant,
        }
    elif isinstance(first, TensorTask):
        x, y, z = first.target.shape
        sizes = {"order": (x, y, z), "width": config.width}
    else:
        cube = len(set(first.shape)) == 1
        if config.model == "transformer" and not cube:
            raise NetworkError(
                "A transformer embeds both inputs by the same tokens, so it needs as many rows, "
                f"columns and values; {first} has the shape {first.shape}: take another model"
            )
        sizes = {"order": first.shape[0] if cube else first.shape, "width": config.width}
        if config.model == "perceptron":
            sizes["activation"] = config.activation
        if config.model == "mlp":
            sizes["embedding"] = config.embedding
        if config.model == "transformer":
            sizes |= {
                "model_size": config.embedding,
                "heads": config.heads,
                "head_size": config.head_size,
            }
    if config.model not in ("mlp", "transformer"):
        sizes["scale"] = config.scale
    return MODELS[config.model], sizes
