"""Everything about one net beside the best decomposition: the value, and the way to it."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._version import __version__
from ..errors import ComparisonError, GroupError
from ..groups import Group, group
from ..groups._subgroups import subgroups
from ..rank import Decomposition, decompose
from ..rank._support import IsotypicSpaces, isotypic_spaces
from ..words import Word, WordTensor, word_tensor
from ._box_use import BoxUse, box_use
from ._coset_table import CosetTable, coset_table
from ._network import Network, check_order, network
from ._spectrum import Spectrum, spectrum
from .ablation import Ablation
from .clusters import ClusterShares, cluster_shares
from .cosets import coset_concentration, random_concentration
from .gcr import GCRMetrics, checked_mask, gcr_metrics
from .interventions import interventions
from .learning_order import LearnedOrder, learned_order
from .logits import CUBE_ORDER, LogitSpectrum, logit_spectrum
from .matching import Match, match
from .pruning import Pruning, prune

__all__ = ["Comparison", "compare"]

_LOG = logging.getLogger(__name__)
# Right on fewer pairs than this, a net is likely held against something that it did not learn.
_LOST = 0.5
# Above this order the subgroups are not all listed by default: there may be very many.
_SUBGROUP_ORDER = 720


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison:
    """How a network computes a word, and how near it is to the best decomposition known.

    Attributes
    ----------
    network : Network
        What was looked at.
    name : str
        Where it came from, for titles.
    word : Word
        What it should compute.
    group : Group
        Over which group.
    decomposition : Decomposition
        What it is held against.
    gcr : GCRMetrics
        Losses and accuracies, and the metrics of Chughtai et al.
    spectrum : Spectrum
        Where the neurons live.
    clusters : tuple of ClusterShares
        What the neurons of each cluster compute.
    boxes : BoxUse or None
        Which boxes they occupy; None above order 400.
    logits : LogitSpectrum or None
        What the logits are as a function; None above order 400.
    pruning : Pruning
        How many neurons the function needs.
    match : Match or None
        The neurons beside the decomposition's terms; None for nets that are not trilinear.
    ablations : tuple of Ablation
        What is left after interventions; empty above order 400.
    cosets : tuple of CosetTable
        The coset reading, of what a and what b bring; empty where inputs are not separate.
    order : LearnedOrder or None
        In which order the irreps were learned, where there are checkpoints.
    notes : tuple of str
        What was left out, and why.
    version : str
        Of wordtensor.
    seed : int
        Of the null models and of the decomposition.
    seconds : float
        What it took.
    """

    network: Network
    name: str
    word: Word
    group: Group
    decomposition: Decomposition
    gcr: GCRMetrics
    spectrum: Spectrum
    clusters: tuple[ClusterShares, ...]
    boxes: BoxUse | None
    logits: LogitSpectrum | None
    pruning: Pruning
    match: Match | None
    ablations: tuple[Ablation, ...]
    cosets: tuple[CosetTable, ...]
    order: LearnedOrder | None
    notes: tuple[str, ...]
    version: str
    seed: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything but weights and factors as JSON-able values."""
        d = self.decomposition
        return {
            "name": self.name,
            "word": str(self.word),
            "group": self.group.name,
            "order": self.group.order,
            "network": {
                "kind": self.network.kind,
                "width": self.network.width,
                "combination": self.network.combination,
            },
            "rank": {
                "width": self.network.width,
                "active": self.spectrum.width,
                "effective": self.pruning.effective_width,
                "accurate": self.pruning.accurate_width,
                "decomposition": d.rank,
                "lower_bound": d.lower_bound,
            },
            "decomposition": d.to_dict(),
            "gcr": self.gcr.to_dict(),
            "spectrum": self.spectrum.to_dict(),
            "clusters": [cluster.to_dict() for cluster in self.clusters],
            "boxes": None if self.boxes is None else self.boxes.to_dict(),
            "logits": None if self.logits is None else self.logits.to_dict(),
            "pruning": self.pruning.to_dict(),
            "match": None if self.match is None else self.match.to_dict(),
            "ablations": [ablation.to_dict() for ablation in self.ablations],
            "cosets": [table.to_dict() for table in self.cosets],
            "order_learned": None if self.order is None else self.order.to_dict(),
            "notes": list(self.notes),
            "version": self.version,
            "seed": self.seed,
            "seconds": self.seconds,
        }

    def __repr__(self) -> str:
        return (
            f"Comparison({str(self.word)!r}, {self.group.name!r}, {self.network.kind!r}, "
            f"active={self.spectrum.width}, rank={self.decomposition.rank}, "
            f"accuracy={self.gcr.all_accuracy:.4f})"
        )

    def __str__(self) -> str:
        from ._tables import comparison_text

        return comparison_text(self)


def compare(
    net: Any,
    w: Word | str,
    G: Group | str,
    *,
    train_mask: ArrayLike | None = None,
    decomposition: Decomposition | None = None,
    checkpoints: Iterable[tuple[int, Any]] | None = None,
    threshold: float = 0.95,
    tolerance: float = 1e-6,
    seed: int = 0,
    name: str = "",
    callback: Callable[[str], None] | None = None,
) -> Comparison:
    """Say in numbers how a network computes a word, and how near it is to the decomposition.

    Parameters
    ----------
    net : object
        Anything that `network` takes: a module, a file, arrays.
    w : Word or str
        The word that it should compute.
    G : Group or str
        The group, of order n, its elements in the order that the net was trained with.
    train_mask : array_like of bool, shape (n, n), optional
        Training pairs; by default all.
    decomposition : Decomposition, optional
        Of the same word and group; by default ``decompose(w, G)``.
    checkpoints : iterable of (int, object), optional
        Steps and nets, for the order in which irreps were learned.
    threshold : float
        Share of a neuron's energy above which it counts as living in one triplet.
    tolerance : float
        Relative squared change of the logits below which pruning leaves the function unchanged.
    seed : int
        Of the null models and of the decomposition.
    name : str
        For titles.
    callback : callable, optional
        Told what comes next, in words.

    Returns
    -------
    Comparison
        Prints as tables; ``to_dict()`` for JSON.

    Raises
    ------
    ComparisonError
        If the net, the mask or the decomposition does not fit the word and the group.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> c = compare(d.factors, "a*b", "S3", decomposition=d)
    >>> c.spectrum.width, c.pruning.effective_width, d.rank, d.lower_bound
    (9, 9, 9, 9)
    >>> c.match.matched, c.gcr.all_accuracy
    (True, 1.0)
    """
    start = time.monotonic()
    G = group(G)
    net = network(net)
    check_order(net, G)
    T = word_tensor(w, G)
    mask = checked_mask(train_mask, G)
    report = _reporter(callback)
    report("decomposition")
    d = _decomposition(decomposition, T, seed)
    report("metrics")
    gcr = gcr_metrics(net, G, mask, word=T.word)
    report("spectra")
    found = spectrum(net, T.word, G, threshold=threshold, seed=seed)
    notes = _doubts(gcr.all_accuracy)
    logits, boxes, ablations = _function(net, T, found, d, notes, report)
    report("pruning")
    pruning = prune(net, T, tolerance=tolerance)
    report("matching")
    matched = _match(net, d, notes)
    report("cosets")
    cosets = _cosets(net, G, seed, notes)
    order = None
    if checkpoints is not None:
        report("checkpoints")
        order = learned_order(checkpoints, G, word=T.word)
    return Comparison(
        net,
        name or net.kind,
        T.word,
        G,
        d,
        gcr,
        found,
        cluster_shares(net, T, found),
        boxes,
        logits,
        pruning,
        matched,
        ablations,
        cosets,
        order,
        tuple(notes),
        __version__,
        seed,
        time.monotonic() - start,
    )


def _reporter(callback: Callable[[str], None] | None) -> Callable[[str], None]:
    def report(what: str) -> None:
        _LOG.info("%s", what)
        if callback is not None:
            callback(what)

    return report


def _doubts(right: float) -> list[str]:
    """Say what else may be wrong where nearly everything is."""
    if right >= _LOST:
        return []
    return [
        f"right on {100 * right:.3g} % of the pairs: if the net learned more than that, the "
        "group's elements may stand in another order than the net's (give its own table), or the "
        "word is another one"
    ]


def _decomposition(given: Decomposition | None, T: WordTensor, seed: int) -> Decomposition:
    if given is None:
        return decompose(T.word, T.group, seed=seed)
    if not isinstance(given, Decomposition):
        raise ComparisonError(f"no decomposition: {type(given).__name__}; give what decompose made")
    if given.group.order != T.order or not np.array_equal(
        word_tensor(given.word, given.group).table, T.table
    ):
        raise ComparisonError(
            f"the decomposition is of {given.word} over {given.group.name}, not of {T.word} over "
            f"{T.group.name}"
        )
    return given


def _function(
    net: Network,
    T: WordTensor,
    found: Spectrum,
    d: Decomposition,
    notes: list[str],
    report: Callable[[str], None],
) -> tuple[LogitSpectrum | None, BoxUse | None, tuple[Ablation, ...]]:
    """Return what needs the logits of all triples at once."""
    if T.order > CUBE_ORDER:
        notes.append(
            f"order {T.order} is above {CUBE_ORDER}: logits over triplets, box covers and "
            "ablations were left out"
        )
        return None, None, ()
    spaces: IsotypicSpaces = isotypic_spaces(T.group)
    plain = logit_spectrum(net, T, centred=False, spaces=spaces)
    # Logits that are not near T itself were trained by cross entropy, blind to their mean over c.
    # Of a single element nothing would be left.
    by_softmax = plain.tensor_error > 0.5 and T.order > 1
    logits = logit_spectrum(net, T, centred=True, spaces=spaces) if by_softmax else plain
    boxes = box_use(found, plain.support, spaces.dims)
    return logits, boxes, interventions(net, T, spaces, found, logits, d, report)


def _match(net: Network, d: Decomposition, notes: list[str]) -> Match | None:
    if not net.is_trilinear:
        notes.append(f"{net.combination} neurons are not trilinear: no factors to match")
        return None
    if any(np.iscomplexobj(factor) for factor in d.factors):
        notes.append("the decomposition's terms are complex: no factors to match")
        return None
    return match(net, d)


def _cosets(net: Network, G: Group, seed: int, notes: list[str]) -> tuple[CosetTable, ...]:
    inputs = net.inputs
    if inputs is None:
        notes.append("what a and b bring to a neuron is not known: no coset concentration")
        return ()
    if G.order > _SUBGROUP_ORDER:
        notes.append(f"order above {_SUBGROUP_ORDER}: no coset concentration")
        return ()
    try:
        found = subgroups(G)
    except GroupError as error:
        notes.append(f"no coset concentration: {error}")
        return ()
    null = random_concentration(G, seed=seed, subgroups=found)
    return tuple(coset_table(coset_concentration(table.T, G, found), null) for table in inputs)
