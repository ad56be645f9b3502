r"""Direct sums: the centroid of a concise tensor and the summands that its idempotents cut out.

The centroid of a tensor C is the set of triples (X, Y, Z) with
``C(X x, y, z) = C(x, Y y, z) = C(x, y, Z z)`` for all x, y, z. For a concise tensor it is a
commutative algebra, and its primitive idempotents split C, uniquely, into indecomposable direct
summands. A random element has one real eigenvalue, or one pair of complex ones, for each summand;
a pair means that the summand is a tensor over C. A summand whose elements are nilpotent apart from
their eigenvalue stays whole; where rounding splits the eigenvalue of such a summand, the whole core
is kept in one piece rather than cut wrongly.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..words.core import Core, compress
from .block import Array, Block, Maps, matrix_block
from .support import FourierTensor

__all__ = ["MAX_UNKNOWNS", "centroid", "split_core", "support_components"]

# One Cholesky factorisation of this size takes seconds and 300 MB.
MAX_UNKNOWNS: Final = 6200
_NULL: Final = 1e-9
_CLUSTER: Final = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class _Summand:
    """Bases of one invariant subspace in the three modes, and the eigenvalue it belongs to."""

    bases: Maps
    duals: Maps
    eigenvalue: complex


def centroid(tensor: Array) -> list[Maps]:
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


def _normal_matrix(tensor: Array) -> Array:
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


def _null_space(normal: Array, most: int) -> Array:
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
    null: Array = vectors @ rotation[:, values < _NULL * scale]
    return null


def split_core(core: Core, rng: np.random.Generator) -> list[Block] | None:
    """Split a concise core into its indecomposable direct summands.

    Parameters
    ----------
    core : Core
        Its maps lead to group coordinates; those of the blocks do too.
    rng : Generator
        For the random element of the centroid.

    Returns
    -------
    list of Block or None
        Their order is by dimensions; None if the core is too large (`MAX_UNKNOWNS`).
    """
    if sum(size * size for size in core.shape) > MAX_UNKNOWNS:
        return None
    basis = centroid(core.tensor)
    if len(basis) <= 1:
        return [_identify(core.tensor, core.maps, None)]
    element, values = _separating_element(basis, rng)
    summands = _summands(element, values)
    if summands is None or not _add_up(core.tensor, summands):
        return [_identify(core.tensor, core.maps, None)]
    blocks = []
    for summand in summands:
        tensor = _contract(core.tensor, summand.bases)
        maps = _times(core.maps, summand.duals)
        units = None
        if abs(summand.eigenvalue.imag) > _CLUSTER:
            units = _complex_units(element, summand)
        blocks.append(_identify(tensor, maps, units))
    return sorted(blocks, key=lambda block: (block.shape, block.division))


def support_components(fourier: FourierTensor) -> list[Core]:
    """Cut a word tensor along the connected components of its support, at any size.

    Parameters
    ----------
    fourier : FourierTensor
        The word tensor in isotypic coordinates.

    Returns
    -------
    list of Core
        Concise direct summands, which the centroid may split further. Two triplets belong
        together if they share an irrep in the same mode.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(fourier.spaces.dims)
    triplets = np.array(sorted(fourier.support())) + count * np.arange(3)
    links = np.concatenate([triplets[:, :2], triplets[:, 1:]])
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), (3 * count, 3 * count))
    labels = connected_components(graph, directed=False)[1]
    cores = []
    for label in np.unique(labels[triplets[:, 0]]):
        columns = [
            _columns(fourier, labels[count * m : count * (m + 1)] == label) for m in range(3)
        ]
        part = fourier.tensor[np.ix_(*columns)]
        first, second, third = (fourier.spaces.basis[:, c] for c in columns)
        cores.append(compress(part, (first, second, third)))
    return cores


def _columns(fourier: FourierTensor, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Columns of the isotypic basis that belong to the chosen irreps."""
    return np.flatnonzero(np.repeat(chosen, fourier.spaces.dims))


def _contract(tensor: Array, bases: Maps) -> Array:
    return np.ascontiguousarray(np.einsum("ijk,ip,jq,kr->pqr", tensor, *bases, optimize=True))


def _times(maps: Maps, others: Maps) -> Maps:
    return maps[0] @ others[0], maps[1] @ others[1], maps[2] @ others[2]


def _separating_element(
    basis: list[Maps], rng: np.random.Generator
) -> tuple[Maps, NDArray[np.complex128]]:
    """Draw the element whose eigenvalue clusters lie farthest apart, and those clusters."""
    best: tuple[float, Maps, NDArray[np.complex128]] | None = None
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


def _add_up(tensor: Array, summands: list[_Summand]) -> bool:
    """Check that the summands fill every mode and that nothing of the tensor lies between them."""
    filled = [sum(s.bases[mode].shape[1] for s in summands) for mode in range(3)]
    if filled != list(tensor.shape):
        return False
    rebuilt = sum(
        _contract(_contract(tensor, s.bases), (s.duals[0].T, s.duals[1].T, s.duals[2].T))
        for s in summands
    )
    return bool(np.linalg.norm(rebuilt - tensor) < 1e-9 * np.linalg.norm(tensor))


def _summands(element: Maps, values: NDArray[np.complex128]) -> list[_Summand] | None:
    """Find invariant subspaces of an element for each cluster, with dual bases, in every mode.

    None if left and right subspaces do not pair: then rounding has split the eigenvalues of
    a large nilpotent part, and the clusters mean nothing.
    """
    summands = []
    for index in range(values.size):
        bases: list[Array] = []
        duals: list[Array] = []
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
            _Summand(
                (bases[0], bases[1], bases[2]),
                (duals[0], duals[1], duals[2]),
                complex(values[index]),
            )
        )
    return summands


def _invariant_subspace(matrix: Array, values: NDArray[np.complex128], index: int) -> Array:
    """Orthonormal basis of the invariant subspace of one cluster, by an ordered Schur form."""
    from scipy.linalg import schur

    def belongs(re: float, im: float) -> bool:
        return int(np.argmin(np.abs(values - complex(re, abs(im))))) == index

    _, vectors, count = schur(matrix, output="real", sort=belongs)
    basis: Array = vectors[:, :count]
    return basis


def _complex_units(element: Maps, summand: _Summand) -> Maps | None:
    """Matrices of the complex structure in the summand's bases; None if it is not semisimple."""
    units = []
    for part, basis, dual in zip(element, summand.bases, summand.duals, strict=True):
        small = dual.T @ part @ basis
        unit = (small - summand.eigenvalue.real * np.eye(small.shape[0])) / summand.eigenvalue.imag
        if np.abs(unit @ unit + np.eye(unit.shape[0])).max() > 1e-6:
            return None
        units.append(unit)
    return units[0], units[1], units[2]


def _identify(tensor: Array, maps: Maps, units: Maps | None) -> Block:
    """Say what an indecomposable tensor is: <1,1,k>, <1,1,k> over C, two slices or general."""
    x, y, z = tensor.shape
    shape = (x, y, z)
    if units is not None:
        bases = _times((np.eye(x), np.eye(y), np.eye(z)), _adapted(units))
        inverse = (np.linalg.inv(bases[0]), np.linalg.inv(bases[1]), np.linalg.inv(bases[2]))
        tensor = _contract(tensor, bases)
        maps = _times(maps, (inverse[0].T, inverse[1].T, inverse[2].T))
        over_c = tensor[::2, ::2, ::2] - 1j * tensor[1::2, ::2, ::2]
        if min(over_c.shape) == 1:
            return _line_block(over_c, tuple(_join(m) for m in maps))
        return Block("general", shape, maps, tensor, "C")
    if min(shape) == 1:
        return _line_block(tensor, maps)
    kind = "two slices" if min(shape) == 2 else "general"
    return Block(kind, shape, maps, tensor)  # type: ignore[arg-type]


def _adapted(units: Maps) -> Maps:
    """Bases v_1, J v_1, v_2, J v_2, ... of the three modes."""
    bases: list[Array] = []
    for unit in units:
        columns = np.zeros((unit.shape[0], 0))
        while columns.shape[1] < unit.shape[0]:
            q = np.linalg.qr(columns)[0]
            left = 1.0 - np.einsum("ij,ij->i", q, q)
            v = np.zeros(unit.shape[0])
            v[int(np.argmax(left))] = 1.0
            v -= q @ (q.T @ v)
            v /= np.linalg.norm(v)
            columns = np.column_stack([columns, v, unit @ v])
        bases.append(columns)
    return bases[0], bases[1], bases[2]


def _join(coordinates: Array) -> NDArray[np.complex128]:
    return np.asarray(coordinates[:, ::2] + 1j * coordinates[:, 1::2], dtype=np.complex128)


def _line_block(tensor: NDArray, maps: tuple[NDArray, ...]) -> Block:  # type: ignore[type-arg]
    """Turn a tensor with one dimension 1 into <1,1,k>, <k,1,1> or <1,k,1>, over R or C."""
    first, second, third = maps
    k = max(tensor.shape)
    if tensor.shape[0] == 1:
        sizes, second = (1, 1, k), second @ tensor[0]
    elif tensor.shape[1] == 1:
        sizes, first = (k, 1, 1), first @ tensor[:, 0]
    else:
        sizes, first = (1, k, 1), first @ tensor[:, :, 0]
    if np.iscomplexobj(tensor):
        # The standard form pairs a product with the conjugate of its dual: T = Re(X Y conj(Z)).
        parts = [np.stack([m.real, m.imag], axis=2) for m in (first, second, third.conj())]
        x, y, z = (np.ascontiguousarray(p.reshape(p.shape[0], -1)) for p in parts)
        return matrix_block(sizes, "C", (x, y, z))
    return matrix_block(sizes, "R", (first, second, third))
