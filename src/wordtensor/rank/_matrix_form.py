r"""Matrix products in any coordinates: bases in which a tensor is ``sum X_ij Y_jk Z_ik``.

The pairs (A, B) with ``T(A x, y, z) = T(x, B y, z)`` for all x, y, z are an algebra, for <n,m,p>
the m x m matrices, which multiply X from the right and Y from the left; likewise for the two other
pairs of modes. A random element of it has m eigenvalues, each of multiplicity n on X and p on Y;
two algebras act on each mode and commute, so that a random sum of an element of each has
eigenvectors that are the X_ij, up to factors; these follow from the entries of T in such bases.

The product of quaternions is found by its division: ``T(x, y, .)`` as a map of y, divided by that
of one x, is left multiplication by a quaternion.
"""

from collections.abc import Iterator
from math import isqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Division, Factors, Inexact, Sizes
from ..cores._centroid import contracted
from ..schemes.scheme import dense_product_tensor
from ._split import complex_block, over_complex
from .block import Block, matrix_block

# The eigenproblem for the algebras takes a second at this size, below <5,5,5>.
_MOST_UNKNOWNS: Final = 800
_NULL: Final = 1e-9
_ROUNDS: Final = 8
_SAME: Final = 1e-6
# Random elements that are tried until all eigenvalues are real and apart.
_DRAWS: Final = 400
_APART: Final = 1e-2
# Of elements with such eigenvalues, the best of so many is taken.
_GOOD_DRAWS: Final = 12
_LARGEST_CONDITION: Final = 1e6
_ACCURATE: Final = 1e-9


def as_product(block: Block, seed: int) -> Block:
    """Return a block as the matrix product over R or C that it is, or as it was."""
    if block.kind not in ("general", "two slices"):
        return block
    tensor, maps = block.own_tensor(), block.maps
    if block.units is not None:
        tensor, maps = over_complex(block)
    division: Division = "R"
    found = matrix_form(tensor, seed)
    if found is None and np.isrealobj(tensor):
        bases, division = quaternion_form(tensor), "H"
        found = None if bases is None else ((1, 1, 1), bases)
    if found is None:
        return block
    sizes, bases = found
    first, second, third = (A @ np.linalg.inv(E).T for A, E in zip(maps, bases, strict=True))
    if block.units is not None:
        return complex_block(sizes, (first, second, third))
    return matrix_block(sizes, division, (first, second, third))


def matrix_form(tensor: Inexact, seed: int = 0) -> tuple[Sizes, Factors] | None:
    """Return n, m, p and bases (x, nm), (y, mp), (z, np) of a tensor that is <n,m,p>, or None."""
    # Contracted with the bases it is the product in standard coordinates.
    sizes = _sizes(tensor.shape)
    if sizes is None or max(sizes) == 1:
        return None
    n, m, p = sizes
    rng = np.random.default_rng(seed)
    tensor, whole = _balanced(tensor)
    found = {}
    for pair, size in (((0, 1), m), ((0, 2), n), ((1, 2), p)):
        element = _element(tensor, pair, size, rng)
        if element is None:
            return None
        found[pair] = element
    values = {pair: element[2] for pair, element in found.items()}
    bases = []
    for mode, (first, second) in enumerate((((0, 2), (0, 1)), ((0, 1), (1, 2)), ((0, 2), (1, 2)))):
        one, other = (found[pair][pair.index(mode)] for pair in (first, second))
        basis = _common(one, other, values[first], values[second])
        if basis is None:
            return None
        bases.append(basis)
    scaled = _scaled(tensor, sizes, (bases[0], bases[1], bases[2]))
    if scaled is None:
        return None
    X, Y, Z = (W @ E for W, E in zip(whole, scaled, strict=True))
    return sizes, (X, Y, Z)


def _balanced(tensor: Inexact) -> tuple[Inexact, Factors]:
    """Choose coordinates in which the slices of each mode are nearly orthonormal."""
    # A matrix product becomes the one in orthonormal coordinates, however skew it was.
    whole: list[Inexact] = [np.eye(size) for size in tensor.shape]
    for turn in range(3 * _ROUNDS):
        mode = turn % 3
        unfolded = np.moveaxis(tensor, mode, 0).reshape(tensor.shape[mode], -1)
        gram = unfolded @ unfolded.conj().T
        step: Inexact = np.linalg.inv(np.linalg.cholesky(gram)).T
        tensor = np.moveaxis(np.tensordot(step.T, tensor, axes=(1, mode)), 0, mode)
        whole[mode] = whole[mode] @ step
    return tensor, (whole[0], whole[1], whole[2])


def _sizes(shape: tuple[int, ...]) -> Sizes | None:
    """Return the n, m, p of a product of this shape, if there are any."""
    x, y, z = shape
    n, m, p = isqrt(x * z // y), isqrt(x * y // z), isqrt(y * z // x)
    return (n, m, p) if (n * m, m * p, n * p) == (x, y, z) and min(n, m, p) > 0 else None


def _element(
    tensor: Inexact, pair: tuple[int, int], size: int, rng: np.random.Generator
) -> tuple[Inexact, Inexact, Inexact] | None:
    """Return a random element of an algebra of size x size matrices, and its eigenvalues."""
    basis = list(_algebra(tensor, pair))
    if len(basis) != size * size:
        return None
    best: tuple[Inexact, Inexact, Inexact] | None = None
    widest, seen = 0.0, 0
    for _ in range(_DRAWS):
        weights = rng.standard_normal(len(basis))
        A, B = (sum(w * part[k] for w, part in zip(weights, basis, strict=True)) for k in range(2))
        values = _distinct(np.linalg.eigvals(A), size, np.iscomplexobj(tensor))
        if values is None:
            continue
        seen += 1
        gap = _gap(values)
        if best is None or gap > widest:
            best, widest = (A, B, values), gap
        if seen == _GOOD_DRAWS:
            break
    return best


def _algebra(tensor: Inexact, pair: tuple[int, int]) -> Iterator[tuple[Inexact, Inexact]]:
    """Yield a basis of the pairs (A, B) with T(A x, y, z) = T(x, B y, z), for two of the modes."""
    moved = np.moveaxis(tensor, pair, (0, 1))
    s, t, rest = moved.shape
    if s * s + t * t > _MOST_UNKNOWNS:
        return
    first, second = moved.reshape(s, -1), moved.swapaxes(0, 1).reshape(t, -1)
    flat = moved.reshape(s * t, rest)
    cross = (flat.conj() @ flat.T).reshape(s, t, s, t)  # i q, p j
    normal = np.zeros((s * s + t * t,) * 2, dtype=tensor.dtype)
    normal[: s * s, : s * s] = np.kron(first.conj() @ first.T, np.eye(s))
    normal[s * s :, s * s :] = np.kron(second.conj() @ second.T, np.eye(t))
    normal[: s * s, s * s :] = -cross.transpose(0, 2, 3, 1).reshape(s * s, t * t)
    normal[s * s :, : s * s] = normal[: s * s, s * s :].conj().T
    values, vectors = np.linalg.eigh(normal)
    for column in vectors[:, values < _NULL * values[-1]].T:
        yield column[: s * s].reshape(s, s), column[s * s :].reshape(t, t)


def _distinct(values: NDArray[Any], size: int, over_c: bool) -> Inexact | None:
    """Return the eigenvalues if there are as many, well apart, and real where they have to be."""
    scale = float(np.abs(values).max())
    if not over_c and float(np.abs(values.imag).max()) > _SAME * scale:
        return None
    left = values if over_c else values.real
    found = []
    while left.size:
        near = np.abs(left - left[0]) < _APART * scale / size
        found.append(left[near].mean())
        left = left[~near]
    return np.array(found) if len(found) == size else None


def _gap(values: Inexact) -> float:
    """Return the least distance of eigenvalues, as a share of the largest."""
    distances = np.abs(values[:, None] - values)[~np.eye(len(values), dtype=bool)]
    return float(distances.min(initial=np.inf) / np.abs(values).max())


def _common(one: Inexact, other: Inexact, first: Inexact, second: Inexact) -> Inexact | None:
    """Return the common eigenvectors of two matrices that commute, in order of both eigenvalues."""
    scale = 0.3 * float(np.abs(first).max()) / float(np.abs(second).max())
    vectors = np.linalg.eig(one + np.sqrt(2.0) * scale * other)[1]
    if not np.iscomplexobj(one):
        vectors = vectors.real
    if np.linalg.cond(vectors) > _LARGEST_CONDITION:
        return None
    inverse = np.linalg.inv(vectors)
    places = []
    for matrix, values in ((one, first), (other, second)):
        turned = inverse @ matrix @ vectors
        own = np.diag(turned)
        if float(np.abs(turned - np.diag(own)).max()) > _SAME * float(np.abs(values).max()):
            return None
        places.append(np.argmin(np.abs(own[:, None] - values), axis=1))
    numbers = places[0] * len(second) + places[1]
    if len(np.unique(numbers)) != len(numbers):
        return None
    ordered: Inexact = vectors[:, np.argsort(numbers)]
    return ordered


def quaternion_form(tensor: Inexact) -> Factors | None:
    """Return bases (4, 4) of the modes of a tensor that is the product of quaternions, or None."""
    if tensor.shape != (4, 4, 4):
        return None
    first = tensor[0].T  # y to the dual of z
    if np.linalg.cond(first) > _LARGEST_CONDITION:
        return None
    left = np.linalg.solve(first, tensor.swapaxes(1, 2))  # of x, as matrices on y
    # Traceless ones are imaginary; their squares are negative, and give lengths and right angles.
    pure = left - np.trace(left, axis1=1, axis2=2)[:, None, None] / 4.0 * np.eye(4)
    lengths = -np.einsum("aij,bji->ab", pure, pure) / 4.0
    values = np.linalg.eigvalsh(lengths)
    if not values[1] > _SAME * values[-1] > 0.0:
        return None
    i = pure[1] / np.sqrt(lengths[1, 1])
    rest = pure[2] + i * np.einsum("ij,ji->", i, pure[2]) / 4.0
    j = rest / np.sqrt(-np.einsum("ij,ji->", rest, rest) / 4.0)
    units = np.stack([np.eye(4), i, j, i @ j])
    X = np.linalg.lstsq(left.reshape(4, 16).T, units.reshape(4, 16).T, rcond=None)[0]
    Y = units[:, :, 0].T
    Z = np.linalg.inv(first @ Y).T
    found = contracted(tensor, (X, Y, Z))
    error = np.abs(found - dense_product_tensor(1, 1, 1, "H")).max()
    return (X, Y, Z) if float(error) < _ACCURATE else None


def _scaled(tensor: Inexact, sizes: Sizes, bases: Factors) -> Factors | None:
    """Scale the basis vectors so that all entries are one, and check that they are."""
    n, m, p = sizes
    E, F, G = bases
    entries = contracted(tensor, (E, F, G))
    i, j, k = np.indices((n, m, p))
    c: Inexact = entries[i * m + j, j * p + k, i * p + k]
    if not float(np.abs(c).min()) > _NULL * float(np.abs(entries).max()):
        return None
    s: Inexact = 1.0 / c[:, :, 0]
    u: Inexact = 1.0 / (c[0] * s[0][:, None])
    v: Inexact = 1.0 / (c[:, 0, :] * s[:, 0][:, None] * u[0])
    scaled = (E * s.ravel(), F * u.ravel(), G * v.ravel())
    product = contracted(tensor, scaled)
    product[i * m + j, j * p + k, i * p + k] -= 1.0
    return scaled if float(np.abs(product).max()) < _ACCURATE else None
