"""Direct summands as blocks: along the support, along the centroid, and what each one is."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .._threads import one_blas_thread
from .._typing import Factors, Inexact, Sizes
from ..cores import CanonicalCore
from ..cores._centroid import Summand, contracted, direct_summands
from ..cores.concise import compress
from ..words.core import Core
from ._frame import Frame, echelon, snapped
from ._support import FourierTensor
from .block import Block, BlockKind, matrix_block

_IN_ORDER: Sizes = (0, 1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A direct summand in the coordinates of its core that its spaces are given by."""

    tensor: Inexact
    frame: Frame
    units: Factors | None  # matrices of the complex structure, if there is one

    @property
    def key(self) -> tuple[Sizes, bool]:
        x, y, z = self.tensor.shape
        return (x, y, z), self.units is not None


def split_core(
    core: Core, rng: np.random.Generator, modes: Sizes = _IN_ORDER
) -> list[Block] | None:
    """Split a concise core into its indecomposable direct summands; None if it is too large."""
    # Mode m of the core is mode ``modes[m]`` of the blocks.
    summands = direct_summands(core.tensor, rng)
    if summands is None:
        return None
    parts = [_part(core, summand, modes) for summand in summands]
    return [_identify(part) for part in sorted(parts, key=lambda part: part.key)]


def split_canonical(canonical: CanonicalCore, core: Core, seed: int) -> list[Block] | None:
    """Split the concise core of a canonical one into direct summands, in the original labels."""
    with one_blas_thread():
        blocks = split_core(core, np.random.default_rng(seed), canonical.modes)
    if blocks is None:
        return None
    inner = [[block.maps[mode] for mode in canonical.modes] for block in blocks]
    return [
        replace(block, maps=canonical.restored((maps[0], maps[1], maps[2])))
        for block, maps in zip(blocks, inner, strict=True)
    ]


def _part(core: Core, summand: Summand, modes: Sizes) -> _Part:
    """Change a summand to coordinates that are some of those of the core."""
    spans, rows, bases = [], [], []
    for whole, duals in zip(core.maps, summand.duals, strict=True):
        columns = whole @ duals
        span, chosen = echelon(columns)
        spans.append(span)
        rows.append(chosen)
        bases.append(columns[chosen].T)  # the new basis in terms of the summand's
    changes = (bases[0], bases[1], bases[2])
    units = None
    if summand.units is not None:
        x, y, z = (np.linalg.solve(N, J @ N) for N, J in zip(changes, summand.units, strict=True))
        units = (x, y, z)
    tensor = snapped(contracted(summand.tensor, changes))
    frame = Frame(modes, (spans[0], spans[1], spans[2]), (rows[0], rows[1], rows[2]))
    return _Part(tensor, frame, units)


def support_components(fourier: FourierTensor) -> list[Core]:
    """Cut a word tensor along the connected components of its support, at any size."""
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


def _times(maps: Factors, others: Factors) -> Factors:
    return maps[0] @ others[0], maps[1] @ others[1], maps[2] @ others[2]


def _identify(part: _Part) -> Block:
    """Say what an indecomposable tensor is: <1,1,k>, <1,1,k> over C, two slices or general."""
    frame = part.frame
    order = np.argsort(frame.modes)
    tensor = np.ascontiguousarray(part.tensor.transpose(order))
    maps = _in_order(frame.spans, order)
    x, y, z = tensor.shape
    if part.units is not None:
        units = _in_order(part.units, order)
        block = Block("general", (x, y, z), maps, tensor, "C", frame=frame, units=units)
        if min(x, y, z) == 2:  # a matrix, or a vector times a number
            return complex_block(*_straightened(*over_complex(block)))
        return block
    if min(x, y, z) == 1:
        return line_block(tensor, maps)
    kind: BlockKind = "two slices" if min(x, y, z) == 2 else "general"
    return Block(kind, (x, y, z), maps, tensor, frame=frame)


def _in_order(parts: Factors, order: NDArray[np.int64]) -> Factors:
    first, second, third = (parts[mode] for mode in order)
    return first, second, third


def complex_form(tensor: Inexact, units: Factors) -> tuple[Inexact, Factors]:
    """Return the complex tensor that a tensor is the real part of, and bases v_1, J v_1, ..."""
    bases = _adapted(units)
    adapted = contracted(tensor, bases)
    return adapted[::2, ::2, ::2] - 1j * adapted[1::2, ::2, ::2], bases


def over_complex(block: Block) -> tuple[Inexact, Factors]:
    """Return the complex tensor that a block is the real part of, and complex maps to it."""
    tensor, bases = complex_form(block.own_tensor(), block.units or block.maps)
    adapted = (m @ np.linalg.inv(basis).T for m, basis in zip(block.maps, bases, strict=True))
    first, second, third = (_join(m) for m in adapted)
    return tensor, (first, second, third)


def complex_block(sizes: Sizes, maps: Factors) -> Block:
    """Make a block <n,m,p> over C of complex maps, whose real part it is."""
    # The standard form pairs a product with the conjugate of its dual: T = Re(X Y conj(Z)).
    first, second, third = maps
    parts = [np.stack([m.real, m.imag], axis=2) for m in (first, second, third.conj())]
    x, y, z = (np.ascontiguousarray(p.reshape(p.shape[0], -1)) for p in parts)
    return matrix_block(sizes, "C", (x, y, z))


def _adapted(units: Factors) -> Factors:
    """Bases v_1, J v_1, v_2, J v_2, ... of the three modes."""
    bases: list[Inexact] = []
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


def _join(coordinates: Inexact) -> NDArray[np.complex128]:
    return np.asarray(coordinates[:, ::2] + 1j * coordinates[:, 1::2], dtype=np.complex128)


def line_block(tensor: Inexact, maps: Factors) -> Block:
    """Name a matrix, a concise tensor with one dimension 1: as many terms as its rank."""
    sizes, straight = _straightened(tensor, maps)
    return matrix_block(sizes, "R", straight)


def _straightened(tensor: Inexact, maps: Factors) -> tuple[Sizes, Factors]:
    """Choose bases in which a matrix is the unit matrix, and name it as a product."""
    first, second, third = maps
    k = max(tensor.shape)
    if tensor.shape[0] == 1:
        return (1, 1, k), (first, second @ tensor[0], third)
    if tensor.shape[1] == 1:
        return (k, 1, 1), (first @ tensor[:, 0], second, third)
    return (1, k, 1), (first @ tensor[:, :, 0], second, third)
