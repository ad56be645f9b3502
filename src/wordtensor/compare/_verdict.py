"""What to conclude of a comparison, in at most five plain sentences."""

from collections.abc import Sequence
from math import isnan
from typing import Final, Protocol

import numpy as np

from .._text import joined, percent
from .._typing import Indices
from ..groups import Group
from ..rank import Decomposition
from ..words import Word, word_tensor
from ._alignment import Alignment
from ._forward import Network
from ._network import chance_level, chance_share, is_lost
from .gcr import GCRMetrics
from .interventions import Ablation
from .logits import LogitSpectrum
from .matching import BlockMatch, Match
from .pruning import Pruning

# From this share of the other pairs on a net has nearly learned its word.
_NEARLY: Final = 0.9
# By so much a cosine must exceed that of a table of the training pairs to stand out.
_BEYOND: Final = 1.1
# Below this share of the other pairs a part that is kept may be right by the training pairs alone.
_HALF: Final = 0.5
# By so much the accuracy must rise for a part of the net to be told of.
_GAIN: Final = 0.01
# From this mean alignment on neurons are aligned, if at random they have at most so much.
_ALIGNED: Final = 0.95
_AT_RANDOM: Final = 0.75
# Sentences of a verdict.
_MOST: Final = 5
# Relative squared errors of logits that are the tensor, and that are nearly.
_EXACT: Final = 1e-8
_NEAR: Final = 1e-2
# What algorithms with so many terms are called.
_ALGORITHMS: Final = {
    ("<2,2,2>", 7): "Strassen's algorithm for <2,2,2> (7 products in place of 8)",
    ("<1,1,1>_C", 3): "three real products for a complex one (as Gauss did)",
    ("<3,3,3>", 23): "an algorithm of 23 products for <3,3,3> (as many as Laderman's)",
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
    def alignment(self) -> Alignment | None: ...

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


class Near(Protocol):
    """How near logits are to a tensor."""

    @property
    def scale(self) -> float: ...

    @property
    def relative_error(self) -> float: ...

    @property
    def tensor_error(self) -> float: ...

    @property
    def centred(self) -> bool: ...


def sentences(c: Compared) -> tuple[str, ...]:
    """Say whether a net computes its word, by which irreps and how many neurons, and what next."""
    m, table = c.gcr, word_tensor(c.word, c.group).table
    right = (m.train_accuracy, m.test_accuracy, m.all_accuracy)
    subject = f"{c.word} over {c.group.name}"
    known = (computes(subject, right, m.train_pairs, table, "elements"), *c.doubts)
    if is_lost(m.all_accuracy, m.train_accuracy, table):
        return (*known, "Until that is settled, its irreps and counts of neurons mean nothing.")
    if known_by_heart(right, table):
        return (*known, _beyond_its_pairs(c))
    d = c.decomposition
    tensor = beside_tensor(c.logits, "word tensor", d.lower_bound, d.rank, m.all_accuracy == 1)
    algorithm, aligned = _algorithm(c), _aligned(c.alignment)
    count = needed(c.network.width, c.pruning)
    said = [*known, _irreps(c), count, tensor, algorithm, aligned, _next(c)]
    said = [part for part in said if part]
    for spare in (aligned, tensor, algorithm):
        if len(said) > _MOST and spare in said:
            said.remove(spare)
    return tuple(said[:_MOST])


def computes(
    subject: str, right: tuple[float, float, float], trained: int, table: Indices, what: str
) -> str:
    """Say on how many pairs a net is right: of those trained on, of the others, and of all."""
    (train, test, every), pairs = right, table.size
    if every == 1:
        every_pair = f"all {pairs} pairs" if pairs > 1 else "the only pair"
        return f"It computes {subject}: its largest logit is right on {every_pair}."
    if max(every, train) <= chance_level(table):
        return (
            f"It does not compute {subject} in this order of {what}: it is right on "
            f"{_below_one(every)} of the {pairs} pairs, as chance is "
            f"({_chance(table)})."
        )
    if isnan(test):
        return (
            f"It does not compute {subject}: it is right on {_below_one(every)} of the {pairs} "
            "pairs."
        )
    by_heart = known_by_heart(right, table)
    if by_heart and train < _NEARLY:
        said = f"It has learned only a part of its training pairs, and does not compute {subject}"
    elif by_heart:
        said = f"It knows its training pairs by heart and does not compute {subject}"
    elif train == 1 and test < _NEARLY:
        said = f"It has learned its training pairs, but does not compute {subject}"
    else:
        said = f"It {'nearly computes' if test >= _NEARLY else 'does not compute'} {subject}"
    chance = f", where chance is {_chance(table)}" if by_heart else ""
    return (
        f"{said}: it is right on {_below_one(train)} of its {trained} training pairs and on "
        f"{_below_one(test)} of the {pairs - trained} others{chance}."
    )


def _chance(table: Indices) -> str:
    """Return the share of pairs that chance is right on, and where it is from if values differ."""
    counts = np.unique(table, return_counts=True)[1]
    of = ", the share of the most frequent value" if counts.max() > counts.min() else ""
    return percent(chance_share(table)) + of


def known_by_heart(right: tuple[float, float, float], table: Indices) -> bool:
    """Say whether a net knows its training pairs, and nothing of the others."""
    train, test, _ = right
    return not isnan(test) and test <= chance_level(table) < train


def _below_one(share: float) -> str:
    """Return a share of pairs as a percentage that is 100.00 % for all of them only."""
    return percent(share) if share == 1 else percent(min(share, 0.9999))


def needed(width: int, p: Pruning | None) -> str:
    """Say how many neurons the function needs; nothing where they are not known."""
    if p is None:
        return ""
    return (
        f"Of its {width} neuron{'s' * (width != 1)}, {p.effective_width} "
        f"{'is' if p.effective_width == 1 else 'are'} needed for the same function and "
        f"{p.accurate_width} for the same accuracy."
    )


def beside_tensor(found: Near | None, what: str, least: int, most: int, right: bool) -> str:
    """Say whether the logits are the tensor, and how many neurons that takes."""
    count = f"{most}" if least == most else f"{least} to {most}"
    takes = f"{count} multiplying neuron{'s' * (most != 1)}"
    if found is None:
        return f"To have the {what} as logits takes {takes}."
    error, times = found.tensor_error, ""
    if error >= _NEAR:
        error, times = found.relative_error, f"{found.scale:.4g} times "
    if error < _NEAR:
        apart = "Apart from their mean for each pair, its" if times and found.centred else "Its"
        nearly = "nearly " * (error >= _EXACT)
        shown = f" (relative squared error {error:.0e})" if nearly else ""
        itself = "" if nearly or times else " itself"
        return f"{apart} logits are {nearly}{times}the {what}{itself}{shown}, which takes {takes}."
    if right:
        return (
            f"Its logits are not the {what}: being right by the largest entry alone can take fewer "
            f"neurons than the {count} that the tensor takes."
        )
    return f"Its logits are not the {what}, which takes {takes}."


def _irreps(c: Compared) -> str:
    if not c.gcr.key_irreps:
        return "Its logits go by no irrep but the trivial one (no other has a cosine above 0.005)."
    names, similarity = c.gcr.names, c.gcr.logit_similarity
    keys = sorted(c.gcr.key_irreps, key=lambda k: -similarity[k])
    said = [f"{names[k]} ({similarity[k]:.2f})" for k in keys[:6]]
    more = len(keys) - len(said)
    shown = joined([*said, *([f"{more} more"] if more else [])])
    return (
        f"Its logits go by the irrep{'s' * (len(keys) > 1)} {shown} (cosine with the character); "
        f"all characters together explain {percent(c.gcr.percent_logits_explained)} of them"
        f"{_by_heart(c.gcr, keys[:6])}."
    )


def _by_heart(m: GCRMetrics, keys: Sequence[int]) -> str:
    """Say which of these cosines a table of the training pairs would have as well."""
    if isnan(m.test_accuracy):
        return ""
    table = m.by_heart_similarity
    same = [f"{m.names[k]} {table[k]:.2f}" for k in keys if not _is_beyond(m, k)]
    what = " (a table of its training pairs alone has about as much or more: "
    return f"{what}{joined(same)})" if same else ""


def _is_beyond(m: GCRMetrics, k: int) -> bool:
    """Say whether a cosine is clearly above that of a table of the training pairs."""
    return m.logit_similarity[k] > _BEYOND * m.by_heart_similarity[k]


def _aligned(found: Alignment | None) -> str:
    """Say that neurons are aligned products of rank-one coefficients, where chance is not."""
    if found is None or not found.mean >= _ALIGNED or found.chance > _AT_RANDOM:
        return ""
    living, active = found.living.sum(), found.active.sum()
    which = "Each neuron goes" if living == active else f"Of {active} neurons {living} go"
    return (
        f"{which} by one irrep, with rank-one coefficients that fit together (alignment "
        f"{found.mean:.2f}, and {found.chance:.2f} at random)."
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
        return f"an algorithm of least norm for {block.name} ({block.rank} products)"
    known = _ALGORITHMS.get((block.name, block.rank))
    return known or f"the decomposition's {block.rank} products for {block.name}"


def _beyond_its_pairs(c: Compared) -> str:
    """Say which irreps stand out beyond what a table of the training pairs would show."""
    m = c.gcr
    beyond = [
        f"{m.names[k]} ({m.logit_similarity[k]:.2f} in place of {m.by_heart_similarity[k]:.2f})"
        for k in m.key_irreps
        if _is_beyond(m, k)
    ]
    if beyond:
        return (
            f"Its logits have a larger cosine with the character of {joined(beyond[:6])} than a "
            "table of its training pairs would have."
        )
    return "Its logits go by the irreps no more than a table of its training pairs would."


def _next(c: Compared) -> str:
    right, test = c.gcr.all_accuracy, c.gcr.test_accuracy
    if right == 1:
        return ""
    if isnan(test):
        return (
            "To see what it learned and what it knows by heart, say which pairs it was trained on "
            "(--train-mask FILE, or --train-fraction and --split-seed)."
        )
    best = max((a for a in c.ablations if a.kept), key=lambda a: a.accuracy, default=None)
    if best is None or best.accuracy <= right + _GAIN or test < _HALF:
        return ""
    part = " ".join(
        [best.what, best.kind] if best.what.startswith("the ") else [best.kind, best.what]
    )
    return (
        f"Keeping only {part} of its logits raises the accuracy to {percent(best.accuracy)}: the "
        "rest of its logits is in the way."
    )
