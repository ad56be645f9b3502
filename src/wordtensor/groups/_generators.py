"""Reading generators (permutations, cycles, matrices) and writing elements as labels."""

import math
import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._memory import require_memory
from .._typing import Integers, is_integer, unmasked
from ..errors import GroupError
from ._foreign import plain_generators
from ._tables import MAX_ORDER

# Products of entries of this size cannot overflow int64.
_LARGEST_ENTRY = 10**6
_LARGEST_PRODUCT = 10**9
_LARGEST_DIMENSION = 100

_LONGEST_LABEL = 200
_SHOWN = 60  # letters of a text in a message

_CYCLES = re.compile(r"(\(\s*(\d{1,9}((\s*,\s*|\s+)\d{1,9})*)?\s*\)\s*)+", re.ASCII)
# As people write (1 2 3) on paper. As a cycle of one point it would move nothing.
_UNSPACED = re.compile(r"\(\s*(\d{2,})\s*\)", re.ASCII)


def _listed(generators: object, what: str) -> list[object]:
    unmasked(generators, GroupError)
    if isinstance(generators, str) or not isinstance(generators, Sequence | np.ndarray):
        raise GroupError(
            f"The generators must be a sequence of {what}; given {type(generators).__name__}"
        )
    if len(generators) == 0:
        raise GroupError(f"A group needs at least one generator, in a sequence of {what}")
    return list(generators)


def _integers(value: object, what: str) -> Integers:
    unmasked(value, GroupError)
    try:
        array = np.asarray(value)
    except ValueError:
        raise GroupError(f"{what} must be a rectangular array of integers") from None
    if array.dtype.kind not in "iu" or array.max(initial=0) > np.iinfo(np.int64).max:
        raise GroupError(f"{what} must hold integers; given {array.dtype}")
    return array.astype(np.int64)


def _read_cycles(text: str, what: str) -> list[list[int]]:
    """Read "(1 2 3)(4 5)", points counted from 1, as disjoint cycles counted from 0."""
    shown = repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
    if not _CYCLES.fullmatch(text.strip()):
        raise GroupError(
            f'{what} cannot be read as cycles: {shown}; write for example "(1 2 3)(4 5)"'
        )
    if unspaced := _UNSPACED.search(text):
        points = unspaced.group(1)[:_SHOWN]
        raise GroupError(
            f"{what} is {shown}, where ({points}) is a cycle of one point; put blanks or commas "
            f'between the points, "({" ".join(points)})" or "({",".join(points)})"; a point that '
            "stays where it is is left out"
        )
    cycles = [
        [int(i) - 1 for i in re.findall(r"\d+", part)] for part in re.findall(r"\([^)]*\)", text)
    ]
    points = [point for cycle in cycles for point in cycle]
    if len(set(points)) != len(points):
        raise GroupError(f"{what} has a point twice: {shown}; the cycles must be disjoint")
    if any(not 0 <= point < MAX_ORDER for point in points):
        raise GroupError(f"{what} is {shown}; its points must be 1..{MAX_ORDER}, not from 0 on")
    return cycles


def _apply_cycles(cycles: list[list[int]], degree: int) -> Integers:
    images = np.arange(degree)
    for cycle in cycles:
        images[cycle] = np.roll(cycle, -1)
    return images


def read_permutations(generators: object) -> Integers:
    """Return the generators as an (m, k) array of images of 0..k-1, or raise GroupError."""
    read: list[Integers | list[list[int]]] = []
    degrees: set[int] = set()
    moved = 1
    for number, generator in enumerate(_listed(plain_generators(generators), "permutations")):
        what = f"Generator {number}"
        if isinstance(generator, str):
            cycles = _read_cycles(generator, what)
            moved = max([moved, *(point + 1 for cycle in cycles for point in cycle)])
            read.append(cycles)
            continue
        images = _integers(generator, what)
        if images.ndim != 1 or not 1 <= len(images) <= MAX_ORDER:
            raise GroupError(
                f"{what} must be a list of 1 to {MAX_ORDER} images; given shape {images.shape}"
            )
        if not np.array_equal(np.sort(images), np.arange(len(images))):
            hint = (
                "; subtract 1 if it counts from 1"
                if (np.array_equal(np.sort(images), np.arange(1, len(images) + 1)))
                else ""
            )
            raise GroupError(f"{what} is not a permutation of 0..{len(images) - 1}{hint}")
        degrees.add(len(images))
        read.append(images)
    degree = max(degrees, default=moved)
    if len(degrees) > 1 or moved > degree:
        raise GroupError(
            "The generators must permute the same points; they permute "
            f"{sorted(degrees | ({moved} if moved > degree else set()))} points"
        )
    needed = 16 * len(read) * degree  # one by one, and together
    require_memory(needed, f"The {len(read)} generators", "Give fewer generators")
    return np.stack([g if isinstance(g, np.ndarray) else _apply_cycles(g, degree) for g in read])


def cycle_labels(elements: NDArray[np.integer]) -> tuple[str, ...]:
    """Write permutations (n, k) as disjoint cycles of 1..k; the identity is "()"."""
    return tuple(_cut(_cycles(images), number) for number, images in enumerate(elements))


def _cycles(images: NDArray[np.integer]) -> Iterator[str]:
    moved = np.flatnonzero(images != np.arange(len(images)))
    if not len(moved):
        yield "()"
    seen: set[int] = set()
    for start in moved:
        point = int(start)
        while point not in seen:
            yield f"({point + 1}" if point == start else f" {point + 1}"
            seen.add(point)
            point = int(images[point])
            if point == start:
                yield ")"


def matrix_labels(elements: NDArray[np.integer]) -> tuple[str, ...]:
    """Write matrices (n, d, d) as "[1 1; 0 1]"."""
    return tuple(_cut(_rows(matrix), number) for number, matrix in enumerate(elements))


def _rows(matrix: NDArray[np.integer]) -> Iterator[str]:
    for number, row in enumerate(matrix):
        yield ("; " if number else "[") + " ".join(map(str, row.tolist()))
    yield "]"


def _cut(pieces: Iterator[str], number: int) -> str:
    """Join the pieces of a label; of a long one only the first, and the element's number."""
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > _LONGEST_LABEL:
            return f"{text[:_LONGEST_LABEL]}... #{number}"
    return text


def determinant(matrix: Sequence[Sequence[int]]) -> int:
    """Return the exact determinant of an integer matrix, by Bareiss' fraction-free elimination."""
    rows = [list(row) for row in matrix]
    sign, previous = 1, 1
    for k in range(len(rows) - 1):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if pivot is None:
            return 0
        if pivot != k:
            rows[k], rows[pivot] = rows[pivot], rows[k]
            sign = -sign
        for i in range(k + 1, len(rows)):
            for j in range(k + 1, len(rows)):
                rows[i][j] = (rows[i][j] * rows[k][k] - rows[i][k] * rows[k][j]) // previous
        previous = rows[k][k]
    return sign * rows[-1][-1]


def _exact_product(left: Integers, right: Integers) -> Integers:
    product: Integers = left @ right
    if np.abs(product).max(initial=0) > _LARGEST_PRODUCT:
        raise GroupError(
            f"Entries above {_LARGEST_PRODUCT} appear: the group is infinite or cannot be handled; "
            "give a modulus for a group of matrices over the integers mod m"
        )
    return product


def read_matrices(
    generators: Sequence[ArrayLike], modulus: int | None
) -> tuple[Integers, Callable[[Integers, Integers], Integers]]:
    """Return the generators as an (m, d, d) array and their product, or raise GroupError."""
    if modulus is not None and not (is_integer(modulus) and 2 <= modulus <= _LARGEST_ENTRY):
        raise GroupError(
            f"Argument 'modulus' must be None or an integer 2..{_LARGEST_ENTRY}; given {modulus!r}"
        )
    read: list[Integers] = []
    for number, generator in enumerate(_listed(generators, "matrices")):
        matrix = _integers(generator, f"Generator {number}")
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] < 1:
            raise GroupError(
                f"Generator {number} must be a square matrix; given shape {matrix.shape}"
            )
        if (
            matrix.shape[0] > _LARGEST_DIMENSION
            or not -_LARGEST_ENTRY <= matrix.min() <= matrix.max() <= _LARGEST_ENTRY
        ):
            raise GroupError(
                f"Generator {number} is above the limits: dimension "
                f"{_LARGEST_DIMENSION}, entries of size {_LARGEST_ENTRY}"
            )
        if read and read[0].shape != matrix.shape:
            raise GroupError("The generators must be matrices of the same size")
        value = determinant(matrix.tolist())
        if (abs(value) != 1) if modulus is None else math.gcd(value, modulus) != 1:
            where = "over the integers" if modulus is None else f"modulo {modulus}"
            raise GroupError(f"Generator {number} is not invertible {where}: determinant {value}")
        read.append(matrix if modulus is None else matrix % modulus)
    if modulus is None:
        return np.stack(read), _exact_product
    return np.stack(read), lambda left, right: (left @ right) % modulus
