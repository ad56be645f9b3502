"""Summands of a word tensor: what each is, and how it sits in the group's coordinates."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .._text import product_name
from .._typing import Division, Factors, Inexact, Sizes, Value, freeze, freeze_fields
from ..schemes import DIMENSIONS
from ..schemes.matrix_product import dense_product_tensor
from ._frame import Frame

BlockKind = Literal["matrix product", "two slices", "general", "slices"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Block(Value):
    """One summand of a word tensor.

    Attributes
    ----------
    kind : {"matrix product", "two slices", "general", "slices"}
        "matrix product": <n,m,p> over R, C or H in standard coordinates; "two slices": one
        dimension is 2; "slices": a tensor to be taken fibre by fibre; "general":
        none of these.
    shape : tuple of int
        Real dimensions (x, y, z).
    maps : tuple of ndarray of float64, shapes (order, x), (order, y), (order, z)
        The block's part of T[a, b, c] is ``sum_ijk t[i, j, k] A[a, i] B[b, j] C[c, k]``.
    tensor : ndarray of float64, shape (x, y, z), or None
        The block's own tensor t; None for a matrix product, whose tensor is the standard one.
    division : {"R", "C", "H"}
        For a matrix product, where its entries live; else "C" if the block has a complex
        structure (its centroid is C), and "R" if not.
    sizes : tuple of int or None
        The (n, m, p) of a matrix product.
    frame : Frame or None
        Where a block that is no matrix product lies in the core that it was cut from; the solver
        works in the core's coordinates, which do not depend on labels.
    units : tuple of ndarray of float64, shapes (x, x), (y, y), (z, z), or None
        For a complex structure, the matrices of multiplication by i in the block's coordinates.
    summand : bool
        Whether the block is a direct summand of the word tensor (the maps of different blocks are
        independent in every mode). Only then do lower bounds for blocks say something about T.

    Examples
    --------
    >>> from wordtensor.rank import plan
    >>> [block.name for block in plan("a*b", "Q8").routes[0].blocks]
    ['<1,1,1>', '<1,1,1>', '<1,1,1>', '<1,1,1>', '<1,1,1>_H']
    """

    kind: BlockKind
    shape: tuple[int, int, int]
    maps: Factors
    tensor: Inexact | None = None
    division: Division = "R"
    sizes: Sizes | None = None
    summand: bool = True
    frame: Frame | None = None
    units: Factors | None = None

    def __post_init__(self) -> None:
        freeze_fields(self, "maps", "tensor", "units")

    @property
    def name(self) -> str:
        """Short name: "<2,2,3>", "<1,1,2>_C" or "11x11x3"."""
        return block_name(self.sizes, self.division, self.shape)

    def __repr__(self) -> str:
        return f"Block({self.name}, kind={self.kind!r})"

    def _repr_latex_(self) -> str:
        return block_latex(self.sizes, self.division, self.shape)

    def own_tensor(self) -> Inexact:
        """Return the block's tensor, shape (x, y, z), building that of a matrix product."""
        if self.tensor is not None:
            return self.tensor
        n, m, p = self.sizes or (0, 0, 0)
        return dense_product_tensor(n, m, p, self.division).astype(np.float64)


def block_name(sizes: Sizes | None, division: Division, shape: Sizes) -> str:
    """Name a block after its sizes, or after its dimensions if it is no matrix product."""
    if sizes is not None:
        return product_name(sizes, division)
    ring = " over C" if division == "C" else ""
    return f"{shape[0]}x{shape[1]}x{shape[2]}{ring}"


def block_latex(sizes: Sizes | None, division: Division, shape: Sizes) -> str:
    """Write the name of a block as a formula."""
    if sizes is None:
        name = r" \times ".join(map(str, shape))
        return f"${name}$" if division == "R" else rf"${name}\text{{ over }}\mathbb{{{division}}}$"
    ring = "" if division == "R" else rf"_{{\mathbb{{{division}}}}}"
    return rf"$\langle {', '.join(map(str, sizes))} \rangle{ring}$"


def product_shape(sizes: Sizes, division: Division) -> tuple[int, int, int]:
    """Real dimensions of the spaces of X, Y and Z in X Y = Z."""
    n, m, p = sizes
    d = DIMENSIONS[division]
    return n * m * d, m * p * d, n * p * d


def matrix_block(sizes: Sizes, division: Division, maps: Factors, *, summand: bool = True) -> Block:
    """Make a block <n,m,p> of maps to row-major coordinates of X, Y and the dual of Z = X Y."""
    return Block(
        kind="matrix product",
        shape=product_shape(sizes, division),
        maps=maps,
        division=division,
        sizes=sizes,
        summand=summand,
    )


def embed(maps: Factors, factors: Factors) -> Factors:
    """Bring factors in block coordinates, shapes (x, R) ..., to group coordinates (order, R) ..."""
    return maps[0] @ factors[0], maps[1] @ factors[1], maps[2] @ factors[2]


def swap_inputs(block: Block) -> Block:
    """Exchange the first two modes of a block, for a table that was read with them exchanged."""
    # For a matrix product, X Y = Z becomes Y* X* = Z* with conjugate transposes, which also holds
    # over the quaternions.
    if block.sizes is None:
        first, second, third = block.maps
        x, y, z = block.shape
        tensor = None if block.tensor is None else np.ascontiguousarray(block.tensor.swapaxes(0, 1))
        return replace(block, shape=(y, x, z), maps=(second, first, third), tensor=tensor)
    n, m, p = block.sizes
    d = DIMENSIONS[block.division]
    x_map, y_map, z_map = block.maps
    maps = (_adjoint(y_map, m, p, d), _adjoint(x_map, n, m, d), _adjoint(z_map, n, p, d))
    return matrix_block((p, m, n), block.division, maps, summand=block.summand)


def rotate_inputs(block: Block) -> Block:
    """Bring the modes c, a, b of a block into the order a, b, c."""
    if block.sizes is None:
        x, y, z = block.shape
        first, second, third = block.maps
        tensor = (
            None if block.tensor is None else np.ascontiguousarray(np.moveaxis(block.tensor, 0, 2))
        )
        return replace(block, shape=(y, z, x), maps=(second, third, first), tensor=tensor)
    # tr(X Y Z*) = tr(Y Z* X): what X Y = Z is to its modes, Y Z* = X* is to the rotated ones.
    n, m, p = block.sizes
    d = DIMENSIONS[block.division]
    x_map, y_map, z_map = block.maps
    maps = (y_map, _adjoint(z_map, n, p, d), _adjoint(x_map, n, m, d))
    return matrix_block((m, p, n), block.division, maps, summand=block.summand)


def _adjoint(coordinates: Inexact, rows: int, columns: int, d: int) -> Inexact:
    """Conjugate-transpose the matrices whose coordinates are the columns of a map."""
    entries = coordinates.reshape(-1, rows, columns, d).swapaxes(1, 2).copy()
    entries[..., 1:] *= -1.0
    return freeze(entries.reshape(coordinates.shape[0], -1))
