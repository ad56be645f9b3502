"""Rank-one terms of products with a structured factor, by formulas that hold for all sizes."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from .._typing import IntegerFactors, Sizes
from .best import best_rank, best_scheme
from .registry import Registry, default_registry

Form = Mapping[int, int]  # coefficients by coordinate
Term = tuple[Form, Form, Form]
Terms = list[Term]


def factors_of(terms: Sequence[Term], shape: Sizes) -> IntegerFactors:
    """Write terms as factors U, V, W, shapes (x, R), (y, R), (z, R)."""
    U, V, W = (np.zeros((size, len(terms)), dtype=np.int64) for size in shape)
    for t, forms in enumerate(terms):
        for factor, form in zip((U, V, W), forms, strict=True):
            for coordinate, coefficient in form.items():
                factor[coordinate, t] += coefficient
    return U, V, W


def upper_places(n: int, *, diagonal: bool = True) -> dict[tuple[int, int], int]:
    """Give numbers to the entries on and above the diagonal, or above it, row by row."""
    pairs = [(i, j) for i in range(n) for j in range(i if diagonal else i + 1, n)]
    return {pair: k for k, pair in enumerate(pairs)}


def hermitian_places(n: int) -> dict[tuple[int, int], int]:
    """Give numbers to the real parts on and above the diagonal; imaginary parts come next."""
    places, k = {}, 0
    for i in range(n):
        for j in range(i, n):
            places[i, j] = k
            k += 1 if i == j else 2
    return places


def _form(*parts: tuple[int, int]) -> dict[int, int]:
    """Add up coordinates with coefficients."""
    found: dict[int, int] = {}
    for coordinate, coefficient in parts:
        found[coordinate] = found.get(coordinate, 0) + coefficient
    return {key: value for key, value in found.items() if value}


def in_columns(few: Sequence[Term], p: int, d: int = 1, width: int = 1) -> Terms:
    """Take a product with ``width`` columns again and again, for p columns of Y and of Z."""

    def placed(form: Form, start: int) -> Form:
        # Coordinate ((row * width) + column) * d + part becomes that of p columns.
        return {
            (k // d // width * p + start + k // d % width) * d + k % d: c for k, c in form.items()
        }

    return [
        (x, placed(y, start), placed(z, start)) for start in range(0, p, width) for x, y, z in few
    ]


def symmetric_terms(n: int, p: int) -> Terms:
    """Multiply a symmetric n x n matrix by an n x p matrix: p n (n + 1) / 2 terms."""
    entries = {pair: {k: 1} for pair, k in upper_places(n).items()}
    return in_columns(list(_symmetric(n, entries)), p)


def _symmetric(n: int, entries: Mapping[tuple[int, int], Form]) -> Iterator[Term]:
    """Yield the terms of a symmetric matrix of forms, zeros left out, times a column."""
    sums: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    for (i, j), form in entries.items():
        sums[i] += form.items()
        if i != j:
            sums[j] += form.items()
            yield form, {i: 1, j: -1}, {i: -1, j: 1}
    for i, parts in enumerate(sums):
        if form := _form(*parts):
            yield form, {i: 1}, {i: 1}


def skew_terms(n: int, p: int) -> Terms:
    """Multiply a skew n x n matrix by an n x p matrix, twice: p (n (n + 1) / 2 - 1) terms."""
    at = upper_places(n, diagonal=False)
    terms: Terms = []
    for (i, j), k in at.items():
        if i > 0:
            terms.append(({k: 2}, {i: 1, j: 1}, {i: 1, j: -1}))
            continue
        # (y_i + y_j) (z_i - z_j) has d_ij = y_i z_i - y_j z_j too many, which is d_0j - d_0i.
        own = [(m, 1 if j == pair[1] else -1) for pair, m in at.items() if j in pair]
        twice = _form((k, 2), *((m, -c) for m, c in own))
        terms.append((twice, {i: 1, j: 1}, {i: 1, j: -1}))
        terms.append((_form(*((m, -c) for m, c in own)), {i: 1, j: -1}, {i: 1, j: 1}))
    return in_columns(terms, p)


def hermitian_terms(n: int, p: int) -> Terms:
    """Multiply a Hermitian n x n matrix by a complex n x p matrix: 3 p n (n + 1) / 2 terms."""
    at = hermitian_places(n)
    if n <= 2:  # as a real symmetric matrix of twice the size: 2 n n terms
        return in_columns(list(_symmetric(2 * n, _real_entries(at))), p, d=2)
    terms: Terms = []
    for (i, j), k in at.items():
        if i < j:  # Re X (y_j + conj y_i) (conj z_i + z_j)
            u: tuple[Form, Form] = {2 * j: 1, 2 * i: 1}, {2 * j + 1: 1, 2 * i + 1: -1}
            v: tuple[Form, Form] = {2 * i: 1, 2 * j: 1}, {2 * i + 1: -1, 2 * j + 1: 1}
            terms += _three({k: 1}, {k: -1}, {k + 1: -1}, u, v)
    for i in range(n):
        real, imaginary = [], []
        for (r, c), k in at.items():
            if r < c and i in (r, c):  # -X_ri y_i z_i, and -conj X_ic y_i z_i
                real.append((k, -1))
                imaginary.append((k + 1, -1 if i == c else 1))
        own = (at[i, i], 1)
        first, second = _form(*real, own), _form(*((k, -c) for k, c in real), own)
        off = _form(*((k, -c) for k, c in imaginary))
        terms += _three(
            first, second, off, ({2 * i: 1}, {2 * i + 1: 1}), ({2 * i: 1}, {2 * i + 1: 1})
        )
    return in_columns(terms, p, d=2)


def _three(
    first: Form, second: Form, off: Form, u: tuple[Form, Form], v: tuple[Form, Form]
) -> Terms:
    """Multiply u1, u2 and v1, v2 by a symmetric 2 x 2 matrix of forms."""
    difference = [_form(*w[0].items(), *((k, -c) for k, c in w[1].items())) for w in (u, v)]
    negative = {k: -c for k, c in off.items()}
    return [
        (_form(*first.items(), *off.items()), u[0], v[0]),
        (_form(*second.items(), *off.items()), u[1], v[1]),
        (negative, difference[0], difference[1]),
    ]


def _real_entries(at: Mapping[tuple[int, int], int]) -> dict[tuple[int, int], Form]:
    """Write a Hermitian matrix as a real symmetric one, on coordinates Re, Im, Re, Im, ..."""
    entries: dict[tuple[int, int], Form] = {}
    for (i, j), k in at.items():
        entries[2 * i, 2 * j] = {k: 1}
        entries[2 * i + 1, 2 * j + 1] = {k: 1}
        if i < j:
            entries[2 * i, 2 * j + 1] = {k + 1: -1}
            entries[2 * i + 1, 2 * j] = {k + 1: 1}
    return entries


def gram_terms(n: int, p: int) -> Terms:
    """Add X Y' and Y X' for n x p matrices: the terms of a symmetric factor, read from Z."""
    at = upper_places(n)
    diagonal = {at[i, i] for i in range(n)}
    # Z_ij with i < j counts once among z_ij (x_i y_j + x_j y_i), and z_ii twice.
    return [
        (x, y, {k: (2 * c if k in diagonal else c) for k, c in s.items()})
        for s, x, y in symmetric_terms(n, p)
    ]


def complex_symmetric_terms(n: int, p: int) -> Terms:
    """Multiply a complex symmetric n x n matrix by a complex n x p matrix, by Gauss."""
    gauss = (((0,), (0,), (1, -1)), ((1,), (1,), (-1, -1)), ((0, 1), (0, 1), (0, 1)))
    made: Terms = []
    for x, y, z in symmetric_terms(n, p):
        for first, second, last in gauss:
            u, v = (
                {2 * k + part: c for k, c in form.items() for part in parts}
                for form, parts in ((x, first), (y, second))
            )
            if last == (0, 1):
                w = {2 * k + 1: c for k, c in z.items()}
            else:
                w = {2 * k + part: c * last[part] for k, c in z.items() for part in range(2)}
            made.append((u, v, w))
    return made


def pair_terms(n: int, _: int) -> Terms:
    """Multiply two symmetric n x n matrices, the second as if it were any."""
    at = upper_places(n)
    symmetric = {i * n + j: at[min(i, j), max(i, j)] for i in range(n) for j in range(n)}
    return [
        (x, _form(*((symmetric[k], c) for k, c in y.items())), z)
        for x, y, z in symmetric_terms(n, n)
    ]


FORMULAS: Final = MappingProxyType[str, Callable[[int, int], Terms]](
    {
        "symmetric": symmetric_terms,
        "skew": skew_terms,
        "complex symmetric": complex_symmetric_terms,
        "Hermitian": hermitian_terms,
        "symmetric pair": pair_terms,
        "Gram": gram_terms,
    }
)


def formula_rank(structure: str, n: int, p: int) -> int:
    """Count the terms of a formula without writing them."""
    rank = p * n * (n + 1) // 2
    if structure == "skew":
        return rank - p
    if structure == "Hermitian":
        return 2 * n * n * p if n <= 2 else 3 * rank
    return 3 * rank if structure == "complex symmetric" else rank


@lru_cache(maxsize=1)
def integral_registry() -> Registry:
    """Return the package's schemes that are integral, so that no term needs a denominator."""
    return Registry(tuple(s for s in default_registry().schemes if s.ring == "Z"))


@lru_cache(maxsize=512)
def block_cover(n: int, p: int) -> tuple[int, str]:
    """Return the terms of a triangular n x n matrix times n x p by full blocks, and say which."""
    rank, k = _cut(n, p)
    if n == 0:
        return 0, ""
    parts = [block_cover(k - 1, p)[1], f"<{k},{n - k + 1},{p}>", block_cover(n - k, p)[1]]
    return rank, " + ".join(part for part in parts if part)


@lru_cache(maxsize=512)
def _cut(n: int, p: int) -> tuple[int, int]:
    """Choose the row k of the corner of a full block: rows up to k, columns from k on."""
    if n == 0:
        return 0, 0
    return min(
        (
            _cut(k - 1, p)[0]
            + _cut(n - k, p)[0]
            + best_rank(k, n - k + 1, p, registry=integral_registry()),
            k,
        )
        for k in range(1, n + 1)
    )


def triangular_factors(n: int, p: int) -> IntegerFactors:
    """Multiply an upper triangular n x n matrix by an n x p matrix, block by block."""
    at = upper_places(n)
    parts: list[IntegerFactors] = []

    def cover(start: int, size: int) -> None:
        if size == 0:
            return
        k = _cut(size, p)[1]
        rows, columns = range(start, start + k), range(start + k - 1, start + size)
        scheme = best_scheme(k, size - k + 1, p, registry=integral_registry())
        U, V, W = (
            np.zeros((count, scheme.rank), dtype=np.int64) for count in (len(at), n * p, n * p)
        )
        U[[at[i, j] for i in rows for j in columns]] = scheme.U
        V[[j * p + q for j in columns for q in range(p)]] = scheme.V
        W[[i * p + q for i in rows for q in range(p)]] = scheme.W
        parts.append((U, V, W))
        cover(start, k - 1)
        cover(start + k, size - k)

    cover(0, n)
    U, V, W = (np.hstack([part[mode] for part in parts]) for mode in range(3))
    return U, V, W


@dataclass(frozen=True, slots=True)
class StoredTerms:
    """Terms that a search found, for p columns where there are columns."""

    terms: Terms
    p: int
    denominators: Sizes
    provenance: str


@lru_cache(maxsize=1)
def read_stored() -> dict[tuple[str, int], StoredTerms]:
    """Read the terms that come with the package, by structure and n; one for each."""
    source = files(__package__).joinpath("data").joinpath("structured.json")
    listed: list[dict[str, Any]] = json.loads(source.read_bytes())
    return {
        (entry["structure"], entry["n"]): StoredTerms(
            [(_numbers(term[0]), _numbers(term[1]), _numbers(term[2])) for term in entry["terms"]],
            entry["p"],
            tuple(entry["denominators"]),
            entry["provenance"],
        )
        for entry in listed
    }


def _numbers(form: Mapping[str, int]) -> Form:
    """Return a form as it was before JSON made texts of its coordinates."""
    return {int(k): int(c) for k, c in form.items()}
