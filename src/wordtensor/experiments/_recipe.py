"""What a recipe is: configurations, what to report of each, and what the paper printed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .._shown import Line, Shown, Table
from ..errors import NetworkError
from ..groups import Group, group
from ..nets.config import TrainConfig
from ..words import word
from ._costs import Cost, cost

if TYPE_CHECKING:
    from ..nets.tasks import TensorTask

Report = Literal[
    "accuracy", "grokking", "block", "widths", "margin", "irreps", "bsc", "universality"
]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BlockTarget:
    """One summand of a word tensor, named before it is computed.

    Attributes
    ----------
    word, group : str
        What is decomposed.
    name : str
        Name of the block, such as "<2,2,2>"; the first one so named.

    Examples
    --------
    >>> BlockTarget("a*b", "S3", "<2,2,2>").resolve().target.shape
    (4, 4, 4)
    """

    word: str
    group: str
    name: str

    def resolve(self) -> "TensorTask":
        """Return the block as a task.

        Raises
        ------
        NetworkError
            If the decomposition has no such block.
        """
        # Not before it is needed: recipes are listed, and their changes checked, without torch.
        from ..nets.blocks import block_task
        from ..rank import decompose

        d = decompose(self.word, self.group)
        for number, block in enumerate(d.blocks):
            if block.name == self.name:
                return block_task(d, number)
        known = ", ".join(sorted({block.name for block in d.blocks}))
        raise NetworkError(
            f"Word {self.word} over {self.group} has no block {self.name!r}; it has {known}"
        )


@dataclass(frozen=True, slots=True)
class GroupTarget:
    """A group that has no name here, by permutations that generate it.

    Attributes
    ----------
    name : str
        For people.
    generators : tuple of tuple of int
        Images of 0, 1, 2, ...

    Examples
    --------
    >>> GroupTarget("turns of a square", ((1, 2, 3, 0),)).resolve().order
    4
    """

    name: str
    generators: tuple[tuple[int, ...], ...]

    def resolve(self) -> Group:
        """Return the group."""
        return Group.from_permutations(self.generators, self.name)


@dataclass(frozen=True, slots=True)
class Recipe:
    """An experiment.

    Attributes
    ----------
    name : str
        For ``wordtensor train --recipe``.
    title : str
        What it shows.
    source : str
        Paper and place, or "wordtensor".
    report : {"accuracy", "grokking", "block", "widths", "margin", "irreps", "bsc", "universality"}
        Which numbers are taken of a run; "universality" takes them of every seed.
    full, quick : tuple of TrainConfig
        The runs in full, and those of a minute or two on two cores.
    published : mapping
        What the source printed, by the names of the report's columns, or by irreps.
    target : BlockTarget, GroupTarget or None
        What is learned, if not a word over a group with a name.

    Examples
    --------
    >>> from wordtensor.experiments import recipe
    >>> made = recipe("morwani-z71")
    >>> made.report, len(made.full), made.configs(quick=True)[0].group
    ('margin', 1, 'C71')
    """

    name: str
    title: str
    source: str
    report: Report
    full: tuple[TrainConfig, ...]
    quick: tuple[TrainConfig, ...]
    published: Mapping[str, Any] = field(default_factory=dict)
    target: BlockTarget | GroupTarget | None = None

    @property
    def by_seed(self) -> bool:
        """Whether it is a study, which is trained in chunks of seeds and reports each seed."""
        return self.report == "universality"

    @property
    def device(self) -> str:
        """Where the full size is meant to be trained, such as "cpu" or "cuda"."""
        return self.full[0].device

    def cost(self, quick: bool = False) -> Cost | None:
        """Return about what a size takes; None if that was not measured."""
        return cost(self.name, quick)

    def configs(
        self, quick: bool, changes: Mapping[str, Any] | None = None
    ) -> tuple[TrainConfig, ...]:
        """Return the runs of either size, with some values of each changed.

        Raises
        ------
        NetworkError
            If a change is refused: by the configurations, or since the report would say nothing.
        WordError, GroupError
            If a word or a group that is put in another's place is none.
        """
        chosen = self.quick if quick else self.full
        if not changes:
            return chosen
        configs = tuple(config.replace(**changes) for config in chosen)
        _check(self, configs, changes)
        return configs


def _check(chosen: Recipe, configs: tuple[TrainConfig, ...], changes: Mapping[str, Any]) -> None:
    """Refuse changes under which the recipe's report would say nothing, before training."""
    fixed = {"group", "word"} & changes.keys()
    if chosen.target is not None and fixed:
        raise NetworkError(
            f"Recipe {chosen.name!r} has its own target; {sorted(fixed)[0]!r} cannot be changed"
        )
    if changes.get("table"):
        raise NetworkError(
            f"Recipe {chosen.name!r} reports on words over groups; 'table' cannot be changed"
        )
    if "word" in changes:
        word(changes["word"])
    if "group" in changes and group(changes["group"]).order == 1 and chosen.by_seed:
        raise NetworkError(
            f"Recipe {chosen.name!r} is about which irreps are learned, and a group of order 1 has "
            "none but the trivial one; give a larger group"
        )
    for config in configs:
        if chosen.report in ("grokking", "block", "widths", "bsc") and config.model != "hadamard":
            raise NetworkError(
                f"Recipe {chosen.name!r} reports on Hadamard nets; 'model' cannot be changed"
            )
        if chosen.by_seed and (config.model == "parity" or not config.checkpoints):
            key = "model" if config.model == "parity" else "checkpoints"
            raise NetworkError(
                f"Recipe {chosen.name!r} reads irreps from checkpoints of nets on words; {key!r} "
                f"cannot be {getattr(config, key)!r}"
            )
        if chosen.report in ("margin", "bsc", "universality") and config.model != "parity":
            if word(config.word) != word("a*b"):
                raise NetworkError(f"Recipe {chosen.name!r} is about a*b; 'word' cannot be changed")
        if chosen.report == "margin" and not (
            config.model == "margin"
            or (config.model, config.activation) == ("perceptron", "square")
            or (config.model == "parity" and config.power in (0, config.relevant))
        ):
            raise NetworkError(
                f"Recipe {chosen.name!r} is about gamma*, which bounds quadratic nets (and x^k for "
                "k-parity); take model=margin"
            )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Outcome(Shown):
    """What a recipe gave.

    Attributes
    ----------
    recipe : Recipe
        As run.
    quick : bool
        Its quick size.
    rows : tuple of mapping
        One for each run that was made, or for each seed of a study.
    configs : tuple of TrainConfig
        Of these runs, with the changes that were asked for; of a study all that were asked for.
    steps : int
        Made by these runs, or seeds, in total.
    begun : int
        Of these, the steps that were made before, by runs that were resumed.
    seconds : float
        In total.
    interrupted : bool
        Whether Ctrl-C ended it.
    version : str
        Of wordtensor.

    Examples
    --------
    >>> from wordtensor.experiments import run_recipe
    >>> outcome = run_recipe("shutman-fig10-z32", quick=True, changes={"steps": 2})
    >>> outcome.changes(), outcome.rows[0]["width"], outcome.interrupted
    ({'steps': 2}, 2, False)
    """

    recipe: Recipe
    quick: bool
    rows: tuple[Row, ...]
    configs: tuple[TrainConfig, ...]
    steps: int
    begun: int
    seconds: float
    interrupted: bool
    version: str

    def changes(self) -> dict[str, Any]:
        """Return the values that differ from the recipe's, of the first run."""
        if not self.configs:
            return {}
        asked, own = self.configs[0].to_dict(), self.recipe.configs(self.quick)[0].to_dict()
        return {key: value for key, value in asked.items() if value != own[key]}

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-able values."""
        values = {
            "recipe": self.recipe.name,
            "title": self.recipe.title,
            "source": self.recipe.source,
            "quick": self.quick,
            "published": dict(self.recipe.published),
            "rows": [dict(row) for row in self.rows],
            "changes": self.changes(),
            "configs": [config.to_dict() for config in self.configs],
            "steps": self.steps,
            "begun": self.begun,
            "seconds": self.seconds,
            "interrupted": self.interrupted,
            "version": self.version,
        }
        if self.rows and self.recipe.by_seed:
            from ._findings import findings  # it takes scipy's statistics

            values["findings"] = [
                found.to_dict() for found in findings(self.rows, self._group, self._published)
            ]
        return values

    @property
    def _group(self) -> str:
        return self.configs[0].group

    @property
    def _published(self) -> Mapping[str, Any]:
        """What the source printed of the group that was learned."""
        own = self.recipe.configs(self.quick)[0].group == self._group
        return self.recipe.published if own else {}

    def _parts(self) -> list[Line]:
        """Return a table: one line for each run, and what the paper printed."""
        size = "quick size" if self.quick else "full size"
        lines: list[Line] = [
            f"{self.recipe.name}: {self.recipe.title} ({self.recipe.source}; {size})"
        ]
        if changed := ", ".join(f"{key}={value}" for key, value in self.changes().items()):
            lines.append(f"changed: {changed}")
        lines.append("")
        if self.rows and self.recipe.by_seed:
            from ._conclusions import study_lines

            lines += study_lines(self.rows, self._group, self._published)
        elif self.rows:
            header = list(self.rows[0])
            cells = [[_cell(row[key]) for key in header] for row in self.rows]
            if self.recipe.published:
                printed = self.recipe.published
                cells.append([_cell(printed[key]) if key in printed else "" for key in header])
                header = ["", *header]
                cells = [["ours", *row] for row in cells[:-1]] + [["paper", *cells[-1]]]
            lines.append(Table(header, cells))
        lines.append("")
        lines.append(f"{self.seconds:.0f} s{', interrupted' if self.interrupted else ''}")
        return lines


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e-2 or abs(value) >= 1e4 else f"{value:.6g}"
    return str(value)
