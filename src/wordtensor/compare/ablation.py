"""Interventions: take parts of a net away, or keep nothing else, and see what is left of it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._typing import Array, Triplet
from ..errors import ComparisonError
from ..groups import Group, group
from ..rank import Decomposition, block_bases
from ..rank._support import IsotypicSpaces, isotypic_spaces
from ..words import Word, WordTensor, word_tensor
from ._forward import checked_array
from ._losses import accuracy, cross_entropies
from ._network import check_order, network
from .logits import check_cube

__all__ = ["Ablation", "ablate", "project", "replace_block"]


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


def project(cube: Array, triplets: Iterable[Triplet], spaces: IsotypicSpaces) -> Array:
    """Project logits, as a function of (a, b, c), on triplets of irreps."""
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
        Above order 400.

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
        raise ComparisonError("name what to ablate: one of triplets, irreps, neurons")
    G = group(G)
    net = network(net)
    check_order(net, G)
    check_cube(G.order)
    T = word_tensor(w, G)
    spaces = isotypic_spaces(G)
    whole = net.logits()
    if triplets is not None:
        chosen = _checked(triplets, len(spaces.dims))
        kind, what = "triplets", f"{len(chosen)} triplets"
        part = project(whole, chosen, spaces)
    elif irreps is not None:
        part = _of_irreps(whole, irreps, spaces)
        kind, what = "irreps", f"irreps {list(irreps)}"
    else:
        indices = _numbers(neurons, net.width, "neurons")
        kind, what = "neurons", f"{len(indices)} neurons"
        others = np.setdiff1d(np.arange(net.width), indices)
        left = net.chosen(indices if keep else others).logits()
        return Base.of(whole, T).outcome(kind, what, left, kept=keep)
    left = part if keep else whole - part
    return Base.of(whole, T).outcome(kind, what, left, kept=keep)


def _checked(triplets: Sequence[Triplet], count: int) -> list[Triplet]:
    chosen = checked_array(triplets, "triplets")
    if chosen.size and (
        chosen.ndim != 2
        or chosen.shape[1] != 3
        or chosen.dtype.kind not in "iu"
        or chosen.min() < 0
        or chosen.max() >= count
    ):
        raise ComparisonError(
            f"triplets must be triples of indices 0 to {count - 1} of irreps; given {triplets!r}"
        )
    return [(int(i), int(j), int(k)) for i, j, k in chosen.reshape(-1, 3)]


def _of_irreps(whole: Array, irreps: Sequence[int], spaces: IsotypicSpaces) -> Array:
    chosen = _numbers(irreps, len(spaces.dims), "irreps")
    C = np.hstack([spaces[k] for k in chosen.tolist()]) if len(chosen) else spaces.basis[:, :0]
    return (whole @ C) @ C.T


def _numbers(given: ArrayLike | None, count: int, what: str) -> NDArray[np.int64]:
    """Return the different ones of some numbers of neurons or irreps, ascending."""
    indices = checked_array([] if given is None else given, what)
    if indices.size == 0:
        return np.zeros(0, dtype=np.int64)
    if indices.ndim != 1 or indices.dtype.kind not in "iu":
        raise ComparisonError(f"{what} must be a list of their numbers; given {given!r}")
    if indices.min() < 0 or indices.max() >= count:
        raise ComparisonError(f"there are {what} 0 to {count - 1}; given {indices.tolist()}")
    return np.unique(indices).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Base:
    """The whole net, that every intervention is held against."""

    logits: Array  # shape (n, n, n); Of all pairs
    targets: NDArray[np.integer]  # shape (n * n,); The word's values
    square: float  # Squared norm of the logits, share of pairs that are right, cross entropy
    accuracy: float  # Squared norm of the logits, share of pairs that are right, cross entropy
    loss: float  # Squared norm of the logits, share of pairs that are right, cross entropy

    @classmethod
    def of(cls, logits: Array, T: WordTensor) -> "Base":
        """Measure the whole net."""
        rows, targets = logits.reshape(-1, T.order), T.table.ravel()
        loss = float(cross_entropies(rows, targets).mean())
        return cls(logits, targets, float(np.vdot(rows, rows)), accuracy(rows, targets), loss)

    def outcome(self, kind: str, what: str, left: Array, *, kept: bool) -> Ablation:
        """Measure what is left of the logits, shape (n, n, n)."""
        difference = left - self.logits
        changed = float(np.vdot(difference, difference))
        rows, count = left.reshape(len(self.targets), -1), len(self.targets)
        # |L - T|^2 without another cube: T has a single one in each row.
        error = float(np.vdot(left, left)) + count
        error -= 2 * float(rows[np.arange(count), self.targets].sum())
        return Ablation(
            kind,
            what,
            kept,
            accuracy(rows, self.targets),
            float(cross_entropies(rows, self.targets).mean()),
            self.accuracy,
            self.loss,
            changed / self.square if self.square > 0 else 0.0,
            max(error, 0.0) / count,
        )


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
    net = network(net)
    if not isinstance(d, Decomposition):
        raise ComparisonError(f"no decomposition: {type(d).__name__}; give what decompose made")
    check_order(net, d.group)
    check_cube(d.group.order)
    if not isinstance(block, int | np.integer) or not 0 <= block < len(d.blocks):
        raise ComparisonError(f"there are blocks 0 to {len(d.blocks) - 1}, and no {block!r}")
    whole = net.logits()
    change = block_change(whole, d, block, block_frames(d)[block])
    about = d.blocks[block]
    what = f"{about.name} (block {block}) by its {about.rank} terms"
    base = Base.of(whole, word_tensor(d.word, d.group))
    return base.outcome("replace", what, whole + change, kept=False)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Frame:
    """A block's spaces in the three modes."""

    bases: tuple[Array, Array, Array]  # shapes (n, x), (n, y), (n, z); Orthonormal bases
    # shapes (x, n), (y, n), (z, n); What reads the coordinates in them off functions on the group
    duals: tuple[Array, Array, Array]


def block_frames(d: Decomposition) -> tuple[Frame, ...]:
    """Return the frames of all blocks of a decomposition."""
    bases = [block_bases(d, k) for k in range(len(d.blocks))]
    duals = [_duals([block[mode] for block in bases]) for mode in range(3)]
    return tuple(
        Frame(own, (first, second, third))
        for own, first, second, third in zip(bases, *duals, strict=True)
    )


def _duals(bases: list[Array]) -> list[Array]:
    together = np.hstack(bases)
    if np.linalg.matrix_rank(together) < together.shape[1]:
        return [B.T for B in bases]
    rows = np.asarray(np.linalg.pinv(together), dtype=np.float64)
    return np.split(rows, np.cumsum([B.shape[1] for B in bases])[:-1])


def block_change(whole: Array, d: Decomposition, block: int, frame: Frame) -> Array:
    """Return what putting a block's terms in the place of the logits' part changes, (n, n, n)."""
    start, stop = d.blocks[block].columns
    X, Y, Z = (D @ F[:, start:stop] for D, F in zip(frame.duals, d.factors, strict=True))
    own = np.einsum("ir,jr,kr->ijk", X, Y, Z, optimize=True)
    inside = np.einsum("abc,ia,jb,kc->ijk", whole, *frame.duals, optimize=True)
    scale = float(np.vdot(inside, own) / np.vdot(own, own))
    change: Array = np.einsum(
        "ijk,ai,bj,ck->abc", scale * own - inside, *frame.bases, optimize=True
    )
    return change
