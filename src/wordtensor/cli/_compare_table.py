"""``wordtensor compare`` with a table of values in place of a word over a group."""

from pathlib import Path
from typing import TYPE_CHECKING

from .._extras import room_of
from .._layouts._limits import table_digest
from .._progress import show_progress
from ..errors import ComparisonError, NetworkError, TableError
from ..words import ValueTable
from ._net_source import NetSource
from ._train_mask import read_train_mask

if TYPE_CHECKING:
    from ..compare import TableComparison
    from ..rank import Decomposition, TensorDecomposition


def check_table(source: NetSource, table: ValueTable | None, path: Path, anyway: bool) -> None:
    """Refuse a table other than the file says."""
    if table is None or anyway:
        return
    told = source.about.get("values")
    if source.word is not None or (told is not None and told != table_digest(table.values)):
        other = source.word if source.word is not None else source.about.get("values_of")
        raise TableError(
            f"The table of {table.name} was given, and {str(path)!r} says that the net was trained "
            f"on {str(other)!r:.80}; leave --table out, or pass --anyway to go on with it"
        )


def refuse_of_irreps(options: dict[str, object]) -> None:
    """Refuse options that say something of irreps, beside a table of values."""
    given = next((name for name, value in options.items() if value is not None), None)
    if given is not None:
        raise NetworkError(
            f"Option {given} is of irreps and their spectra, which tables of values have not; "
            "leave it out"
        )


def compared_with_table(
    source: NetSource,
    table: ValueTable | None,
    decomposition: "Decomposition | TensorDecomposition | None",
    pairs: tuple[float, int] | Path | None,
    seed: int,
    shown: bool,
) -> "TableComparison":
    """Compare a net with the tensor of a table, by default of the one that its file says."""
    from ..compare import compare_table
    from ..rank import Decomposition

    table = source.table if table is None else table
    if table is None:
        raise TableError("There is no table; give it with --table")
    if isinstance(decomposition, Decomposition):
        raise ComparisonError(
            f"Option --decomposition holds the decomposition of {decomposition.word} over "
            f"{decomposition.group.name}; give one that decompose --table saved"
        )
    mask = None
    if isinstance(pairs, Path):
        mask = read_train_mask(pairs, table.shape[:2], (table.rows, table.columns))
    elif pairs is not None and pairs[0] != 1:
        mask = room_of("nets", "This command").table_task(table, *pairs).train_mask()
    with show_progress(shown, f"{source.name} on {table.name}", str) as tell:
        return compare_table(
            source.net,
            table,
            train_mask=mask,
            decomposition=decomposition,
            seed=seed,
            name=source.name,
            callback=tell,
        )
