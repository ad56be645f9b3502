"""The centre of the real group algebra: one primitive idempotent for each real irrep."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._memory import require_memory
from .._progress import begin_stage
from .._typing import Array, Integers, Value, freeze_fields
from ..errors import IrrepError
from ..groups import ConjugacyClasses, Group, conjugacy_classes
from ._abelian import AbelianNormal, abelian_normal_subgroup, character_orbits
from ._ideal import orthonormal

# How many random central elements are drawn, and how often all are used to refine.
_DRAWS = 4
_REFINEMENTS = 2
# Characters whose idempotents are written at a time.
_ROWS = 512
_OTHER = "try another seed"
# Relative to the largest eigenvalue of a Gram matrix: what counts as rank.
_RANK = 1e-9
# How far a computed integer may be from an integer.
_INTEGER_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class SymmetricClasses(Value):
    """Conjugacy classes joined with the classes of the inverses; class 0 is the identity's."""

    index: Integers  # shape (n,): the class of each element
    representatives: Integers  # shape (t,): the smallest element of each class
    sizes: Integers  # shape (t,)

    def __post_init__(self) -> None:
        freeze_fields(self, "index", "representatives", "sizes")

    def __len__(self) -> int:
        return len(self.representatives)


def symmetric_classes(classes: ConjugacyClasses) -> SymmetricClasses:
    """Return the classes g ~ x g x^-1 ~ g^-1; there are as many as real irreps."""
    smaller = np.minimum(np.arange(len(classes)), classes.inverse)
    kept, joined = np.unique(smaller, return_inverse=True)
    index = joined.astype(np.int64)[classes.index]
    sizes = np.bincount(index, minlength=len(kept)).astype(np.int64)
    return SymmetricClasses(index, classes.representatives[kept].astype(np.int64), sizes)


def class_multiplication(G: Group, classes: SymmetricClasses, coefficients: Array) -> Array:
    """Return the action of sum_j c_j C_j on the span of t class sums, symmetric: shape (t, t)."""
    # (C_i * z)(g) = sum_{h in class i} z(g h), since classes hold inverses and z is central;
    # evaluated at one g of each class: O(n t). Of sum_i a_i C_i it makes S^-1 A S a, with A the
    # result and S the square roots of the class sizes.
    z = coefficients[classes.index]
    product = np.empty((len(classes), len(classes)))
    for row, g in enumerate(classes.representatives):
        product[row] = np.bincount(classes.index, weights=z[G.cayley[g]], minlength=len(classes))
    scale = np.sqrt(classes.sizes)
    matrix = product * scale[:, None] / scale
    return 0.5 * (matrix + matrix.T)


@dataclass(frozen=True, slots=True, eq=False)
class _Spectra:
    """Central functions by cosets of an abelian normal subgroup N (m) and characters of it."""

    # The idempotent of an orbit of characters of N is central in R[G]; multiplying by it keeps the
    # coefficients of these characters and drops all others.

    classes: SymmetricClasses
    subgroup: AbelianNormal
    cosets: Integers  # shape (n/m, m): the classes of g N, for one g of each coset
    coset: Integers  # shape (t,): the coset of each class's representative ...
    place: Integers  # ... and its place there

    def transform(self, functions: Array) -> NDArray[np.complex128]:
        """Fourier coefficients (t,) -> (n/m, m) of class functions (..., t) on each coset."""
        return self.subgroup.transform(functions[..., self.cosets])

    def values(self, spectra: NDArray[np.complex128], orbit: Integers) -> Array:
        """Values (k, t) of class functions that have the coefficients (k, n/m, |orbit|)."""
        table = np.exp(2j * np.pi * np.arange(self.subgroup.exponent) / self.subgroup.exponent)
        waves = table[self.subgroup.phases(orbit, self.place)].T  # (t, |orbit|)
        values = np.empty((len(spectra), len(self.coset)))
        for row, spectrum in enumerate(spectra):
            taken = spectrum[self.coset]
            values[row] = (taken.real * waves.real - taken.imag * waves.imag).sum(axis=1)
        return values / len(self.subgroup.elements)


def _spectra(G: Group, classes: SymmetricClasses, subgroup: AbelianNormal) -> _Spectra:
    firsts, coset = np.unique(G.cayley[:, subgroup.elements].min(axis=1), return_inverse=True)
    members = G.cayley[firsts[:, None], subgroup.elements]
    place = np.empty(G.order, dtype=np.int64)
    place[members] = np.arange(len(subgroup.elements))
    chosen = classes.representatives
    return _Spectra(classes, subgroup, classes.index[members], coset[chosen], place[chosen])


def central_idempotents(G: Group, seed: int = 0) -> tuple[SymmetricClasses, Array]:
    """Return the t classes, and the values of the primitive central idempotents there, (t, t)."""
    # The algebra spanned by the t symmetrised class sums is commutative and semisimple with real
    # eigenvalues, so it is R^t, and the eigenvectors of multiplication by a generic element are its
    # primitive idempotents up to scale. A unit eigenvector f (in R^G) gives e = f(1) f, since
    # <e, e> = (e*e)(1) = e(1). The dimension of the isotypic space is n e(1).
    # An orbit of characters of an abelian normal subgroup cuts an ideal out of the algebra; where
    # that has dimension 1, as always for abelian groups, it is an idempotent without any random.
    conjugacy = conjugacy_classes(G)
    classes = symmetric_classes(conjugacy)
    count = len(classes)
    require_memory(4 * 8 * count**2, f"The characters of {G!r}, which has {count} real irreps,")
    begin_stage("characters of %s", G.name)
    subgroup = abelian_normal_subgroup(G, conjugacy)
    labels = character_orbits(G, subgroup)
    sizes = _ideal_dimensions(G, classes, subgroup, labels)
    idempotents = np.empty((count, count))
    lines = np.array([first for first, size in sizes.items() if size == 1], dtype=np.int64)
    idempotents[: len(lines)] = _orbit_idempotents(classes, subgroup, labels, lines)
    if len(lines) < count:
        idempotents[len(lines) :] = _split_ideals(G, classes, subgroup, labels, sizes, seed)
    _check_idempotents(G, idempotents)
    return classes, idempotents


def _ideal_dimensions(
    G: Group, classes: SymmetricClasses, subgroup: AbelianNormal, labels: Integers
) -> dict[int, int]:
    """Return for each orbit, by its first character, how many irreps lie over it."""
    # The trace of multiplication by the orbit's idempotent e on the span of the class sums: the sum
    # of e(v) times the number of classes that v takes into themselves.
    firsts, orbit = np.unique(labels, return_inverse=True)
    if len(firsts) == len(classes):
        return dict.fromkeys(firsts.tolist(), 1)
    fixed = np.zeros(len(subgroup.elements))
    for c, g in enumerate(classes.representatives):
        fixed += classes.index[G.cayley[g, subgroup.elements]] == c
    spectrum = subgroup.transform(fixed).real / len(fixed)
    traces = np.bincount(orbit, weights=spectrum)
    sizes = np.rint(traces).astype(np.int64)
    if np.abs(traces - sizes).max() > _INTEGER_TOLERANCE or sizes.sum() != len(classes):
        raise IrrepError(f"The characters of a normal subgroup do not split the centre of {G!r}")
    return dict(zip(firsts.tolist(), sizes.tolist(), strict=True))


def _orbit_idempotents(
    classes: SymmetricClasses, subgroup: AbelianNormal, labels: Integers, firsts: Integers
) -> Array:
    """Return the idempotents of some orbits, by their first characters, on the classes."""
    values = np.zeros((len(firsts), len(classes)))
    places = subgroup.places[classes.representatives]
    inside = np.flatnonzero(places >= 0)
    cosines = np.cos(2 * np.pi * np.arange(subgroup.exponent) / subgroup.exponent)
    characters = np.flatnonzero(np.isin(labels, firsts))
    characters = characters[np.argsort(labels[characters], kind="stable")]
    edges = np.searchsorted(labels[characters], firsts)
    for start in range(0, len(firsts), _ROWS):
        rows = slice(start, start + _ROWS)
        low = edges[start]
        high = edges[start + _ROWS] if start + _ROWS < len(edges) else len(characters)
        waves = cosines[subgroup.phases(characters[low:high], places[inside])]
        values[rows, inside] = np.add.reduceat(waves, edges[rows] - low, axis=0)
    return values / len(subgroup.elements)


def _split_ideals(
    G: Group,
    classes: SymmetricClasses,
    subgroup: AbelianNormal,
    labels: Integers,
    sizes: dict[int, int],
    seed: int,
) -> Array:
    """Return the idempotents of the ideals of several dimensions, on the classes."""
    # Random central functions f, cut to an ideal, span it. With their inner products there, and
    # those of z*f for random central z, a generalised eigenproblem of the ideal's size is left.
    rng = np.random.default_rng(seed)
    scale = np.sqrt(classes.sizes)
    largest = max(sizes.values())
    count = 2 * largest + 4
    drawn = np.eye(len(classes))
    if count < len(classes):
        drawn = rng.standard_normal((count, len(classes)))
    spectra = _spectra(G, classes, subgroup)
    require_memory(16 * (_DRAWS + 2) * len(drawn) * G.order, f"The central idempotents of {G!r}")
    own = spectra.transform(drawn / scale)
    moved = []
    for _ in range(_DRAWS):
        # Without the square roots the largest classes would drown the others.
        z = rng.standard_normal(len(classes)) / scale
        moved.append(spectra.transform(drawn @ class_multiplication(G, classes, z) / scale))
    found = []
    for size in sorted(set(sizes.values()) - {1}):
        orbits = [np.flatnonzero(labels == first) for first, k in sizes.items() if k == size]
        parts = [np.take(own, orbit, axis=-1) for orbit in orbits]
        inner = np.stack([_inner_products(own, moved, orbit) for orbit in orbits])
        chosen = _split(inner, size, G).swapaxes(1, 2)
        for part, orbit, combinations in zip(parts, orbits, chosen, strict=True):
            combined = np.tensordot(combinations, part, axes=1).astype(np.complex128)
            functions = spectra.values(combined, orbit) * np.sqrt(len(subgroup.elements))
            found.append(functions * functions[:, :1])
    return np.concatenate(found)


def _inner_products(
    own: NDArray[np.complex128], moved: list[NDArray[np.complex128]], orbit: Integers
) -> Array:
    """Inner products in an ideal of functions with themselves and their images, (1 + D, k, k)."""
    images = np.stack([np.take(whole, orbit, axis=-1) for whole in (own, *moved)])
    count = len(own)
    flat = images.reshape(len(images) * count, -1).view(np.float64)
    products: Array = (flat @ flat[:count].T).reshape(-1, count, count)
    return products


def _split(inner: Array, size: int, G: Group) -> Array:
    """Combine functions that span ideals (B) to their orthonormal idempotents, (B, k, size)."""
    values, turns = np.linalg.eigh(inner[:, 0])
    largest = values[:, -1:]
    if ((values > _RANK * largest).sum(axis=1) != size).any():
        raise IrrepError(f"Random central functions of {G!r} do not span an ideal; {_OTHER}")
    basis = turns[:, :, -size:] / np.sqrt(values[:, None, -size:])
    # Multiplication by each of the random elements, (B, D, size, size).
    matrices = basis.swapaxes(1, 2)[:, None] @ inner[:, 1:] @ basis[:, None]
    matrices = 0.5 * (matrices + matrices.swapaxes(2, 3))
    eigenvalues, vectors = np.linalg.eigh(matrices)
    spread = np.maximum(eigenvalues[..., -1] - eigenvalues[..., 0], 1e-300)
    best = np.argmax(np.diff(eigenvalues).min(axis=2) / spread, axis=1)
    chosen = vectors[np.arange(len(best)), best]
    matrices /= spread[..., None, None]
    for _ in range(_REFINEMENTS):
        chosen = _refine(chosen, matrices)
    combined: Array = basis @ chosen
    return combined


def _refine(vectors: Array, matrices: Array) -> Array:
    """One first-order step of joint diagonalisation, which uses the gaps of all matrices."""
    # To first order V (1 + X), X antisymmetric, has the off-diagonal A_ij + (a_i - a_j) X_ij; X is
    # the least-squares solution over the matrices.
    turned = vectors.swapaxes(1, 2)[:, None] @ matrices @ vectors[:, None]
    diagonal = np.diagonal(turned, axis1=2, axis2=3)
    difference = diagonal[:, :, None, :] - diagonal[:, :, :, None]
    bottom = (difference**2).sum(axis=1) + np.eye(vectors.shape[1])
    if bottom.min() <= 0.0:
        raise IrrepError(f"The random central elements do not separate the irreps; {_OTHER}")
    # Newton-Schulz steps make the columns orthonormal again.
    return orthonormal(vectors + vectors @ ((turned * difference).sum(axis=1) / bottom))


def _check_idempotents(G: Group, idempotents: Array) -> None:
    total = idempotents.sum(axis=0)
    total[0] -= 1.0
    isotypic = G.order * idempotents[:, 0]
    wrong = max(
        float(np.abs(total).max()) * G.order, float(np.abs(isotypic - np.rint(isotypic)).max())
    )
    if wrong > _INTEGER_TOLERANCE or isotypic.min() < 0.5:
        raise IrrepError(f"The central idempotents of {G!r} are wrong by {wrong:.1e}; {_OTHER}")
