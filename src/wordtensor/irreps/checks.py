"""Checks of real irreps: representations, orthogonal, irreducible, with the right character."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array
from ..errors import IrrepError
from ..groups import Group, generating_set
from .division import from_blocks, to_blocks
from .irrep import RealIrrep

TOLERANCE = 1e-9
"""The largest error that `check_irreps` accepts by default."""

# Matrix entries that are measured at a time, so that they stay in the cache.
_ENTRIES = 2**17
# Matrices up to this dimension are multiplied entry by entry.
_SMALL = 4


@dataclass(frozen=True, slots=True)
class IrrepChecks:
    """What was measured on some irreps, each the largest absolute error.

    Attributes
    ----------
    homomorphism : float
        ``rho(g h) - rho(g) rho(h)`` for g in a generating set and all h.
    orthogonality : float
        ``rho(g)^T rho(g) - 1`` for all g.
    character : float
        Traces of the matrices against the characters from the centre.
    irreducibility : float
        ``<chi, chi> - endo_dim``.
    blocks : float
        Matrices against the ones rebuilt from their entries over R, C or H.
    missing_dim : int
        Group order minus the sum of the isotypic dimensions: 0 for a complete list.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> from wordtensor.irreps import real_irreps
    >>> checks = check_irreps(group("S3"), real_irreps("S3"))
    >>> checks.error < 1e-12, checks.missing_dim
    (True, 0)
    """

    homomorphism: float
    orthogonality: float
    character: float
    irreducibility: float
    blocks: float
    missing_dim: int

    @property
    def error(self) -> float:
        """The largest of the errors."""
        errors = [
            self.homomorphism,
            self.orthogonality,
            self.character,
            self.irreducibility,
            self.blocks,
        ]
        # NaN if there is one, which ``max`` may pass over.
        return next((error for error in errors if error != error), max(errors))


def measure_irreps(
    G: Group, matrices: Array, characters: Array, endo_dim: int, generators: Sequence[int]
) -> list[IrrepChecks]:
    """Measure the errors of irreps of one dimension and type: (K, n, dim, dim) and (K, n)."""
    count, n, dim, _ = matrices.shape
    errors = np.zeros((4, count))
    images = [matrices[:, g, :, ::endo_dim] for g in generators]
    rows = max(1, _ENTRIES // (count * dim * dim))
    for start in range(0, n, rows):
        part = matrices[:, start : start + rows]
        flat = part.reshape(count, -1, dim)
        found = [[_gram_error(part, endo_dim)]]
        # What holds for the first columns of all blocks holds for the others, which are these
        # times units.
        products = []
        for g, image in zip(generators, images, strict=True):
            moved = np.take(matrices, G.cayley[start : start + rows, g], axis=1)[..., ::endo_dim]
            products.append(
                _largest_of(moved.reshape(flat.shape[0], -1, moved.shape[-1]) - flat @ image)
            )
        found.append(products)
        traces = np.trace(part, axis1=2, axis2=3)
        found.append([_largest_of(traces - characters[:, start : start + rows])])
        found.append([_block_error(part, endo_dim)] if endo_dim > 1 else [])
        for place, values in enumerate(found):
            errors[place] = np.maximum.reduce([errors[place], *values])
    norms = (characters[:, None] @ characters[:, :, None])[:, 0, 0] / n
    return [
        IrrepChecks(
            homomorphism=float(errors[1, k]),
            orthogonality=float(errors[0, k]),
            character=float(errors[2, k]),
            irreducibility=abs(float(norms[k]) - endo_dim),
            blocks=float(errors[3, k]),
            missing_dim=n - dim * dim // endo_dim,
        )
        for k in range(count)
    ]


def _largest_of(differences: Array) -> Array:
    """Return the largest absolute value for each item of the first axis (NaN if there is one)."""
    flat = differences.reshape(len(differences), -1)
    largest: Array = np.maximum(flat.max(axis=1), -flat.min(axis=1))
    return largest


def _gram_error(part: Array, endo_dim: int) -> Array:
    """Largest error of the first columns of the blocks of ``rho^T rho - 1``, shape (K,)."""
    dim = part.shape[-1]
    if dim > _SMALL:
        square = part.swapaxes(-1, -2) @ part[..., ::endo_dim]
        return _largest_of(square - np.eye(dim)[:, ::endo_dim])
    # Matrices this small are multiplied entry by entry, all at once.
    errors = []
    for j in range(0, dim, endo_dim):
        for i in range(dim):
            entry = (part[..., 0, i] * part[..., 0, j]) - float(i == j)
            for row in range(1, dim):
                entry += part[..., row, i] * part[..., row, j]
            errors.append(_largest_of(entry))
    largest: Array = np.maximum.reduce(errors)
    return largest


def _block_error(part: Array, endo_dim: int) -> Array:
    return _largest_of(part - to_blocks(from_blocks(part, endo_dim)))


def require(G: Group, label: str, checks: IrrepChecks, tolerance: float) -> None:
    """Raise IrrepError unless the errors are within the tolerance."""
    # Written so that a NaN fails.
    if not checks.error <= tolerance:
        raise IrrepError(
            f"Irrep {label} of {G!r} failed its checks: the error is {checks.error:.1e}, and "
            f"{tolerance:.1e} is allowed ({checks}); try another seed"
        )


def check_irreps(
    G: Group, irreps: Sequence[RealIrrep], tolerance: float = TOLERANCE
) -> IrrepChecks:
    """Check that a list holds all real irreps of a group, and measure the errors.

    Parameters
    ----------
    G : Group
    irreps : sequence of RealIrrep
    tolerance : float
        The largest error allowed.

    Returns
    -------
    IrrepChecks

    Raises
    ------
    IrrepError
        If an irrep belongs to a group of another order, is not an orthogonal irreducible
        representation with its character, or the isotypic dimensions do not add up to n.

    Notes
    -----
    rho is a homomorphism if ``rho(g h) = rho(g) rho(h)`` for the g of a generating set, so the
    check costs O(n dim^3) for each generator and not n^2.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> from wordtensor.irreps import real_irreps
    >>> G = group("Q8")
    >>> check_irreps(G, real_irreps(G)).error < 1e-12
    True
    """
    generators = generating_set(G)
    parts = []
    for irrep in irreps:
        if irrep.matrices.shape != (G.order, irrep.dim, irrep.dim):
            raise IrrepError(
                f"Irrep {irrep} has matrices of shape {irrep.matrices.shape}; "
                f"{G!r} needs ({G.order}, {irrep.dim}, {irrep.dim})"
            )
        parts += measure_irreps(
            G, irrep.matrices[None], irrep.character[None], irrep.endo_dim, generators
        )
        require(G, irrep.label, parts[-1], tolerance)
    missing = G.order - sum(irrep.isotypic_dim for irrep in irreps)
    if missing:
        raise IrrepError(
            f"The isotypic dimensions of {len(parts)} irreps add up to {G.order - missing}, "
            f"not to the order of {G!r}"
        )
    return IrrepChecks(
        homomorphism=max(part.homomorphism for part in parts),
        orthogonality=max(part.orthogonality for part in parts),
        character=max(part.character for part in parts),
        irreducibility=max(part.irreducibility for part in parts),
        blocks=max(part.blocks for part in parts),
        missing_dim=missing,
    )
