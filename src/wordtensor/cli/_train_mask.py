"""Training pairs from a file: a table of booleans, or a list of pairs."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._files import array_sizes, damage_as, read_array, read_arrays, read_file
from ..errors import FileFormatError
from ..groups import Group

_MAX_BYTES: Final = 2**28
_WORDS: Final = {"0": 0, "1": 1, "false": 0, "true": 1}


def read_train_mask(path: Path, G: Group) -> NDArray[np.bool_]:
    """Return the table of training pairs, shape (n, n), that a file says for a group of order n."""
    content = read_file(path, _MAX_BYTES)
    with damage_as(path, "it is no .npy, .npz, .csv or .txt file of training pairs"):
        kind = path.suffix.lower()
        if kind == ".npy":
            values = read_array(content)
        elif kind == ".npz":
            values = _only(content)
        elif kind in (".csv", ".tsv", ".txt"):
            values = _text(content.decode())
        else:
            raise ValueError("its name has none of these endings")
    return _mask(path, values, G.order)


def _only(content: bytes) -> NDArray[Any]:
    names = list(array_sizes(content))
    name = "train_mask" if "train_mask" in names else names[0]
    if name != "train_mask" and len(names) > 1:
        raise ValueError("it holds several arrays, and none is named train_mask")
    return read_arrays(content, _MAX_BYTES)[name]


def _text(text: str) -> NDArray[np.int64]:
    """Read rows of numbers, or of true and false, with commas or spaces between."""
    rows: list[list[int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].replace(",", " ").split()
        try:
            row = [_WORDS.get(word.lower()) for word in words]
            full = [int(w) if value is None else value for w, value in zip(words, row, strict=True)]
        except ValueError:
            raise ValueError(f"line {number} has {line.strip()[:40]!r}, not numbers") from None
        if full:
            if rows and len(full) != len(rows[0]):
                raise ValueError(f"line {number} has {len(full)} entries, not {len(rows[0])}")
            rows.append(full)
    return np.array(rows, dtype=np.int64)


def _mask(path: Path, values: NDArray[Any], n: int) -> NDArray[np.bool_]:
    """Make a table of booleans of a table of these, of 0 and 1, or of a list of pairs."""
    whole = values.dtype.kind in "biu" and values.ndim == 2
    if whole and values.shape == (n, n) and ((values == 0) | (values == 1)).all():
        return np.array(values, dtype=bool)
    if whole and values.shape[1] == 2 and values.dtype.kind in "iu":
        if values.size and values.min() >= 0 and values.max() < n:
            mask = np.zeros((n, n), dtype=bool)
            mask[values[:, 0], values[:, 1]] = True
            return mask
    raise FileFormatError(
        f"File {str(path)!r} must hold a table of {n} x {n} booleans (or 0 and 1), or a list of "
        f"pairs of indices 0 to {n - 1} with a row for each, not {values.dtype} of shape "
        f"{values.shape}"
    )
