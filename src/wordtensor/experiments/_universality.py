"""Which irreps networks learn, in which order and how often: many seeds of one network."""

from collections.abc import Mapping
from typing import Any, Final

from ..nets.config import TrainConfig
from ._chughtai import AUTHORS, FAST, MLP
from ._recipe import Recipe

_SOURCE: Final = "Chughtai et al. 2023, section 6"

# Of the authors' MLPs: how many there are, and by our labels how many learned an irrep. Their 5d_a
# is our 5Rb, and their 5d_b our 5Ra: on a product of a 2-cycle and a 3-cycle 5d_a is -1. Of A5's
# two irreps of dimension 3 an automorphism makes one the other, so these are not compared.
_PUBLISHED: Final[dict[str, dict[str, float]]] = {
    "S5": {
        "seeds": 50, "irreps": 2.86,
        "1Rb": 49, "4Ra": 49, "5Rb": 18, "4Rb": 17, "5Ra": 10, "6R": 0,
    },
    "A5": {"seeds": 4, "irreps": 3.25, "4R": 4, "5R": 2},
    "D59": {"seeds": 4, "irreps": 10.5},
    "C113": {"seeds": 4, "irreps": 12.25},
}  # fmt: skip
# Group, fraction, steps, and the seeds of the quick size.
_STUDIES: Final[tuple[tuple[str, float, int, int], ...]] = (
    ("S5", 0.4, 2000, 3),
    ("A5", 0.5, 1500, 10),
    ("S4", 0.5, 2000, 10),
    ("D59", 0.3, 2000, 2),
    ("C113", 0.3, 2000, 2),
)
_SEEDS: Final = 200
_AUTHORS_SEEDS: Final = 50
_WIDTHS: Final = (32, 48, 64, 80, 96, 112, 128)
_STUDY: Final[Mapping[str, Any]] = {
    **MLP, **FAST, "seed": 1, "stop_accuracy": None, "checkpoints": 40,
}  # fmt: skip


def _study(group: str, fraction: float, steps: int, few: int) -> Recipe:
    values = {**_STUDY, "group": group, "fraction": fraction, "steps": steps}
    return Recipe(
        name=f"universality-{group.lower()}",
        title=f"which irreps of {group} MLPs learn, in which order and how often",
        source=_SOURCE if group in _PUBLISHED else f"wordtensor, after {_SOURCE}",
        report="universality",
        full=(TrainConfig(**values, instances=_SEEDS),),
        quick=(TrainConfig(**values, instances=few),),
        published=_PUBLISHED.get(group, {}),
    )


def _by_authors(study: Recipe) -> Recipe:
    """Return a study in the authors' configuration, for a GPU; in its quick size the fast one."""
    fast = study.full[0]
    values = {**MLP, **AUTHORS, "group": fast.group, "fraction": fast.fraction, "seed": 1}
    full = TrainConfig(**values, steps=250_000, instances=_AUTHORS_SEEDS, device="cuda")
    return Recipe(
        name=f"{study.name}-authors",
        title=f"{study.title}, by the authors' 250,000 epochs",
        source=_SOURCE,
        report="universality",
        full=(full,),
        quick=study.quick,
        published=study.published,
    )


def _widths(study: Recipe) -> Recipe:
    """Return a study of widths; embeddings are twice as long, as in the authors' runs."""
    base = study.full[0]
    full = tuple(base.replace(width=w, embedding=2 * w, instances=20) for w in _WIDTHS)
    return Recipe(
        name=f"{study.name}-widths",
        title=f"how many irreps of {base.group} MLPs learn, by width",
        source=_SOURCE,
        report="universality",
        full=full,
        quick=tuple(config.replace(instances=2) for config in (full[0], full[3])),
    )


def recipes() -> list[Recipe]:
    """Return the studies: fast ones, those of the authors, and the one of widths."""
    studies = [_study(*values) for values in _STUDIES]
    by_authors = [_by_authors(study) for study in studies if study.published]
    return [*studies, *by_authors, _widths(studies[0])]
