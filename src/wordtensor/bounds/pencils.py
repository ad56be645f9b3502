r"""Two slices: the rank of a pair of matrices, exactly, from its Kronecker form.

A tensor with one dimension equal to 2 is a pencil ``A + s B``. Its Kronecker form consists of
blocks L_eps (eps x (eps + 1)), their transposes L_eta^T, and a regular part of size N with a
Jordan form J. The rank is

    sum (eps_i + 1) + sum (eta_j + 1) + N + delta(J),

with delta(J) the number of invariant polynomials of J that do not split into distinct linear
factors over the field. The indices follow from the nullities of block Toeplitz matrices, and delta
from the nullities of the pencil at its eigenvalues; nothing needs the Kronecker form itself. That
fewer terms are too few is proved in ``docs/theory/lower_bounds.md``.

References
----------
JaJa, Optimal evaluation of pairs of bilinear forms, SIAM J. Comput. 8 (1979) 443-462;
Bürgisser, Clausen, Shokrollahi, Algebraic Complexity Theory (1997), section 19.1.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Field, Inexact, check_field
from ..errors import WordTensorError
from ..solver._arguments import checked_array

# Relative size below which a singular value is zero; double eigenvalues are known to 1e-8 only.
_ZERO: Final = 1e-6
_SAME: Final = 1e-4


@dataclass(frozen=True, slots=True)
class KroneckerInvariants:
    """What the rank of a pencil depends on.

    Attributes
    ----------
    columns : tuple of int
        Column minimal indices eps_i.
    rows : tuple of int
        Row minimal indices eta_j.
    regular : int
        Size N of the regular part.
    delta : int
        Number of invariant polynomials that do not split into distinct linear factors.

    Examples
    --------
    >>> KroneckerInvariants(columns=(1,), rows=(), regular=2, delta=1).rank
    5
    """

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    regular: int
    delta: int

    @property
    def rank(self) -> int:
        """The tensor rank, by JaJa's theorem."""
        # An index 0 is a row or column of zeros.
        minimal = sum(e + 1 for e in (*self.columns, *self.rows) if e)
        return minimal + self.regular + self.delta


def pencil_rank(tensor: Inexact, field: Field = "real") -> int:
    """Return the rank of a tensor that has a dimension equal to 2.

    Parameters
    ----------
    tensor : ndarray of float64, shape (x, y, z)
        One of x, y, z is 2.
    field : {"real", "complex"}
        Where the terms live.

    Returns
    -------
    int

    Raises
    ------
    WordTensorError
        If it is not such a tensor of finite real numbers, or the field is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> complex_product = np.zeros((2, 2, 2))
    >>> complex_product[[0, 0, 1], [0, 1, 0], [0, 1, 1]] = 1.0
    >>> complex_product[1, 1, 0] = -1.0
    >>> pencil_rank(complex_product), pencil_rank(complex_product, "complex")
    (3, 2)
    """
    tensor = _real(tensor, "Argument 'tensor'")
    if tensor.ndim != 3 or 2 not in tensor.shape or not tensor.size:
        raise WordTensorError(
            "Argument 'tensor' must have three axes, one of them of length 2, not shape "
            f"{tensor.shape}"
        )
    slices = np.moveaxis(tensor, tensor.shape.index(2), 0)
    return kronecker_invariants(slices[0], slices[1], field).rank


def kronecker_invariants(
    first: Inexact, second: Inexact, field: Field = "real"
) -> KroneckerInvariants:
    """Compute the minimal indices, the size of the regular part, and delta of a pencil.

    Parameters
    ----------
    first, second : ndarray of float64, shape (m, n)
        The pencil is ``first + s * second``.
    field : {"real", "complex"}
        Over which polynomials are to split.

    Returns
    -------
    KroneckerInvariants

    Raises
    ------
    WordTensorError
        If these are not two matrices of finite real numbers, or the field is unknown.

    Examples
    --------
    The multiplication of complex numbers needs three real products and two complex ones.

    >>> one, i = np.eye(2), np.array([[0.0, -1.0], [1.0, 0.0]])
    >>> kronecker_invariants(one, i)
    KroneckerInvariants(columns=(), rows=(), regular=2, delta=1)
    >>> kronecker_invariants(one, i, "complex").delta
    0
    """
    first, second = _real(first, "Argument 'first'"), _real(second, "Argument 'second'")
    if first.ndim != 2 or first.shape != second.shape or not first.size:
        raise WordTensorError(
            "Arguments 'first' and 'second' must be matrices of one shape, not of shapes "
            f"{first.shape} and {second.shape}"
        )
    check_field(field)
    if not first.any() and not second.any():
        return KroneckerInvariants((0,) * first.shape[1], (0,) * first.shape[0], 0, 0)
    # A random rotation of (A, B) moves infinite eigenvalues away; the rank does not change.
    rng = np.random.default_rng(7)
    angle = rng.uniform(0.3, 1.2)
    a = np.cos(angle) * first + np.sin(angle) * second
    b = np.cos(angle) * second - np.sin(angle) * first
    scale = max(float(np.linalg.norm(a, 2)), float(np.linalg.norm(b, 2)))
    a, b = a / scale, b / scale
    normal = max(_rank(a + s * b) for s in rng.standard_normal(3))
    columns = _minimal_indices(a, b, a.shape[1] - normal)
    rows = _minimal_indices(a.T, b.T, a.shape[0] - normal)
    regular = normal - sum(columns) - sum(rows)
    delta = 0
    if regular:
        delta = _delta(a, b, normal, field, rng)
    return KroneckerInvariants(columns, rows, regular, delta)


def _real(given: Inexact, name: str) -> Inexact:
    array = checked_array(given, name)
    if np.iscomplexobj(array):
        raise WordTensorError(f"{name} must be real, also where terms are complex")
    return array


def _rank(matrix: NDArray[np.inexact]) -> int:
    if 0 in matrix.shape:
        return 0
    values = np.linalg.svd(matrix, compute_uv=False)
    return int((values > _ZERO * max(values[0], _ZERO)).sum())


def _minimal_indices(a: Inexact, b: Inexact, count: int) -> tuple[int, ...]:
    """Read the minimal indices off the number of polynomial null vectors of each degree."""
    # There are sum_i max(0, k - eps_i + 1) null vectors x(s) of degree at most k; their
    # coefficients are the null space of a block Toeplitz matrix with k + 1 block columns.
    m, n = a.shape
    nullities = [0, 0]
    indices: list[int] = []
    degree = 0
    while len(indices) < count and degree <= n:
        toeplitz = np.zeros((m * (degree + 2), n * (degree + 1)))
        for k in range(degree + 1):
            toeplitz[m * k : m * (k + 1), n * k : n * (k + 1)] = a
            toeplitz[m * (k + 1) : m * (k + 2), n * k : n * (k + 1)] = b
        nullities.append(n * (degree + 1) - _rank(toeplitz))
        new = nullities[-1] - 2 * nullities[-2] + nullities[-3]
        indices.extend([degree] * new)
        degree += 1
    return tuple(indices)


def _delta(a: Inexact, b: Inexact, normal: int, field: Field, rng: np.random.Generator) -> int:
    """Largest number of bad Jordan blocks that one eigenvalue has."""
    # The i-th invariant polynomial collects the i-th largest Jordan block of every eigenvalue. It
    # is bad if one of these blocks has size at least 2 or, over R, if its eigenvalue is not real.
    surplus = a.shape[1] - normal
    worst = 0
    for value in _eigenvalues(a, b, normal, rng):
        at = a + value * b
        simple = at.shape[1] - _rank(at)
        if field == "real" and abs(value.imag) > _SAME:
            worst = max(worst, simple - surplus)
            continue
        double = np.block([[at, np.zeros_like(at)], [b.astype(complex), at]])
        worst = max(worst, 2 * at.shape[1] - _rank(double) - simple - surplus)
    return worst


def _eigenvalues(a: Inexact, b: Inexact, normal: int, rng: np.random.Generator) -> list[complex]:
    """Values s at which ``a + s b`` loses rank."""
    # A random compression to size ``normal`` keeps them and adds others where the pencil is
    # singular; a rank test tells them apart. Clusters (nearly equal roots) are replaced by their
    # mean, which is far more accurate than the roots of a defective eigenvalue.
    from scipy.linalg import eigvals

    left = rng.standard_normal((normal, a.shape[0]))
    right = rng.standard_normal((a.shape[1], normal))
    if a.shape == (normal, normal):
        left = right = np.eye(normal)
    roots = eigvals(left @ a @ right, -(left @ b @ right))
    left_over = [complex(r) for r in roots if np.isfinite(r) and abs(r) < 1e6]
    found = []
    while left_over:
        near = [r for r in left_over if abs(r - left_over[0]) < 1e-2 * (1 + abs(r)) ** 2]
        tight = [r for r in near if abs(r - left_over[0]) < _SAME * (1 + abs(r)) ** 2] or near
        mean = sum(tight) / len(tight)
        left_over = [r for r in left_over if r not in tight]
        if _rank(a + mean * b) < normal:
            found.append(mean)
    return found
