"""The metrics of Chughtai, Chan and Nanda (2023): how far a net computes by representations."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isnan
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from .._text import percent, text_table
from .._typing import Array, Booleans, freeze_fields
from ..groups import Group, group
from ..irreps import RealIrrep, irrep_names, real_characters, real_irreps
from ..words import Word, WordTensor, word_tensor
from ._activations import (
    RepresentationBases,
    Sums,
    activation_shares,
    collect,
    explained,
    joint_shares,
    representation_bases,
)
from ._forward import Network
from ._given import checked_mask
from ._network import network_for
from ._part_losses import PartLosses, part_losses
from .similarity import by_heart_cosines, character_cosines

KEY_SIMILARITY: Final = 0.005


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GCRMetrics:
    """How far a net's logits, weights and neurons are explained by representations.

    Named as in the authors' files. "Key" irreps are those whose logit similarity exceeds 0.005;
    the totals are over them. FVE: fraction of variance explained.

    Attributes
    ----------
    word, group : str
        What the net was compared with.
    irreps : tuple of str
        Labels of all K real irreps of the group.
    names : tuple of str
        Their names in words, as `wordtensor.irreps.irrep_names` gives them.
    key_irreps : tuple of int
        Indices of the key irreps, which never include the trivial one.
    logit_similarity : mapping of int to float
        Cosine of the logits, centred over c, with ``chi(w(a, b) c^-1)``; non-trivial irreps.
    by_heart_similarity : mapping of int to float
        The same of logits that are 1 for the right answers to the training pairs, and 0 elsewhere:
        ``d sqrt(f / (s (n - 1)))`` for a share f of the pairs, dimension d, and s = 1, 2, 4 for the
        types R, C, H. What a net's cosine has beyond it, it has not from its training pairs alone.
    percent_logits_explained : float
        Sum of the squared similarities of all non-trivial irreps.
    percent_x_embed_explained, percent_y_embed_explained : float
        FVE of the embeddings of a and of b (nan if there are none).
    percent_unembed_explained : float
        FVE of the readout.
    percent_hidden_explained, percent_hidden_xy_explained : float
        FVE of the neurons by rho(a), rho(b) and rho(w(a, b)) together; by the last alone. For the
        product all these spaces are orthogonal, and both are the authors' sums over spaces and key
        irreps; for other words they have functions in common, which are counted once.
    total_hidden_restricted_loss : float
        Cross entropy on all pairs with the neurons projected on rho(w(a, b)) of the key irreps.
    total_hidden_excluded_loss : float
        Cross entropy on training pairs with that projection taken away.
    total_logit_restricted_loss, total_logit_excluded_loss : float
        The same for the logits and the characters.
    sum_of_squared_weights : float
        Over all parameters (the authors' own figure is 0 for transformers, by an oversight).
    train_loss, test_loss, all_loss : float
        Cross entropy (test_loss is nan without test pairs).
    train_accuracy, test_accuracy, all_accuracy : float
        Shares of pairs that are right.
    x_embed, y_embed, unembed : ndarray, shape (K,)
        FVE by every irrep, the trivial one included.
    hidden_x, hidden_y, hidden_xy : ndarray, shape (K,)
        FVE of the neurons by rho(a), rho(b), rho(w(a, b)) of every irrep.
    hidden_restricted_loss, hidden_excluded_loss : ndarray, shape (K,)
        With single irreps in place of all key ones.
    logit_restricted_loss, logit_excluded_loss : ndarray, shape (K,)
        With single characters; nan for the trivial one.
    train_pairs : int
        Number of training pairs; n^2 if no mask was given.

    References
    ----------
    Chughtai, Chan, Nanda (2023), arXiv:2302.03025, sections 4 and 5 and their released code.

    Examples
    --------
    >>> import wordtensor as wt
    >>> m = gcr_metrics(wt.decompose("a*b", "S3").factors, "S3")
    >>> [m.irreps[k] for k in m.key_irreps], m.all_accuracy, round(m.percent_hidden_xy_explained, 3)
    (['1Rb', '2R'], 1.0, 0.434)
    """

    word: str
    group: str
    irreps: tuple[str, ...]
    names: tuple[str, ...]
    key_irreps: tuple[int, ...]
    logit_similarity: Mapping[int, float]
    by_heart_similarity: Mapping[int, float]
    percent_logits_explained: float
    percent_x_embed_explained: float
    percent_y_embed_explained: float
    percent_unembed_explained: float
    percent_hidden_explained: float
    percent_hidden_xy_explained: float
    total_hidden_restricted_loss: float
    total_hidden_excluded_loss: float
    total_logit_restricted_loss: float
    total_logit_excluded_loss: float
    sum_of_squared_weights: float
    train_loss: float
    test_loss: float
    all_loss: float
    train_accuracy: float
    test_accuracy: float
    all_accuracy: float
    x_embed: Array
    y_embed: Array
    unembed: Array
    hidden_x: Array
    hidden_y: Array
    hidden_xy: Array
    hidden_restricted_loss: Array
    hidden_excluded_loss: Array
    logit_restricted_loss: Array
    logit_excluded_loss: Array
    train_pairs: int

    def __post_init__(self) -> None:
        arrays = [f.name for f in fields(self) if isinstance(getattr(self, f.name), np.ndarray)]
        freeze_fields(self, *arrays)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-able values; similarities by label."""
        values: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            values[field.name] = value.tolist() if isinstance(value, np.ndarray) else value
        values["irreps"], values["names"] = list(self.irreps), list(self.names)
        values["key_irreps"] = [self.irreps[k] for k in self.key_irreps]
        for name in ("logit_similarity", "by_heart_similarity"):
            values[name] = {self.irreps[k]: value for k, value in values[name].items()}
        return values

    def __repr__(self) -> str:
        keys = ", ".join(self.irreps[k] for k in self.key_irreps)
        return f"GCRMetrics({self.word!r}, {self.group!r}, key_irreps=[{keys}])"

    def irrep_rows(self) -> tuple[list[str], list[list[str]]]:
        """Return heads and rows of the metrics, a row for each irrep; key irreps carry a star."""
        shown = {"similarity": self.logit_similarity}
        if not isnan(self.test_accuracy):
            shown["by heart"] = self.by_heart_similarity
        heads = ["irrep", "name", *shown, "W_a", "W_b", "W_U", "rho(a)", "rho(b)", "rho(w)"]
        weights = (self.x_embed, self.y_embed, self.unembed)
        neurons = (self.hidden_x, self.hidden_y, self.hidden_xy)
        rows = [
            [
                f"{label} *" if k in self.key_irreps else label,
                self.names[k].removeprefix(f"{label} "),
                *(f"{cosines[k]:.4f}" if k in cosines else "" for cosines in shown.values()),
                *(_known(float(share[k])) for share in (*weights, *neurons)),
                _listed(3, float(self.hidden_excluded_loss[k])),
            ]
            for k, label in enumerate(self.irreps)
        ]
        return [*heads, "excluded"], rows

    def summary_rows(self) -> list[list[str]]:
        """Return names and values of the totals over key irreps."""
        embeds = (self.percent_x_embed_explained, self.percent_y_embed_explained)
        # Without a mask there are no test pairs, and nothing is known of training pairs.
        unknown = isnan(self.test_accuracy)
        shares = _listed(6, self.train_accuracy, self.test_accuracy)
        losses = _listed(4, self.train_loss, self.test_loss, self.all_loss)
        scores = (
            [["cross entropy on all pairs", _listed(4, self.all_loss)]]
            if unknown
            else [
                ["accuracy on training, test pairs", shares],
                ["cross entropy on training, test, all pairs", losses],
            ]
        )
        return [
            ["accuracy on all pairs", f"{self.all_accuracy:.6f}"],
            *scores,
            ["key irreps", ", ".join(self.irreps[k] for k in self.key_irreps) or "none"],
            ["logits explained", percent(self.percent_logits_explained)],
            ["embeddings explained (a, b)", ", ".join(map(_known, embeds))],
            ["readout explained", _known(self.percent_unembed_explained)],
            ["neurons explained", _known(self.percent_hidden_explained)],
            ["neurons explained by rho(w(a,b))", _known(self.percent_hidden_xy_explained)],
            [
                "restricted cross entropy, all pairs",
                _listed(4, self.total_hidden_restricted_loss),
            ],
            [
                f"excluded cross entropy, {'all' if unknown else 'training'} pairs",
                _listed(4, self.total_hidden_excluded_loss),
            ],
            ["sum of squared weights", _listed(6, self.sum_of_squared_weights)],
        ]

    def __str__(self) -> str:
        title = f"{self.word} over {self.group}: representations (* key irreps)"
        totals = text_table(["", ""], self.summary_rows())
        return "\n\n".join([title, totals, text_table(*self.irrep_rows())])


def _known(share: float) -> str:
    """Write a share; a dash for what is not known."""
    return "-" if isnan(share) else percent(share)


def _listed(digits: int, *values: float) -> str:
    """Join numbers; a dash for what is not there."""
    return ", ".join("-" if isnan(value) else f"{value:.{digits}g}" for value in values)


def gcr_metrics(
    net: Any,
    G: Group | str,
    train_mask: ArrayLike | None = None,
    *,
    word: Word | str = "a*b",
    key_similarity: float = KEY_SIMILARITY,
) -> GCRMetrics:
    """Measure how far a net computes by representations.

    Parameters
    ----------
    net : object
        Anything that `network` takes: a module, a file, arrays.
    G : Group or str
        The group, of order n. The net's own table where its elements have an order of their own.
    train_mask : array_like of bool, shape (n, n), optional
        True on training pairs (a, b), for the excluded losses; by default all pairs.
    word : Word or str
        What the net should compute.
    key_similarity : float
        An irrep is key if its logit similarity is above this.

    Returns
    -------
    GCRMetrics

    Raises
    ------
    ComparisonError
        If the net or the mask does not fit the group.

    Notes
    -----
    With L the logits centred over c and X = chi(w(a, b) c^-1): similarity cos(L, X). With Q an
    orthonormal basis of the entries of rho: FVE of a matrix M is ``||Q^T M||^2 / ||M||^2``.
    Activations are centred over all pairs for the FVE, and not for the losses. All real irreps
    are taken, each with its isotypic space: the character of a complex pair is
    2 cos for a cyclic group. Logits are never held all at once.

    References
    ----------
    Chughtai, Chan, Nanda (2023), arXiv:2302.03025, sections 4 and 5 and their released code.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> m = gcr_metrics(d.factors, "S3")
    >>> m.key_irreps, {k: round(v, 4) for k, v in m.logit_similarity.items()}
    ((1, 2), {1: 0.4472, 2: 0.8944})
    >>> round(m.percent_logits_explained, 9)
    1.0
    """
    G = group(G)
    T, mask = word_tensor(word, G), checked_mask(train_mask, G)
    net = network_for(net, T)
    bases = representation_bases(G, T.table, real_irreps(G))
    return metrics_of(net, T, mask, bases, collect(net, T, mask), key_similarity)


def metrics_of(
    net: Network,
    T: WordTensor,
    mask: Booleans,
    bases: RepresentationBases,
    sums: Sums,
    key_similarity: float = KEY_SIMILARITY,
) -> GCRMetrics:
    """Measure a net from what one pass over all pairs collected."""
    irreps = real_irreps(T.group)
    similarity = character_cosines(sums.quotients, sums.logit_square, irreps)
    key = tuple(
        k for k, value in enumerate(similarity.tolist()) if k > 0 and value > key_similarity
    )
    losses = part_losses(net, T, mask, irreps, bases, sums, similarity, key)
    return _metrics(net, T, irreps, key, similarity, bases, sums, losses, mask)


def _metrics(
    net: Network,
    T: WordTensor,
    irreps: list[RealIrrep],
    key: tuple[int, ...],
    similarity: Array,
    bases: RepresentationBases,
    sums: Sums,
    losses: PartLosses,
    mask: Booleans,
) -> GCRMetrics:
    chosen, nothing = list(key), np.full(len(irreps), np.nan)
    x_embed, y_embed = [_explained(bases, M) for M in net.embeddings or ()] or [nothing, nothing]
    unembed = _explained(bases, net.readout.T)
    hidden = activation_shares(bases, sums.hidden)
    together, by_value = joint_shares(bases, sums.hidden, chosen, T.table)
    if not net.width:  # of logits alone nothing of this is known
        unembed, hidden = nothing.copy(), (nothing.copy(), nothing.copy(), nothing.copy())
        together = by_value = np.nan
        losses.hidden_restricted[:] = losses.hidden_excluded[:] = np.nan
    # Trivial: a constant, which centring the logits took away.
    losses.logit_restricted[0] = losses.logit_excluded[0] = np.nan
    return GCRMetrics(
        word=str(T.word),
        group=T.group.name,
        irreps=tuple(str(phi) for phi in irreps),
        names=irrep_names(real_characters(T.group)),
        key_irreps=key,
        logit_similarity=_by_irrep(similarity),
        by_heart_similarity=_by_irrep(by_heart_cosines(irreps, float(mask.mean()))),
        percent_logits_explained=float(np.square(similarity[1:]).sum()),
        percent_x_embed_explained=float(x_embed[chosen].sum()),
        percent_y_embed_explained=float(y_embed[chosen].sum()),
        percent_unembed_explained=float(unembed[chosen].sum()),
        percent_hidden_explained=together,
        percent_hidden_xy_explained=by_value,
        total_hidden_restricted_loss=float(losses.hidden_restricted[-1]),
        total_hidden_excluded_loss=float(losses.hidden_excluded[-1]),
        total_logit_restricted_loss=float(losses.logit_restricted[-1]),
        total_logit_excluded_loss=float(losses.logit_excluded[-1]),
        sum_of_squared_weights=net.sum_of_squared_weights if net.weights else np.nan,
        train_loss=sums.loss[0],
        test_loss=sums.loss[1],
        all_loss=sums.loss[2],
        train_accuracy=sums.accuracy[0],
        test_accuracy=sums.accuracy[1],
        all_accuracy=sums.accuracy[2],
        x_embed=x_embed,
        y_embed=y_embed,
        unembed=unembed,
        hidden_x=hidden[0],
        hidden_y=hidden[1],
        hidden_xy=hidden[2],
        hidden_restricted_loss=losses.hidden_restricted[:-1].copy(),
        hidden_excluded_loss=losses.hidden_excluded[:-1].copy(),
        logit_restricted_loss=losses.logit_restricted[:-1].copy(),
        logit_excluded_loss=losses.logit_excluded[:-1].copy(),
        train_pairs=int(mask.sum()),
    )


def _by_irrep(cosines: Array) -> Mapping[int, float]:
    """Return cosines by the index of the irrep, the trivial one left out."""
    return MappingProxyType(dict(enumerate(cosines.tolist()[1:], start=1)))


def _explained(bases: RepresentationBases, M: Array) -> Array:
    """FVE of a matrix of shape (n, k) by every irrep."""
    return explained(bases.elements, M, float(np.vdot(M, M)))
