"""Terms of two slices from their pencil: as many as the exact rank."""

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.bounds.pencils import pencil_rank
from wordtensor.rank._pencil_terms import pencil_terms

J = [[0.0, -1.0], [1.0, 0.0]]
FORMS = {
    "double": ([[1, 1], [0, 1]],),
    "double and single": ([[1, 1], [0, 1]], [[3]]),
    "triple": ([[2, 1, 0], [0, 2, 1], [0, 0, 2]],),
    "complex": (J,),
    "complex and real": (J, [[1]], [[-2]]),
    "complex twice": (J, J),
    "double complex": ([[0, -1, 1, 0], [1, 0, 0, 1], [0, 0, 0, -1], [0, 0, 1, 0]],),
    "two chains and one that stays": ([[1, 1], [0, 1]], [[1, 1], [0, 1]], [[1]]),
    "equal ones": ([[1]], [[1]], [[2]]),
    "two different": ([[1, 1], [0, 1]], [[0, 1], [0, 0]]),
}


def pencil(blocks, seed):
    n = sum(len(block) for block in blocks)
    form, start = np.zeros((n, n)), 0
    for block in blocks:
        form[start : start + len(block), start : start + len(block)] = block
        start += len(block)
    rng = np.random.default_rng(seed)
    left, right = (rng.integers(-2, 3, (n, n)) + 4.0 * np.eye(n) for _ in range(2))
    return np.stack([left @ right, left @ form @ right])


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("name", FORMS)
def test_terms_are_as_many_as_the_rank(name, axis):
    for seed in range(3):
        T = np.moveaxis(pencil(FORMS[name], seed), 0, axis)
        for field in ("real", "complex"):
            rank = pencil_rank(T, field)
            factors = pencil_terms(T, rank, field)
            assert factors is not None, (seed, field, rank)
            assert [len(factor) for factor in factors] == list(T.shape)
            assert {factor.shape[1] for factor in factors} == {rank}
            assert np.abs(wt.solver.reconstruct(factors) - T).max() < 1e-9 * np.abs(T).max()
            assert field == "complex" or not any(map(np.iscomplexobj, factors))


def test_what_it_does_not_apply_to():
    T = pencil(FORMS["double"], 0)
    assert pencil_terms(T, 2, "real") is None  # fewer than the rank
    assert pencil_terms(T[:, :1], 2, "real") is None
    assert pencil_terms(1j * T, 3, "complex") is None
    assert pencil_terms(np.zeros((2, 3, 3)), 3, "real") is None


@pytest.mark.parametrize(
    ("tensor", "rank"),
    [
        ([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], 3),
        (pencil(FORMS["triple"], 1).astype(int), 4),
        (pencil(FORMS["complex twice"], 2).astype(int), 6),
    ],
)
def test_solve_meets_the_exact_rank_at_once(tensor, rank):
    d = wt.solve(tensor, store=wt.cores.Store())
    assert (d.rank, d.lower_bound) == (rank, rank)
    assert wt.verify(d).ok
