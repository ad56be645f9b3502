"""What many seeds say together: which irreps are learned, in which order, and how often."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Final

import numpy as np
from scipy.stats import rankdata

from .._typing import Array, Booleans
from ..compare.gcr import KEY_SIMILARITY
from ..compare.learning_order import LEARNED_SIMILARITY
from ..groups import group as named_group
from ..irreps import irrep_names, real_characters
from ..margins import margin_optimum
from ._statistics import (
    Pairs,
    SetShares,
    Tested,
    fisher,
    ordered_pairs,
    set_shares,
    spearman,
    uniform_choice,
    wilson,
)
from ._study import Row

# The test accuracy of a last net that generalises: what is learned is read from last nets.
GENERALISED: Final = 0.99


@dataclass(frozen=True, slots=True)
class IrrepFinding:
    """How often and how early one irrep is learned, by seeds that generalised and by all."""

    label: str
    name: str
    dim: int
    margin: float  # its share of the maximum margin
    times: int
    interval: tuple[float, float]
    of_all: int  # seeds, whether they generalised or not
    clearly: int  # with the higher threshold
    first: int
    place: float | None
    published: int | None
    p: float | None


@dataclass(frozen=True)
class Findings:
    """What seeds of one width learned of a group: those that generalised, or all if none did."""

    rows: tuple[Row, ...]
    group: str
    published: Mapping[str, float]

    @cached_property
    def generalised(self) -> tuple[Row, ...]:
        """Seeds that were right on nearly all unseen pairs at the end."""
        return tuple(row for row in self.rows if (row["test_accuracy"] or 0) >= GENERALISED)

    @cached_property
    def counted(self) -> tuple[Row, ...]:
        """Seeds that the statistics are of."""
        return self.generalised or self.rows

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Of the irreps, the trivial one left out."""
        return real_characters(named_group(self.group)).labels[1:]

    @cached_property
    def dims(self) -> tuple[int, ...]:
        """Of the irreps."""
        return tuple(real_characters(named_group(self.group)).dims.tolist()[1:])

    @cached_property
    def learned(self) -> Booleans:
        """Whether each seed (rows) learned each irrep (columns)."""
        return learned(self.counted, self.labels)

    @cached_property
    def margins(self) -> Array:
        """The share that each irrep has of the maximum margin."""
        return np.array([i.share for i in margin_optimum(named_group(self.group)).irreps])

    @cached_property
    def irreps(self) -> tuple[IrrepFinding, ...]:
        """What is found of each irrep."""
        names = irrep_names(real_characters(named_group(self.group)))[1:]
        times, of_all = (
            learned(rows, self.labels).sum(axis=0).tolist() for rows in (self.counted, self.rows)
        )
        clearly = learned(self.counted, self.labels, LEARNED_SIMILARITY).sum(axis=0).tolist()
        places = [_places(row) for row in self.counted]
        found = []
        for k, label in enumerate(self.labels):
            mine = [place[label] for place in places if label in place]
            printed = self.published.get(label)
            found.append(
                IrrepFinding(
                    label=label,
                    name=names[k].removeprefix(f"{label} "),
                    dim=self.dims[k],
                    margin=float(self.margins[k]),
                    times=times[k],
                    interval=wilson(times[k], len(self.counted)),
                    of_all=of_all[k],
                    clearly=clearly[k],
                    first=sum(place[label] == min(place.values()) for place in places
                              if label in place),
                    place=float(np.mean(mine)) if mine else None,
                    published=None if printed is None else int(printed),
                    p=None if printed is None else fisher(
                        times[k], len(self.counted), int(printed), int(self.published["seeds"])
                    ),
                )
            )  # fmt: skip
        return tuple(found)

    @cached_property
    def sets(self) -> tuple[tuple[str, int], ...]:
        """The sets of irreps that were learned, the commonest first."""
        named = [
            "+".join(label for label, here in zip(self.labels, row, strict=True) if here) or "none"
            for row in self.learned
        ]
        return tuple(Counter(named).most_common())

    @cached_property
    def frequency_by_dim(self) -> Tested | None:
        """Spearman's correlation of dimension and frequency over irreps."""
        return spearman(self.dims, [found.times for found in self.irreps])

    @cached_property
    def frequency_by_margin(self) -> Tested | None:
        """Spearman's correlation of an irrep's share of the maximum margin and its frequency."""
        return spearman(self.margins.round(9), [found.times for found in self.irreps])

    @cached_property
    def place_by_dim(self) -> Tested | None:
        """Spearman's correlation of dimension and mean place in the learned order."""
        seen = [(found.dim, found.place) for found in self.irreps if found.place is not None]
        return spearman(*zip(*seen, strict=True)) if len(seen) > 1 else None

    @cached_property
    def pairs(self) -> Pairs:
        """Which of two irreps of unequal dimension came first, within each seed."""
        return self._pairs([row["order"] for row in self.counted])

    @cached_property
    def halfway(self) -> Pairs:
        """The same by when half of the last similarity was kept."""
        return self._pairs([row["halfway"] for row in self.counted])

    def _pairs(self, orders: Sequence[Sequence[tuple[str, int | None]]]) -> Pairs:
        dim = dict(zip(self.labels, self.dims, strict=True))
        return ordered_pairs(
            [[dim[label] for label, _ in order] for order in orders],
            [[_step(step) for _, step in order] for order in orders],
        )

    @cached_property
    def even(self) -> float | None:
        """The p-value that irreps of one dimension are chosen evenly."""
        return uniform_choice(self.learned, self.dims)

    @cached_property
    def margin_sets(self) -> tuple[SetShares, SetShares]:
        """Seeds that learned the irreps of the maximum margin, and the same of chance."""
        return set_shares(self.learned, self.margins > 0)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the rows as JSON-able values."""
        seen, chance = self.margin_sets
        values = {
            "frequency_by_dim": self.frequency_by_dim,
            "frequency_by_margin": self.frequency_by_margin,
            "place_by_dim": self.place_by_dim,
            "pairs": self.pairs,
            "pairs_halfway": self.halfway,
            "margin_sets": seen,
            "margin_sets_by_chance": chance,
        }
        return {
            "group": self.group,
            "seeds": len(self.rows),
            "generalised": len(self.generalised),
            "irreps": [asdict(found) for found in self.irreps],
            "mean_irreps": float(self.learned.sum(axis=1).mean()),
            "sets": dict(self.sets),
            "even_choice_p": self.even,
            **{key: None if v is None else asdict(v) for key, v in values.items()},
        }


def findings(
    rows: Sequence[Row], group: str, published: Mapping[str, float]
) -> tuple[Findings, ...]:
    """Return what the seeds of each width say."""
    ordered = sorted(rows, key=lambda row: (row["width"], row["seed"]))
    return tuple(
        Findings(tuple(some), group, published)
        for _, some in groupby(ordered, key=lambda row: row["width"])
    )


def learned(
    rows: Sequence[Row], labels: Sequence[str], threshold: float = KEY_SIMILARITY
) -> Booleans:
    """Return whether each seed's last net (rows) has each irrep (columns)."""
    values = [[row["last"][label] > threshold for label in labels] for row in rows]
    return np.array(values, dtype=np.bool_).reshape(len(rows), len(labels))


def _places(row: Row) -> dict[str, float]:
    """Return the place of each irrep in a seed's learned order, ties at their mean place."""
    if not row["order"]:
        return {}
    ranks = rankdata([_step(step) for _, step in row["order"]])
    return {label: float(r) for (label, _), r in zip(row["order"], ranks, strict=True)}


def _step(step: int | None) -> float:
    """Return when an irrep was learned: after all others, if never clearly."""
    return np.inf if step is None else float(step)
