"""Interventions: a part of a net taken away, kept alone or replaced, and what is left of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._typing import Array, Integers, Triplet
from ..errors import ComparisonError
from ..groups import Group, group
from ..irreps import IsotypicSpaces, isotypic_spaces
from ..rank import Decomposition
from ..words import Word, WordTensor, word_tensor
from ._forward import Network
from ._given import checked_array
from ._losses import accuracy, cross_entropies
from ._network import network_for
from .blocks import Frame, block_frames
from .logits import check_cube

# Logits of this share of the whole net's are none.
_ZERO: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Ablation:
    """What is left of a net after an intervention, on all pairs.

    Attributes
    ----------
    kind : str
        "triplet", "triplets", "irrep", "irreps", "neurons" or "replace".
    what : str
        What was taken away, kept, or replaced.
    kept : bool
        Whether it was kept, and all else taken away.
    accuracy, loss : float
        Share of pairs that are right, and cross entropy, afterwards.
    accuracy_before, loss_before : float
        The same of the whole net.
    changed : float
        ``|L' - L|^2 / |L|^2`` with the logits L' afterwards.
    error : float
        ``|L' - T|^2 / |T|^2`` with the word tensor T.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> found = ablate(d.factors, "a*b", "S3", triplets=[(2, 2, 2)])
    >>> found.kind, found.what, found.accuracy_before, round(found.accuracy, 3)
    ('triplets', '1 triplets', 1.0, 0.333)
    """

    kind: str
    what: str
    kept: bool
    accuracy: float
    loss: float
    accuracy_before: float
    loss_before: float
    changed: float
    error: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Whole:
    """The whole net, that every intervention is held against."""

    net: Network
    centred: bool  # whether the mean over c is taken away from all logits
    logits: Array  # shape (n, n, n)
    targets: NDArray[np.integer]  # shape (n * n,): the word's values
    square: float  # squared norm of the logits
    accuracy: float  # share of pairs that are right
    loss: float  # cross entropy

    @classmethod
    def of(cls, net: Network, T: WordTensor, *, centred: bool = False) -> "Whole":
        """Measure the whole net."""
        logits = _logits(net, centred)
        rows, targets = logits.reshape(-1, T.order), T.table.ravel()
        return cls(
            net=net,
            centred=centred,
            logits=logits,
            targets=targets,
            square=float(np.vdot(rows, rows)),
            accuracy=accuracy(rows, targets),
            loss=float(cross_entropies(rows, targets).mean()),
        )


def _logits(net: Network, centred: bool) -> Array:
    logits = net.logits()
    return logits - logits.mean(axis=2, keepdims=True) if centred else logits


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Intervention:
    """Something done to a net."""

    kind: str  # as in `Ablation`
    what: str  # the part, in words
    kept: bool  # whether it is kept, and all else taken away
    left: Callable[[Whole], Array]  # from the whole to the logits afterwards, shape (n, n, n)


def outcome(whole: Whole, made: Intervention) -> Ablation:
    """Intervene, and measure what is left."""
    left = made.left(whole)
    if np.vdot(left, left) <= _ZERO**2 * whole.square:
        left = np.zeros_like(left)  # the largest of what rounding leaves says nothing
    difference = left - whole.logits
    changed = float(np.vdot(difference, difference))
    rows, count = left.reshape(len(whole.targets), -1), len(whole.targets)
    # |L - T|^2 without another cube: T has a single one in each row.
    error = float(np.vdot(left, left)) + count
    error -= 2 * float(rows[np.arange(count), whole.targets].sum())
    return Ablation(
        kind=made.kind,
        what=made.what,
        kept=made.kept,
        accuracy=accuracy(rows, whole.targets),
        loss=float(cross_entropies(rows, whole.targets).mean()),
        accuracy_before=whole.accuracy,
        loss_before=whole.loss,
        changed=changed / whole.square if whole.square > 0 else 0.0,
        error=max(error, 0.0) / count,
    )


def of_triplets(
    triplets: Sequence[Triplet], spaces: IsotypicSpaces, kind: str, what: str, *, kept: bool
) -> Intervention:
    """Intervene on the projection of the logits on triplets of irreps."""

    def left(whole: Whole) -> Array:
        part = project(whole.logits, triplets, spaces)
        return part if kept else whole.logits - part

    return Intervention(kind, what, kept, left)


def of_irreps(
    irreps: Sequence[int], spaces: IsotypicSpaces, kind: str, what: str, *, kept: bool
) -> Intervention:
    """Intervene on the projection of the logits on irreps of c."""
    C = np.hstack([spaces.basis[:, :0], *(spaces[k] for k in irreps)])

    def left(whole: Whole) -> Array:
        part: Array = (whole.logits @ C) @ C.T
        return part if kept else whole.logits - part

    return Intervention(kind, what, kept, left)


def of_neurons(members: Integers, what: str, *, kept: bool) -> Intervention:
    """Intervene on the neurons with these numbers; what does not pass neurons stays."""

    def left(whole: Whole) -> Array:
        others = np.setdiff1d(np.arange(whole.net.width), members)
        return _logits(whole.net.chosen(members if kept else others), whole.centred)

    return Intervention("neurons", what, kept, left)


def replacement(d: Decomposition, block: int, frame: Frame) -> Intervention:
    """Put a block's terms, times the nearest multiple, in the place of the logits' part."""
    about = d.blocks[block]

    def left(whole: Whole) -> Array:
        columns = slice(*about.columns)
        X, Y, Z = (D @ F[:, columns] for D, F in zip(frame.duals, d.factors, strict=True))
        own = np.einsum("ir,jr,kr->ijk", X, Y, Z, optimize=True)
        inside = np.einsum("abc,ia,jb,kc->ijk", whole.logits, *frame.duals, optimize=True)
        scale = float(np.vdot(inside, own) / np.vdot(own, own))
        change: Array = np.einsum(
            "ijk,ai,bj,ck->abc", scale * own - inside, *frame.bases, optimize=True
        )
        return whole.logits + change

    what = f"{about.name} (block {block}) by its {about.rank} terms"
    return Intervention("replace", what, False, left)


def project(cube: Array, triplets: Iterable[Triplet], spaces: IsotypicSpaces) -> Array:
    """Project logits, shape (n, n, n) over (a, b, c), on triplets of irreps."""
    n = len(cube)
    total = np.zeros_like(cube)
    by_pair: dict[tuple[int, int], list[int]] = {}
    for phi, psi, zeta in sorted(set(triplets)):
        by_pair.setdefault((phi, psi), []).append(zeta)
    for (phi, psi), zetas in by_pair.items():
        A, B = spaces[phi], spaces[psi]
        C = np.hstack([spaces[zeta] for zeta in zetas])
        part = (A.T @ cube.reshape(n, n * n)).reshape(-1, n, n)
        part = B.T @ (part @ C)  # (phi, psi, zetas)
        part = (B @ part) @ C.T
        total += (A @ part.reshape(len(part), n * n)).reshape(n, n, n)
    return total


def ablate(
    net: Any,
    w: Word | str,
    G: Group | str,
    *,
    triplets: Sequence[Triplet] | None = None,
    irreps: Sequence[int] | None = None,
    neurons: ArrayLike | None = None,
    keep: bool = False,
) -> Ablation:
    """Take a part of a net away, or everything else.

    Parameters
    ----------
    net : object
        Anything that `network` takes.
    w : Word or str
        The word that it should compute.
    G : Group or str
        The group, of order n.
    triplets : sequence of (int, int, int), optional
        The projection of the logits on these triplets of irreps, as a function of (a, b, c); of a
        trilinear net this projects u, v and w of every neuron.
    irreps : sequence of int, optional
        The projection of the logits on these irreps in c.
    neurons : array_like of int, optional
        These neurons: a cluster of `Spectrum.clusters`, say. What does not pass neurons stays.
    keep : bool
        Keep this part and take everything else away.

    Returns
    -------
    Ablation

    Raises
    ------
    ComparisonError
        If not exactly one kind of part is given, or there is no such part.
    MemoryLimitError
        If the logits of all triples take more than the limit; see `wordtensor.memory_limit`.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> ablate(d.factors, "a*b", "S3", triplets=[(2, 2, 2)]).accuracy.__round__(6)
    0.333333
    >>> ablate(d.factors, "a*b", "S3", triplets=[(2, 2, 2)], keep=True).accuracy
    1.0
    """
    if sum(part is not None for part in (triplets, irreps, neurons)) != 1:
        raise ComparisonError(
            "Exactly one of 'triplets', 'irreps' and 'neurons' must say what to ablate"
        )
    G = group(G)
    check_cube(G.order)
    T = word_tensor(w, G)
    net = network_for(net, T)
    spaces = isotypic_spaces(G)
    if triplets is not None:
        chosen = _checked(triplets, len(spaces.dims))
        made = of_triplets(chosen, spaces, "triplets", f"{len(chosen)} triplets", kept=keep)
    elif irreps is not None:
        numbers = _numbers(irreps, len(spaces.dims), "irreps").tolist()
        made = of_irreps(numbers, spaces, "irreps", f"irreps {list(irreps)}", kept=keep)
    else:
        members = _numbers(neurons, net.width, "neurons")
        made = of_neurons(members, f"{len(members)} neurons", kept=keep)
    return outcome(Whole.of(net, T), made)


def _checked(triplets: Sequence[Triplet], count: int) -> list[Triplet]:
    chosen = checked_array(triplets, "Argument 'triplets'")
    if chosen.size and (
        chosen.ndim != 2
        or chosen.shape[1] != 3
        or chosen.dtype.kind not in "iu"
        or chosen.min() < 0
        or chosen.max() >= count
    ):
        raise ComparisonError(
            f"Argument 'triplets' must be triples of indices 0 to {count - 1} of irreps, not "
            f"{triplets!r}"
        )
    return [(int(i), int(j), int(k)) for i, j, k in chosen.reshape(-1, 3)]


def _numbers(given: ArrayLike | None, count: int, what: str) -> Integers:
    """Return the different ones of some numbers of neurons or irreps, ascending."""
    indices = checked_array([] if given is None else given, f"Argument {what!r}")
    if indices.size == 0:
        return np.zeros(0, dtype=np.int64)
    if indices.ndim != 1 or indices.dtype.kind not in "iu":
        raise ComparisonError(f"Argument {what!r} must be a list of integers, not {given!r}")
    if indices.min() < 0 or indices.max() >= count:
        raise ComparisonError(
            f"There are {what} 0 to {count - 1}, and not all of {indices.tolist()}"
        )
    return np.unique(indices).astype(np.int64)


def replace_block(net: Any, d: Decomposition, block: int) -> Ablation:
    """Put a decomposition's terms in the place of what a net does in one of its blocks.

    Parameters
    ----------
    net : object
        Anything that `network` takes, on the decomposition's group.
    d : Decomposition
        With real terms.
    block : int
        Which of ``d.blocks``.

    Returns
    -------
    Ablation
        Of the net whose part in the block's spaces, in all three modes, is that of the block's
        terms, times the multiple that is nearest to the net's.

    Raises
    ------
    ComparisonError
        If the net does not fit, or there is no such block.
    DecompositionError
        If the terms are complex.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> replace_block(d.factors, d, 2).changed < 1e-20
    True
    """
    if not isinstance(d, Decomposition):
        raise ComparisonError(
            "Argument 'd' must be a Decomposition, as decompose returns it, not a "
            f"{type(d).__name__}"
        )
    check_cube(d.group.order)
    T = word_tensor(d.word, d.group)
    net = network_for(net, T)
    if not isinstance(block, int | np.integer) or not 0 <= block < len(d.blocks):
        raise ComparisonError(f"There are blocks 0 to {len(d.blocks) - 1}, and no {block!r}")
    whole = Whole.of(net, T)
    return outcome(whole, replacement(d, int(block), block_frames(d)[block]))
