"""How far functions on a group are constant on the cosets of a subgroup."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._typing import Array, Indices, Value, freeze_fields
from ..errors import ComparisonError
from ..groups import Group, Subgroup, group, subgroups
from ..irreps import RealIrrep
from ._given import checked_array

_SIDES: Final = ("left", "right", "both")
# Functions are looked at in blocks, so that a table of subgroups by functions stays small.
_BLOCK: Final = 256
# A deviation of this many rounding errors from the mean is none.
_ROUNDING: Final = 64
# Differences of concentrations below this are rounding, and must not choose the subgroup.
_ZERO: Final = 1e-10


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CosetConcentration(Value):
    """The subgroup on whose cosets each of R functions is most nearly constant.

    Attributes
    ----------
    least : ndarray, shape (R,), read-only
        The least C_H(f) over all H and sides, up to 1e-10; nan if f is constant, or if the group
        has no subgroups but 1 and itself.
    concentration : ndarray, shape (R,), read-only
        C_H(f) of the subgroup H named for f; nan where ``least`` is.
    chosen : ndarray, shape (R,), int32, read-only
        The place of that H in ``subgroups``; -1 where the concentration is nan.
    sides : tuple of str, length R
        "left" for the cosets gH, "right" for Hg, "both" if H is normal; "" where there is none.
    constant : ndarray, shape (R,), bool, read-only
        The functions without variance: dead neurons.
    subgroups : tuple of Subgroup
        Those that were looked at: neither trivial nor the whole group.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> images = np.repeat([1.0, 2.0, 3.0, 4.0], 6)  # of 1, under the elements of S4 in their order
    >>> found = coset_concentration([images], group("S4"))
    >>> found.subgroup(0).order, found.sides[0], found.least.round(6).tolist()
    (6, 'left', [0.0])
    """

    least: Array
    concentration: Array
    chosen: Indices
    sides: tuple[str, ...]
    constant: NDArray[np.bool_]
    subgroups: tuple[Subgroup, ...]

    def __post_init__(self) -> None:
        freeze_fields(self, "least", "concentration", "chosen", "constant")

    def __len__(self) -> int:
        return len(self.chosen)

    def __repr__(self) -> str:
        least = self.least[self.chosen >= 0]
        median = f"{np.median(least):.3g}" if len(least) else "none"
        return f"CosetConcentration(functions={len(self)}, median={median})"

    def subgroup(self, r: int) -> Subgroup | None:
        """Return the subgroup named for function r, or None."""
        place = int(self.chosen[r])
        return None if place < 0 else self.subgroups[place]

    @property
    def class_numbers(self) -> Indices:
        """The conjugacy class of the subgroup named for each function, shape (R,); -1 for none.

        Where those of the two inputs of a neuron agree, it reads cosets of conjugate subgroups.
        """
        # The -1 of "no subgroup" picks the last entry.
        numbers = np.array([*(H.class_number for H in self.subgroups), -1], dtype=np.int32)
        return numbers[self.chosen]


def coset_concentration(
    functions: ArrayLike,
    G: Group | str,
    subgroups: Sequence[Subgroup] | None = None,
    side: str = "both",
    factor: float = 2.0,
    tolerance: float = 1e-6,
) -> CosetConcentration:
    """Find for each function the subgroup on whose cosets it is most nearly constant.

    Parameters
    ----------
    functions : array_like, shape (R, n)
        Real functions on G, such as what each neuron of a network sees of one of its inputs: the
        transposes of the lookups U and V.
    G : Group or str
        Of order n.
    subgroups : sequence of Subgroup, optional
        Where to look; by default all subgroups of G. Those of order 1 and n are left out.
    side : {"both", "left", "right"}
        Whether to look at left cosets gH, right cosets Hg or both. Of a product a*b, neurons see
        right cosets of some H in a, and left cosets of a conjugate of H in b.
    factor, tolerance : float
        Of the subgroups with a concentration of at most ``factor`` times the least one (and below
        1), or of at most ``tolerance``, the result names the largest.

    Returns
    -------
    CosetConcentration

    Raises
    ------
    ComparisonError
        If the functions do not fit the group or are not finite, or an argument is not one of
        those allowed.
    GroupError
        If the group has more subgroups than `wordtensor.groups._subgroups` finds by default.

    Notes
    -----
    The sum (not the mean) over the cosets of the sample variances within, divided by the sample
    variance over the group::

        C_H(f) = sum_gH var(f|gH) / var(f) = (n - 1) / (|H| - 1) * (within / total)

    with the sums of squares within cosets and in total. It is 0 if f is constant on every coset.
    For random values it is about the index of H, so at least 2. This is why the authors call f
    concentrated if C_H(f) < 1. On small groups random values are below 1 by chance as well: see
    `random_concentration`. The subgroups H = 1 and H = G say nothing: in the first case no variance
    is left, and in the second C is 1.

    A function that is constant on cosets of H is so on those of every subgroup of H, and which of
    these concentrations is least is a matter of rounding, or of what training left over: hence
    the largest one near the least is named. On the networks that Chughtai et al. released for
    S5, a factor of 2 is where the names settle. A function that takes one value on a single coset
    gH and another one elsewhere has no side of its own: gH = Kg with K = g H g^-1. Of equal ones,
    the left side is named.

    The sum of squares between left cosets is the mean over k in H of ``sum_x f(x) f(xk)``, with
    f(kx) for right ones: one autocorrelation of each function, O(n^2), serves all subgroups. The
    concentration of the subgroup that is named is then calculated again, from the deviations.

    References
    ----------
    D. Stander, Q. Yu, H. Fan, S. Biderman (2024), Grokking Group Multiplication with Cosets,
    arXiv:2312.06581, section 6.1; their program, github.com/dashstander/sn-grok,
    calculate_cosets.py, also sums sample variances.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> S3 = group("S3")  # (), (2 3), (1 2), (1 2 3), (1 3 2), (1 3)
    >>> images, places, signs = [1, 1, 2, 2, 3, 3], [1, 1, 2, 3, 2, 3], [1, -1, -1, 1, 1, -1]
    >>> found = coset_concentration([images, places, signs], S3)
    >>> found.concentration.round(9).tolist(), found.sides
    ([0.0, 0.0, 0.0], ('left', 'right', 'both'))
    >>> [found.subgroup(r).order for r in range(3)]
    [2, 2, 3]
    """
    G = group(G)
    f = _checked(functions, G)
    if side not in _SIDES:
        raise ComparisonError(f"Argument 'side' must be one of {', '.join(_SIDES)}, not {side!r}")
    if not (factor >= 1 and tolerance >= 0):
        raise ComparisonError(
            "Argument 'factor' must be at least 1 and 'tolerance' at least 0, not "
            f"{factor!r} and {tolerance!r}"
        )
    found = _proper(G, subgroups)
    units, constant = _standardised(f)
    least = np.full(len(f), np.nan)
    chosen = np.full(len(f), -1, dtype=np.int32)
    on_right = np.zeros(len(f), dtype=np.bool_)
    alive = np.flatnonzero(~constant)
    for start in range(0, len(alive) if found else 0, _BLOCK):
        block = alive[start : start + _BLOCK]
        table = _all_concentrations(G, units[block], found, side)
        least[block] = table.min(axis=0)
        highest = np.maximum(np.minimum(factor * least[block], 1.0), least[block])
        row = _largest(table, found, np.maximum(highest, tolerance))
        chosen[block] = row % len(found)
        on_right[block] = (row >= len(found)) | (side == "right")
    concentration = _exact(G, units, found, chosen, on_right)
    sides = tuple(
        "" if place < 0 else "both" if found[place].is_normal else "right" if right else "left"
        for place, right in zip(chosen.tolist(), on_right.tolist(), strict=True)
    )
    least = np.fmin(least, concentration)
    return CosetConcentration(least, concentration, chosen, sides, constant, found)


def random_concentration(
    G: Group | str,
    count: int = 1000,
    seed: int = 0,
    subgroups: Sequence[Subgroup] | None = None,
    side: str = "both",
    irrep: RealIrrep | None = None,
) -> Array:
    """Return the least concentrations that random functions reach, ascending.

    Parameters
    ----------
    G : Group or str
    count : int
        How many functions.
    seed : int
    subgroups : sequence of Subgroup, optional
        As for `coset_concentration`; those of the comparison, as the least of more is less.
    side : str, optional
        As for `coset_concentration`.
    irrep : RealIrrep, optional
        By default the values are independent and normal. With an irrep phi, the functions are
        ``x^T phi(g) y`` with normal vectors x and y: neurons that know phi, but no subgroup.

    Returns
    -------
    ndarray, shape (count,)
        ``np.quantile`` of it gives thresholds; nan if the group has no subgroups but 1 and itself.

    Raises
    ------
    ComparisonError
        If count is not positive, the irrep is of another group, or as `coset_concentration`.

    Notes
    -----
    Of independent values, the least is about the least index of a subgroup (2 for S5, 5 for A5)
    unless the group is small: C < 1 is then no chance. Of functions of one irrep, many are below
    1: on S5, 96 % for the standard irrep and 40 to 50 % for the others of dimension 4 and 5; on
    D59, all for every irrep. So C < 1 does not tell cosets from irreps. C < 1e-6 does, except for
    irreps that are not faithful, whose functions are constant on cosets of the kernel.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> from wordtensor.irreps import real_irreps
    >>> G = group("S5")
    >>> print(random_concentration(G).min().round(1))
    1.8
    >>> for phi in real_irreps(G)[2:4]:
    ...     null = random_concentration(G, irrep=phi)
    ...     print(phi.dim, (null < 1).mean().round(1), (null < 1e-6).mean().round(1))
    4 1.0 0.0
    4 0.5 0.0
    """
    G = group(G)
    if not isinstance(count, int | np.integer) or count < 1:
        raise ComparisonError(f"Argument 'count' must be an integer of at least 1, not {count!r}")
    if irrep is not None and irrep.order != G.order:
        raise ComparisonError(f"Argument 'irrep' must be an irrep of {G!r}, not {irrep!r}")
    rng = np.random.default_rng(seed)
    if irrep is None:
        functions = rng.standard_normal((count, G.order))
    else:
        x, y = rng.standard_normal((2, count, irrep.dim))
        functions = np.einsum("ri,gij,rj->rg", x, irrep.matrices, y, optimize=True)
    return np.sort(coset_concentration(functions, G, subgroups, side).least)


def _checked(functions: ArrayLike, G: Group) -> Array:
    array = checked_array(functions, "Argument 'functions'")
    if array.ndim != 2 or array.shape[1] != G.order or array.dtype.kind not in "iuf":
        raise ComparisonError(
            f"Functions on {G!r} must be real, of shape (R, {G.order}), not of shape {array.shape} "
            f"and type {array.dtype}"
        )
    if not np.isfinite(array).all():
        raise ComparisonError(
            "Functions must be finite, and some values are infinite or no numbers"
        )
    return array.astype(np.float64)


def _proper(G: Group, given: Sequence[Subgroup] | None) -> tuple[Subgroup, ...]:
    """Return those subgroups that are neither trivial nor the whole group."""
    found = subgroups(G) if given is None else tuple(given)
    if any(H.order * H.index != G.order for H in found):
        raise ComparisonError(
            f"The subgroups are not all of a group of order {G.order}; give those of {G!r}"
        )
    return tuple(H for H in found if 1 < H.order < G.order)


def _standardised(f: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the functions with mean 0 and norm 1, and which have no variance (left at 0)."""
    # First to size 1, so that squares of very small values do not vanish.
    size = np.abs(f).max(axis=1, keepdims=True)
    scaled = f / np.where(size > 0, size, 1.0)
    scaled -= scaled.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(scaled, axis=1, keepdims=True)
    constant = norms <= _ROUNDING * np.finfo(np.float64).eps * np.sqrt(f.shape[1])
    units = np.where(constant, 0.0, scaled / np.where(constant, 1.0, norms))
    return units, constant[:, 0]


def _all_concentrations(G: Group, units: Array, found: tuple[Subgroup, ...], side: str) -> Array:
    """Return C of every subgroup: left cosets, then right ones if both; shape (S or 2S, R)."""
    columns = np.ascontiguousarray(units.T)
    parts = []
    for wanted in ("left", "right"):
        if side in (wanted, "both"):
            steps = G.cayley.T if wanted == "left" else G.cayley
            correlation = np.stack([np.einsum("xr,xr->r", columns, columns[k]) for k in steps])
            between = np.stack([correlation[H.elements].mean(axis=0) for H in found])
            parts.append(1 - between)
    orders = np.array([H.order for H in found])
    scale = (G.order - 1) / (orders - 1)
    table: Array = np.concatenate([scale[:, None] * within for within in parts])
    return np.maximum(table, _ZERO)


def _largest(table: Array, found: tuple[Subgroup, ...], highest: Array) -> NDArray[np.intp]:
    """Return for each function the row of the largest subgroup that is not above ``highest``."""
    orders = np.tile([H.order for H in found], len(table) // len(found))
    near = np.where(table <= highest, orders[:, None], 0)
    row: NDArray[np.intp] = np.where(near == near.max(axis=0), table, np.inf).argmin(axis=0)
    return row


def _exact(
    G: Group,
    units: Array,
    found: tuple[Subgroup, ...],
    chosen: Indices,
    on_right: NDArray[np.bool_],
) -> Array:
    """Return the concentrations from the deviations within the cosets of the chosen subgroups."""
    concentration = np.full(len(units), np.nan)
    for right in (False, True):
        for place in np.unique(chosen[(chosen >= 0) & (on_right == right)]).tolist():
            H = found[place]
            mine = (chosen == place) & (on_right == right)
            blocks = units[mine][:, _cosets(G, H, right)]
            variances = np.var(blocks, axis=2, ddof=1)
            concentration[mine] = variances.sum(axis=1) * (G.order - 1)
    return concentration


def _cosets(G: Group, H: Subgroup, right: bool) -> Indices:
    """Return the cosets of a subgroup as rows of element indices, shape (index, order)."""
    members = G.cayley[H.elements].T if right else G.cayley[:, H.elements]
    first = members.min(axis=1) == np.arange(G.order)
    rows: Indices = members[first]
    return rows
