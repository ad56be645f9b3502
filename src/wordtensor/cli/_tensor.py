"""Arguments and notes that the commands on 3-tensors share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._output import say

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

    found = read_tensor(file)
    if as_json and found.notes:
        say(f"note: {file}: {'; '.join(found.notes)}", err=True)
    return found
