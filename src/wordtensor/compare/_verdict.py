"""What to conclude of a comparison, in at most five plain sentences."""

from math import isnan
from typing import Final, Protocol

from .._text import joined, percent
from ..groups import Group
from ..irreps import irrep_names, real_characters
from ..rank import Decomposition
from ..words import Word, word_tensor
from ._forward import Network
from ._network import AT_CHANCE, chance_share
from .gcr import GCRMetrics
from .interventions import Ablation
from .logits import LogitSpectrum
from .matching import BlockMatch, Match
from .pruning import Pruning

# By so much the accuracy must rise for a part of the net to be told of.
_GAIN: Final = 0.01
# Sentences of a verdict.
_MOST: Final = 5
# Parts of the tensor with so little of the logits are not named.
_TENSOR: Final = 1e-8
# What algorithms with so many terms are called.
_ALGORITHMS: Final = {
    ("<2,2,2>", 7): "Strassen's algorithm for <2,2,2>, 7 products in place of 8",
    ("<1,1,1>_C", 3): "three real products for a complex one, as Gauss did",
    ("<3,3,3>", 23): "an algorithm of 23 products for <3,3,3>, as many as Laderman's",
    ("<1,1,1>_H", 8): "eight real products for a product of quaternions",
}


class Compared(Protocol):
    """What a verdict is about: these parts of a comparison."""

    @property
    def network(self) -> Network: ...

    @property
    def word(self) -> Word: ...

    @property
    def group(self) -> Group: ...

    @property
    def decomposition(self) -> Decomposition: ...

    @property
    def gcr(self) -> GCRMetrics: ...

    @property
    def logits(self) -> LogitSpectrum | None: ...

    @property
    def pruning(self) -> Pruning | None: ...

    @property
    def match(self) -> Match | None: ...

    @property
    def ablations(self) -> tuple[Ablation, ...]: ...

    @property
    def doubts(self) -> tuple[str, ...]: ...


def sentences(c: Compared) -> tuple[str, ...]:
    """Say whether a net computes its word, by which irreps and how many neurons, and what next."""
    by_chance = chance_share(word_tensor(c.word, c.group).table)
    right = c.gcr.all_accuracy
    lost = right < 1 and right <= AT_CHANCE * by_chance
    said = (_at_chance(c, by_chance) if lost else _computes(c), *c.doubts)
    if not lost:
        said += (_irreps(c), _width(c), _algorithm(c), _next(c))
    return tuple(part for part in said if part)[:_MOST]


def _at_chance(c: Compared, share: float) -> str:
    return (
        f"It does not compute {c.word} over {c.group.name} in this order of elements: it is right "
        f"on {percent(c.gcr.all_accuracy)} of the {c.group.order**2} pairs, as chance is "
        f"({percent(share)})."
    )


def _computes(c: Compared) -> str:
    right, pairs = c.gcr.all_accuracy, c.group.order**2
    subject = f"{c.word} over {c.group.name}"
    if right == 1:
        return f"It computes {subject}: its largest logit is right on all {pairs} pairs."
    train, test = c.gcr.train_accuracy, c.gcr.test_accuracy
    if isnan(test):
        return (
            f"It does not compute {subject}: it is right on {percent(right)} of the {pairs} pairs."
        )
    count = c.gcr.train_pairs
    learned = "It has learned its training pairs, but" if train == 1 else "It"
    return (
        f"{learned} does not compute {subject}: it is right on {percent(train)} of its {count} "
        f"training pairs and on {percent(test)} of the {pairs - count} others."
    )


def _irreps(c: Compared) -> str:
    if not c.gcr.key_irreps:
        return "The character of no irrep has a part in its logits (similarity above 0.005)."
    names = irrep_names(real_characters(c.group))
    similarity = c.gcr.logit_similarity
    keys = sorted(c.gcr.key_irreps, key=lambda k: -similarity[k])
    said = [f"{names[k]} ({similarity[k]:.2f})" for k in keys[:6]]
    more = len(keys) - len(said)
    shown = joined([*said, *([f"{more} more"] if more else [])])
    return (
        f"Its logits go by the irrep{'s' * (len(keys) > 1)} {shown} (cosine with the character); "
        f"all characters together explain {percent(c.gcr.percent_logits_explained)} of them."
    )


def _width(c: Compared) -> str:
    d, p, found = c.decomposition, c.pruning, c.logits
    least = f"{d.rank}" if d.rank == d.lower_bound else f"{d.lower_bound} to {d.rank}"
    tensor = f"takes {least} multiplying neurons"
    exact = found is not None and found.tensor_error < _TENSOR
    if p is None:
        return f"Its neurons were not given; to have the word tensor as logits {tensor}."
    needs = (
        f"Of its {c.network.width} neurons, {p.effective_width} are needed for the same function"
    )
    if exact:
        return f"{needs}, whose logits are the word tensor itself; that takes {least}."
    return (
        f"{needs} and {p.accurate_width} for the same accuracy; the word tensor itself, which its "
        f"logits are not, {tensor}, and being right by the largest entry alone can take fewer."
    )


def _algorithm(c: Compared) -> str:
    if c.match is None:
        return ""
    found = dict.fromkeys(
        said for block in c.match.blocks if block.matched and (said := _named(block))
    )
    return f"It uses {joined(list(found))}." if found else ""


def _named(block: BlockMatch) -> str:
    """Name the algorithm of a matched block; empty where there is no choice."""
    sizes = block.name.strip("<").partition(">")[0].split(",")
    if not block.name.startswith("<") or ("1" in sizes and "_" not in block.name):
        return ""
    if block.against == "standard algorithm":
        return f"the standard algorithm for {block.name}"
    if block.against == "product frame":
        return f"an algorithm of least norm for {block.name}, {block.rank} products"
    known = _ALGORITHMS.get((block.name, block.rank))
    return known or f"the decomposition's {block.rank} products for {block.name}"


def _next(c: Compared) -> str:
    right = c.gcr.all_accuracy
    if right < 1:
        kept = [a for a in c.ablations if a.kept]
        best = max(kept, key=lambda a: a.accuracy, default=None)
        if best is not None and best.accuracy > right + _GAIN:
            part = " ".join(
                [best.what, best.kind] if best.what.startswith("the ") else [best.kind, best.what]
            )
            return (
                f"Keeping only {part} of its logits raises the accuracy to "
                f"{percent(best.accuracy)}: the rest is what it memorised."
            )
        if isnan(c.gcr.test_accuracy):
            return (
                "To see what it learned and what it memorised, say which pairs it was trained on "
                "(--train-mask FILE, or --train-fraction and --split-seed)."
            )
    return ""
