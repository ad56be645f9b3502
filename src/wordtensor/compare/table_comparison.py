"""A net on a table of values beside the decomposition of its tensor: the value, and its text."""

from dataclasses import dataclass
from typing import Any

from .._shown import Line, Shown, Table
from .._text import percent
from ..rank import TensorDecomposition
from ..words import ValueTable
from ._forward import Network
from ._table_scores import TableScores
from ._term_match import TermMatch
from ._verdict import beside_tensor, computes, needed
from .pruning import Pruning

# What the comparison with a word over a group has besides.
LEFT_OUT = "irreps and their spectra, cosets, the metrics of Chughtai et al. and interventions"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TableComparison(Shown):
    """How a network computes a table, and how near it is to the best decomposition known.

    Attributes
    ----------
    network : Network
        What was looked at.
    name : str
        Where it came from, for titles.
    table : ValueTable
        What it should compute.
    decomposition : TensorDecomposition
        Of the table's tensor: what it is held against.
    scores : TableScores
        Losses and accuracies on training, test and all pairs, and how near the logits are to the
        tensor; for Latin tables how the variance of the neurons splits over a, b and the value.
    train_pairs : int
        Number of training pairs; all if no mask was given.
    pruning : Pruning or None
        How many neurons the function needs; None where only logits are known.
    match : TermMatch or None
        The neurons beside the decomposition's terms; None for nets that are not trilinear.
    notes : tuple of str
        What was left out, and why.
    version : str
        Of wordtensor.
    seed : int
        Of the decomposition.
    seconds : float
        What it took.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.solve(wt.value_table("x/y mod 5"))
    >>> c = wt.compare.compare_table(d.factors, "x/y mod 5", decomposition=d)
    >>> c.verdict()[0]
    'It computes x/y mod 5: its largest logit is right on all 20 pairs.'
    >>> c.pruning.effective_width, c.excess_width
    (6, 0)
    """

    network: Network
    name: str
    table: ValueTable
    decomposition: TensorDecomposition
    scores: TableScores
    train_pairs: int
    pruning: Pruning | None
    match: TermMatch | None
    notes: tuple[str, ...]
    version: str
    seed: int
    seconds: float

    @property
    def excess_width(self) -> int | None:
        """Neurons that the same function needs, above the terms of the decomposition."""
        if self.pruning is None:
            return None
        return self.pruning.effective_width - self.decomposition.rank

    def verdict(self) -> tuple[str, ...]:
        """Say whether the net computes the table, and how many neurons that takes, in sentences."""
        d, right = self.decomposition, self.scores.accuracy
        said = (
            computes(self.table.name, right, self.train_pairs, self.table.values, "values"),
            needed(self.network.width, self.pruning),
            beside_tensor(self.scores, "tensor", d.lower_bound, d.rank, right[2] == 1),
        )
        return tuple(part for part in said if part)

    def exactness(self) -> str:
        """Say whether the logits are the table's tensor, in one sentence."""
        found = self.scores
        if found.tensor_error < 1e-8:
            return f"the logits are the tensor (relative squared error {found.tensor_error:.1e})"
        if found.scale <= 0:
            return "the logits are near no multiple of the tensor"
        near = (
            f"the nearest multiple of the tensor, {found.scale:.4g} times it, has a relative "
            f"squared error of {found.relative_error:.2g}{' after centring' * found.centred}"
        )
        if found.relative_error < 1e-2 and not found.centred:
            return f"{near}; the bound holds for the tensor itself"
        return (
            f"the logits are not the tensor: {near}; for largest entries fewer neurons can do than "
            "the bound says"
        )

    def rank_rows(self) -> list[list[str]]:
        """Return names and values of the widths beside the rank."""
        d, p = self.decomposition, self.pruning
        known = [("terms of the decomposition", d.rank), ("proved lower bound", d.lower_bound)]
        rows: list[tuple[str, int | None]] = [*known]
        if p is not None:
            rows = [
                ("width", self.network.width),
                (f"needed for the same function (to {p.tolerance:.0e})", p.effective_width),
                ("needed for the same accuracy", p.accurate_width),
                *known,
                ("excess width, same function above terms", self.excess_width),
            ]
        return [[what, str(count)] for what, count in rows]

    def score_rows(self) -> list[list[str]]:
        """Return losses and accuracies on training, test and all pairs."""
        counts = (self.train_pairs, self.table.nnz - self.train_pairs, self.table.nnz)
        rows = []
        for k, what in enumerate(("training", "test", "all")):
            if counts[k]:
                loss, right = self.scores.loss[k], self.scores.accuracy[k]
                rows.append([what, str(counts[k]), f"{right:.6f}", f"{loss:.4g}"])
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return everything but weights and factors as JSON-able values."""
        d, p, scores = self.decomposition, self.pruning, self.scores
        parts = ("train", "test", "all")
        return {
            "name": self.name,
            "table": self.table.name,
            "kind": self.table.kind,
            "verdict": list(self.verdict()),
            "shape": list(self.table.shape),
            "network": {
                "kind": self.network.kind,
                "width": self.network.width,
                "combination": self.network.combination,
            },
            "rank": {
                "width": self.network.width,
                "effective": None if p is None else p.effective_width,
                "accurate": None if p is None else p.accurate_width,
                "decomposition": d.rank,
                "lower_bound": d.lower_bound,
                "excess": self.excess_width,
            },
            "train_pairs": self.train_pairs,
            "loss": dict(zip(parts, scores.loss, strict=True)),
            "accuracy": dict(zip(parts, scores.accuracy, strict=True)),
            "scale": scores.scale,
            "relative_error": scores.relative_error,
            "centred": scores.centred,
            "tensor_error": scores.tensor_error,
            "variance": None if scores.variance is None else list(scores.variance),
            "pruning": None if p is None else p.to_dict(),
            "match": None if self.match is None else self.match.to_dict(),
            "decomposition": d.to_dict(),
            "notes": list(self.notes),
            "version": self.version,
            "seed": self.seed,
            "seconds": self.seconds,
        }

    def __repr__(self) -> str:
        return (
            f"TableComparison({self.table.name!r}, {self.network.kind!r}, "
            f"width={self.network.width}, rank={self.decomposition.rank}, "
            f"accuracy={self.scores.accuracy[2]:.4f})"
        )

    def _parts(self) -> list[Line]:
        net, (rows, columns, size) = self.network, self.table.shape
        parts: list[Line] = [
            f"{self.name}: {net.kind} network, {net.combination} neurons, on "
            f"{self.table.name} ({rows} x {columns} pairs, {size} values)",
            "",
            *self.verdict(),
            "",
            Table(["width and rank", ""], self.rank_rows()),
            "",
            self.exactness(),
            "",
            Table(["pairs", "number", "accuracy", "cross entropy"], self.score_rows()),
        ]
        if self.scores.variance is not None:
            by = ", ".join(map(percent, self.scores.variance))
            parts += ["", f"variance of the neurons by a, by b, by the value: {by}"]
        if self.match is not None:
            parts += ["", str(self.match)]
        return [*parts, *(part for note in self.notes for part in ("", f"note: {note}"))]
