"""Losses of what irreps give to the logits: of it alone (restricted), and without (excluded)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Array
from ..groups import Group
from ..irreps import RealIrrep
from ..words import WordTensor
from ._activations import RepresentationBases, Sums
from ._forward import Network, row_blocks
from ._losses import cross_entropies

# Bytes that what some irreps give to the logits may take: of abelian groups there are many.
_PARTS: Final = 256 * 2**20
# Exponents up to which products of exponentials stay within double precision.
_SAFE: Final = 600.0


@dataclass(frozen=True, slots=True)
class PartLosses:
    """Losses of single irreps, and last of the key ones together: shapes (K + 1,)."""

    hidden_restricted: Array  # neurons projected on rho(w(a, b)) alone, on all pairs
    logit_restricted: Array  # logits projected on the character alone, on all pairs
    hidden_excluded: Array  # neurons without that projection, on training pairs
    logit_excluded: Array  # logits without that projection, on training pairs


def _parts(
    net: Network,
    G: Group,
    irreps: Sequence[RealIrrep],
    bases: RepresentationBases,
    sums: Sums,
    similarity: Array,
    choices: list[tuple[int, ...]],
) -> tuple[Array, Array]:
    """Return what Q choices of irreps give to the logits, by w(a, b) and c: shapes (Q, n, n)."""
    quotients = G.cayley[:, G.inverse]  # [w, c] -> w c^-1
    hidden, logits = np.empty((2, len(choices), G.order, G.order))
    for place, chosen in enumerate(choices):
        hidden[place] = bases.restricted(sums.hidden.by_value, chosen) @ net.readout
        total = np.zeros(G.order)
        for k in chosen:
            character = irreps[k].character
            total += similarity[k] * character / np.linalg.norm(character)
        logits[place] = np.sqrt(sums.logit_square) / G.order * total[quotients]
    return hidden, logits


def part_losses(
    net: Network,
    T: WordTensor,
    mask: NDArray[np.bool_],
    irreps: Sequence[RealIrrep],
    bases: RepresentationBases,
    sums: Sums,
    similarity: Array,
    key: tuple[int, ...],
) -> PartLosses:
    """Return the losses of single irreps, and last of the key ones together, for a mask (n, n)."""
    choices: list[tuple[int, ...]] = [*((k,) for k in range(len(irreps))), key]
    step = max(1, _PARTS // (8 * T.order**2))
    rows = []
    for start in range(0, len(choices), step):
        some = choices[start : start + step]
        parts = _parts(net, T.group, irreps, bases, sums, similarity, some)
        rows.append(_of_parts(net, T, mask, bases.counts, parts))
    return PartLosses(*np.concatenate(rows, axis=1))


def _of_parts(
    net: Network,
    T: WordTensor,
    mask: NDArray[np.bool_],
    counts: NDArray[np.int64],
    parts: tuple[Array, Array],
) -> Array:
    """Return the restricted losses of both kinds of parts, then the excluded ones: (4, Q)."""
    every = np.arange(T.order)
    weights = counts / T.order**2
    restricted = [
        [float(weights @ cross_entropies(part, every)) for part in kind] for kind in parts
    ]
    excluded = np.zeros((2, len(parts[0])))
    exclusions = [Exclusion(kind) for kind in parts]
    for rows in row_blocks(net):
        chosen = mask[rows]
        values = T.table[rows][chosen]
        activations = net.hidden(rows)
        # Cross entropy does not see the mean over c, so that nothing needs to be centred.
        whole = net.logits(rows, activations)[chosen]
        through = activations[chosen] @ net.readout
        for which, base in enumerate((through, whole)):
            excluded[which] += exclusions[which].losses(base, values)
    excluded /= mask.sum()
    return np.stack([*restricted, *excluded])


class Exclusion:
    """Q parts of the logits, parts[q, w(a, b), c] of shape (Q, n, n), each to be taken away."""

    # With the target t = w and differences to it, the loss without part q is
    # log1p(sum_{c != t} exp(l_c - l_t) exp(-(p_c - p_t))): one exponential for every entry of the
    # logits and a matrix product, instead of Q exponentials. Nothing is subtracted, so that small
    # losses stay accurate. Where exponents might overflow, every part is taken away by itself.

    def __init__(self, parts: Array) -> None:
        self._parts = parts
        n = parts.shape[1]
        at = np.arange(n)
        differences = parts[:, at, at][..., None] - parts  # -(p_c - p_t)
        self._reach = float(differences.max(initial=0.0))
        np.minimum(differences, _SAFE, out=differences)
        np.exp(differences, out=differences)
        # (w, c, Q), so that the parts of one value are a matrix.
        self._factors = np.ascontiguousarray(differences.transpose(1, 2, 0))

    def losses(self, logits: Array, values: NDArray[np.integer]) -> Array:
        """Sum the cross entropies of logits (P, n) at values (P,) without each part: shape (Q,)."""
        if not len(values):
            return np.zeros(len(self._parts))
        rows = np.arange(len(values))
        differences = logits - logits[rows, values][:, None]
        if float(differences.max()) + self._reach > _SAFE:
            return self._one_by_one(logits, values)
        terms = np.exp(differences, out=differences)
        terms[rows, values] = 0.0
        order = np.argsort(values, kind="stable")
        starts = np.flatnonzero(np.diff(values[order], prepend=-1))
        sums = np.empty((len(values), len(self._parts)))
        for start, stop in zip(starts, [*starts[1:], len(order)], strict=True):
            same = order[start:stop]
            sums[same] = terms[same] @ self._factors[values[same[0]]]
        total: Array = np.log1p(sums).sum(axis=0)
        return total

    def _one_by_one(self, logits: Array, values: NDArray[np.integer]) -> Array:
        return np.array(
            [
                float(cross_entropies(logits - part[values], values, overwrite=True).sum())
                for part in self._parts
            ]
        )
