"""Adam's step on one array, compiled for a CPU: small nets take less time than torch's call."""

import numpy as np

from .._compiled import compiled
from .._typing import Array


@compiled(nogil=True, error_model="numpy")
def adam_step(  # pragma: no cover
    weights: Array, gradients: Array, first: Array, second: Array, count: Array,
    rate: float, beta: float, gamma: float, l2: float, decay: float,
) -> None:  # fmt: skip
    """Change weights, both moments and the number of steps; l2 is coupled, decay is not."""
    count += 1
    made = float(count[()])
    kind = weights.dtype.type
    small = kind(1e-8)
    step = kind(rate / (1 - beta**made))
    root = kind(np.sqrt(1 - gamma**made))
    keep, kept = kind(1 - rate * decay), kind(gamma)
    # From the nearer end, as torch goes: without a memory (beta 0) nothing of the past is left.
    new = beta <= 0.5
    part = kind(-beta) if new else kind(1 - beta)
    fresh, coupled = kind(1 - gamma), kind(l2)
    for k in range(len(weights)):
        g = gradients[k] + coupled * weights[k]
        m = (g if new else first[k]) + part * (g - first[k])
        v = kept * second[k] + fresh * g * g  # in this order a large g does not overflow
        first[k], second[k] = m, v
        weights[k] = keep * weights[k] - step * m / (np.sqrt(v) / root + small)
