r"""Actions by symmetric matrices: blocks <n,n,p> whose first factor is symmetric in some bases.

In ``w = a b a`` the permutations ``b -> a b^-1 a`` are involutions, which are symmetric matrices.
More generally let ``rho(a)`` be the orthogonal matrices of an irreducible constituent. If a J with
``rho(a) J`` symmetric (skew) for all a exists, then ``rho(a) J rho(a) = J``, and J is orthogonal,
up to a scale, and symmetric (skew) itself, since ``rho`` is 1 for some a. It is found by averaging
``rho(a) J rho(a)``, which are orthogonal maps of J, over all a. Over C, a J that is not
linear but antilinear makes ``rho(a) J`` complex symmetric, and a linear one Hermitian.
Then the block is a product with a structured factor, which takes half as many terms.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from .._typing import Division, Factors, Inexact, freeze
from ..schemes.structured import Structure, StructuredProduct
from .block import Block, BlockKind

# Of averaging: steps, elements in a step, and when J has vanished or is the same as before.
_STEPS: Final = 500
_ELEMENTS: Final = 12
_VANISHED: Final = 1e-6
_SETTLED: Final = 1e-14
_ACCURATE: Final = 1e-9
# Entries of the tensor of a block, which it carries with it: 64 MiB.
_MOST_ENTRIES: Final = 2**23


def with_symmetric_factors(blocks: list[Block], rng: np.random.Generator) -> list[Block] | None:
    """Write those blocks as structured products that are; None if there are none."""
    made = [_structured(block, rng) for block in blocks]
    if all(block is None for block in made):
        return None
    return [old if new is None else new for old, new in zip(blocks, made, strict=True)]


def _structured(block: Block, rng: np.random.Generator) -> Block | None:
    """Return a block <n,n,p> as a product with a structured factor, or None."""
    n, m, p = block.sizes or (0, 1, 1)
    if n != m or n == 1 or block.division == "H":
        return None
    d = 2 if block.division == "C" else 1
    if d * n * (n + 1) // 2 * (d * n * p) ** 2 > _MOST_ENTRIES:
        return None
    rho, y = (_matrices(A, n, k, d) for A, k in zip(block.maps[:2], (n, p), strict=True))
    for structure, J in _forms(rho, rng):
        product = StructuredProduct(structure, n, p)
        x = _coordinates(rho @ J, structure)
        if x is None:
            continue
        columns = _reals(np.linalg.inv(J) @ y)
        maps: Factors = (freeze(x), freeze(columns), block.maps[2])
        division: Division = "C" if structure == "complex symmetric" else "R"
        kind: BlockKind = "two slices" if 2 in product.shape else "general"
        tensor = freeze(product.tensor().astype(np.float64))
        return Block(kind, product.shape, maps, tensor, division=division, summand=block.summand)
    return None


def _matrices(coordinates: Inexact, rows: int, columns: int, d: int) -> Inexact:
    """Read row-major coordinates as matrices over R or C, shape (order, rows, columns)."""
    if d == 2:
        coordinates = coordinates[:, ::2] + 1j * coordinates[:, 1::2]
    return coordinates.reshape(-1, rows, columns)


def _reals(matrices: Inexact) -> Inexact:
    """Write matrices as rows of real coordinates."""
    flat = matrices.reshape(len(matrices), -1)
    if not np.iscomplexobj(flat):
        return flat
    return np.stack([flat.real, flat.imag], axis=2).reshape(len(flat), -1)


def _forms(rho: Inexact, rng: np.random.Generator) -> Iterator[tuple[Structure, Inexact]]:
    """Yield matrices J for which rho J may be structured, and how."""
    if not np.iscomplexobj(rho):
        J = _fixed(rho, rho, rng)
        if J is not None:
            yield ("symmetric" if np.vdot(J, J.T) > 0 else "skew"), J
        return
    K = _fixed(rho, rho.conj(), rng)
    if K is not None:
        yield "complex symmetric", K
    H = _fixed(rho, rho, rng)
    if H is not None:
        # Its adjoint is H times a number of size 1.
        phase = np.vdot(H, H.conj().T)
        yield "Hermitian", H * np.sqrt(phase / abs(phase))


def _fixed(left: Inexact, right: Inexact, rng: np.random.Generator) -> Inexact | None:
    """Return a J, orthogonal or unitary, with left J right = J for all matrices, or None."""
    n = left.shape[1]
    J: Inexact = rng.standard_normal((n, n)).astype(left.dtype)
    start = float(np.linalg.norm(J))
    chosen = rng.permutation(len(left))[:_ELEMENTS]
    for some in (chosen, np.arange(len(left))):
        for _ in range(_STEPS):
            before = J
            J = (J + (left[some] @ J @ right[some]).mean(axis=0)) / 2
            size = float(np.linalg.norm(J))
            if size < _VANISHED * start:
                return None
            if float(np.linalg.norm(J - before)) < _SETTLED * size:
                break
        J = J * (np.sqrt(n) / np.linalg.norm(J))
        error = float(np.abs(left @ J @ right - J).max())
        if error < _ACCURATE and np.abs(J @ J.conj().T - np.eye(n)).max() < _ACCURATE:
            return J
    return None


def _coordinates(matrices: Inexact, structure: Structure) -> Inexact | None:
    """Return the coordinates of structured matrices, or None if they are none."""
    transposes = matrices.swapaxes(1, 2)
    if structure == "Hermitian":
        transposes = transposes.conj()
    sign = -1.0 if structure == "skew" else 1.0
    if float(np.abs(matrices - sign * transposes).max()) > _ACCURATE:
        return None
    n = matrices.shape[1]
    rows, columns = np.triu_indices(n, 1 if structure == "skew" else 0)
    x = _reals(matrices[:, rows, columns])
    if structure == "Hermitian":  # entries on the diagonal have no imaginary part
        x = np.delete(x, 2 * np.flatnonzero(rows == columns) + 1, axis=1)
    return np.ascontiguousarray(x)
