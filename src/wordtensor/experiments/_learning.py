"""Our own experiments: grokking of Hadamard nets, and which algorithm a width leads to."""

from typing import Any, Final

from ..nets.config import TrainConfig
from ._recipe import Recipe

# Group, word, name, width, fraction, steps, other values. Small groups need more of the pairs.
_GROKKING: Final[tuple[tuple[str, str, str, int, float, int, dict[str, Any]], ...]] = (
    ("S3", "a*b", "s3", 24, 0.8, 3000, {"l2": 1e-3}),
    (
        "Q8", "a*b", "q8", 64, 0.8, 4000,
        {"loss": "cross entropy", "optimizer": "adamw", "weight_decay": 1.0},
    ),
    ("S4", "a*b", "s4", 128, 0.5, 2000, {"l2": 1e-3}),
    ("A5", "a*b", "a5", 320, 0.4, 600, {"l2": 3e-4}),
    ("S4", "a^2*b", "s4-aab", 128, 0.75, 3000, {"l2": 1e-3}),
)  # fmt: skip

# Group, word, name, widths in full, quick widths, steps, other values.
_WIDTHS: Final[
    tuple[tuple[str, str, str, tuple[int, ...], tuple[int, ...], int, dict[str, Any]], ...]
] = (
    ("S3", "a*b", "s3", tuple(range(6, 17)), (8, 9, 10, 12), 6000, {"l2": 1e-3}),
    (
        "S4", "a*b", "s4", (48, 52, 55, 56, 58, 60, 62, 64, 72, 80, 96, 128), (58, 64), 12_000,
        {"l2": 3e-4},
    ),
    (
        "S4", "a*b*a^-1", "s4-conjugation", (36, 40, 44, 46, 47, 48, 50, 52, 56, 64), (47, 54),
        12_000, {"l2": 3e-4},
    ),
)  # fmt: skip


def _grokking() -> list[Recipe]:
    made = []
    for group, word, short, width, fraction, steps, other in _GROKKING:
        instances = 20 if steps >= 2000 else 5
        full = TrainConfig(
            group=group, word=word, width=width, fraction=fraction, steps=steps,
            instances=instances, **other,
        )  # fmt: skip
        recipe = Recipe(
            name=f"grokking-{short}",
            title=f"Hadamard nets on {word} over {group} from {fraction:.0%} of the pairs",
            source="wordtensor",
            report="grokking",
            full=(full,),
            quick=(full.replace(instances=min(instances, 5)),),
        )
        made.append(recipe)
    return made


def _widths() -> list[Recipe]:
    made = []
    for group, word, short, full_widths, quick_widths, steps, other in _WIDTHS:
        base = TrainConfig(
            group=group, word=word, steps=steps, instances=16, scale=0.3, schedule="linear",
            decay_schedule="linear", **other,
        )  # fmt: skip
        recipe = Recipe(
            name=f"widths-{short}",
            title=f"which algorithm Hadamard nets learn for {word} over {group}, by width",
            source="wordtensor",
            report="widths",
            full=tuple(base.replace(width=width) for width in full_widths),
            quick=tuple(base.replace(width=width, instances=8) for width in quick_widths),
        )
        made.append(recipe)
    return made


def recipes() -> list[Recipe]:
    """Return our own recipes."""
    return [*_grokking(), *_widths()]
