r"""Products with a factor of a structure: symmetric, skew, Hermitian or triangular matrices.

A symmetric X, n x n, times Y, n x p, takes p n (n + 1) / 2 products, since

    x_ij y_j z_i + x_ij y_i z_j = -x_ij (y_i - y_j) (z_i - z_j) + x_ij y_i z_i + x_ij y_j z_j,

where what stands last is added up to one product for each i. With products of complex numbers, each
by three real ones, the same serves complex symmetric and Hermitian matrices. For a skew X,

    x_ij (y_j z_i - y_i z_j) = x_ij (y_i + y_j) (z_i - z_j) - x_ij (d_j - d_i)

with ``d_j = y_0 z_0 - y_j z_j``, half the sum of ``(y_0 + y_j)(z_0 - z_j)`` and
``(y_0 - y_j)(z_0 + z_j)``: p (n (n + 1) / 2 - 1) products in all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from math import isqrt
from types import MappingProxyType
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from .._memory import require_memory
from .._typing import IntegerFactors, Integers, Sizes, Value
from ..errors import SchemeError
from ._structured_terms import (
    FORMULAS,
    block_cover,
    factors_of,
    formula_rank,
    hermitian_places,
    in_columns,
    integral_registry,
    read_stored,
    triangular_factors,
    upper_places,
)
from .best import best_rank, best_scheme
from .exact_terms import ExactTerms

Structure = Literal[
    "symmetric", "skew", "complex symmetric", "Hermitian", "triangular", "symmetric pair", "Gram"
]
STRUCTURES: Final[tuple[Structure, ...]] = get_args(Structure)

PAIR: Final = "symmetric pair"
_COMPLEX: Final = ("complex symmetric", "Hermitian")
_WORDS: Final = MappingProxyType[str, str](
    {
        "symmetric": "symmetric {n} x {n} times {n} x {p}",
        "skew": "skew {n} x {n} times {n} x {p}",
        "complex symmetric": "complex symmetric {n} x {n} times {n} x {p}",
        "Hermitian": "Hermitian {n} x {n} times complex {n} x {p}",
        "triangular": "triangular {n} x {n} times {n} x {p}",
        "symmetric pair": "symmetric {n} x {n} times symmetric {n} x {n}",
        "Gram": "X Y' + Y X' of {n} x {p} matrices",
    }
)


@dataclass(frozen=True, slots=True)
class StructuredProduct(Value):
    """A product of matrices one of which has a structure, as a tensor.

    Attributes
    ----------
    structure : str
        What X is, n x n, in Z = X Y with Y and Z of size n x p: "symmetric", "skew", "triangular"
        (above), or, with complex Y and Z, "complex symmetric" or "Hermitian". "symmetric pair": Y,
        n x n, is symmetric as well.
        "Gram": Z = X Y' + Y X' for any n x p matrices, which is what the product of a matrix with
        its own transpose is as a bilinear map: for Y = X it is twice X X'.
    n, p : int
        The sizes; p is n for a symmetric pair.

    Raises
    ------
    SchemeError
        If there is no such structure, or a size is not positive.

    Notes
    -----
    The coordinates of a structured matrix are its entries on and above the diagonal (above it if it
    is skew), row by row; of a Hermitian matrix each entry above the diagonal has a real and an
    imaginary part. Others are row-major, and real and imaginary parts come last. So the tensor of
    "Gram" is that of "symmetric" with its modes in another order, and entries 2 for the diagonal.

    Examples
    --------
    >>> product = StructuredProduct("symmetric", 3, 2)
    >>> str(product), product.shape, int(product.tensor().sum())
    ('symmetric 3 x 3 times 3 x 2', (6, 6, 6), 18)
    """

    structure: Structure
    n: int
    p: int

    def __post_init__(self) -> None:
        if self.structure not in STRUCTURES:
            allowed = ", ".join(repr(name) for name in STRUCTURES)
            raise SchemeError(
                f"Argument 'structure' must be one of {allowed}, not {self.structure!r}"
            )
        if min(self.n, self.p) < 1 or (self.structure == "skew" and self.n == 1):
            least = "2" if self.structure == "skew" else "1"
            raise SchemeError(
                f"A {self.structure} product needs sizes n >= {least} and p >= 1, "
                f"not ({self.n}, {self.p})"
            )
        if self.structure == "symmetric pair" and self.p != self.n:
            raise SchemeError(f"A symmetric pair has p = n, not ({self.n}, {self.p})")

    @property
    def shape(self) -> Sizes:
        """Dimensions of the three modes."""
        n, p = self.n, self.p
        upper = n * (n + 1) // 2
        if self.structure == "symmetric pair":
            return upper, upper, n * n
        if self.structure == "Gram":
            return n * p, n * p, upper
        first = {"skew": upper - n, "complex symmetric": 2 * upper, "Hermitian": n * n}
        sides = n * p * (2 if self.structure in _COMPLEX else 1)
        return first.get(self.structure, upper), sides, sides

    def tensor(self) -> Integers:
        """Return the dense tensor, of this `shape`.

        Returns
        -------
        ndarray of int64
            Entry (i, j, k) is how often the product of coordinates i and j counts in coordinate k.
        """
        x, y, z = self.shape
        require_memory(8 * x * y * z, f"The dense tensor of {self}")
        if self.structure == "Gram":
            turned = StructuredProduct("symmetric", self.n, self.p).tensor().transpose(1, 2, 0)
            weights = np.ones(z, dtype=np.int64)
            weights[[k for (i, j), k in upper_places(self.n).items() if i == j]] = 2
            return np.ascontiguousarray(turned * weights)
        if self.structure == "symmetric pair":
            general = StructuredProduct("symmetric", self.n, self.n).tensor()
            second = _matrices("symmetric", self.n).reshape(-1, z)
            return np.ascontiguousarray(np.tensordot(general, second, (1, 1)).swapaxes(1, 2))
        matrices = _matrices(self.structure, self.n)
        found = np.zeros((x, y, z), dtype=np.int64)
        d = z // (self.n * self.p)
        rows, columns = matrices.shape[1:]
        blocks = found.reshape(x, columns // d, self.p, d, rows // d, self.p, d)
        parts = matrices.reshape(x, rows // d, d, columns // d, d).transpose(0, 3, 4, 1, 2)
        for column in range(self.p):
            blocks[:, :, column, :, :, column, :] = parts
        return found

    def __str__(self) -> str:
        return _WORDS[self.structure].format(n=self.n, p=self.p)


def _matrices(structure: str, n: int) -> Integers:
    """Return the matrices of the coordinates of X, real: shape (x, n, n), or twice that."""
    if structure == "Hermitian":
        at = hermitian_places(n)
        found = np.zeros((n * n, n, 2, n, 2), dtype=np.int64)
        turn = np.array([[0, -1], [1, 0]])
        for (i, j), k in at.items():
            found[k, i, :, j, :] = found[k, j, :, i, :] = np.eye(2)
            if i < j:
                found[k + 1, i, :, j, :], found[k + 1, j, :, i, :] = turn, -turn
        return found.reshape(n * n, 2 * n, 2 * n)
    if structure == "complex symmetric":
        units = np.array([np.eye(2), [[0, -1], [1, 0]]], dtype=np.int64)
        return np.kron(_matrices("symmetric", n), units)
    places = upper_places(n, diagonal=structure != "skew")
    found = np.zeros((len(places), n, n), dtype=np.int64)
    lower = {"symmetric": 1, "skew": -1, "triangular": 0}[structure]
    for (i, j), k in places.items():
        if i < j:
            found[k, j, i] = lower
        found[k, i, j] = 1
    return found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StructuredScheme(Value):
    """Exact terms of a structured product, and how they are made.

    Attributes
    ----------
    product : StructuredProduct
        What they add up to.
    terms : ExactTerms
        U, V and W.
    provenance : str
        The construction, or the search that found them.
    construction : str
        What they are made of, in words.

    Examples
    --------
    >>> structured_scheme("skew", 3, 1)
    StructuredScheme(skew 3 x 3 times 3 x 1, rank=5)
    """

    product: StructuredProduct
    terms: ExactTerms
    provenance: str
    construction: str = ""

    @property
    def rank(self) -> int:
        """Number of terms."""
        return self.terms.rank

    @property
    def lower_bound(self) -> int:
        """The largest dimension, which the rank is at least, over every field."""
        return max(self.product.shape)

    def check(self) -> "StructuredScheme":
        """Add up the terms exactly and return the scheme itself.

        Returns
        -------
        StructuredScheme
            The same object.

        Raises
        ------
        SchemeError
            If they do not add up to the tensor of the product.
        """
        if not self.terms.equals(self.product.tensor()):
            raise SchemeError(f"The {self.rank} terms do not add up to {self.product}")
        return self

    def __repr__(self) -> str:
        return f"StructuredScheme({self.product}, rank={self.rank})"


def structured_rank(structure: Structure, n: int, p: int) -> int:
    """Return the rank of `structured_scheme` without building it.

    Parameters
    ----------
    structure : str
        As in `StructuredProduct`.
    n, p : int
        The sizes.

    Returns
    -------
    int
        An upper bound on the rank over the rational numbers.

    Examples
    --------
    >>> structured_rank("symmetric", 4, 4), structured_rank("triangular", 4, 4)
    (40, 36)
    """
    return _best(StructuredProduct(structure, n, p))[0]


@lru_cache(maxsize=256)
def structured_scheme(structure: Structure, n: int, p: int) -> StructuredScheme:
    """Build the best scheme that is known here for a structured product.

    Parameters
    ----------
    structure : str
        As in `StructuredProduct`.
    n, p : int
        The sizes.

    Returns
    -------
    StructuredScheme
        By a formula, by a stored scheme, or of schemes for matrix products.

    Raises
    ------
    SchemeError
        If there is no such product.

    Examples
    --------
    >>> structured_scheme("symmetric", 2, 2).check()
    StructuredScheme(symmetric 2 x 2 times 2 x 2, rank=6)
    """
    product = StructuredProduct(structure, n, p)
    rank, way = _best(product)
    denominators = (2 if structure == "skew" and way == "formula" else 1, 1, 1)
    text = ""
    if way == "stored":
        found = read_stored()[structure, n]
        d = 2 if structure in _COMPLEX else 1
        terms = found.terms if structure == PAIR else in_columns(found.terms, p, d, found.p)
        factors = factors_of(terms, product.shape)
        text, denominators = found.provenance, found.denominators
        made = f"{rank} stored terms of a search"
        if p > found.p:
            source = StructuredProduct(structure, n, found.p)
            made = f"{p // found.p} times the {len(found.terms)} stored terms of {source}"
    elif way == "blocks":
        factors = triangular_factors(n, p)
        made = f"matrix products of blocks, {block_cover(n, p)[1]}"
    elif way == "matrix product":
        factors = _restricted(product)
        made = f"<{n},{n},{p}>:{rank} with a {structure} factor"
    else:
        factors = factors_of(FORMULAS[structure](n, p), product.shape)
        made = "X Y' + Y X'" if structure == "Gram" else f"{structure} factors"
        made = f"the formula for {made}"
    return StructuredScheme(product, ExactTerms(*factors, denominators), text or made, made)


def _best(product: StructuredProduct) -> tuple[int, str]:
    """Return the least number of terms, and how it is reached; of equal ones the simplest."""
    structure, n, p = product.structure, product.n, product.p
    ways: list[tuple[int, str]] = []
    found = read_stored().get((structure, n))
    if found is not None and p % found.p == 0:
        ways.append((len(found.terms) * (p // found.p), "stored"))
    if structure in FORMULAS:
        ways.append((formula_rank(structure, n, p), "formula"))
    if structure == "triangular":
        ways.append((block_cover(n, p)[0], "blocks"))
    elif structure in ("symmetric", "skew"):
        ways.append((best_rank(n, n, p, registry=integral_registry()), "matrix product"))
    return min(ways, key=lambda way: way[0])


def _restricted(product: StructuredProduct) -> IntegerFactors:
    """Take the scheme of a matrix product and let its first factor have the structure."""
    scheme = best_scheme(product.n, product.n, product.p, registry=integral_registry())
    matrices = _matrices(product.structure, product.n).reshape(product.shape[0], -1)
    return matrices @ scheme.U, scheme.V, scheme.W


def structured_product(tensor: ArrayLike) -> tuple[StructuredProduct, Sizes] | None:
    """Recognise a structured product in its own coordinates, with the modes in any order.

    Parameters
    ----------
    tensor : array_like, shape (x, y, z)
        A tensor.

    Returns
    -------
    (StructuredProduct, tuple of int) or None
        The product, and the order of modes: ``tensor.transpose(order)`` is its tensor.

    Examples
    --------
    >>> found = StructuredProduct("symmetric", 2, 3).tensor()
    >>> structured_product(found.transpose(1, 0, 2))
    (StructuredProduct(structure='symmetric', n=2, p=3), (1, 0, 2))
    """
    given = np.asarray(tensor)
    if given.ndim != 3 or min(given.shape) < 1:
        return None
    for order in permutations(range(3)):
        shape = tuple(given.shape[mode] for mode in order)
        for product in _of_shape((shape[0], shape[1], shape[2])):
            if np.array_equal(given.transpose(order), product.tensor()):
                return product, (order[0], order[1], order[2])
    return None


def _of_shape(shape: Sizes) -> Iterator[StructuredProduct]:
    """Yield the structured products with these dimensions, n at least 2."""
    if shape[1] != shape[2]:
        return
    for structure in ("symmetric", "skew", "complex symmetric", "Hermitian", "triangular"):
        for n in range(2, isqrt(2 * shape[0]) + 3):
            d = 2 if structure in ("complex symmetric", "Hermitian") else 1
            if shape[1] % (n * d) == 0:
                product = StructuredProduct(structure, n, shape[1] // (n * d))
                if product.shape == shape:
                    yield product
