"""Points at which a matrix of linear forms has low rank, and where substitution may use them."""

from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

import numpy as np

from .._typing import Array, Integers
from ._blocks import block_diagonal
from ._conditions import Block, Spaces, diagonal_blocks, shares
from ._identities import Condition

_SEED: Final = 1969
# Variables up to which all points with entries -2..2 are looked at, and all with entries -1..1.
_FIVE_VALUES: Final = 6
_THREE_VALUES: Final = 8
_MOST_POINTS: Final = 400
# Points of each subspace.
_RANDOM: Final = 6
_STARTS: Final = 100
_STEPS: Final = 250
_NEAR: Final = 1e-4
# Approximate points come slowly to where a determinant has a multiple zero.
_SLOW: Final = 0.05
# Vectors that pairs are made of, and choices that are returned.
_VECTORS: Final = 40
_CHOICES: Final = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """Vectors of the killed mode, and a linear form of the swept one."""

    killed: tuple[tuple[int, ...], ...]
    form: tuple[int, ...]


def small_vectors(length: int) -> Integers:
    """List the vectors with small entries, one of each pair v, -v."""
    if length <= _THREE_VALUES:
        largest = 2 if length <= _FIVE_VALUES else 1
        every = np.array(list(product(range(-largest, largest + 1), repeat=length)))
        return every[len(every) // 2 + 1 :]
    found = []
    for support in range(1, 4):
        for places in combinations(range(length), support):
            for signs in product((1, -1), repeat=support - 1):
                vector = np.zeros(length, dtype=np.int64)
                vector[list(places)] = (1, *signs)
                found.append(vector)
    return np.array(found)


class LowRanks:
    """The points of low rank among the combinations of a tensor's slices, each list made once."""

    def __init__(self, tensor: Integers) -> None:
        self.tensor = tensor
        self._ranked: dict[int, tuple[Integers, Integers]] = {}
        self._near: dict[tuple[int, int], Array] = {}
        self._blocks: dict[int, tuple[Block, ...]] = {}

    def blocks(self, mode: int, other: int) -> tuple[Block, ...]:
        """Return the blocks of all combinations of slices, with rows in another mode."""
        if mode not in self._blocks:
            self._blocks[mode] = block_diagonal(np.moveaxis(self.tensor, mode, 0))
        # The rows are in the first of the two modes left.
        turned = other == max({0, 1, 2} - {mode})
        return tuple((v, u) if turned else (u, v) for u, v in self._blocks[mode])

    def exact(self, mode: int, rank: int) -> Integers:
        """Return points with small integers of at most a rank, not more than a few hundred."""
        if mode not in self._ranked:
            slices = np.moveaxis(self.tensor, mode, 0)
            vectors = small_vectors(len(slices))
            vectors = vectors[np.argsort(np.abs(vectors).sum(axis=1), kind="stable")]
            values = np.tensordot(vectors, slices, 1).astype(float)
            self._ranked[mode] = vectors, np.linalg.matrix_rank(values, tol=1e-6)
        vectors, ranks = self._ranked[mode]
        return vectors[ranks <= rank][:_MOST_POINTS]

    def real(self, mode: int, rank: int) -> Array:
        """Return these points and approximate ones, all of length 1."""
        key = mode, rank
        if key not in self._near:
            exact = self.exact(mode, rank)
            unit = exact / np.linalg.norm(exact, axis=1, keepdims=True)
            slices = np.moveaxis(self.tensor, mode, 0)
            linear = low_subspaces(slices, self.blocks(mode, min({0, 1, 2} - {mode})), rank)
            self._near[key] = np.vstack([unit, linear, _projected(slices, rank)])
        return self._near[key]


def _projected(slices: Integers, rank: int) -> Array:
    """Project random points to and fro between the slices' span and the matrices of low rank."""
    count, rows, columns = slices.shape
    across, triangle = np.linalg.qr(slices.reshape(count, -1).T.astype(float))
    points = np.random.default_rng(_SEED).standard_normal((_STARTS, count))
    for step in range(_STEPS):
        points /= np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-300)
        u, s, v = np.linalg.svd((points @ across.T).reshape(-1, rows, columns), full_matrices=False)
        nearest = (u[:, :, :rank] * s[:, None, :rank]) @ v[:, :rank]
        moved = nearest.reshape(len(points), -1) @ across
        points = points + 1.9 * (moved - points) if step % 2 else moved
    s = np.linalg.svd((points @ across.T).reshape(-1, rows, columns), compute_uv=False)
    good = s[:, rank] < 1e-6 * s[:, 0]
    found = np.linalg.solve(triangle, points[good].T).T
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-300))


def low_subspaces(slices: Integers, blocks: tuple[Block, ...], rank: int) -> Array:
    """Return points that span the subspaces on which blocks vanish and the others' ranks allow."""
    diagonal = diagonal_blocks(slices, blocks)
    spaces = Spaces(diagonal or [slices])
    generator = np.random.default_rng(_SEED)
    found = [np.zeros((0, len(slices)))]
    every = shares(spaces.sizes, rank) or []
    for limits in dict.fromkeys(tuple(map(bool, each)) for each in every):
        basis = spaces.where_zero(tuple(k for k, limit in enumerate(limits) if not limit))
        basis = basis.astype(float)
        points = generator.standard_normal((_RANDOM, len(basis))) @ basis
        values = np.tensordot(points[:1], slices, 1)
        if len(basis) and np.linalg.matrix_rank(values, tol=1e-6)[0] <= rank:
            found.append(np.vstack([basis, points]))
    points = np.vstack(found)
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def vanishing_points(condition: Condition) -> Integers:
    """Return points with small integers at which the minors of a condition vanish."""
    matrix = condition.minors.matrix
    variables = condition.minors.variables
    vectors = small_vectors(variables)
    vectors = vectors[np.argsort(np.abs(vectors).sum(axis=1), kind="stable")]
    for part in condition.parts:
        entries = [[matrix[i][j] for j in part.columns] for i in part.rows]
        slices = np.array(
            [[[float(x.get((k,), 0)) for x in row] for row in entries] for k in range(variables)]
        )
        values = np.tensordot(vectors, slices, 1)
        vectors = vectors[np.linalg.matrix_rank(values, tol=1e-6) < part.size]
    return vectors[:_MOST_POINTS]


def choices(slices: Integers, points: Array, rank: int, killed: int) -> list[Choice]:
    """Propose what to kill so that the points of low rank do not span, most promising first."""
    if not killed:
        forms = _forms(points) or _forms(points, _SLOW)
        return [Choice((), form) for form in forms[:_CHOICES]]
    if not len(points):
        return []
    values = np.tensordot(points, slices, 1)
    ranks = np.linalg.matrix_rank(values, tol=_NEAR)
    vectors = small_vectors(slices.shape[1])
    vectors = vectors[np.abs(vectors).max(axis=1) == 1]
    images = np.einsum("vc,pcn->vpn", vectors, values, optimize=True)
    dead = np.linalg.norm(images, axis=2) < _NEAR
    order = np.argsort(-dead.sum(axis=1), kind="stable")
    order = order[dead[order].any(axis=1)][: _VECTORS if killed == 2 else None]
    found = []
    for places in combinations(order.tolist(), killed):
        chosen = vectors[list(places)]
        grams = np.einsum("kpn,lpn->pkl", images[list(places)], images[list(places)])
        left = ranks + killed - (np.linalg.eigvalsh(grams) > _NEAR**2).sum(axis=1)
        if (left <= killed).any():
            continue
        bad = points[left <= rank]
        if not _spans(bad, len(slices)):
            found.append((len(bad), tuple(tuple(row) for row in chosen.tolist()), bad))
    found.sort(key=lambda each: each[0])
    return [Choice(k, form) for _, k, bad in found[:_CHOICES] for form in _forms(bad)[:1]]


def _spans(points: Array, length: int) -> bool:
    """Say whether points seem to span their space."""
    if len(points) < length:
        return False
    values = np.linalg.eigvalsh(points.T @ points)
    return bool(values[0] > 1e-6 * values[-1])


def _forms(points: Array, near: float = _NEAR) -> list[tuple[int, ...]]:
    """List linear forms with small integers that vanish at all points, shortest first."""
    vectors = small_vectors(points.shape[1])
    if len(points):
        vectors = vectors[np.abs(vectors @ points.T).max(axis=1) < near]
    order = np.argsort(np.abs(vectors).sum(axis=1), kind="stable")
    return [tuple(row) for row in vectors[order].tolist()]
