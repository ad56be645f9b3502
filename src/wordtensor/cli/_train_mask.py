"""Training pairs from a file: a table of booleans, or a list of pairs, and how it was read."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._extras import room_of
from .._files import array_sizes, damage_as, read_array, read_arrays, read_file
from .._text import listed
from ..errors import FileFormatError, NetworkError, WordTensorError
from ._label_pairs import Labels, label_pairs
from ._output import say

Shape = tuple[int, int]
Mask = NDArray[np.bool_]
# A table of training pairs, and what is to be said of how it was read.
Read = tuple[Mask, str]

_MAX_BYTES: Final = 2**28
_WORDS: Final = {"false": 0.0, "true": 1.0}
_BETWEEN: Final = str.maketrans(dict.fromkeys(",;()[]", " "))
# An array of such a name alone is the rest of the pairs.
_OTHERS: Final = ("test", "val")
_OF_TORCH: Final = (".pt", ".pth")


def check_split(fraction: float | None, seed: int | None, mask: Path | None) -> None:
    """Refuse options that say which pairs were trained on twice, or by half."""
    if mask is not None and (fraction is not None or seed is not None):
        raise NetworkError(
            "Option --train-mask says which pairs, and so do --train-fraction and --split-seed; "
            "give one of them"
        )
    if fraction is None and seed is not None:
        raise NetworkError("Option --split-seed chooses the pairs of --train-fraction; give both")
    if fraction is not None and not 0 < fraction <= 1:
        raise NetworkError(f"Option --train-fraction must be above 0 and at most 1, not {fraction}")


def read_train_mask(path: Path, shape: Shape, labels: Labels) -> Mask:
    """Return the table of training pairs (n, m) that a file says; say how it was read."""
    try:
        mask, reading = _read(path, shape, labels)
    except WordTensorError:
        raise
    except ValueError as error:
        raise FileFormatError(f"File {str(path)!r} holds no training pairs: {error}") from None
    if reading:
        count = int(mask.sum())
        say(f"{path}: {count} training pair{'s' * (count != 1)}, read as {reading}", err=True)
    return mask


def _read(path: Path, shape: Shape, labels: Labels) -> Read:
    kind = path.suffix.lower()
    if kind in _OF_TORCH:
        states = room_of("nets._state_dicts", f"Reading {str(path)!r}")
        return _of_array(states.read_tensor(path), shape, labels)
    content = read_file(path, _MAX_BYTES)
    with damage_as(path, "it is no .npy, .npz, .csv, .txt or .pt file of training pairs"):
        if kind == ".npy":
            values = read_array(content)
        elif kind == ".npz":
            values = _only(content)
        elif kind in (".csv", ".tsv", ".txt"):
            text = content.decode("utf-8-sig")
        else:
            raise ValueError("its name has none of these endings")
    if kind in (".npy", ".npz"):
        return _of_array(values, shape, labels)
    return _of_text(text, shape, labels)


def _only(content: bytes) -> NDArray[Any]:
    names = list(array_sizes(content))
    name = "train_mask" if "train_mask" in names else "".join(names[:1])
    if name != "train_mask" and (len(names) != 1 or any(word in name for word in _OTHERS)):
        raise ValueError(f"it holds {listed(names)}, and no array train_mask")
    return read_arrays(content, _MAX_BYTES)[name]


def _of_array(values: NDArray[Any], shape: Shape, labels: Labels) -> Read:
    """Read an array of booleans or numbers, or of the labels of pairs."""
    if values.dtype.kind == "U" and values.ndim == 2 and values.shape[1] == 2:
        lines = [f"{a}\t{b}" for a, b in values.tolist()]
        found, wrong = label_pairs(lines, labels)
        if wrong is not None:
            raise ValueError(f"pair {wrong + 1} is {lines[wrong][:60]!r}, not two elements")
        return _chosen(np.array(found), shape), "pairs of labels"
    return _of_numbers(values, shape)


def _of_text(text: str, shape: Shape, labels: Labels) -> Read:
    """Read rows of numbers, of true and false, or of two labels, perhaps below a header."""
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    named, beside = _named(lines, labels), ""
    if named is None and _has_header(lines, labels):
        beside = f", below the header {lines[0][1][:40]!r}"
        lines = lines[1:]
        named = _named(lines, labels)
    if named is None:
        mask, reading = _of_numbers(_rectangle(lines), shape)
        return mask, f"{reading or 'rows'}{beside}" if beside else reading
    by_label = _chosen(np.array(named), shape)
    if not all(_is_number(labels[side][i]) for pair in named for side, i in enumerate(pair)):
        return by_label, f"pairs of labels{beside}"
    try:
        mask, _ = _of_numbers(_rectangle(lines), shape)
    except ValueError:
        return by_label, f"pairs of labels, and not of indices from 0, which some are not{beside}"
    if (mask == by_label).all():
        return mask, f"rows{beside}" * bool(beside)
    return mask, f"pairs of indices from 0, and not of labels, which are numbers too{beside}"


def _named(lines: list[tuple[int, str]], labels: Labels) -> list[tuple[int, int]] | None:
    """Return the pairs of elements whose labels all lines are, or None."""
    found, wrong = label_pairs([line for _, line in lines], labels)
    return found if found and wrong is None else None


def _row(line: str) -> list[float] | None:
    """Read numbers, or true and false, with commas, spaces or brackets around; None if not."""
    words = line.partition("#")[0].translate(_BETWEEN).split()
    try:
        return [_WORDS[w.lower()] if w.lower() in _WORDS else float(w) for w in words]
    except ValueError:
        return None


def _is_number(word: str) -> bool:
    row = _row(word)
    return row is not None and len(row) == 1


def _has_header(lines: list[tuple[int, str]], labels: Labels) -> bool:
    """Tell whether two names, as a and b, stand above numbers, or above labels and are none."""
    words = lines[0][1].translate(_BETWEEN).split() if len(lines) > 1 else []
    if len(words) != 2 or any(map(_is_number, words)):
        return False
    return _row(lines[1][1]) is not None or not ({*words} & {*labels[0], *labels[1]})


def _rectangle(lines: list[tuple[int, str]]) -> NDArray[np.float64]:
    """Make an array of rows of numbers of one length."""
    made: list[list[float]] = []
    for number, line in lines:
        row = _row(line)
        if row is None:
            raise ValueError(
                f"line {number} has {line[:40]!r}, neither numbers nor the labels of two elements"
            )
        if made and row and len(row) != len(made[0]):
            raise ValueError(f"line {number} has {len(row)} entries, not {len(made[0])}")
        if row:
            made.append(row)
    return np.array(made, dtype=np.float64)


def _of_numbers(given: NDArray[Any], shape: Shape) -> Read:
    """Read a table of booleans or of 0 and 1, these in one row, or indices of pairs."""
    n, m = shape
    values = _whole(given)
    switches = values.dtype.kind == "b" or bool(np.isin(values, (0, 1)).all())
    if values.shape == shape and switches:
        two = m == 2 and values.dtype.kind != "b"
        return values.astype(bool), "a table of 0 and 1, not as a list of pairs" * two
    if values.ndim == 2 and values.shape[1] == 2 and values.size and values.dtype.kind != "b":
        return _chosen(_in_range(values, shape), shape), ""
    if values.ndim == 2 and 1 in values.shape:
        values = values.reshape(-1)
    if values.ndim == 1 and switches and values.size == n * m:
        how = "0 and 1" if values.dtype.kind != "b" else "booleans"
        return values.astype(bool).reshape(shape), (
            f"flat {how}, the pair (a, b) at {m} a + b: reshape({n}, {m})"
        )
    if values.ndim == 1 and values.size and values.dtype.kind != "b":
        return _of_flat(values, shape), f"flat indices {m} a + b of the pairs (a, b)"
    hint = "" if values.size != n * m else f"; reshape({n}, {m})"
    if values.ndim == 2 and len(values) == 2:
        hint = "; transposed (.T) it would be a list of pairs"
    if values.shape == shape:
        a, b = np.argwhere((values != 0) & (values != 1))[0]
        hint = f", of which entry ({a}, {b}) is {values[a, b]}"
    raise ValueError(
        f"it must be a table of {n} x {m} booleans (or 0 and 1), or {n * m} of these in one row, "
        f"or indices of pairs, a row (a, b) for each, or flat, {m} a + b, not {given.dtype} of "
        f"shape {given.shape}{hint}"
    )


def _whole(values: NDArray[Any]) -> NDArray[Any]:
    """Return booleans or integers; 1.0 is 1, as numpy.savetxt writes it."""
    if values.dtype.kind in "biu":
        return values
    if values.dtype.kind != "f":
        raise ValueError(f"it must be booleans, whole numbers or labels, not {values.dtype}")
    values = values.astype(np.float64)  # half precision holds no such limit
    odd = values[~((np.abs(values) < 2**53) & (np.floor(values) == values))]
    if odd.size:
        raise ValueError(f"the numbers must be whole, not {odd[0]:g} (shape {values.shape})")
    return values.astype(np.int64)


def _in_range(pairs: NDArray[Any], shape: Shape) -> NDArray[Any]:
    """Refuse a list of pairs of which an index is none, naming the first."""
    out = (pairs < 0) | (pairs >= shape)
    if out.any():
        row, side = np.argwhere(out)[0]
        a, b = pairs[row]
        ones = pairs.min() >= 1 and (pairs <= shape).all()
        raise ValueError(
            f"pair {row + 1} is ({a}, {b}), and {pairs[row, side]} is none of the indices 0 to "
            f"{shape[side] - 1}" + "; they seem to be counted from 1: subtract 1" * bool(ones)
        )
    return pairs


def _of_flat(values: NDArray[Any], shape: Shape) -> Mask:
    """Choose pairs by their flat indices, each once."""
    total = shape[0] * shape[1]
    out = np.flatnonzero((values < 0) | (values >= total))
    if out.size:
        ones = values.min() >= 1 and values.max() == total
        raise ValueError(
            f"index {out[0] + 1} is {values[out[0]]}, none of the flat indices 0 to {total - 1} "
            f"of pairs" + "; they seem to be counted from 1: subtract 1" * bool(ones)
        )
    found, counts = np.unique(values, return_counts=True)
    if counts.max() > 1:
        raise ValueError(
            f"the flat index {found[counts > 1][0]} stands there {counts[counts > 1][0]} times; "
            "give every pair once"
        )
    return _chosen(np.stack(np.divmod(values, shape[1]), axis=1), shape)


def _chosen(pairs: NDArray[Any], shape: Shape) -> Mask:
    mask = np.zeros(shape, dtype=bool)
    mask[pairs[:, 0], pairs[:, 1]] = True
    return mask
