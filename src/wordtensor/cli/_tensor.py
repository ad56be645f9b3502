"""Arguments and notes that the commands on 3-tensors share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import FileFormatError
from ._output import say
from ._source import kind_of_table

if TYPE_CHECKING:
    from ..rank import Tensor

TensorFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help='A 3-tensor: .npy, .npz, .json, or text: lines "i j k value", slices, or brackets.',
    ),
]


def tensor_from(file: Path, as_json: bool) -> "Tensor":
    """Read a tensor, and say how it was read where that is not part of the result."""
    from ..rank import read_tensor

    try:
        found = read_tensor(file)
    except FileFormatError as error:
        raise FileFormatError(f"{error}{_as_table(file)}") from error
    if as_json and found.notes:
        say(f"note: {file}: {'; '.join(found.notes)}", err=True)
    return found


def _as_table(file: Path) -> str:
    """Say which command takes the tensor of a closed table, which labels may name."""
    kind = kind_of_table(file)
    if kind in ("", "table"):  # nearly any text is a table of values
        return ""
    what = "an operation" if kind == "operation" else f"a {kind}"
    return f"; it can be read as the table of {what}: wordtensor decompose --table {str(file)!r}"
