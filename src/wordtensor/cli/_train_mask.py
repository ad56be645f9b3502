"""Training pairs from a file: a table of booleans, or a list of pairs."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._files import array_sizes, damage_as, read_array, read_arrays, read_file
from .._text import listed
from ..errors import FileFormatError

_MAX_BYTES: Final = 2**28
_WORDS: Final = {"false": 0.0, "true": 1.0}
_BETWEEN: Final = str.maketrans(dict.fromkeys(",;()[]", " "))
# An array of such a name alone is the rest of the pairs.
_OTHERS: Final = ("test", "val")


def read_train_mask(path: Path, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the table of training pairs of a shape (n, m) that a file says."""
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
    return _mask(path, values, shape)


def _only(content: bytes) -> NDArray[Any]:
    names = list(array_sizes(content))
    name = "train_mask" if "train_mask" in names else "".join(names[:1])
    if name != "train_mask" and (len(names) != 1 or any(word in name for word in _OTHERS)):
        raise ValueError(f"it holds {listed(names)}, and no array train_mask")
    return read_arrays(content, _MAX_BYTES)[name]


def _text(text: str) -> NDArray[np.float64]:
    """Read rows of numbers, or of true and false, with commas, spaces or brackets around."""
    rows: list[list[float]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].translate(_BETWEEN).split()
        try:
            row = [_WORDS[w.lower()] if w.lower() in _WORDS else float(w) for w in words]
        except ValueError:
            raise ValueError(f"line {number} has {line.strip()[:40]!r}, not numbers") from None
        if row:
            if rows and len(row) != len(rows[0]):
                raise ValueError(f"line {number} has {len(row)} entries, not {len(rows[0])}")
            rows.append(row)
    return np.array(rows, dtype=np.float64)


def _mask(path: Path, values: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Make a table of booleans of a table of these, of 0 and 1, or of a list of pairs."""
    given = values
    if values.dtype.kind == "f" and np.isin(values, np.arange(max(*shape, 2))).all():
        values = values.astype(np.int64)  # 1.0 is 1, as numpy.savetxt writes it
    whole = values.dtype.kind in "biu" and values.ndim == 2
    if whole and values.shape == shape and ((values == 0) | (values == 1)).all():
        return np.array(values, dtype=bool)
    if whole and values.shape[1] == 2 and values.dtype.kind in "iu":
        if values.size and values.min() >= 0 and (values < shape).all():
            mask = np.zeros(shape, dtype=bool)
            mask[values[:, 0], values[:, 1]] = True
            return mask
    n, m = shape
    last = f"{n - 1}" if n == m else f"{n - 1} and 0 to {m - 1}"
    raise FileFormatError(
        f"File {str(path)!r} must hold a table of {n} x {m} booleans (or 0 and 1), or a list of "
        f"pairs of indices 0 to {last} with a row for each, not {given.dtype} of shape "
        f"{given.shape}"
    )
