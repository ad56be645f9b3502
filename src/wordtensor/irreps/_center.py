"""The centre of the real group algebra: one primitive idempotent for each real irrep."""

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Integers, Value, freeze_fields
from ..errors import IrrepError
from ..groups import Group, conjugacy_classes

# How many random elements are drawn at most, and how many of them the refinement uses.
_DRAWS = 6
_KEPT = 3
# The smallest eigenvalue gap, relative to the spread, that needs no further draw.
_GAP = 1e-6
# With this many classes or more the first draw whose eigenvectors mean anything is taken.
_MANY_CLASSES = 600
_REFINEMENTS = 2
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


def symmetric_classes(G: Group) -> SymmetricClasses:
    """Return the classes g ~ x g x^-1 ~ g^-1; there are as many as real irreps."""
    classes = conjugacy_classes(G)
    smaller = np.minimum(np.arange(len(classes)), classes.inverse)
    kept, joined = np.unique(smaller, return_inverse=True)
    index = joined.astype(np.int64)[classes.index]
    sizes = np.bincount(index, minlength=len(kept)).astype(np.int64)
    return SymmetricClasses(index, classes.representatives[kept].astype(np.int64), sizes)


def class_multiplication(G: Group, classes: SymmetricClasses, coefficients: Array) -> Array:
    """Return the action of sum_j c_j C_j on the span of t class sums, symmetric: shape (t, t)."""
    # (C_i * z)(g) = sum_{h in class i} z(h^-1 g), evaluated at one g of each class: O(n t). Of
    # sum_i a_i C_i it makes S^-1 A S a, with A the result and S the square roots of the class
    # sizes.
    z = coefficients[classes.index]
    product = np.empty((len(classes), len(classes)))
    for row, g in enumerate(classes.representatives):
        shifted = z[G.cayley[G.inverse, g]]
        product[row] = np.bincount(classes.index, weights=shifted, minlength=len(classes))
    scale = np.sqrt(classes.sizes)
    matrix = product * scale[:, None] / scale
    return 0.5 * (matrix + matrix.T)


def _draws(G: Group, classes: SymmetricClasses, seed: int) -> tuple[Array, list[Array], float]:
    """Draw until the eigenvalues are well apart: eigenvectors, matrices, relative gap."""
    rng = np.random.default_rng(seed)
    matrices: list[Array] = []
    best_gap, best = -1.0, np.eye(len(classes))
    enough = _GAP if len(classes) < _MANY_CLASSES else _GAP * 1e-3
    for _ in range(_DRAWS):
        # Without the square roots the largest classes would drown the others.
        drawn = rng.standard_normal(len(classes)) / np.sqrt(classes.sizes)
        matrix = class_multiplication(G, classes, drawn)
        values, vectors = np.linalg.eigh(matrix)
        spread = float(values[-1] - values[0])
        if spread > 0:
            matrices.append(matrix / spread)
            gap = float(np.diff(values).min()) / spread
            if gap > best_gap:
                best_gap, best = gap, vectors
        if best_gap > enough and len(matrices) >= _KEPT:
            break
    return best, matrices[-_KEPT:], best_gap


def _refine(vectors: Array, matrices: list[Array]) -> Array:
    """One first-order step of joint diagonalisation, which uses the gaps of all matrices."""
    # To first order V (1 + X), X antisymmetric, has the off-diagonal A_ij + (a_i - a_j) X_ij; X is
    # the least-squares solution over the matrices.
    top, bottom = np.zeros_like(vectors), np.zeros_like(vectors)
    for matrix in matrices:
        turned = vectors.T @ matrix @ vectors
        diagonal = np.diagonal(turned)
        difference = diagonal[None, :] - diagonal[:, None]
        top += turned * difference
        bottom += difference**2
    np.fill_diagonal(bottom, 1.0)
    if bottom.min() <= 0.0:
        raise IrrepError("The random central elements do not separate the irreps; try another seed")
    turned = vectors + vectors @ (top / bottom)
    # One Newton-Schulz step makes the columns orthonormal again.
    return 1.5 * turned - 0.5 * turned @ (turned.T @ turned)


def central_idempotents(G: Group, seed: int = 0) -> tuple[SymmetricClasses, Array]:
    """Return the t classes, and the values of the primitive central idempotents there, (t, t)."""
    # The algebra spanned by the t symmetrised class sums is commutative and semisimple with real
    # eigenvalues, so it is R^t, and the eigenvectors of multiplication by a generic element are its
    # primitive idempotents up to scale. A unit eigenvector f (in R^G) gives e = f(1) f, since
    # <e, e> = (e*e)(1) = e(1). The dimension of the isotypic space is n e(1).
    classes = symmetric_classes(G)
    if len(classes) == 1:
        return classes, np.ones((1, 1)) / G.order
    vectors, matrices, gap = _draws(G, classes, seed)
    if not gap > 0.0:
        raise IrrepError(
            f"No random central element of seed {seed} separates the irreps of {G!r}; try another "
            "seed"
        )
    for _ in range(_REFINEMENTS):
        vectors = _refine(vectors, matrices)
    functions = vectors.T / np.sqrt(classes.sizes)
    idempotents = functions * functions[:, :1]
    _check_idempotents(G, idempotents)
    return classes, idempotents


def _check_idempotents(G: Group, idempotents: Array) -> None:
    total = idempotents.sum(axis=0)
    total[0] -= 1.0
    isotypic = G.order * idempotents[:, 0]
    wrong = max(
        float(np.abs(total).max()) * G.order, float(np.abs(isotypic - np.rint(isotypic)).max())
    )
    if wrong > _INTEGER_TOLERANCE or isotypic.min() < 0.5:
        raise IrrepError(
            f"The central idempotents of {G!r} are wrong by {wrong:.1e}; try another seed"
        )
