"""A decomposition at work: z = T(x, y) for a batch of 256 pairs of vectors.

What is made once, the decomposition as well as the dense tensor, is not timed.
"""

from collections.abc import Callable

import numpy as np

import wordtensor as wt

from .base import LIMIT, OURS, SEED, Suite, peer, unknown

CASES = ("S4 a*b", "A5 a*b", "S5 a*b")
BATCH = 256


class Apply(Suite):
    pretty_suite = (
        f"apply to {BATCH} pairs of vectors; The limit is the three matrix products as one."
    )
    params = (CASES, (OURS, "dense", "sparse", "scatter-add", LIMIT))
    tolerance = 1e-8

    def prepare(self, case: str, way: str) -> Callable[[], np.ndarray]:
        group, word = case.split(" ")
        self.tensor = T = wt.word_tensor(word, group)
        n = T.order
        rng = np.random.default_rng(SEED)
        self.x, self.y = x, y = rng.standard_normal((2, BATCH, n))
        if way in (OURS, LIMIT):
            U, V, W = wt.decompose(word, group).factors
            if way == LIMIT:
                # The same operations as one product of a well-filled shape.
                wide = rng.standard_normal((n, 3 * U.shape[1]))
                out = np.empty((BATCH, wide.shape[1]))
                return lambda: np.matmul(x, wide, out=out)
            back = np.ascontiguousarray(W.T)
            return lambda: ((x @ U) * (y @ V)) @ back
        if way == "dense":
            # numpy.einsum's own plan would be slower than these two products.
            slices = T.to_dense().reshape(n, n * n)
            return lambda: np.matmul(y[:, None], (x @ slices).reshape(-1, n, n))[:, 0]
        if way == "sparse":
            peer("scipy.sparse")
            unfolding = T.unfolding(2)
            return lambda: (unfolding @ (x[:, :, None] * y[:, None]).reshape(BATCH, -1).T).T
        if way == "scatter-add":
            rows = np.arange(BATCH)[:, None, None]
            return lambda: scattered(x, y, rows, T.table)
        raise unknown(way)

    def check(self, case: str, way: str, answer: np.ndarray) -> float:
        """Compare with plain loops over the ones of the tensor."""
        expected = np.zeros_like(self.x)
        for a, row in enumerate(self.tensor.table.tolist()):
            for b, c in enumerate(row):
                expected[:, c] += self.x[:, a] * self.y[:, b]
        return float(np.abs(answer - expected).max())

    def time_apply(self, case: str, way: str) -> None:
        self.work()

    def track_error(self, case: str, way: str) -> float:
        return self.error

    track_error.params = (CASES, (OURS,))


def scattered(x: np.ndarray, y: np.ndarray, rows: np.ndarray, table: np.ndarray) -> np.ndarray:
    z = np.zeros_like(x)
    np.add.at(z, (rows, table), x[:, :, None] * y[:, None])
    return z
