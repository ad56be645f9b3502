"""The products of a scheme on arrays of any library: numpy, torch, and others like them."""

import re
from typing import Any

import numpy as np

from .._typing import IntegerFactors, Integers
from ..errors import SchemeError

Shape = tuple[int, int, int]


def multiplied(
    factors: IntegerFactors,
    scale: int,
    shape: Shape,
    division: str,
    characteristic: int,
    A: Any,
    B: Any,
) -> Any:
    """Return A B, computed block by block; see `Scheme.apply`."""
    _require_arrays(shape, division, A, B)
    n, m, p = shape
    U, V, W = factors
    if scale > 1:
        _require_room(factors, m, A, B)
    x, y = _parts(A, n, m, division), _parts(B, m, p, division)
    z: list[Any] = [None] * len(W)
    for r in range(U.shape[1]):
        left, right = _combined(U[:, r], x), _combined(V[:, r], y)
        if left is None or right is None:
            continue
        product = left @ right
        for k, coefficient in enumerate(W[:, r].tolist()):
            if coefficient:
                z[k] = _added(z[k], coefficient, product)
    # A product over nothing has the shape, the type and the device of the result.
    whole = A[..., :, :0] @ B[..., :0, :]
    k, q = whole.shape[-2] // n, whole.shape[-1] // p
    entries = z if division == "R" else _joined(z)
    for place, entry in enumerate(entries):
        if entry is not None:
            i, j = divmod(place, p)
            block = (..., slice(i * k, (i + 1) * k), slice(j * q, (j + 1) * q))
            whole[block] = _divided(entry, scale, characteristic)
    return whole


def _divided(part: Any, scale: int, characteristic: int) -> Any:
    """Return what a sum stands for: a residue, or a multiple of the scale without it."""
    if characteristic:
        return part % characteristic
    if scale == 1:
        return part
    if part.dtype == object:  # of numpy: each in its own way
        return np.frompyfunc(lambda x: x // scale if isinstance(x, int) else x / scale, 1, 1)(part)
    integers = (part[..., :1, :1] / 1).dtype != part.dtype
    return part // scale if integers else part / scale


def _joined(z: list[Any]) -> list[Any]:
    """Put real and imaginary parts together."""
    return [
        None if real is None or imag is None else real + 1j * imag
        for real, imag in zip(z[::2], z[1::2], strict=True)
    ]


def _require_arrays(shape: Shape, division: str, A: Any, B: Any) -> None:
    n, m, p = shape
    if division == "H":
        raise SchemeError("There are no arrays of quaternions; apply takes schemes over R and C")
    for given in (A, B):
        if not hasattr(given, "shape") or not hasattr(given, "dtype"):
            raise SchemeError(
                "Only arrays, of numpy, torch or others like them, are multiplied, not "
                f"{given!r:.60}"
            )
    if min(len(A.shape), len(B.shape)) < 2 or (
        A.shape[-2] % n or A.shape[-1] % m or B.shape[-2] != A.shape[-1] or B.shape[-1] % p
    ):
        raise SchemeError(
            f"Arrays for <{n},{m},{p}> must have shapes (..., {n}*k, {m}*l) and "
            f"(..., {m}*l, {p}*q), not {tuple(A.shape)} and {tuple(B.shape)}"
        )
    for array in (A, B):
        kind = str(array.dtype)
        if "uint" in kind or "bool" in kind:
            raise SchemeError(f"Arrays must have signed numbers, not {kind}")
        if division == "C" and "complex" not in kind:
            raise SchemeError(f"A scheme over C multiplies complex arrays, not {kind}")


def _require_room(factors: IntegerFactors, m: int, A: Any, B: Any) -> None:
    """Refuse integers whose sums, before they are divided, may not fit into their type."""
    digits = [re.search(r"int(\d+)", str(array.dtype)) for array in (A, B)]
    if None in digits or 0 in (*A.shape, *B.shape):
        return
    U, V, W = (np.abs(factor).astype(np.float64) for factor in factors)
    largest = [max(abs(int(array.max())), abs(int(array.min()))) for array in (A, B)]
    sums = (W * U.sum(axis=0) * V.sum(axis=0)).sum(axis=1).max() * (A.shape[-1] // m)
    bits = max(int(found[1]) for found in digits if found)
    if float(sums) * largest[0] * largest[1] >= 2.0 ** (bits - 1):
        raise SchemeError(
            f"The sums of this scheme may not fit into {bits} bits before they are divided; take "
            "larger integers, numpy arrays of objects, or floating-point numbers"
        )


def _parts(array: Any, rows: int, columns: int, division: str) -> list[Any]:
    """Return the blocks of an array row by row, over C with their real and imaginary parts."""
    k, l = array.shape[-2] // rows, array.shape[-1] // columns  # noqa: E741
    blocks = [
        array[..., i * k : (i + 1) * k, j * l : (j + 1) * l]
        for i in range(rows)
        for j in range(columns)
    ]
    if division == "C":
        return [part for block in blocks for part in (block.real, block.imag)]
    return blocks


def _combined(coefficients: Integers, parts: list[Any]) -> Any:
    total = None
    for coefficient, part in zip(coefficients.tolist(), parts, strict=True):
        if coefficient:
            total = _added(total, coefficient, part)
    return total


def _added(total: Any, coefficient: int, part: Any) -> Any:
    """Return total + coefficient * part, without products by 1 and -1."""
    if total is None:
        return part if coefficient == 1 else coefficient * part
    if coefficient == 1:
        return total + part
    return total - part if coefficient == -1 else total + coefficient * part
