"""The table of ablations of a comparison: triplets, irreps, clusters, blocks, or all but these."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Array, Triplet
from ..rank import Decomposition
from ..rank._support import IsotypicSpaces
from ..words import WordTensor
from ._network import Network
from ._spectrum import Spectrum
from .ablation import Ablation, Base, block_change, block_frames, project
from .logits import LogitSpectrum

__all__ = ["MOST", "interventions"]

# Single triplets, and single clusters, that are taken away at most: those with most energy.
MOST: Final = 40


@dataclass(frozen=True, slots=True)
class _Part:
    """What is left of the logits when a part by some name is taken away, or (kept) left alone."""

    kind: str
    what: str
    kept: bool
    left: Callable[[], Array]


def interventions(
    net: Network,
    T: WordTensor,
    spaces: IsotypicSpaces,
    s: Spectrum,
    logits: LogitSpectrum,
    d: Decomposition | None,
    report: Callable[[str], None],
) -> tuple[Ablation, ...]:
    """Take the parts that the spectra name away, one by one, and keep nothing but them."""
    whole = net.logits()
    if logits.centred:
        whole -= whole.mean(axis=2, keepdims=True)
    base = Base.of(whole, T)
    rows = []
    for part in _parts(net, whole, spaces, s, logits):
        report(part.what)
        rows.append(base.outcome(part.kind, part.what, part.left(), kept=part.kept))
    if d is not None and not any(np.iscomplexobj(factor) for factor in d.factors):
        frames = block_frames(d)
        for block, about in enumerate(d.blocks[:MOST]):
            what = f"{about.name} (block {block}) by its {about.rank} terms"
            report(what)
            change = block_change(whole, d, block, frames[block])
            rows.append(base.outcome("replace", what, whole + change, kept=False))
    return tuple(rows)


def _parts(
    net: Network, whole: Array, spaces: IsotypicSpaces, s: Spectrum, logits: LogitSpectrum
) -> Iterator[_Part]:
    used = logits.used()
    for triplet in used[:MOST]:
        yield _projection(whole, spaces, [triplet], "triplet", s.label(triplet), kept=False)
    half = _half(used, logits)
    name = f"the {len(half)} largest, half of the energy"
    yield _projection(whole, spaces, half, "triplets", name, kept=False)
    for kept in (False, True):
        yield _projection(whole, spaces, used, "triplets", f"the {len(used)} used", kept=kept)
    unused = [t for t in logits.support if t not in set(used)]
    if unused:
        name = f"{len(unused)} predicted, not used"
        yield _projection(whole, spaces, unused, "triplets", name, kept=False)
    name = f"the {len(logits.support)} predicted"
    yield _projection(whole, spaces, logits.support, "triplets", name, kept=True)
    for zeta in _outputs(used):
        yield _output(whole, spaces[zeta], f"{s.irreps[zeta]} in c")
    clusters = s.clusters()
    for triplet, members in list(clusters.items())[:MOST]:
        name = f"{_count(members)} of {s.label(triplet)}"
        yield _neurons(net, members, name, kept=False, centred=logits.centred)
    if clusters:
        every = np.concatenate(list(clusters.values()))
        name = f"the {len(every)} clustered neurons"
        yield _neurons(net, every, name, kept=True, centred=logits.centred)
    for members, word in ((s.mixed(), "mixed"), (s.dead(), "dead")):
        if len(members):
            name = f"{_count(members)}, {word}"
            yield _neurons(net, members, name, kept=False, centred=logits.centred)


def _half(used: tuple[Triplet, ...], logits: LogitSpectrum) -> tuple[Triplet, ...]:
    """Return the fewest triplets that hold half of the energy."""
    reached = np.cumsum([float(logits.energy[t]) for t in used])
    return used[: int(np.searchsorted(reached, 0.5 * reached[-1])) + 1] if len(used) else ()


def _projection(
    whole: Array,
    spaces: IsotypicSpaces,
    triplets: tuple[Triplet, ...] | list[Triplet],
    kind: str,
    what: str,
    *,
    kept: bool,
) -> _Part:
    def left() -> Array:
        part = project(whole, triplets, spaces)
        return part if kept else whole - part

    return _Part(kind, what, kept, left)


def _count(members: NDArray[np.int64]) -> str:
    return f"{len(members)} neuron{'' if len(members) == 1 else 's'}"


def _output(whole: Array, basis: Array, what: str) -> _Part:
    return _Part("irrep", what, False, lambda: whole - (whole @ basis) @ basis.T)


def _neurons(
    net: Network,
    members: NDArray[np.int64],
    what: str,
    *,
    kept: bool,
    centred: bool,
) -> _Part:
    others = np.setdiff1d(np.arange(net.width), members)

    def left() -> Array:
        logits = net.chosen(members if kept else others).logits()
        return logits - logits.mean(axis=2, keepdims=True) if centred else logits

    return _Part("neurons", what, kept, left)


def _outputs(triplets: tuple[Triplet, ...]) -> list[int]:
    """Return the irreps of c, in the order of the triplets."""
    return list(dict.fromkeys(zeta for _, _, zeta in triplets))[:MOST]
