"""Shutman, Louidor, Tessler (2025), arXiv:2509.06931: words in groups."""

import math
from typing import Final

from ..groups import group as named_group
from ..nets.config import TrainConfig
from ._recipe import BlockTarget, GroupTarget, Recipe

_SOURCE: Final = "Shutman et al. 2025"
_AFTER: Final = "wordtensor, after Shutman et al."
W8: Final = "a*b*a^-1*b*a^2*b^3*a*b^-1"

# Fig. 2: group, word, short name, width, activation, fraction; printed: median, best, max loss.
_FIGURE_2: Final = (
    ("D8", "a^2*b", "aab", 48, "relu", 0.8, 0.923077, 1.0, 2.2e-4),
    ("D8", W8, "w8", 32, "square", 0.6, 1.0, 1.0, 7.6e-5),
    ("D8", W8, "w8", 48, "sigmoid", 0.7, 1.0, 1.0, 2.7e-4),
    ("M5(2)", W8, "w8", 64, "relu", 0.5, 0.996094, 1.0, 8.9e-4),
    ("M5(2)", "a*b*a", "aba", 64, "relu", 0.7, 1.0, 1.0, 3.8e-3),
    ("M5(2)", "a^2*b", "aab", 64, "square", 0.5, 1.0, 1.0, 3.4e-4),
    ("S4", "a*b*a", "aba", 64, "square", 0.7, 0.979769, 1.0, 6.1e-4),
    ("S4", "a^2*b", "aab", 196, "sigmoid", 0.8, 0.982759, 1.0, 3.7e-5),
)

# "(Z4xZ2):Z2" in the paper; two groups of order 16 are so described, and this is GAP's first of
# them, SmallGroup(16,3): x -> xy of order 4, y central, and c with c x c = x y.
_ORDER_16: Final = GroupTarget(
    "SmallGroup(16,3)",
    ((2, 3, 4, 5, 6, 7, 0, 1), (1, 0, 3, 2, 5, 4, 7, 6), (0, 1, 3, 2, 4, 5, 7, 6)),
)

# App. C.1: group, name, activation, width, learning rate, std; printed: least, median, max loss.
_TABLE_C1: Final = (
    ("C2 x C2 x C6", "z56", "relu", 24, 0.001, 0.2, 0.947917, 0.998264, 0.025),
    ("C2 x C2 x C6", "z56", "sigmoid", 24, 0.005, 0.2, 0.972222, 1.0, 0.024),
    ("C2 x C2 x C6", "z56", "square", 24, 0.001, 0.2, 1.0, 1.0, 0.013),
    ("C6 x C12", "z91", "relu", 48, 0.001, 0.14, 0.973765, 0.98968, 0.011),
    ("C6 x C12", "z91", "sigmoid", 48, 0.005, 1.0, 1.0, 1.0, 0.01),
    ("C6 x C12", "z91", "square", 48, 0.001, 0.14, 1.0, 1.0, 0.0085),
    ("D16", "d16", "relu", 32, 0.001, 0.18, 0.972656, 0.988281, 0.022),
    ("D16", "d16", "sigmoid", 32, 0.005, 0.18, 0.990234, 1.0, 0.02),
    ("D16", "d16", "square", 32, 0.001, 0.18, 1.0, 1.0, 0.014),
    ("S4", "s4", "relu", 32, 0.001, 0.18, 0.921875, 0.983507, 0.025),
    ("S4", "s4", "sigmoid", 32, 0.005, 0.18, 0.984375, 0.998264, 0.023),
    ("S4", "s4", "square", 32, 0.001, 0.18, 0.980903, 1.0, 0.02),
    ("A5", "a5", "relu", 90, 0.001, 0.11, 0.996944, 0.999583, 0.011),
    ("A5", "a5", "sigmoid", 90, 0.005, 1.0, 0.998889, 1.0, 0.011),
    ("A5", "a5", "square", 90, 0.001, 0.11, 0.999722, 1.0, 0.01),
    ("Q8", "q8", "relu", 16, 0.005, 0.25, 0.96875, 1.0, 0.027),
    ("Q8", "q8", "sigmoid", 16, 0.005, 0.25, 1.0, 1.0, 0.017),
    ("Q8", "q8", "square", 12, 0.001, 0.29, 1.0, 1.0, 0.016),
    (_ORDER_16, "z4z2z2", "relu", 32, 0.001, 0.18, 1.0, 1.0, 0.013),
    (_ORDER_16, "z4z2z2", "sigmoid", 32, 0.005, 0.18, 1.0, 1.0, 0.016),
    (_ORDER_16, "z4z2z2", "square", 32, 0.001, 0.18, 1.0, 1.0, 1.3e-5),
    ("M5(2)", "m52", "relu", 48, 0.001, 0.14, 0.992188, 0.998047, 0.016),
    ("M5(2)", "m52", "sigmoid", 48, 0.005, 1.0, 0.963867, 0.998047, 0.016),
    ("M5(2)", "m52", "square", 48, 0.001, 0.14, 1.0, 1.0, 0.0089),
)

# Fig. 10 and the same for words that are not a*b: name, word, group, block, the rank that the
# widths are tried around, printed width, learning rate, steps.
_BLOCKS: Final = (
    ("fig10-d16", "a*b", "D16", "<2,2,2>", 7, 7, 1.0, 20_000),
    ("fig10-z32", "a*b", "C32", "<1,1,1>_C", 3, 3, 0.5, 20_000),
    ("fig10-q8", "a*b", "Q8", "<1,1,1>_H", 8, 8, 1.0, 40_000),
    ("fig10-m52", "a*b", "M5(2)", "<2,2,2>_C", 21, 21, 2.0, 150_000),
    ("block-m52-aba", "a*b*a", "M5(2)", "<1,1,2>_C", 6, None, 1.0, 20_000),
    ("block-s4-conjugation", "a*b*a^-1", "S4", "<2,2,3>", 11, None, 1.0, 60_000),
    ("block-s3-commutator", "[a,b]", "S3", "5x5x2", 7, None, 1.0, 60_000),
)


def _steps(order: int, fraction: float, epochs: int, batch: int) -> int:
    return epochs * math.ceil(int(fraction * order**2 + 1e-9) / batch)


def _name(group: str) -> str:
    return group.lower().replace("(", "").replace(")", "")


def _figure_2() -> list[Recipe]:
    made = []
    for group, word, short, width, activation, fraction, median, best, loss in _FIGURE_2:
        full = TrainConfig(
            group=group, word=word, model="perceptron", width=width, activation=activation,
            fraction=fraction, optimizer="adamw", learning_rate=5e-3, batch=16, instances=20,
            steps=_steps(named_group(group).order, fraction, 5000, 16),
        )  # fmt: skip
        recipe = Recipe(
            name=f"shutman-fig2-{_name(group)}-{short}-{activation}",
            title=f"{word} over {group} from {fraction:.0%} of the pairs, {activation}",
            source=f"{_SOURCE}, Fig. 2",
            report="accuracy",
            full=(full,),
            quick=(full.replace(batch=0, steps=5000, instances=10),),
            published={"median": median, "best": best, "max loss": loss},
        )
        made.append(recipe)
    return made


def _table_c1() -> list[Recipe]:
    made = []
    for which, short, activation, width, rate, scale, least, median, loss in _TABLE_C1:
        G = named_group(which) if isinstance(which, str) else which.resolve()
        full = TrainConfig(
            group=G.name, word="a*b", model="perceptron", width=width, activation=activation,
            optimizer="adamw", learning_rate=rate, scale=scale, batch=16, instances=20,
            steps=_steps(G.order, 1.0, 5000, 16),
        )  # fmt: skip
        recipe = Recipe(
            name=f"shutman-c1-{short}-{activation}",
            title=f"a*b over {G.name} on all pairs, {activation}",
            source=f"{_SOURCE}, App. C.1",
            report="accuracy",
            full=(full,),
            quick=(full.replace(batch=0, steps=4000, instances=5, learning_rate=5e-3),),
            published={"least": least, "median": median, "max loss": loss},
            target=None if isinstance(which, str) else which,
        )
        made.append(recipe)
    return made


def _blocks() -> list[Recipe]:
    made = []
    for short, word, group, block, rank, printed, rate, steps in _BLOCKS:
        base = TrainConfig(
            group=group, word=word, optimizer="gd", learning_rate=rate, steps=steps,
            instances=40, scale=0.3, dtype="float64",
        )  # fmt: skip
        widths = (rank - 1, rank, rank + 1)
        recipe = Recipe(
            name=f"shutman-{short}",
            title=f"one block {block} of {word} over {group}, by gradient descent",
            source=f"{_SOURCE if printed else _AFTER}, Fig. 10",
            report="block",
            full=tuple(base.replace(width=width) for width in widths),
            quick=tuple(base.replace(width=width, instances=20) for width in widths[:2]),
            published={"width": printed} if printed else {},
            target=BlockTarget(word, group, block),
        )
        made.append(recipe)
    return made


def _whole_words() -> list[Recipe]:
    """Gradient descent on all pairs: which irreps are learned, by the neurons they got."""
    made = []
    for group, widths, steps in (
        ("S3", (6, 7, 8, 9, 10, 14), 20_000),
        ("D8", (16, 24, 32, 48), 40_000),
    ):
        base = TrainConfig(
            group=group, word="a*b", optimizer="gd", learning_rate=1.0, steps=steps, instances=20,
            scale=0.02,
        )  # fmt: skip
        # A small start gives neurons the time to align before they grow.
        full = tuple(base.replace(width=width) for width in widths)
        quick = tuple(config.replace(steps=10_000, instances=10) for config in full[-2:])
        recipe = Recipe(
            name=f"shutman-bsc-{_name(group)}",
            title=f"which irreps of {group} gradient descent learns, by the neurons they got",
            source=f"wordtensor, after {_SOURCE}, section 5",
            report="bsc",
            full=full,
            quick=quick,
        )
        made.append(recipe)
    return made


def recipes() -> list[Recipe]:
    """Return the recipes of this paper."""
    return [*_figure_2(), *_table_c1(), *_blocks(), *_whole_words()]
