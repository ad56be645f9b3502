"""Two slices of integers: JaJa's theorem without rounding."""

import numpy as np
import pytest
from scipy.linalg import block_diag

from wordtensor.bounds import pencil_rank
from wordtensor.bounds._exact_pencils import exact_pencil_rank

ONE = np.eye(2, dtype=np.int64)


def jordan(value, size):
    """Return a Jordan block."""
    return value * np.eye(size, dtype=np.int64) + np.eye(size, k=1, dtype=np.int64)


def unimodular(size, rng):
    """Return an integer matrix of determinant 1."""
    entries = rng.integers(-1, 2, (2, size, size))
    return (np.tril(entries[0], -1) + np.eye(size, dtype=int)) @ (
        np.triu(entries[1], 1) + np.eye(size, dtype=int)
    )


@pytest.mark.parametrize("gap", [10**2, 10**8, 10**15])
def test_eigenvalues_that_floats_cannot_tell_apart(gap):
    # Eigenvalues gap + 1 and gap - 1; a double one; and two that are not real.
    apart = np.array([[gap, 1], [1, gap]])
    assert exact_pencil_rank(np.stack([ONE, apart])) == 2
    assert exact_pencil_rank(np.stack([ONE, np.array([[gap, 1], [0, gap]])])) == 3
    turned = np.stack([ONE, np.array([[gap, -1], [1, gap]])])
    assert (exact_pencil_rank(turned), exact_pencil_rank(turned, "complex")) == (3, 2)


@pytest.mark.parametrize("seed", range(12))
def test_both_ways_to_compute_agree(seed):
    rng = np.random.default_rng(seed)
    kinds = {
        "L": (np.eye(1, 2, dtype=int), np.eye(1, 2, 1, dtype=int)),
        "L^T": (np.eye(3, 2, dtype=int), np.eye(3, 2, -1, dtype=int)),
        "double": (jordan(1, 2), ONE),
        "infinite": (ONE, jordan(0, 2)),
        "not real": (np.array([[0, -1], [1, 0]]), ONE),
        "simple": (np.array([[2]]), np.array([[1]])),
    }
    chosen = [kinds[name] for name in rng.choice(list(kinds), 3)]
    first, second = (block_diag(*(pair[k] for pair in chosen)) for k in range(2))
    P, Q = (unimodular(size, rng) for size in first.shape)
    tensor = np.stack([P @ first @ Q, P @ second @ Q]).astype(np.int64)
    for field in ("real", "complex"):
        assert exact_pencil_rank(tensor, field) == pencil_rank(tensor.astype(float), field)


def test_slices_that_are_one_or_too_large():
    assert exact_pencil_rank(np.stack([ONE, 3 * ONE])) == 2
    assert exact_pencil_rank(np.random.default_rng(0).integers(-9, 10, (2, 12, 12))) is None
