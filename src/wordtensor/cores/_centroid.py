r"""Direct sums: the centroid of a concise tensor and the summands that its idempotents cut out.

The centroid of a tensor C is the set of triples (X, Y, Z) with
``C(X x, y, z) = C(x, Y y, z) = C(x, y, Z z)`` for all x, y, z. For a concise tensor it is a
commutative algebra, and its primitive idempotents split C, uniquely, into indecomposable direct
summands. A random element has one real eigenvalue, or one pair of complex ones, for each summand;
a pair means that the summand is a tensor over C. A summand whose elements are nilpotent apart from
their eigenvalue stays whole; where rounding splits the eigenvalue of such a summand, the whole core
is kept in one piece rather than cut wrongly.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Factors, Inexact

# One Cholesky factorisation of this size takes seconds and 300 MB.
MAX_UNKNOWNS: Final = 6200
_NULL: Final = 1e-9
_CLUSTER: Final = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Summand:
    """One direct summand of a concise tensor of shape (x, y, z), cut out by an idempotent.

    Attributes
    ----------
    tensor : ndarray of float64, shape (p, q, r)
        The summand in its own bases.
    bases, duals : tuple of ndarray of float64, shapes (x, p), (y, q), (z, r)
        Bases of its spaces in the three modes and the dual ones: ``tensor`` is the whole one
        contracted with the bases, and contracted with the duals it is its part of the whole one.
    units : tuple of ndarray, shapes (p, p), (q, q), (r, r), or None
        Matrices J with J^2 = -1 in its bases if it is a tensor over C; None if it is real.

    Examples
    --------
    Two numbers side by side, then the complex numbers.

    >>> diagonal = np.zeros((2, 2, 2))
    >>> diagonal[0, 0, 0] = diagonal[1, 1, 1] = 1
    >>> [s.tensor.shape for s in direct_summands(diagonal, np.random.default_rng(0))]
    [(1, 1, 1), (1, 1, 1)]
    >>> product = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [-1.0, 0.0]]])
    >>> [s.units is None for s in direct_summands(product, np.random.default_rng(0))]
    [False]
    """

    tensor: Inexact
    bases: Factors
    duals: Factors
    units: Factors | None


@dataclass(frozen=True, slots=True, eq=False)
class _Spaces:
    """Invariant subspaces of one eigenvalue of an element in the three modes, with dual bases."""

    bases: Factors
    duals: Factors
    eigenvalue: complex


def centroid(tensor: Inexact) -> list[Factors]:
    """Return a basis of the centroid of a concise tensor.

    Parameters
    ----------
    tensor : ndarray of float64, shape (x, y, z)
        Concise: no slice in any direction depends on the others.

    Returns
    -------
    list of tuple of ndarray, shapes (x, x), (y, y), (z, z)
        One triple for each dimension.

    Notes
    -----
    The triples are the null space of a linear map with x^2 + y^2 + z^2 unknowns. Its normal matrix
    is made of contractions of the tensor with itself; subspace iteration with the shifted inverse
    finds the null space. The dimension is at most min(x, y, z) unless there are nilpotent elements;
    where there are more, a random subspace of that dimension is returned, which separates the
    summands as well.

    References
    ----------
    Wilson, Maglione, First, TensorSpace: algorithms for tensors (2019); Myasnikov (1990).

    Examples
    --------
    >>> import numpy as np
    >>> units = np.zeros((2, 2, 2)); units[[0, 1], [0, 1], [0, 1]] = 1.0
    >>> len(centroid(units))
    2
    """
    x, y, z = tensor.shape
    normal = _normal_matrix(tensor)
    null = _null_space(normal, min(x, y, z) + 4)
    edges = (x * x, x * x + y * y)
    return [
        (
            column[: edges[0]].reshape(x, x),
            column[edges[0] : edges[1]].reshape(y, y),
            column[edges[1] :].reshape(z, z),
        )
        for column in null.T
    ]


def _normal_matrix(tensor: Inexact) -> Inexact:
    """Sum of squares of the three equations, as a matrix on the entries of (X, Y, Z)."""
    sizes = tensor.shape
    edges = np.cumsum([0, *(s * s for s in sizes)])
    normal = np.zeros((edges[3], edges[3]))
    for mode in range(3):
        unfolded = np.moveaxis(tensor, mode, 0).reshape(sizes[mode], -1)
        rows = slice(edges[mode], edges[mode + 1])
        normal[rows, rows] = 2.0 * np.kron(unfolded @ unfolded.T, np.eye(sizes[mode]))
        for other in range(mode + 1, 3):
            # <C(X., ., .), C(., Y., .)> couples X[p, i] with Y[q, j] by C[p, j, k] C[i, q, k].
            pair = np.moveaxis(tensor, (mode, other), (0, 1))
            s, t, rest = pair.shape
            gram = pair.reshape(s * t, rest) @ pair.reshape(s * t, rest).T
            block = -gram.reshape(s, t, s, t).transpose(0, 2, 3, 1).reshape(s * s, t * t)
            columns = slice(edges[other], edges[other + 1])
            normal[rows, columns] = block
            normal[columns, rows] = block.T
    return normal


def _null_space(normal: Inexact, most: int) -> Inexact:
    """Orthonormal basis of the null space of a positive semidefinite matrix, of known bound."""
    from scipy.linalg import cho_factor, cho_solve

    size = normal.shape[0]
    scale = float(np.trace(normal)) / size
    shifted = normal.copy()
    shifted[np.diag_indices(size)] += 1e-11 * scale
    factor = cho_factor(shifted, lower=True, overwrite_a=True, check_finite=False)
    vectors = np.random.default_rng(0).standard_normal((size, min(most, size)))
    for _ in range(3):
        vectors = np.linalg.qr(cho_solve(factor, vectors, check_finite=False))[0]
    values, rotation = np.linalg.eigh(vectors.T @ normal @ vectors)
    null: Inexact = vectors @ rotation[:, values < _NULL * scale]
    return null


def direct_summands(tensor: Inexact, rng: np.random.Generator) -> list[Summand] | None:
    """Split a concise tensor into its indecomposable direct summands.

    Parameters
    ----------
    tensor : ndarray of float64, shape (x, y, z)
        Concise: no slice in any direction depends on the others.
    rng : Generator
        For the random element of the centroid.

    Returns
    -------
    list of Summand or None
        A tensor that does not split is its own only summand, in its own coordinates. None if
        x^2 + y^2 + z^2 is above `MAX_UNKNOWNS`.

    Examples
    --------
    >>> import numpy as np
    >>> units = np.zeros((2, 2, 2)); units[[0, 1], [0, 1], [0, 1]] = 1.0
    >>> [part.tensor.shape for part in direct_summands(units, np.random.default_rng(0))]
    [(1, 1, 1), (1, 1, 1)]
    """
    if sum(size * size for size in tensor.shape) > MAX_UNKNOWNS:
        return None
    basis = centroid(tensor)
    if len(basis) <= 1:
        return [_whole(tensor)]
    element, values = _separating_element(basis, rng)
    spaces = _invariant_spaces(element, values)
    if spaces is None:
        return [_whole(tensor)]
    found = [Summand(contracted(tensor, s.bases), s.bases, s.duals, None) for s in spaces]
    if not _add_up(tensor, found):
        return [_whole(tensor)]
    return [
        replace(part, units=_complex_units(element, space))
        if abs(space.eigenvalue.imag) > _CLUSTER
        else part
        for part, space in zip(found, spaces, strict=True)
    ]


def _whole(tensor: Inexact) -> Summand:
    """Return a tensor as its own only summand."""
    x, y, z = tensor.shape
    units = (np.eye(x), np.eye(y), np.eye(z))
    return Summand(tensor, units, units, None)


def contracted(tensor: Inexact, bases: Factors) -> Inexact:
    """Contract a tensor, shape (x, y, z), with matrices of shapes (x, p), (y, q), (z, r)."""
    return np.ascontiguousarray(np.einsum("ijk,ip,jq,kr->pqr", tensor, *bases, optimize=True))


def _separating_element(
    basis: list[Factors], rng: np.random.Generator
) -> tuple[Factors, NDArray[np.complex128]]:
    """Draw the element whose eigenvalue clusters lie farthest apart, and those clusters."""
    best: tuple[float, Factors, NDArray[np.complex128]] | None = None
    for _ in range(12):
        weights = rng.standard_normal(len(basis))
        x, y, z = (
            sum(w * part[m] for w, part in zip(weights, basis, strict=True)) for m in range(3)
        )
        size = max(float(np.abs(np.linalg.eigvals(x)).max()), 1e-300)
        element = (x / size, y / size, z / size)
        clusters = _clusters(np.concatenate([np.linalg.eigvals(part) for part in element]))
        gap = 2.0
        if clusters.size > 1:
            distance = np.abs(clusters[:, None] - clusters[None, :])
            gap = float(distance[~np.eye(clusters.size, dtype=bool)].min())
        key = clusters.size + min(gap, 0.9)
        if best is None or key > best[0]:
            best = (key, element, clusters)
    if best is None:
        return basis[0], np.zeros(1, dtype=np.complex128)
    return best[1], best[2]


def _clusters(values: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Represent eigenvalues that are nearly equal by one, with non-negative imaginary part."""
    folded = values.real + 1j * np.abs(values.imag)
    left = folded
    found = []
    while left.size:
        near = np.abs(left - left[0]) < _CLUSTER
        found.append(left[near].mean())
        left = left[~near]
    return np.array(found)


def _add_up(tensor: Inexact, summands: list[Summand]) -> bool:
    """Check that the summands fill every mode and that nothing of the tensor lies between them."""
    filled = [sum(s.bases[mode].shape[1] for s in summands) for mode in range(3)]
    if filled != list(tensor.shape):
        return False
    rebuilt = sum(
        contracted(s.tensor, (s.duals[0].T, s.duals[1].T, s.duals[2].T)) for s in summands
    )
    return bool(np.linalg.norm(rebuilt - tensor) < 1e-9 * np.linalg.norm(tensor))


def _invariant_spaces(element: Factors, values: NDArray[np.complex128]) -> list[_Spaces] | None:
    """Find invariant subspaces of an element for each cluster, with dual bases, in every mode."""
    # None if left and right subspaces do not pair: then rounding has split the eigenvalues of a
    # large nilpotent part, and the clusters mean nothing.
    summands = []
    for index in range(values.size):
        bases: list[Inexact] = []
        duals: list[Inexact] = []
        for part in element:
            right = _invariant_subspace(part, values, index)
            left = _invariant_subspace(part.T, values, index)
            if left.shape != right.shape or not right.size:
                return None
            if np.linalg.cond(left.T @ right) > 1e6:
                return None
            bases.append(right)
            duals.append(np.linalg.solve(left.T @ right, left.T).T)
        summands.append(
            _Spaces(
                (bases[0], bases[1], bases[2]),
                (duals[0], duals[1], duals[2]),
                complex(values[index]),
            )
        )
    return summands


def _invariant_subspace(matrix: Inexact, values: NDArray[np.complex128], index: int) -> Inexact:
    """Orthonormal basis of the invariant subspace of one cluster, by an ordered Schur form."""
    from scipy.linalg import schur

    def belongs(re: float, im: float) -> bool:
        return int(np.argmin(np.abs(values - complex(re, abs(im))))) == index

    _, vectors, count = schur(matrix, output="real", sort=belongs)
    basis: Inexact = vectors[:, :count]
    return basis


def _complex_units(element: Factors, space: _Spaces) -> Factors | None:
    """Matrices of the complex structure in the subspaces' bases; None if it is not semisimple."""
    units = []
    for part, basis, dual in zip(element, space.bases, space.duals, strict=True):
        small = dual.T @ part @ basis
        unit = (small - space.eigenvalue.real * np.eye(small.shape[0])) / space.eigenvalue.imag
        if np.abs(unit @ unit + np.eye(unit.shape[0])).max() > 1e-6:
            return None
        units.append(unit)
    return units[0], units[1], units[2]
