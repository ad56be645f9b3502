"""What tests of several rooms share: rebuilding tensors, relabelled groups, known tensors."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pytest

from wordtensor.groups import Group, group
from wordtensor.rank.block import Block


def contract(tensor: np.ndarray, maps: Sequence[np.ndarray]) -> np.ndarray:
    """Change coordinates: entry [a, b, c] is sum_ijk t[i, j, k] A[a, i] B[b, j] C[c, k]."""
    return np.einsum("ijk,ai,bj,ck->abc", tensor, *maps, optimize=True)


def rebuild_blocks(blocks: Iterable[Block]) -> np.ndarray:
    """Add up what blocks stand for."""
    return sum(contract(block.own_tensor(), block.maps) for block in blocks)


def dense_table(table: np.ndarray, n_values: int) -> np.ndarray:
    """Write a table of values as a 0/1 tensor."""
    return (table[:, :, None] == np.arange(n_values)).astype(float)


def relabel_group(name: str, order: Sequence[int]) -> Group:
    """Rename the elements of a group: element g becomes order[g]."""
    G = group(name)
    new = np.array(order)
    table = np.empty_like(G.cayley)
    table[np.ix_(new, new)] = new[G.cayley]
    return Group.from_cayley(table)


def quotient_algebra(k: int) -> np.ndarray:
    """Multiplication of R[x]/x^k."""
    tensor = np.zeros((k, k, k))
    for i in range(k):
        for j in range(k - i):
            tensor[i, j, i + j] = 1.0
    return tensor


def direct_sum_of(tensors: Sequence[np.ndarray]) -> np.ndarray:
    """Put tensors along a diagonal."""
    total = np.zeros(np.sum([t.shape for t in tensors], axis=0))
    start = np.zeros(3, dtype=int)
    for tensor in tensors:
        stop = start + tensor.shape
        total[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))] = tensor
        start = stop
    return total


@pytest.fixture(scope="session")
def in_coordinates() -> Callable[[np.ndarray, Sequence[np.ndarray]], np.ndarray]:
    return contract


@pytest.fixture(scope="session")
def rebuild() -> Callable[[Iterable[Block]], np.ndarray]:
    return rebuild_blocks


@pytest.fixture(scope="session")
def dense() -> Callable[[np.ndarray, int], np.ndarray]:
    return dense_table


@pytest.fixture(scope="session")
def relabelled() -> Callable[[str, Sequence[int]], Group]:
    return relabel_group


@pytest.fixture(scope="session")
def truncated() -> Callable[[int], np.ndarray]:
    return quotient_algebra


@pytest.fixture(scope="session")
def direct_sum() -> Callable[[Sequence[np.ndarray]], np.ndarray]:
    return direct_sum_of
