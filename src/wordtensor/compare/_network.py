"""A trained network, from wherever it comes: modules, files, arrays, functions."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from .._typing import Booleans, Indices
from ..errors import ComparisonError
from ..groups import Group
from ..words import WordTensor
from ._forward import Network, row_blocks
from ._sources import Candidates, candidates, random_network

# Another reading than the usual one must be right on more pairs than this, and the usual on fewer.
_SURE: Final = 0.5
# At chance a net is right on at most twice as many pairs as a constant answer is, and on at most
# this share of the others.
_OF_THE_REST: Final = 0.25
# Right on fewer pairs than this, a net is likely held against something that it did not learn.
_LOST: Final = 0.5


def network(net: Any, *, activation: str | None = None) -> Network:
    """Make a `Network` of whatever holds one.

    Parameters
    ----------
    net : object
        A network of `wordtensor.nets`, or any torch module with two linear layers, with or without
        embeddings; a path of a file of one (.npz, .safetensors, .pt); three arrays U, V, W; or a
        mapping of arrays by name: one of the layouts that ``wordtensor compare --like`` lists;
        ``hidden``, ``readout`` and optionally ``logits`` of shapes (n, n, R), (R, n), (n, n, n)
        for any other; ``logits`` alone, or one array of that shape. A `Network` passes through. A
        function ``f(a, b)`` of indices is taken where the group is known: by `compare`.
    activation : str, optional
        "product" for neurons ``L[a] R[b]``, else the s of ``s(L[a] + R[b])``: "relu", "gelu",
        "gelu_tanh", "silu", "tanh", "sigmoid", "abs", "square", "identity". U, V, W mean
        "product", and the arrays released by Chughtai et al. "relu", if nothing is stated; of
        others it must be stated, by this argument or by an entry ``activation`` of the arrays.

    Returns
    -------
    Network
        In its usual reading; where shapes leave several, `compare` takes the one that is right.

    Raises
    ------
    ComparisonError
        If it is none of these, or does not say its activation.
    NetworkError
        If the arrays are none of the layouts, or more than one of them needs.
    FileFormatError
        If the file cannot be read.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> network(d.factors)
    Network('hadamard', order=6, width=9, combination='product')
    >>> rng = np.random.default_rng(0)
    >>> layers = {"fc1.weight": rng.normal(size=(20, 12)), "fc1.bias": rng.normal(size=20),
    ...           "fc2.weight": rng.normal(size=(6, 20))}
    >>> network(layers, activation="relu")
    Network('one-hot', order=6, width=20, combination='relu')
    """
    return candidates(net, activation, None)[0]


def network_on(net: Any, G: Group, activation: str | None = None) -> Network:
    """Make a `Network` of whatever holds one, refusing one of another group."""
    return readings_on(net, G, activation)[0]


def network_for(net: Any, T: WordTensor, activation: str | None = None) -> Network:
    """Make a `Network` of whatever holds one; of several readings the one that is right."""
    return right_one(readings_on(net, T.group, activation), T.table)


def right_one(found: Candidates, table: Indices) -> Network:
    """Choose the reading that computes a table if that is clear, else the usual one."""
    if len(found) == 1:
        return found[0]
    rights = [share_right(found[0], table)]
    if rights[0] < 1:
        rights += [share_right(each, table) for each in found[1:]]
    best = int(np.argmax(rights))
    sure = rights[best] > _SURE > rights[0]
    chosen = found[best if sure else 0]
    why = f"right on {100 * rights[best if sure else 0]:.3g} % of the pairs"
    if not sure and rights[0] < _SURE:
        why += ", and no other reading is on half of them"
    if not chosen.reading and rights[0] >= _SURE:
        return chosen  # arrays as they are documented
    read = chosen.reading or "the usual layout"
    about = f"{read} (of {len(found)} readings that the shapes allow: {why})"
    return replace(chosen, reading=about)


def readings_on(net: Any, G: Group, activation: str | None = None) -> Candidates:
    """Return all readings of what holds a network that are on a group, the usual one first."""
    found = candidates(net, activation, G.order)
    fitting = tuple(each for each in found if each.order == G.order)
    if not fitting:
        raise ComparisonError(
            f"The network is on {found[0].order} elements and {G!r} has {G.order}; give the group "
            "it was trained on"
        )
    return fitting


def answers(net: Network) -> Indices:
    """Return the table of a net's largest logits, shape (n, n)."""
    with np.errstate(over="ignore", invalid="ignore"):
        blocks = [net.logits(rows).argmax(2).astype(np.int32) for rows in row_blocks(net)]
    return np.concatenate(blocks)


def share_right(net: Network, table: Indices, mask: Booleans | None = None) -> float:
    """Return the share of pairs, or of those of a mask, whose largest logit is the value."""
    right = answers(net) == table
    return float(right.mean() if mask is None else right[mask].mean())


def chance_share(table: Indices) -> float:
    """Return the share of pairs on which the most frequent value is right."""
    return float(np.bincount(table.ravel()).max() / table.size)


def chance_level(table: Indices) -> float:
    """Return the share of right pairs up to which a net is as good as chance."""
    share = chance_share(table)
    return share + min(share, _OF_THE_REST * (1 - share))


def is_lost(right: float, train: float, table: Indices) -> bool:
    """Say whether a net is likely held against something that it did not learn."""
    best = max(right, train)
    return right < 1 and (best < _LOST or best <= chance_level(table))


def randomised(net: Any, seed: int | np.random.Generator = 0) -> Network:
    """Return a network of the same form with random weights: the null model.

    Parameters
    ----------
    net : object
        Anything that `network` takes.
    seed : int or numpy.random.Generator

    Returns
    -------
    Network
        Every array is replaced by independent Gaussians of its mean square, biases too; of a
        network that was given by its activations, these and the readout are.

    Examples
    --------
    >>> import wordtensor as wt
    >>> chance = randomised(wt.decompose("a*b", "S3").factors, seed=1)
    >>> chance
    Network('hadamard', order=6, width=9, combination='product')
    >>> wt.compare.gcr_metrics(chance, "S3").all_accuracy < 0.5
    True
    """
    return random_network(network(net), seed)
