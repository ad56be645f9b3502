"""Everything about one net beside the best decomposition: the value, and its text."""

from dataclasses import dataclass
from typing import Any

from .._shown import Line, Shown, Table
from .._text import percent, text_table
from ..groups import Group
from ..rank import Decomposition
from ..words import Word
from ._alignment import Alignment
from ._box_use import BoxUse
from ._coset_table import READING, CosetTable
from ._forward import Network
from ._spectrum import Spectrum
from ._verdict import sentences
from .clusters import ClusterShares, cluster_rows
from .gcr import GCRMetrics
from .interventions import Ablation
from .learning_order import LearnedOrder
from .logits import LogitSpectrum
from .matching import Match
from .pruning import Pruning


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Shown):
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
    spectrum : Spectrum or None
        Where the neurons live; None where only logits are known.
    clusters : tuple of ClusterShares
        What the neurons of each cluster compute.
    alignment : Alignment or None
        Whether their coefficients are aligned and rank one; None for words that are not the product
        under other names, and where inputs are not separate.
    boxes : BoxUse or None
        Which boxes they occupy; None where all triples take too much memory.
    logits : LogitSpectrum or None
        What the logits are as a function; None where all triples take too much memory.
    pruning : Pruning or None
        How many neurons the function needs; None where only logits are known.
    match : Match or None
        The neurons beside the decomposition's terms; None for nets that are not trilinear.
    ablations : tuple of Ablation
        What is left after interventions; empty where all triples take too much memory.
    cosets : tuple of CosetTable
        The coset reading, of what a and what b bring; empty where inputs are not separate.
    order : LearnedOrder or None
        In which order the irreps were learned, where there are checkpoints.
    doubts : tuple of str
        Sentences of the verdict: what may be wrong where it is right on few pairs.
    notes : tuple of str
        How the arrays were read, and what was left out, and why.
    version : str
        Of wordtensor.
    seed : int
        Of the null models and of the decomposition.
    seconds : float
        What it took.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> c = wt.compare.compare(d.factors, "a*b", "S3", decomposition=d)
    >>> c.gcr.all_accuracy, c.pruning.effective_width, c.decomposition.rank, c.match.matched
    (1.0, 9, 9, True)
    """

    network: Network
    name: str
    word: Word
    group: Group
    decomposition: Decomposition
    gcr: GCRMetrics
    spectrum: Spectrum | None
    clusters: tuple[ClusterShares, ...]
    alignment: Alignment | None
    boxes: BoxUse | None
    logits: LogitSpectrum | None
    pruning: Pruning | None
    match: Match | None
    ablations: tuple[Ablation, ...]
    cosets: tuple[CosetTable, ...]
    order: LearnedOrder | None
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    version: str
    seed: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything but weights and factors as JSON-able values."""
        d, s, p = self.decomposition, self.spectrum, self.pruning
        return {
            "name": self.name,
            "word": str(self.word),
            "group": self.group.name,
            "order": self.group.order,
            "verdict": list(self.verdict()),
            "network": {
                "kind": self.network.kind,
                "width": self.network.width,
                "combination": self.network.combination,
            },
            "rank": {
                "width": self.network.width,
                "active": None if s is None else s.width,
                "effective": None if p is None else p.effective_width,
                "accurate": None if p is None else p.accurate_width,
                "decomposition": d.rank,
                "lower_bound": d.lower_bound,
            },
            "decomposition": d.to_dict(),
            "gcr": self.gcr.to_dict(),
            "spectrum": None if s is None else s.to_dict(),
            "clusters": [cluster.to_dict() for cluster in self.clusters],
            "alignment": None if self.alignment is None else self.alignment.to_dict(),
            "boxes": None if self.boxes is None else self.boxes.to_dict(),
            "logits": None if self.logits is None else self.logits.to_dict(),
            "pruning": None if p is None else p.to_dict(),
            "match": None if self.match is None else self.match.to_dict(),
            "ablations": [ablation.to_dict() for ablation in self.ablations],
            "cosets": [table.to_dict() for table in self.cosets],
            "order_learned": None if self.order is None else self.order.to_dict(),
            "doubts": list(self.doubts),
            "notes": list(self.notes),
            "version": self.version,
            "seed": self.seed,
            "seconds": self.seconds,
        }

    def __repr__(self) -> str:
        return (
            f"Comparison({str(self.word)!r}, {self.group.name!r}, {self.network.kind!r}, "
            f"width={self.network.width}, rank={self.decomposition.rank}, "
            f"accuracy={self.gcr.all_accuracy:.4f})"
        )

    def rank_rows(self) -> list[list[str]]:
        """Return names and values of the widths beside the rank."""
        d, s, p = self.decomposition, self.spectrum, self.pruning
        rows: list[list[str | int | None]] = []
        if s is not None and p is not None:
            rows = [
                ["width", self.network.width],
                ["active neurons", s.width],
                [f"needed for the same function (to {p.tolerance:.0e})", p.effective_width],
                ["needed for the same accuracy", p.accurate_width],
            ]
        rows += [
            ["terms of the decomposition", d.rank],
            ["proved lower bound", d.lower_bound],
        ]
        if self.boxes is not None:
            rows.append(["box rank (published method)", self.boxes.minimal_cost])
        return [[str(cell) for cell in row] for row in rows]

    def what(self) -> str:
        """Say what kind of network it is, in a few words."""
        if not self.network.width:
            return "logits of a network"
        return f"{self.network.kind} network, {self.network.combination} neurons"

    def verdict(self) -> tuple[str, ...]:
        """Return at most five sentences: what it computes, by which irreps, how, and what next."""
        return sentences(self)

    def ablation_rows(self) -> tuple[list[str], list[list[str]]]:
        """Return heads and rows of the interventions."""
        # Of logits that were trained by cross entropy, the distance to T says nothing.
        near = self.logits is not None and not self.logits.centred
        heads = ["", "what", "accuracy", "cross entropy", "logits changed"]
        heads += ["error to T"] * near
        rows = []
        for a in self.ablations:
            verb = "replace" if a.kind == "replace" else "keep" if a.kept else "remove"
            kind = "" if a.kind in ("replace", "neurons") else f"{a.kind} "
            row = [verb, f"{kind}{a.what}", f"{a.accuracy:.4f}", f"{a.loss:.3g}"]
            rows.append([*row, f"{a.changed:.2e}", *([f"{a.error:.2e}"] * near)])
        return heads, rows

    def exactness(self) -> str:
        """Say whether the net computes the tensor, or only its largest entries, in one sentence."""
        found = self.logits
        if found is None:
            return "whether the logits are the word tensor was not measured"
        if found.tensor_error < 1e-8:
            error = f"relative squared error {found.tensor_error:.1e}"
            return f"the logits are the word tensor ({error})"
        if found.relative_error < 1e-2 and not found.centred:
            return (
                f"the logits are near {found.scale:.4g} times the word tensor (relative squared "
                f"error {found.relative_error:.1e}); the bound holds for the tensor itself"
            )
        right = self.gcr.all_accuracy
        most = "only their" if right == 1 else f"on {percent(right)} of the pairs their"
        centred = " after centring" if found.centred else ""
        return (
            f"the logits are not the word tensor (relative squared error "
            f"{found.relative_error:.3g}{centred}): {most} largest entries are right, for which "
            "fewer neurons can do than the bound says"
        )

    def _parts(self) -> list[Line]:
        return [*self._head(), *(part for note in self.notes for part in ("", f"note: {note}"))]

    def _head(self) -> list[Line]:
        """Return the verdict, and the numbers that it rests on."""
        G = self.group
        title = f"{self.name}: {self.what()}, on {self.word} over {G.name} (order {G.order})"
        return [title, "", *self.verdict(), "", Table(["width and rank", ""], self.rank_rows())]

    def _folded(self) -> list[Table]:
        tables = []
        if self.spectrum is not None:
            heads, rows = cluster_rows(self.spectrum, self.clusters)
            tables.append(Table(heads, rows, about="what the neurons of each cluster compute"))
        if self.match is not None:
            tables.append(self.match.table("neurons and terms of each block"))
        if self.ablations:
            tables.append(Table(*self.ablation_rows(), about="what is left after interventions"))
        return tables

    def full_text(self) -> str:
        """Return everything as text: what ``str`` gives, and all tables."""
        parts = ["\n".join(map(str, self._head())), self.exactness(), str(self.gcr)]
        if self.spectrum is not None:
            neurons = text_table(*cluster_rows(self.spectrum, self.clusters))
            parts.append("\n".join([*self.spectrum.lines(), "", neurons]))
        if self.alignment is not None:
            parts.append(f"alignment of coefficients:\n{self.alignment}")
        parts += self._function_parts()
        if self.match is not None:
            parts.append(str(self.match))
        if self.ablations:
            parts.append(text_table(*self.ablation_rows()))
        for side, table in zip("ab", self.cosets, strict=False):
            parts.append(f"cosets, by what {side} brings:\n{table}")
        if self.cosets:
            parts.append(READING)
        if self.order is not None:
            parts.append(f"learned: {self.order}")
        parts += [f"note: {note}" for note in self.notes]
        return "\n\n".join(parts)

    def _function_parts(self) -> list[str]:
        """Return what is said of the logits of all triples, where they were looked at."""
        parts = []
        if self.logits is not None:
            parts.append(
                f"logits over triplets{' (centred over c)' if self.logits.centred else ''}: "
                f"{percent(self.logits.supported_share)} in the {len(self.logits.support)} "
                f"predicted; nearest multiple of T {self.logits.scale:.4g}, relative squared error "
                f"{self.logits.relative_error:.3g}"
            )
            parts.append(text_table(*self.logits.triplet_rows()))
        if self.boxes is not None:
            parts.append(self.boxes.conclusion())
        return parts
