"""Checks of real irreps: representations, orthogonal, irreducible, with the right character."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import IrrepError
from ..groups import Group, generating_set
from .irrep import RealIrrep

TOLERANCE = 1e-9
"""The largest error that `check_irreps` accepts by default."""

_BLOCK = 512


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
        return _largest(
            [
                self.homomorphism,
                self.orthogonality,
                self.character,
                self.irreducibility,
                self.blocks,
            ]
        )


def _largest(errors: Sequence[float]) -> float:
    """Return the largest number, or NaN if there is one (which ``max`` may pass over)."""
    return float(np.max(errors))


def _block_error(irrep: RealIrrep) -> float:
    from .division import from_blocks, to_blocks

    worst: list[float] = []
    for start in range(0, irrep.order, _BLOCK):
        block = irrep.matrices[start : start + _BLOCK]
        rebuilt = to_blocks(from_blocks(block, irrep.endo_dim))
        worst.append(float(np.abs(block - rebuilt).max()))
    return _largest(worst)


def measure_irrep(G: Group, irrep: RealIrrep, generators: Sequence[int]) -> IrrepChecks:
    """Measure the errors of one irrep; ``missing_dim`` counts the other irreps' dimensions."""
    homomorphism, orthogonality = [0.0], [0.0]
    for start in range(0, G.order, _BLOCK):
        block = irrep.matrices[start : start + _BLOCK]
        square = np.swapaxes(block, 1, 2) @ block - np.eye(irrep.dim)
        orthogonality.append(float(np.abs(square).max()))
        for g in generators:
            product = irrep.matrices[G.cayley[g, start : start + _BLOCK]]
            homomorphism.append(float(np.abs(product - irrep.matrices[g] @ block).max()))
    traces = np.trace(irrep.matrices, axis1=1, axis2=2)
    norm = float(irrep.character @ irrep.character) / G.order
    return IrrepChecks(
        homomorphism=_largest(homomorphism),
        orthogonality=_largest(orthogonality),
        character=float(np.abs(traces - irrep.character).max()),
        irreducibility=abs(norm - irrep.endo_dim),
        blocks=_block_error(irrep) if irrep.endo_dim > 1 else 0.0,
        missing_dim=G.order - irrep.isotypic_dim,
    )


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
        parts.append(measure_irrep(G, irrep, generators))
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
