"""Direct summands as blocks: along the support, along the centroid, and what each one is."""

import numpy as np
from numpy.typing import NDArray

from .._typing import Factors, Inexact
from ..cores._centroid import contracted, direct_summands
from ..cores.concise import compress
from ..words.core import Core
from ._support import FourierTensor
from .block import Block, matrix_block


def split_core(core: Core, rng: np.random.Generator) -> list[Block] | None:
    """Split a concise core into its indecomposable direct summands; None if it is too large."""
    summands = direct_summands(core.tensor, rng)
    if summands is None:
        return None
    blocks = [_identify(s.tensor, _times(core.maps, s.duals), s.units) for s in summands]
    return sorted(blocks, key=lambda block: (block.shape, block.division))


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


def _identify(tensor: Inexact, maps: Factors, units: Factors | None) -> Block:
    """Say what an indecomposable tensor is: <1,1,k>, <1,1,k> over C, two slices or general."""
    x, y, z = tensor.shape
    shape = (x, y, z)
    if units is not None:
        bases = _times((np.eye(x), np.eye(y), np.eye(z)), _adapted(units))
        inverse = (np.linalg.inv(bases[0]), np.linalg.inv(bases[1]), np.linalg.inv(bases[2]))
        tensor = contracted(tensor, bases)
        maps = _times(maps, (inverse[0].T, inverse[1].T, inverse[2].T))
        over_c = tensor[::2, ::2, ::2] - 1j * tensor[1::2, ::2, ::2]
        if min(over_c.shape) == 1:
            return _line_block(over_c, tuple(_join(m) for m in maps))
        return Block("general", shape, maps, tensor, "C")
    if min(shape) == 1:
        return _line_block(tensor, maps)
    kind = "two slices" if min(shape) == 2 else "general"
    return Block(kind, shape, maps, tensor)  # type: ignore[arg-type]


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


def _line_block(tensor: NDArray, maps: tuple[NDArray, ...]) -> Block:  # type: ignore[type-arg]
    """Turn a tensor with one dimension 1 into <1,1,k>, <k,1,1> or <1,k,1>, over R or C."""
    first, second, third = maps
    k = max(tensor.shape)
    if tensor.shape[0] == 1:
        sizes, second = (1, 1, k), second @ tensor[0]
    elif tensor.shape[1] == 1:
        sizes, first = (k, 1, 1), first @ tensor[:, 0]
    else:
        sizes, first = (1, k, 1), first @ tensor[:, :, 0]
    if np.iscomplexobj(tensor):
        # The standard form pairs a product with the conjugate of its dual: T = Re(X Y conj(Z)).
        parts = [np.stack([m.real, m.imag], axis=2) for m in (first, second, third.conj())]
        x, y, z = (np.ascontiguousarray(p.reshape(p.shape[0], -1)) for p in parts)
        return matrix_block(sizes, "C", (x, y, z))
    return matrix_block(sizes, "R", (first, second, third))
