r"""Words that act: where every row of a table is a bijection, T is a sum of matrix products.

Let ``b -> w(a, b)`` be a bijection s_a for every a. With a fixed row s_0 the permutations
``p_a = s_0^-1 s_a`` generate an algebra of permutation matrices, closed under transposes and hence
semisimple, and ``T = sum_a e_a (x) p_a``. Over R the permutation module is an orthogonal sum of
irreducible modules V_i with multiplicities m_i, whose endomorphism algebra is R, C or H; in
an adapted orthonormal basis ``p_a`` is the block diagonal of ``rho_i(a) (x) 1``, so that T is
a restriction of the sum of the matrix products <d_i, d_i, m_i>. More generally the rows may be
bijections onto K disjoint sets of values, each with a fixed row of its own: then the matrices of
different sets stand below each other, and the products are <K d_i, d_i, m_i>.

The commutant of the permutations is spanned by the 0/1 matrices of their orbits on pairs of points
(orbitals). The eigenspaces of a random symmetric element of it are irreducible, and a second random
element maps isomorphic ones into each other.

Which mode acts does not depend on how a word is spelled: where every column is a bijection as well,
b acts on the pairs (a, c), and then c acts on the pairs (a, b), since the table is a Latin square.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._memory import allowed_bytes
from .._typing import Division, Inexact, Integers
from ..schemes import DIMENSIONS
from ..words.core import first_occurrences
from ._symmetric_factor import with_symmetric_factors
from .block import Block, matrix_block, product_shape, rotate_inputs, swap_inputs

# One dense eigenproblem and a union-find on pairs of points: seconds at this size.
MAX_POINTS: Final = 1100
# Eigenvalues closer than this share of the largest belong to one irreducible module.
_GAP: Final = 1e-7
# So many permutations join labels before the others are asked whether they still move any.
_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Isotypic:
    """All copies of one irreducible module: bases[k] are aligned, (points, dim) each."""

    bases: tuple[Inexact, ...]
    division: Division


def actions(
    table: NDArray[np.integer], n_values: int, rng: np.random.Generator
) -> Iterator[tuple[str, list[Block]]]:
    """Yield the blocks of the tensor of a table (x, y) for each of its modes that acts."""
    by_a = action_blocks(table, n_values, rng)
    if by_a is not None:
        yield from _ways("a", by_a, lambda block: block, rng)
    by_b = action_blocks(np.ascontiguousarray(table.T), n_values, rng)
    if by_b is not None:
        yield from _ways("b", by_b, swap_inputs, rng)
    if by_a is not None and by_b is not None and table.shape == (n_values, n_values):
        # The row of c takes a to the b with w(a, b) = c.
        by_c = action_blocks(np.ascontiguousarray(np.argsort(table, axis=1).T), n_values, rng)
        if by_c is not None:
            yield from _ways("c", by_c, rotate_inputs, rng)


def _ways(
    mode: str, blocks: list[Block], turned: Callable[[Block], Block], rng: np.random.Generator
) -> Iterator[tuple[str, list[Block]]]:
    """Yield the blocks of an action, and with symmetric factors where there are any."""
    yield mode, [turned(block) for block in blocks]
    structured = with_symmetric_factors(blocks, rng)
    if structured is not None:
        yield f"{mode}, symmetric factors", [turned(block) for block in structured]


def action_blocks(
    table: NDArray[np.integer], n_values: int, rng: np.random.Generator
) -> list[Block] | None:
    """Split the tensor of a table (x, y) into matrix products; None if its rows do not act."""
    # They act if each is injective and the values of any two are the same or disjoint sets.
    points = table.shape[1]
    if n_values % points or points > MAX_POINTS:
        return None
    part, first = first_occurrences(np.sort(table, axis=1))
    sets = np.sort(table[first], axis=1)
    if np.unique(sets).size != sets.size or sets.size != n_values:
        return None
    # The first row of each set of values gives all of its values the names of points.
    named = np.empty(n_values, dtype=np.int64)
    named[table[first]] = np.arange(points)
    permutations = named[table]  # p_a = s_k^-1 s_a, for the first row s_k with the values of a
    components = _isotypic_components(_orbitals(permutations, rng), rng)
    if components is None or not _is_worthwhile(components, len(first), table.shape):
        return None
    part_of_value = np.empty(n_values, dtype=np.int64)
    part_of_value[table[first]] = np.arange(len(first))[:, None]
    blocks = []
    for component in components:
        x, y = _coordinates(component, permutations)
        size = component.bases[0].shape[1] // DIMENSIONS[component.division]
        maps = (_stacked(x, part, len(first)), y, _stacked(y[named], part_of_value, len(first)))
        blocks.append(
            matrix_block((len(first) * size, size, len(component.bases)), component.division, maps)
        )
    return blocks


def _is_worthwhile(components: list[_Isotypic], parts: int, shape: tuple[int, ...]) -> bool:
    """Say whether the products may take fewer terms than entries, and fit into memory."""
    # Where the permutations generate a group of high transitivity, say all of them, they do not.
    least = entries = 0
    for component in components:
        size = component.bases[0].shape[1] // DIMENSIONS[component.division]
        sizes = (parts * size, size, len(component.bases))
        dimensions = product_shape(sizes, component.division)
        least += max(dimensions)
        entries += sum(dimensions)
    return least < shape[0] * shape[1] and 8 * entries * max(shape) <= allowed_bytes()


def _stacked(coordinates: Inexact, part: NDArray[np.integer], parts: int) -> Inexact:
    """Put the matrices of different parts, whose coordinates are the rows, below each other."""
    count, size = coordinates.shape
    stacked = np.zeros((count, parts, size))
    stacked[np.arange(count), part] = coordinates
    return stacked.reshape(count, parts * size)


def _orbitals(permutations: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.int64]:
    """Label the orbits of the permutations on pairs of points: labels of shape (points, points)."""
    points = permutations.shape[1]
    labels = np.arange(points * points).reshape(points, points)
    waiting: NDArray[np.integer] = rng.permutation(permutations.shape[0])
    while waiting.size:
        for permutation in permutations[waiting[:_AT_ONCE]]:
            labels = _joined(labels, permutation)
        waiting = _moving(labels, permutations, waiting[_AT_ONCE:], rng)
    return labels


def _joined(labels: NDArray[np.int64], permutation: NDArray[np.integer]) -> NDArray[np.int64]:
    """Join the labels that a permutation takes into each other."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    moved = labels[np.ix_(permutation, permutation)]
    if np.array_equal(moved, labels):
        return labels
    # Joining labels, not pairs, keeps the graph as small as the partition reached so far.
    count = int(labels.max()) + 1
    links = (np.ones(labels.size, dtype=bool), (labels.ravel(), moved.ravel()))
    renamed = connected_components(coo_array(links, (count, count)), directed=False)[1]
    return np.asarray(renamed[labels], dtype=np.int64)


def _moving(
    labels: NDArray[np.int64],
    permutations: NDArray[np.integer],
    waiting: NDArray[np.integer],
    rng: np.random.Generator,
) -> NDArray[np.integer]:
    """Keep the permutations that do not leave a labelling of pairs as it is."""
    # A matrix constant on labels commutes with those that do. One product with the images of a
    # random vector tells for all of them what a look at all pairs would, for each.
    element = _commutant_element(labels, rng)
    vector = rng.standard_normal(len(labels))
    image = element @ vector
    chosen = permutations[waiting]
    error = np.abs(element @ vector[chosen].T - image[chosen].T).max(axis=0, initial=0.0)
    still: NDArray[np.integer] = waiting[error > 1e-9 * float(np.abs(element).max()) * len(labels)]
    return still


def _commutant_element(labels: NDArray[np.int64], rng: np.random.Generator) -> Inexact:
    return rng.standard_normal(int(labels.max()) + 1)[labels]


def _isotypic_components(
    labels: NDArray[np.int64], rng: np.random.Generator
) -> list[_Isotypic] | None:
    """Split the permutation module; None if no random draw separates its irreducible parts."""
    n_orbitals = int(labels.max()) + 1
    for _ in range(4):
        spaces = _eigenspaces(labels, rng)
        basis = np.hstack(spaces)
        edges = np.cumsum([0, *(space.shape[1] for space in spaces)])
        mixed, *turned = (_commutant_element(labels, rng) @ basis for _ in range(3))
        components = [
            _align(classes, basis, edges, mixed, turned)
            for classes in _isomorphism_classes(basis, edges, mixed)
        ]
        found = sum(len(c.bases) ** 2 * DIMENSIONS[c.division] for c in components)
        if found == n_orbitals:  # the dimension of the commutant
            return components
    return None


def _eigenspaces(labels: NDArray[np.int64], rng: np.random.Generator) -> list[Inexact]:
    """Eigenspaces of the best separated of a few random symmetric elements of the commutant."""
    best: tuple[float, list[Inexact]] = (-1.0, [])
    for _ in range(3):
        symmetric = _commutant_element(labels, rng)
        values, vectors = np.linalg.eigh(symmetric + symmetric.T)
        steps = np.diff(values) / np.abs(values).max()
        edges = np.flatnonzero(steps > _GAP) + 1
        gap = float(steps[edges - 1].min(initial=1.0))
        if len(edges) + gap > len(best[1]) - 1 + best[0] or not best[1]:
            best = (gap, np.split(vectors, edges, axis=1))
    return _separated(best[1], labels)


def _separated(spaces: list[Inexact], labels: NDArray[np.int64]) -> list[Inexact]:
    """Return the same spaces, as those of an element with evenly spaced eigenvalues."""
    # Those of a random element are as close as the squared number of spaces, and the errors of its
    # eigenvectors as large; here as the number. The mean over orbitals leads into the commutant.
    sizes = [space.shape[1] for space in spaces]
    basis = np.hstack(spaces)
    element = (basis * np.repeat(np.arange(len(sizes)) / len(sizes), sizes)) @ basis.T
    places = labels.ravel()
    mean = np.bincount(places, element.ravel()) / np.bincount(places)
    inside = mean[labels]
    return np.split(np.linalg.eigh(inside + inside.T)[1], np.cumsum(sizes)[:-1], axis=1)


def _isomorphism_classes(basis: Inexact, edges: Integers, mixed: Inexact) -> list[list[int]]:
    """Group the spaces, columns between edges, that an element of the commutant maps to others."""
    entries = np.abs(basis.T @ mixed)
    rows = np.maximum.reduceat(entries, edges[:-1], axis=0)
    between = np.maximum.reduceat(rows, edges[:-1], axis=1)
    sizes = np.diff(edges)
    largest = np.maximum.reduceat(np.abs(mixed).max(axis=0), edges[:-1])
    alike = between > 1e-6 * largest / np.sqrt(len(basis))
    alike &= sizes[:, None] == sizes
    classes: list[list[int]] = []
    left = np.ones(len(sizes), dtype=bool)
    for k in range(len(sizes)):
        if left[k]:
            members = np.flatnonzero(left & (alike[k] | (np.arange(len(sizes)) == k)))
            left[members] = False
            classes.append(members.tolist())
    return classes


def _align(
    members: list[int], basis: Inexact, edges: Integers, mixed: Inexact, turned: Sequence[Inexact]
) -> _Isotypic:
    """Choose bases in which every copy of the module has the same, adapted matrices."""
    spaces = [slice(edges[k], edges[k + 1]) for k in members]
    original = basis[:, spaces[0]]
    change, division = _adaptation(original, [image[:, spaces[0]] for image in turned])
    bases = [original if change is None else original @ change]
    image = mixed[:, spaces[0]] if change is None else mixed[:, spaces[0]] @ change
    for space in spaces[1:]:
        isometry = basis[:, space] @ (basis[:, space].T @ image)  # a multiple of an isometry
        bases.append(isometry / np.linalg.norm(isometry, axis=0).mean())
    return _Isotypic(tuple(bases), division)


def _adaptation(space: Inexact, turned: Sequence[Inexact]) -> tuple[Inexact | None, Division]:
    """Find the type of an irreducible module, and the change to a basis v, vi, vj, vk, next v."""
    # The skew elements of its commutant are multiples of complex structures: none for type R, one
    # line of them for C, a three-dimensional space for H, acting from the right.
    skew = [space.T @ image for image in turned]
    skew = [s - s.T for s in skew]
    size = space.shape[1]
    scale = float(space.shape[0]) ** 0.5
    if np.linalg.norm(skew[0]) < 1e-8 * scale:
        return None, "R"
    i = skew[0] * np.sqrt(size) / np.linalg.norm(skew[0])
    rest = skew[1] - i * (np.vdot(i, skew[1]) / size)
    if np.linalg.norm(rest) < 1e-8 * scale:
        return _unit_basis([i]), "C"
    j = rest * np.sqrt(size) / np.linalg.norm(rest)
    # The units act from the right, so that x -> (x i) j is multiplication by ij = k.
    return _unit_basis([i, j, j @ i]), "H"


def _unit_basis(units: list[Inexact]) -> Inexact:
    """Orthonormal columns v, v u_1, v u_2, ... for commuting-from-the-right units u."""
    size = units[0].shape[0]
    columns = np.zeros((size, 0))
    while columns.shape[1] < size:
        # The standard vector farthest from what is spanned already.
        left = 1.0 - np.einsum("ij,ij->i", columns, columns)
        v = np.zeros(size)
        v[int(np.argmax(left))] = 1.0
        v -= columns @ (columns.T @ v)
        v /= np.linalg.norm(v)
        columns = np.column_stack([columns, v, *(u @ v for u in units)])
    return columns


def _coordinates(
    component: _Isotypic, permutations: NDArray[np.integer]
) -> tuple[Inexact, Inexact]:
    """Return the entries of rho(a), and of the points in every copy, over the division algebra."""
    d = DIMENSIONS[component.division]
    first = component.bases[0]
    points, real = first.shape
    size = real // d
    # p_a moves the point j to p_a(j): (p_a Q)[p_a(j)] = Q[j]; only first components are needed. The
    # sum is over all points, though few would do: that squares what the eigenvectors are off by.
    corner = first[:, ::d]
    matrices = np.stack([column[permutations] @ corner for column in first.T.copy()], axis=1)
    x = matrices.reshape(-1, size, d, size).transpose(0, 1, 3, 2).reshape(-1, size * size * d)
    stacked = np.stack([b.reshape(points, size, d) for b in component.bases], axis=2)
    y = stacked.reshape(points, size * len(component.bases) * d)
    return np.ascontiguousarray(x), y
