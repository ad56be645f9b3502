"""The word map on a CUDA device. Import this module only where CUDA is wanted."""

import numpy as np
from numba import cuda
from numpy.typing import NDArray

from ..groups import Group
from ._powers import power_maps
from ._syllables import Syllables

_THREADS = 256
_MAX_BLOCKS = 65_535


@cuda.jit
def _entries(out, cayley, maps, letters, which, identity):  # type: ignore[no-untyped-def]
    n = out.shape[0]
    for entry in range(cuda.grid(1), n * n, cuda.gridsize(1)):  # type: ignore[attr-defined]
        a = entry // n
        b = entry % n
        value = identity
        for s in range(letters.shape[0]):
            factor = maps[which[s], b if letters[s] else a]
            value = cayley[value, factor] if s else factor
        out[a, b] = value


def evaluate(factors: Syllables, G: Group) -> NDArray[np.int32]:
    """Tabulate a word of at least one syllable on a CUDA device that is there: shape (n, n)."""
    n = G.order
    position, maps = power_maps({k for _, k in factors}, G)
    letters = np.array([letter for letter, _ in factors], dtype=np.int8)
    which = np.array([position[k] for _, k in factors], dtype=np.int32)
    out = cuda.device_array((n, n), dtype=np.int32)
    blocks = min(_MAX_BLOCKS, (n * n + _THREADS - 1) // _THREADS)
    arrays = [cuda.to_device(array) for array in (G.cayley, maps, letters, which)]
    _entries[blocks, _THREADS](out, *arrays, np.int32(G.identity))
    table: NDArray[np.int32] = out.copy_to_host()
    return table
