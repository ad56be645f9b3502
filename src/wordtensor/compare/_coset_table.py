"""Which subgroups the neurons of a network read cosets of, counted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from .._text import text_table
from .._typing import Array, unmasked
from ..errors import ComparisonError
from ..groups import Group, Subgroup, identify
from .cosets import CosetConcentration

# What to conclude from a table, on the page and in the text.
READING: Final = (
    "C adds up, over the left or over the right cosets of the subgroup (whichever gives less), the "
    "variance within each coset, divided by the variance over the whole group. "
    "Only C < 1e-06 speaks for cosets: neurons that know one irrep and no subgroup are often below "
    "1, and many below 0.05. Functions of an irrep with a kernel are constant on the cosets of "
    "that kernel, and say nothing of others."
)


@dataclass(frozen=True, slots=True)
class CosetRow:
    """The neurons that read cosets, on one side, of one class of conjugate subgroups."""

    order: int  # of each subgroup, as is the index
    index: int
    class_number: int  # which class of subgroups it is
    class_size: int  # how many subgroups are in it
    name: str  # which group each subgroup is; "" where that was not looked up
    side: str  # "left", "right", or "both" for normal subgroups
    neurons: int  # how many name a subgroup of this class and side
    below: tuple[int, ...]  # how many of them have a least concentration below each threshold


@dataclass(frozen=True, slots=True)
class CosetTable:
    """The neurons of a network by the subgroup whose cosets one of their inputs reads.

    Attributes
    ----------
    neurons : int
        All of them.
    constant : int
        Those without variance, of which nothing can be said; they are in no row.
    thresholds : tuple of float
        Ascending.
    shares : tuple of float
        The share of the other neurons with a least concentration below each threshold; 0 if the
        group has no subgroups but 1 and itself.
    null : float or None
        The threshold that comes from random functions, one of ``thresholds``.
    rows : tuple of CosetRow
        Most neurons first.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> table = wt.compare.compare(d.factors, "a*b", "S3", decomposition=d).cosets[0]
    >>> [(row.order, row.side, row.neurons) for row in table.rows]
    [(2, 'right', 4), (2, 'left', 3), (3, 'both', 1)]
    """

    neurons: int
    constant: int
    thresholds: tuple[float, ...]
    shares: tuple[float, ...]
    null: float | None
    rows: tuple[CosetRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        marks = [
            f"< {threshold:.3g}" + (" (null)" if threshold == self.null else "")
            for threshold in self.thresholds
        ]
        heads, lines = self.subgroup_rows()
        shares = [f"{share:.1%}" for share in self.shares]
        blanks = [""] * (len(heads) - 2)
        lines.append(["all", *blanks, self.neurons - self.constant, *shares])
        return text_table([*heads, *marks], lines, right=True)

    def subgroup_rows(self) -> tuple[list[str], list[list[object]]]:
        """Return heads without those of the thresholds, and a row for each class and side."""
        named = any(row.name for row in self.rows)
        rows = [
            [
                *([row.name] if named else []),
                row.order, row.index, row.class_number, row.side, row.neurons, *row.below,
            ]
            for row in self.rows
        ]  # fmt: skip
        return [*["subgroup"] * named, "order", "index", "class", "side", "neurons"], rows


def coset_table(
    found: CosetConcentration,
    null: ArrayLike | None = None,
    quantile: float = 0.01,
    thresholds: Sequence[float] = (1e-6, 0.05, 1.0),
    G: Group | None = None,
) -> CosetTable:
    """Count the neurons by subgroup and side.

    Parameters
    ----------
    found : CosetConcentration
        Of one of the two inputs of the neurons; make one table for each.
    null : array_like, optional
        What `random_concentration` returned for the same group, subgroups and side, of whatever
        the neurons are held against: noise, or an irrep.
    quantile : float
        Which quantile of it is a threshold: this share of random functions is below.
    thresholds : sequence of float
        Others; by default "constant on cosets", "nearly" and the 1 of Stander et al. Only the
        first speaks for cosets: see `random_concentration` with an irrep.
    G : Group, optional
        Whose subgroups these are; with it, the table names them.

    Returns
    -------
    CosetTable

    Raises
    ------
    ComparisonError
        If the quantile is not between 0 and 1.

    Examples
    --------
    >>> from wordtensor.compare.cosets import coset_concentration, random_concentration
    >>> from wordtensor.groups import group
    >>> G = group("S4")
    >>> images = np.repeat([1.0, 2.0, 3.0, 4.0], 6)  # of 1, under the elements in their order
    >>> noise = np.random.default_rng(1).standard_normal((2, 24))
    >>> found = coset_concentration([images, 3 - images**2, *noise, np.ones(24)], G)
    >>> print(coset_table(found, random_concentration(G)))
    order  index  class  side  neurons  < 1e-06  < 0.05    < 1  < 1.52 (null)
       12      2      9  both        2        0       0      0              0
        6      4      7  left        2        2       2      2              2
      all                            4    50.0%   50.0%  50.0%          50.0%
    """
    if not 0 <= quantile <= 1:
        raise ComparisonError(f"Argument 'quantile' must be from 0 to 1, not {quantile!r}")
    chance = None if null is None else float(np.quantile(np.asarray(unmasked(null)), quantile))
    if chance is not None and np.isnan(chance):
        chance = None
    limits = tuple(sorted({*map(float, thresholds), *([] if chance is None else [chance])}))
    alive = len(found) - int(found.constant.sum())
    shares = tuple((found.least < limit).sum() / max(alive, 1) for limit in limits)
    return CosetTable(
        neurons=len(found),
        constant=len(found) - alive,
        thresholds=limits,
        shares=tuple(map(float, shares)),
        null=chance,
        rows=_rows(found, limits, G),
    )


def _rows(
    found: CosetConcentration, limits: tuple[float, ...], G: Group | None
) -> tuple[CosetRow, ...]:
    members: dict[tuple[int, str], list[int]] = {}
    for r, (number, side) in enumerate(zip(found.class_numbers.tolist(), found.sides, strict=True)):
        if number >= 0:
            members.setdefault((number, side), []).append(r)
    rows = [_row(found.least[chosen], found, chosen[0], limits, G) for chosen in members.values()]
    return tuple(
        sorted(rows, key=lambda row: (-row.neurons, -row.order, row.class_number, row.side))
    )


def _row(
    least: Array,
    found: CosetConcentration,
    first: int,
    limits: tuple[float, ...],
    G: Group | None,
) -> CosetRow:
    """Return the row of some neurons of one class and side, ``first`` among them."""
    H = found.subgroups[found.chosen[first]]
    below = tuple(int((least < limit).sum()) for limit in limits)
    return CosetRow(
        order=H.order,
        index=H.index,
        class_number=H.class_number,
        class_size=H.class_size,
        name="" if G is None else _name(G, H),
        side=found.sides[first],
        neurons=len(least),
        below=below,
    )


def _name(G: Group, H: Subgroup) -> str:
    """Return which group a subgroup is; "" if it has no name."""
    place = np.zeros(G.order, dtype=np.int64)
    place[H.elements] = np.arange(H.order)
    table = place[G.cayley[np.ix_(H.elements, H.elements)]]
    return identify(Group.from_cayley(table)).name or ""
