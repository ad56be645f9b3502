"""Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568: margins."""

from typing import Any, Final

from ..nets.config import TrainConfig
from ._recipe import Recipe

_SOURCE: Final = "Morwani et al. 2023"
_ADAM: Final[dict[str, Any]] = {
    "loss": "cross entropy",
    "optimizer": "adam",
    "learning_rate": 1e-2,
    "schedule": "linear",
}


def _paper(steps: int, every: tuple[int, ...], **other: Any) -> TrainConfig:
    """Gradient descent at 0.05, doubled as the paper says."""
    common: dict[str, Any] = {
        "loss": "cross entropy", "optimizer": "gd", "learning_rate": 0.05, "steps": steps,
        "schedule": "doubling", "doublings": every,
    }  # fmt: skip
    return TrainConfig(**(common | other))


def _margin(name: str, task: str, full: TrainConfig, quick: TrainConfig, place: str) -> Recipe:
    return Recipe(
        name=f"morwani-{name}",
        title=f"{task}: the normalised margin approaches gamma*",
        source=f"{_SOURCE}, {place}",
        report="margin",
        full=(full,),
        quick=(quick,),
    )


def _quick(group: str, width: int, steps: int, penalty: float, **other: Any) -> TrainConfig:
    values = {**_ADAM, "penalty": penalty, **other}
    return TrainConfig(group=group, model="margin", width=width, steps=steps, **values)


def recipes() -> list[Recipe]:
    """Return the recipes of this paper."""
    # In full as printed, but for S4, whose schedule we have not seen; with Adam if quick. The
    # objective is the mean cross entropy plus penalty times the third (fifth) power of the norm.
    thousands = tuple(range(1000, 10_001, 1000))
    s3 = (*range(200, 2601, 200), 5000, 10_000)
    s5 = tuple(range(3000, 24_001, 3000))
    parity = TrainConfig(
        model="parity", bits=10, relevant=4, width=40, loss="cross entropy", optimizer="gd",
        learning_rate=0.1, steps=30_000, penalty=1e-3, penalty_power=5.0,
    )  # fmt: skip
    fast = {**_ADAM, "penalty": 1e-3, "penalty_power": 5.0, "instances": 8, "steps": 4000}
    return [
        _margin(
            "z71", "a*b over C71",
            _paper(40_000, thousands, group="C71", model="margin", width=500, penalty=1e-4),
            _quick("C71", 640, 800, 1e-4), "Fig. 1 and 4",
        ),
        _margin(
            "s3", "a*b over S3",
            _paper(50_000, s3, group="S3", model="margin", width=30, penalty=1e-7),
            _quick("S3", 48, 8000, 1e-6, instances=8, learning_rate=0.1), "Fig. 6",
        ),
        _margin(
            "s4", "a*b over S4",
            _quick("S4", 400, 20_000, 1e-8, learning_rate=0.1),
            _quick("S4", 400, 4000, 3e-6, learning_rate=0.1), "Fig. 6",
        ),
        _margin(
            "s5", "a*b over S5",
            _paper(75_000, s5, group="S5", model="margin", width=2000, penalty=1e-5,
                   optimizer="sgd", batch=1000),
            _quick("S5", 2000, 150, 1e-5), "Fig. 7",
        ),
        _margin(
            "parity", "(10,4) parity with x^4", parity,
            TrainConfig(model="parity", bits=10, relevant=4, width=40, **fast), "Fig. 8",
        ),
    ]  # fmt: skip
