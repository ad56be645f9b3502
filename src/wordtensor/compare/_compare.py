"""The way from a net and a word to everything about the net: one stage after the other."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._memory import allowed_bytes, require_memory
from .._progress import begin_stage
from .._text import percent, size_text
from .._version import __version__
from ..errors import ComparisonError, GroupError
from ..groups import Group, group, subgroups
from ..irreps import IsotypicSpaces, isotypic_spaces, real_irreps
from ..rank import Decomposition, decompose
from ..words import Word, WordTensor, word_tensor
from ._activations import collect, representation_bases
from ._alignment import Alignment
from ._box_use import BoxUse, box_use
from ._coset_table import CosetTable, coset_table
from ._forward import Network
from ._given import checked_mask
from ._intervention_series import interventions
from ._network import answers, is_lost, readings_on, right_one
from ._own_table import own_table
from ._rank_one import alignment_of
from ._spectrum import Spectrum, spectrum_of
from ._stated import stated_doubts
from ._telling import Tell, telling
from .clusters import shares_of
from .comparison import Comparison
from .cosets import coset_concentration, random_concentration
from .gcr import GCRMetrics, metrics_of
from .interventions import Ablation, Whole, outcome
from .learning_order import LearnedOrder, learned_order
from .logits import LogitSpectrum, cube_bytes, fitting_spectrum
from .matching import Match, match
from .pruning import prune

# Squares of numbers of neurons (pruning) and of the order (tables, masks, losses) held at once.
_SQUARES, _TABLES = 5, 12
# Multiplications, by order and width, and how many a core makes in a second.
_PASSES, _FITS, _SPEED = 6.0, 4.0, 5e9
# Right on so many more pairs (b, a), a net takes b first: at most 5/8 of the pairs commute where
# not all do.
_MORE = 0.25
# Above this order the subgroups are not all listed by default: there may be very many.
_SUBGROUP_ORDER = 720

Notes = tuple[str, ...]


def compare(
    net: Any,
    w: Word | str,
    G: Group | str,
    *,
    activation: str | None = None,
    train_mask: ArrayLike | None = None,
    decomposition: Decomposition | None = None,
    checkpoints: Iterable[tuple[int, Any]] | None = None,
    threshold: float = 0.95,
    tolerance: float = 1e-6,
    seed: int = 0,
    name: str = "",
    callback: Callable[[str], None] | None = None,
    progress: bool | None = None,
) -> Comparison:
    """Say in numbers how a network computes a word, and how near it is to the decomposition.

    Parameters
    ----------
    net : object
        Anything that `network` takes: a module, a file, arrays; or a function ``f(a, b)`` that
        returns n logits for indices a and b, or an array (P, n) for arrays of P indices.
    w : Word or str
        The word that it should compute.
    G : Group or str
        The group, of order n, its elements in the order that the net was trained with.
    activation : str, optional
        What its neurons compute, where the net does not say it; see `network`.
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
    progress : bool, optional
        Whether to show progress: on standard error, or (by default only there) in a notebook.

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
    start, G = time.monotonic(), group(G)
    with telling(progress, f"{name or 'a network'} on {w} over {G.name}", callback) as tell:
        found = readings_on(net, G, activation)
        _check_size(found[0], w, G)
        T, mask = word_tensor(w, G), checked_mask(train_mask, G)
        net = right_one(found, T.table)
        d = _decomposition(decomposition, T, seed, progress, tell)
        tell("metrics")
        bases, sums = representation_bases(G, T.table, real_irreps(G)), collect(net, T, mask)
        gcr = metrics_of(net, T, mask, bases, sums)
        spaces, s, aligned, unaligned = _spectrum(net, T, threshold, seed, tell)
        clusters = () if s is None else shares_of(T, s, bases, sums.hidden)
        doubts, unstated = stated_doubts(net, T.table, mask) if gcr.all_accuracy < 1 else ((), ())
        logits, boxes, too_large = _function(net, T, spaces, s)
        ablations = _ablations(net, T, spaces, s, logits, d, tell)
        tell("pruning")
        pruning = prune(net, T, tolerance=tolerance) if net.width else None
        matched, no_match = _match(net, d, tell)
        cosets, no_cosets = _cosets(net, G, seed, tell)
        return Comparison(
            network=net,
            name=name or "the network",
            word=T.word,
            group=G,
            decomposition=d,
            gcr=gcr,
            spectrum=s,
            clusters=clusters,
            alignment=aligned,
            boxes=boxes,
            logits=logits,
            pruning=pruning,
            match=matched,
            ablations=ablations,
            cosets=cosets,
            order=_order(checkpoints, T, activation, tell),
            doubts=(*doubts, *_doubts(net, T, gcr)),
            notes=(*_read_as(net), *unstated, *too_large, *unaligned, *no_match, *no_cosets),
            version=__version__,
            seed=seed,
            seconds=time.monotonic() - start,
        )


def _check_size(net: Network, w: Word | str, G: Group) -> None:
    """Refuse a net that takes too much memory, and say where it will take long, before any work."""
    n, width = G.order, net.width
    require_memory(
        8.0 * (_SQUARES * width**2 + _TABLES * n**2),
        f"Comparing a network of {width} neurons on a group of order {n}",
        "Take away the neurons that are not active",
    )
    seconds = (_PASSES * n**3 * width + _FITS * width**3) / _SPEED
    if seconds > 1:
        begin_stage("comparing %s neurons on %s over %s, about %.0f s", width, w, G.name, seconds)


def _spectrum(
    net: Network, T: WordTensor, threshold: float, seed: int, tell: Tell
) -> tuple[IsotypicSpaces, Spectrum | None, Alignment | None, Notes]:
    tell("spectra")
    spaces = isotypic_spaces(T.group)
    if not net.width:
        return spaces, None, None, ()
    s = spectrum_of(net, T.word, T.group, spaces, threshold=threshold, seed=seed)
    aligned = alignment_of(net, T, spaces, s.active, seed)
    if isinstance(aligned, str):
        return spaces, s, None, (f"no alignment of coefficients: {aligned}",)
    return spaces, s, aligned, ()


def _read_as(net: Network) -> Notes:
    """Say how the arrays were read, and what cannot be said of logits alone."""
    read = (f"read as {net.reading}",) if net.reading else ()
    if net.width:
        return read
    return (
        *read,
        "only logits are known: spectra of neurons, clusters, boxes, pruning, matching, cosets and "
        "what is explained of embeddings, readout and neurons were left out",
    )


def _doubts(net: Network, T: WordTensor, gcr: GCRMetrics) -> Notes:
    """Say what may be wrong where a net is right on few pairs, or on more if a and b exchange."""
    right = gcr.all_accuracy
    if right == 1:
        return ()
    given = answers(net)
    exchanged = float((given == T.table.T).mean())
    if exchanged > right + _MORE:
        return (
            f"With a and b exchanged it is right on {percent(exchanged)} of the pairs, and not on "
            f"{percent(right)}: exchange the letters of the word, since the network takes b first, "
            "or multiplies from the right as permutations often do.",
        )
    own = own_table(given, T)
    if own:
        return (own,)
    if not is_lost(right, gcr.train_accuracy, T.table):
        return ()
    said: Notes = (
        "If it learned more than that, the group's elements may stand in another order than the "
        "network's, or the word is another one: give the Cayley table that it was trained with as "
        "GROUP.",
    )
    if net.reading and net.width:
        said += (
            "Or the arrays make another function than they were read as, since a normalisation, a "
            "scale or another path leave no trace in them: give the module itself, or logits.",
        )
    return said


def _decomposition(
    given: Decomposition | None, T: WordTensor, seed: int, progress: bool | None, tell: Tell
) -> Decomposition:
    tell("decomposition")
    if given is None:
        return decompose(T.word, T.group, seed=seed, progress=progress)
    if not isinstance(given, Decomposition):
        raise ComparisonError(
            "Argument 'decomposition' must be a Decomposition, as decompose returns it, not a "
            f"{type(given).__name__}"
        )
    if given.group.order != T.order or not np.array_equal(
        word_tensor(given.word, given.group).table, T.table
    ):
        raise ComparisonError(
            f"The decomposition is of {given.word} over {given.group.name}, not of {T.word} over "
            f"{T.group.name}; give one of the net's word and group"
        )
    return given


def _function(
    net: Network, T: WordTensor, spaces: IsotypicSpaces, s: Spectrum | None
) -> tuple[LogitSpectrum | None, BoxUse | None, Notes]:
    """Look at the logits of all triples at once, if there are not too many."""
    if cube_bytes(T.order) > allowed_bytes():
        note = "logits over triplets, box covers and ablations were left out"
        needed, limit = size_text(cube_bytes(T.order)), size_text(allowed_bytes())
        return (
            None,
            None,
            (
                f"all triples of order {T.order} take about {needed}, above the limit of {limit} "
                f"(memory_limit, --memory): {note}",
            ),
        )
    logits, support = fitting_spectrum(net, T, spaces)
    return logits, None if s is None else box_use(s, support, spaces.dims), ()


def _ablations(
    net: Network,
    T: WordTensor,
    spaces: IsotypicSpaces,
    s: Spectrum | None,
    logits: LogitSpectrum | None,
    d: Decomposition,
    tell: Tell,
) -> tuple[Ablation, ...]:
    """Intervene on the parts that the spectra name."""
    if logits is None:
        return ()
    chosen = interventions(s, logits, spaces, d)
    whole = Whole.of(net, T, centred=logits.centred)
    rows = []
    for made in chosen:
        tell(made.what)
        rows.append(outcome(whole, made))
    return tuple(rows)


def _match(net: Network, d: Decomposition, tell: Tell) -> tuple[Match | None, Notes]:
    tell("matching")
    if not net.width:
        return None, ()
    if not net.is_trilinear:
        return None, (f"{net.combination} neurons are not trilinear: no factors to match",)
    if any(np.iscomplexobj(factor) for factor in d.factors):
        return None, ("the decomposition's terms are complex: no factors to match",)
    return match(net, d), ()


def _cosets(net: Network, G: Group, seed: int, tell: Tell) -> tuple[tuple[CosetTable, ...], Notes]:
    tell("cosets")
    inputs = net.inputs
    if not net.width:
        return (), ()
    if inputs is None:
        return (), ("what a and b bring to a neuron is not known: no coset concentration",)
    if G.order > _SUBGROUP_ORDER:
        return (), (f"order above {_SUBGROUP_ORDER}: no coset concentration",)
    try:
        found = subgroups(G)
    except GroupError as error:
        return (), (f"no coset concentration: {error}",)
    null = random_concentration(G, seed=seed, subgroups=found)
    concentrations = [coset_concentration(table.T, G, found) for table in inputs]
    return tuple(coset_table(each, null, G=G) for each in concentrations), ()


def _order(
    checkpoints: Iterable[tuple[int, Any]] | None, T: WordTensor, activation: str | None, tell: Tell
) -> LearnedOrder | None:
    if checkpoints is None:
        return None
    tell("checkpoints")
    return learned_order(checkpoints, T.group, word=T.word, activation=activation)
