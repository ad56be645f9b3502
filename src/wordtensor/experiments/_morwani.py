"""Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568: margins."""

from typing import Any, Final

from ..nets.config import TrainConfig
from ._recipe import Recipe

__all__ = ["recipes"]

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


def _group(name: str, group: str, full: TrainConfig, quick: TrainConfig, source: str) -> Recipe:
    title = f"a*b over {group}: the normalised margin approaches gamma*"
    return Recipe(name, title, source, "margin", (full,), (quick,), {})


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
    made = [
        _group(
            "morwani-z71", "C71",
            _paper(40_000, thousands, group="C71", model="margin", width=500, penalty=1e-4),
            _quick("C71", 640, 800, 1e-4), f"{_SOURCE}, Fig. 1 and 4",
        ),
        _group(
            "morwani-s3", "S3",
            _paper(50_000, s3, group="S3", model="margin", width=30, penalty=1e-7),
            _quick("S3", 48, 8000, 1e-6, instances=8, learning_rate=0.1), f"{_SOURCE}, Fig. 6",
        ),
        _group(
            "morwani-s4", "S4",
            _quick("S4", 400, 20_000, 1e-8, learning_rate=0.1),
            _quick("S4", 400, 4000, 3e-6, learning_rate=0.1), f"{_SOURCE}, Fig. 6",
        ),
        _group(
            "morwani-s5", "S5",
            _paper(75_000, s5, group="S5", model="margin", width=2000, penalty=1e-5,
                   optimizer="sgd", batch=1000),
            _quick("S5", 2000, 150, 1e-5), f"{_SOURCE}, Fig. 7",
        ),
    ]  # fmt: skip
    parity = TrainConfig(
        model="parity", bits=10, relevant=4, width=40, loss="cross entropy", optimizer="gd",
        learning_rate=0.1, steps=30_000, penalty=1e-3, penalty_power=5.0,
    )  # fmt: skip
    fast = {**_ADAM, "penalty": 1e-3, "penalty_power": 5.0, "instances": 8, "steps": 4000}
    quick = TrainConfig(model="parity", bits=10, relevant=4, width=40, **fast)
    made.append(
        Recipe(
            "morwani-parity",
            "(10,4) parity with x^4: the normalised margin approaches gamma*",
            f"{_SOURCE}, Fig. 8",
            "margin",
            (parity,),
            (quick,),
            {},
        )
    )
    return made
