"""The value `Tensor`: any 3-tensor as somebody gives it, with exact entries where they are."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from reprlib import repr as shortened
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..._memory import require_memory
from ..._typing import Field, Inexact, Integers, Sizes, Value, frozen, is_integer, unmasked
from ...errors import DecompositionError, WordTensorError
from ...schemes.exact_array import ExactArray, radicand_of, recognised
from ...solver import reconstruct
from ...words import WordTensor
from ._entries import LARGEST, as_number, numerators

# Squares of other entries, and of their inverses, are no numbers any more.
_SMALLEST: Final = 1e-100
# Of floats that are taken for fractions.
_DENOMINATOR: Final = 1000
_TOO_LARGE: Final = "its integers are too large to be exact, so its entries are rounded"
_ROUNDED: Final = "entries are taken for the fractions that they are next to"
# Floats that are looked at first.
_SAMPLE: Final = 256


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tensor(Value):
    """A 3-tensor, with exact entries where they are known.

    Attributes
    ----------
    entries : ndarray of float64 or complex128, shape (x, y, z)
        Finite. Read-only.
    exact : ExactArray or None
        The same entries as rational numbers, or in one real quadratic field; None if they are
        none: complex, or floats of no such field.
    name : str
        For people.
    notes : tuple of str
        What is to be said of how it was read.

    Raises
    ------
    DecompositionError
        If the entries are not finite numbers with three axes, none of them of length 0, or too
        large or too small to compute with.

    Examples
    --------
    >>> Tensor(np.eye(2)[:, :, None], name="a matrix")
    Tensor('a matrix', shape=(2, 2, 1), nnz=2, rational)
    >>> Tensor(np.full((1, 1, 1), np.pi)).exact
    """

    entries: Inexact
    exact: ExactArray | None = None
    name: str = "tensor"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        entries = _checked(np.asarray(unmasked(self.entries)))
        if np.iscomplexobj(entries) and not entries.imag.any():
            entries = np.ascontiguousarray(entries.real)
        object.__setattr__(self, "entries", frozen(entries))
        # Both stand in lines of text.
        object.__setattr__(self, "name", " ".join(self.name.split()))
        object.__setattr__(self, "notes", tuple(" ".join(note.split()) for note in self.notes))
        if self.exact is None and not np.iscomplexobj(entries):
            exact = _recognised(entries) if _TOO_LARGE not in self.notes else None
            object.__setattr__(self, "exact", exact)
            if exact is not None and not np.allclose(exact.as_float(), entries, 1e-15, 0.0):
                object.__setattr__(self, "notes", (*self.notes, _ROUNDED))

    @property
    def shape(self) -> Sizes:
        """Shape (x, y, z)."""
        x, y, z = self.entries.shape
        return (x, y, z)

    @property
    def nnz(self) -> int:
        """Number of entries that are not zero."""
        return int(np.count_nonzero(self.entries))

    @property
    def integers(self) -> Integers | None:
        """A multiple of it with integers that have no common divisor; None if it has none."""
        if self.exact is None or self.exact.irrational is not None or not self.nnz:
            return None
        return primitive(self.exact.rational)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """Return the entries, for numpy."""
        return np.array(self.entries, dtype=dtype)

    def __repr__(self) -> str:
        return f"Tensor({self.name!r}, shape={self.shape}, nnz={self.nnz}, {self.kind})"

    @property
    def kind(self) -> str:
        """What the entries are: "rational", "in Q(sqrt 5)", "complex" or "real"."""
        if self.exact is None:
            return "complex" if np.iscomplexobj(self.entries) else "real"
        return "rational" if self.exact.radicand == 1 else f"in Q(sqrt {self.exact.radicand})"


def primitive(values: Integers) -> Integers:
    """Divide integers by their common divisor, and by -1 where that comes first in order."""
    divided: Integers = values // np.gcd.reduce(values, axis=None)
    ordered = np.sort(divided, axis=None)
    # Of both signs, the one whose sorted list of values, from above, is the larger.
    return divided if ordered[::-1].tolist() >= (-ordered).tolist() else -divided


def tensor(given: object, name: str | None = None) -> Tensor:
    """Take a 3-tensor in any of the forms that people have it in.

    Parameters
    ----------
    given : array_like, Tensor, WordTensor, or an object with factors, coordinates or values
        Numbers with three axes: an array of numpy or of anything that becomes one, nested lists
        (of fractions, too), a CPTensor of tensorly, which stands for its full tensor, coordinates
        with ``coords``, ``data`` and ``shape``, as scipy and sparse have them, a `WordTensor`, or a
        table with ``values`` (n_a, n_b) from 0 to below ``size``, which stands for the tensor with
        a one at every ``(a, b, values[a, b])``.
    name : str, optional
        For people.

    Returns
    -------
    Tensor

    Raises
    ------
    WordTensorError
        If it is none of these.

    Examples
    --------
    >>> from fractions import Fraction
    >>> tensor([[[Fraction(1, 3), 2]]]).exact.texts()
    [[['1/3', '2']]]
    >>> from wordtensor.words import word_tensor
    >>> tensor(word_tensor("a*b", "C3"))
    Tensor('a*b over C3', shape=(3, 3, 3), nnz=9, rational)
    """
    if isinstance(given, Tensor):
        return given
    found = _structured(given)
    if found is None:
        return of_array(_plain(given), name or "tensor")
    array, own, notes = found
    return of_array(array, name or own, notes)


def _structured(given: Any) -> tuple[NDArray[Any], str, tuple[str, ...]] | None:
    """Return array, name and notes of a word's tensor, terms, coordinates or a table, or None."""
    if isinstance(given, WordTensor):
        return given.to_dense(np.int64), f"{given.word} over {given.group.name}", ()
    if isinstance(given, np.ndarray | list | tuple):
        return None
    if hasattr(given, "factors") and hasattr(given, "weights"):
        return of_terms(given.factors, given.weights), "sum of terms", ()
    if hasattr(given, "values") and is_integer(getattr(given, "size", None)):
        values = np.asarray(given.values)
        if values.ndim == 2 and values.dtype.kind in "iu" and not hasattr(given, "iloc"):
            name, notes = getattr(given, "name", "table"), getattr(given, "notes", ())
            return _of_table(values, given.size), name, tuple(notes)
    if all(hasattr(given, name) for name in ("coords", "data", "shape")):
        array = of_coordinates(np.asarray(tuple(given.coords)), np.asarray(given.data), given.shape)
        return array, "tensor", ()
    return None


def _plain(given: Any) -> NDArray[Any]:
    """Return numbers as an array, of objects where they are fractions."""
    if hasattr(given, "detach"):  # of torch, which may be on a device or follow gradients
        given = given.detach().cpu()
    elif hasattr(given, "todense"):
        given = given.todense()
    if isinstance(given, str | bytes | os.PathLike):
        raise DecompositionError(f"A tensor is an array of numbers, not {shortened(given)}")
    try:
        return np.asarray(unmasked(given))
    except (ValueError, TypeError) as error:  # rows of different lengths
        raise DecompositionError(f"A tensor must be an array of numbers ({error})") from None


def of_array(array: NDArray[Any], name: str, notes: tuple[str, ...] = ()) -> Tensor:
    """Make a tensor of an array of numbers, fractions, or texts of these."""
    if array.ndim != 3:
        raise DecompositionError(f"A tensor must have three axes, not shape {array.shape}")
    if array.dtype.kind in "OUSV":
        return _of_objects(array, name, notes)
    if array.dtype.kind not in "biufc":
        raise DecompositionError(f"A tensor must have numbers as entries, not {array.dtype}")
    exact = None
    if array.dtype.kind in "biu" and array.size:
        if int(np.abs(_wide(array)).max()) < LARGEST:
            exact = ExactArray(array.astype(np.int64))
        else:
            notes = (*notes, _TOO_LARGE)
    kind = np.complex128 if array.dtype.kind == "c" else np.float64
    return Tensor(array.astype(kind), exact, name, notes)


def _wide(array: NDArray[Any]) -> NDArray[Any]:
    """Return integers in a type that has their absolute values."""
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    return array.astype(np.float64) if array.dtype.itemsize == 8 else array.astype(np.int64)


def _of_objects(array: NDArray[Any], name: str, notes: tuple[str, ...]) -> Tensor:
    """Make a tensor of Python's numbers, exactly if all are rational."""
    numbers = [as_number(value, place) for place, value in np.ndenumerate(array)]
    flat, denominator = numerators(numbers)
    return of_numerators(flat.reshape(array.shape), denominator, name, notes)


def of_numerators(
    array: NDArray[Any], denominator: int, name: str, notes: tuple[str, ...] = ()
) -> Tensor:
    """Make a tensor of integers over a denominator, or of floats over 0 or -1."""
    if denominator <= 0:
        return Tensor(array, None, name, (*notes, _TOO_LARGE) if denominator else notes)
    exact = ExactArray(array, None, denominator)
    return Tensor(exact.as_float(), exact, name, notes)


def of_terms(factors: Sequence[Any], weights: Any = None) -> NDArray[Any]:
    """Add up terms U, V, W of shapes (x, R), (y, R), (z, R), with weights (R,) if there are any."""
    parts = [_plain(factor) for factor in factors]
    shapes = [part.shape for part in parts]
    counts = {shape[1] for shape in shapes if len(shape) == 2}
    if len(parts) != 3 or len(counts) != 1 or any(len(shape) != 2 for shape in shapes):
        raise DecompositionError(
            "Terms are three factors of shapes (x, R), (y, R) and (z, R), not of shapes "
            f"{', '.join(map(str, shapes)) or 'none'}"
        )
    over_one = [_over_one(part) for part in parts]
    parts, denominator = [part for part, _ in over_one], prod(d for _, d in over_one)
    sizes = (len(parts[0]), len(parts[1]), len(parts[2]))
    _require(sizes)
    if weights is not None:
        given = _plain(weights)
        parts[2] = parts[2] * (given.astype(np.float64) if given.dtype.kind in "biu" else given)
    if all(part.dtype.kind in "biu" for part in parts):
        U, V, W = (np.abs(part.astype(np.float64)) for part in parts)
        largest = float((U.max(axis=0) * V.max(axis=0) * W.max(axis=0)).sum())
        parts = [part.astype(np.int64 if largest < LARGEST else np.float64) for part in parts]
    total = reconstruct((parts[0], parts[1], parts[2]))
    if denominator == 1 or total.dtype.kind != "i":
        return total / denominator if denominator > 1 else total
    flat = [Fraction(int(value), denominator) for value in total.astype(np.int64).ravel()]
    return np.array(flat, dtype=np.object_).reshape(total.shape)


def _over_one(factor: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """Return a factor as numbers over a denominator; it may hold fractions, or texts of them."""
    if factor.dtype.kind in "biufc":
        return factor, 1
    numbers = [as_number(value, "of a factor") for value in factor.ravel().tolist()]
    array, denominator = numerators(numbers)
    return array.reshape(factor.shape), max(denominator, 1)


def _of_table(values: NDArray[np.integer], size: int) -> NDArray[Any]:
    """Return the tensor with a one at every place (a, b, values[a, b])."""
    if not values.size or values.min() < 0 or values.max() >= size:
        raise DecompositionError(f"A table of values must have values from 0 to {size - 1}")
    i, j = np.indices(values.shape)
    places = np.stack([i.ravel(), j.ravel(), values.ravel()])
    return of_coordinates(places, np.ones(values.size, np.int64), (*values.shape, int(size)))


def of_coordinates(places: Integers, values: NDArray[Any], shape: Sequence[int]) -> NDArray[Any]:
    """Return the array with values at places (3, k); those of one place are added up."""
    if len(shape) != 3 or len(places) != 3:
        raise DecompositionError(f"A tensor must have three axes, not shape {tuple(shape)}")
    if places.shape != (3, len(values)) or places.dtype.kind not in "iu":
        raise DecompositionError(
            f"Coordinates are integers of shape (3, k) beside k values, not of shape "
            f"{places.shape} beside {len(values)}"
        )
    sizes = (int(shape[0]), int(shape[1]), int(shape[2]))
    outside = (places < 0) | (places >= np.array(sizes)[:, None])
    if outside.any():
        first = tuple(places[:, int(np.argmax(outside.any(axis=0)))].tolist())
        raise DecompositionError(f"The place {first} lies outside of the shape {sizes}")
    _require(sizes)
    # Sums of small integers would be too large for their own type.
    wide = values.dtype.kind in "biu" and float(np.abs(values.astype(float)).sum()) < LARGEST
    kind = np.int64 if wide else np.result_type(values.dtype, np.float64)
    array = np.zeros(sizes, dtype=kind)
    np.add.at(array, tuple(places), values.astype(kind))
    return array


def _require(shape: Sizes) -> None:
    x, y, z = shape
    require_memory(
        40.0 * x * y * z,
        f"A dense {x} x {y} x {z} tensor with what is computed from it",
        "Leave out empty slices, or take a part of it",
    )


def _checked(array: NDArray[Any]) -> Inexact:
    """Return entries as floats that can be computed with, or refuse them and say where."""
    if array.ndim != 3 or 0 in array.shape:
        raise DecompositionError(
            f"A tensor must have three axes, none of length 0, not shape {array.shape}"
        )
    if array.dtype.kind not in "biufc":
        raise DecompositionError(f"A tensor must have numbers as entries, not {array.dtype}")
    x, y, z = array.shape
    _require((x, y, z))
    entries = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
    finite = np.isfinite(entries)
    if not finite.all():
        place = tuple(int(k) for k in np.argwhere(~finite)[0])
        raise DecompositionError(f"Entry {place} of the tensor is {entries[place]}, not finite")
    largest = float(np.abs(entries).max())
    if largest and not _SMALLEST < largest < 1.0 / _SMALLEST:
        raise DecompositionError(
            f"The tensor has the largest entry {largest:.0e}, which must lie between "
            f"{_SMALLEST:.0e} and {1.0 / _SMALLEST:.0e}; scale it"
        )
    return entries


def _recognised(entries: Inexact) -> ExactArray | None:
    """Read floats as rational numbers, or as those of one quadratic field, if they are."""
    values = entries[entries != 0].ravel()
    if not values.size:
        return ExactArray(np.zeros(entries.shape, dtype=np.int64))
    if radicand_of(values[:: max(1, values.size // _SAMPLE)]) is None:
        return None
    field = radicand_of(values)
    if field is None:
        return None
    found = recognised(entries, field, largest_denominator=_DENOMINATOR)
    # Small entries beside large ones are near fractions without being any.
    if found is None or not np.allclose(found.as_float(), entries, rtol=1e-13, atol=0.0):
        return None
    return found


def require_field(taken: Tensor, field: Field) -> None:
    """Refuse real terms for a complex tensor."""
    if field == "real" and np.iscomplexobj(taken.entries):
        raise WordTensorError("Argument 'field' must be 'complex' for a complex tensor, not 'real'")
