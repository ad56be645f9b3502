"""The interventions of a comparison: on triplets, irreps, clusters and blocks, or all but these."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from .._typing import Integers, Triplet
from ..irreps import IsotypicSpaces
from ..rank import Decomposition
from ._spectrum import Spectrum
from .blocks import block_frames
from .interventions import Intervention, of_irreps, of_neurons, of_triplets, replacement
from .logits import LogitSpectrum

# Single triplets, clusters and blocks at most: those with most energy, and the first blocks.
_MOST: Final = 40

Triplets = tuple[Triplet, ...]


def interventions(
    s: Spectrum | None, logits: LogitSpectrum, spaces: IsotypicSpaces, d: Decomposition
) -> tuple[Intervention, ...]:
    """Return what takes away each part that the spectra name, and what keeps nothing else."""
    used = logits.used()
    parts, outputs = tuple(_parts_of_logits(used, logits)), _outputs(used)
    groups = () if s is None else tuple(_groups_of_neurons(s))
    made = [of_triplets(t, spaces, kind, what, kept=kept) for t, kind, what, kept in parts]
    made += [
        of_irreps([zeta], spaces, "irrep", f"{logits.irreps[zeta]} in c", kept=False)
        for zeta in outputs
    ]
    made += [of_neurons(members, what, kept=kept) for members, what, kept in groups]
    if not any(np.iscomplexobj(factor) for factor in d.factors):
        frames = block_frames(d)[:_MOST]
        made += [replacement(d, block, frame) for block, frame in enumerate(frames)]
    return tuple(made)


def _parts_of_logits(
    used: Triplets, logits: LogitSpectrum
) -> Iterator[tuple[Triplets, str, str, bool]]:
    """Yield triplets, kind, name, and whether to keep them."""
    for triplet in used[:_MOST]:
        yield (triplet,), "triplet", logits.label(triplet), False
    half = _half(used, logits)
    yield half, "triplets", f"the {len(half)} largest, half of the energy", False
    for kept in (False, True):
        yield used, "triplets", f"the {len(used)} used", kept
    unused = tuple(t for t in logits.support if t not in set(used))
    if unused:
        yield unused, "triplets", f"{len(unused)} predicted, not used", False
    yield logits.support, "triplets", f"the {len(logits.support)} predicted", True


def _groups_of_neurons(s: Spectrum) -> Iterator[tuple[Integers, str, bool]]:
    """Yield neurons, name, and whether to keep them."""
    clusters = s.clusters()
    for triplet, members in list(clusters.items())[:_MOST]:
        yield members, f"{_count(members)} of {s.label(triplet)}", False
    if clusters:
        every = np.concatenate(list(clusters.values()))
        yield every, f"the {len(every)} clustered neurons", True
    for members, word in ((s.mixed(), "mixed"), (s.dead(), "dead")):
        if len(members):
            yield members, f"{_count(members)}, {word}", False


def _half(used: Triplets, logits: LogitSpectrum) -> Triplets:
    """Return the fewest triplets that hold half of the energy."""
    reached = np.cumsum([float(logits.energy[t]) for t in used])
    return used[: int(np.searchsorted(reached, 0.5 * reached[-1])) + 1] if len(used) else ()


def _count(members: Integers) -> str:
    return f"{len(members)} neuron{'' if len(members) == 1 else 's'}"


def _outputs(triplets: Triplets) -> list[int]:
    """Return the irreps of c, in the order of the triplets."""
    return list(dict.fromkeys(zeta for _, _, zeta in triplets))[:_MOST]
