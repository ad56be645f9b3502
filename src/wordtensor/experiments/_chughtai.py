"""Chughtai, Chan, Nanda (2023), arXiv:2302.03025: representations in networks."""

from typing import Any, Final

from ..nets.config import TrainConfig
from ._recipe import Recipe

_SOURCE: Final = "Chughtai et al. 2023"

# Group, name, then fraction and epochs of the MLP and of the transformer: the authors' files.
_RUNS: Final = (
    ("C113", "c113", 0.3, 250_000, 0.3, 50_000),
    ("C118", "c118", 0.3, 250_000, 0.3, 50_000),
    ("D59", "d59", 0.3, 250_000, 0.3, 100_000),
    ("D61", "d61", 0.3, 250_000, 0.3, 100_000),
    ("S5", "s5", 0.4, 250_000, 0.6, 50_000),
    ("S6", "s6", 0.25, 100_000, 0.4, 20_000),
    ("A5", "a5", 0.5, 250_000, 0.6, 250_000),
)
AUTHORS: Final[dict[str, Any]] = {
    "loss": "cross entropy",
    "optimizer": "adamw",
    "learning_rate": 1e-3,
    "weight_decay": 1.0,
    "betas": (0.9, 0.98),
    "log_every": 100,
    "checkpoints": 60,
}
MLP: Final[dict[str, Any]] = {"model": "mlp", "width": 128, "embedding": 256}
_TRANSFORMER: Final[dict[str, Any]] = {"model": "transformer", "width": 512, "embedding": 128}
# Coupled L2 generalises a hundred times sooner than decoupled weight decay.
FAST: Final[dict[str, Any]] = {
    "loss": "cross entropy",
    "optimizer": "adam",
    "learning_rate": 5e-3,
    "l2": 1e-4,
    "betas": (0.9, 0.98),
    "stop_accuracy": 1.0,
    "log_every": 50,
}


def _of_paper(short: str, title: str, full: TrainConfig, quick: TrainConfig) -> Recipe:
    return Recipe(
        name=f"chughtai-{short}",
        title=title,
        source=f"{_SOURCE}, Table 3",
        report="irreps",
        full=(full,),
        quick=(quick,),
    )


def recipes() -> list[Recipe]:
    """Return the recipes of this paper; the quick ones stop at full test accuracy."""
    made = []
    for group, short, fraction, epochs, its_fraction, its_epochs in _RUNS:
        full = TrainConfig(group=group, fraction=fraction, steps=epochs, seed=1, **MLP, **AUTHORS)
        quick = TrainConfig(group=group, fraction=fraction, steps=6000, seed=1, **MLP, **FAST)
        made.append(_of_paper(f"{short}-mlp", f"MLP on {group}", full, quick))
        full = TrainConfig(
            group=group, fraction=its_fraction, steps=its_epochs, seed=1, **_TRANSFORMER,
            **AUTHORS,
        )  # fmt: skip
        quick = full.replace(
            learning_rate=3e-3, weight_decay=5.0, steps=1500, stop_accuracy=1.0, log_every=50,
            checkpoints=0,
        )  # fmt: skip
        made.append(_of_paper(f"{short}-transformer", f"transformer on {group}", full, quick))
    fast = tuple(
        TrainConfig(group="S5", fraction=0.4, steps=6000, seed=seed, **MLP, **FAST)
        for seed in range(1, 6)
    )
    ours = Recipe(
        name="chughtai-s5-mlp-fast",
        title="MLP on S5 with coupled L2: full test accuracy within a minute",
        source="wordtensor",
        report="irreps",
        full=fast,
        quick=fast[:1],
    )
    return [*made, ours]
