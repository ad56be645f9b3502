"""The word map on a CUDA device. Import this module only where CUDA is wanted.

The passes are those of the CPU. A block has a row of the table, and the rows of the Cayley table
that it looks up in shared memory, so that all that passes the device's memory is read and written
in order. For a pass across the rows the table is transposed, tile by tile, before and after.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import config, cuda, uint16

from .._text import size_text
from ..errors import MemoryLimitError
from ..groups import Group
from . import _dlpack
from ._device_table import DeviceTable
from ._passes import CARRY, MULTIPLY, POWER, Program, program
from ._syllables import Syllables

_THREADS: Final = 256
# The simulator's threads are Python's.
_SIMULATED_THREADS: Final = 3
_WARP: Final = 32
_TILE: Final = 32
_PADDED: Final = _TILE + 1  # so that a column of a tile is spread over the banks
# Look-ups in a chain: three rows of 5040 entries take 30 KB of shared memory.
_CHAIN: Final = 3
_SHARE_OF_MEMORY: Final = 0.9


@cuda.jit
def _multiply_rows(cayley, targets, lefts, right):  # type: ignore[no-untyped-def]
    """Fill in rows of a Cayley table: row gs is row g, looked up at row s."""
    for block in range(cuda.blockIdx.x, targets.shape[0], cuda.gridDim.x):
        target, left = targets[block], lefts[block]
        for i in range(cuda.threadIdx.x, cayley.shape[1], cuda.blockDim.x):
            cayley[target, i] = cayley[left, cayley[right, i]]


@cuda.jit
def _apply_steps(out, values, steps, maps, cayley, orbit, orbit_of, carrier):  # type: ignore[no-untyped-def]
    """Take the rows of `values` through at least one step into `out`, (n, n), a row a block."""
    n = out.shape[0]
    rows = cuda.shared.array(0, uint16)
    me, threads = cuda.threadIdx.x, cuda.blockDim.x
    count = steps.shape[0]
    for a in range(cuda.blockIdx.x, n, cuda.gridDim.x):
        for s in range(0, count, _CHAIN):
            chain = min(_CHAIN, count - s)
            cuda.syncthreads()
            for k in range(chain):
                what, which, at = steps[s + k, 0], steps[s + k, 1], k * n
                power = np.int64(maps[which, a])
                for i in range(me, n, threads):
                    if what == MULTIPLY:
                        rows[at + i] = cayley[power, i]
                    elif what == POWER:
                        rows[at + i] = maps[which, i]
                    elif what == CARRY:
                        rows[at + i] = cayley[carrier[power], i]
                    else:
                        rows[at + i] = orbit[orbit_of[power], i]
            cuda.syncthreads()
            for i in range(me, n, threads):
                value = np.int64(out[a, i]) if s else np.int64(values[a % values.shape[0], i])
                value = np.int64(rows[value])
                if chain > 1:
                    value = np.int64(rows[n + value])
                if chain > 2:
                    value = np.int64(rows[2 * n + value])
                out[a, i] = value


@cuda.jit
def _transpose(table):  # type: ignore[no-untyped-def]
    """Transpose an (n, n) table in place: a block exchanges two tiles, or turns one."""
    # Every thread of a block takes the same way.
    upper, left = cuda.blockIdx.y * _TILE, cuda.blockIdx.x * _TILE
    if upper > left:
        return
    n = table.shape[0]
    one = cuda.shared.array((_TILE, _PADDED), uint16)
    two = cuda.shared.array((_TILE, _PADDED), uint16)
    cells = _TILE * _TILE
    for cell in range(cuda.threadIdx.x, cells, cuda.blockDim.x):
        y, x = cell // _TILE, cell % _TILE
        if upper + y < n and left + x < n:
            one[y, x] = table[upper + y, left + x]
        if left + y < n and upper + x < n:
            two[y, x] = table[left + y, upper + x]
    cuda.syncthreads()
    for cell in range(cuda.threadIdx.x, cells, cuda.blockDim.x):
        y, x = cell // _TILE, cell % _TILE
        if upper + y < n and left + x < n:
            table[upper + y, left + x] = two[x, y]
        if left + y < n and upper + x < n:
            table[left + y, upper + x] = one[x, y]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A program on the device, with memory for its table."""

    work: Program
    out: Any
    values: Any
    steps: tuple[Any, ...]  # of each pass
    tables: tuple[Any, ...]

    @property
    def bytes_moved(self) -> int:
        """What the kernels at least read and write: the table in each pass, rows for each step."""
        size: int = self.out.nbytes
        passes = sum(size * (1 + len(made.steps)) for made in self.work.passes)
        return passes + size * (len(self.work.passes) - 1) + 2 * size * self.transposes

    @property
    def transposes(self) -> int:
        """How often the table is transposed."""
        return 2 * sum(made.across for made in self.work.passes) + self.work.turned


def evaluate(factors: Syllables, times: int, G: Group) -> DeviceTable:
    """Tabulate a power of a word on a CUDA device that is there."""
    check_memory(G)
    loaded = load(factors, times, G)
    launch(loaded)
    # Whoever reads the table need not wait for our stream, and an error is raised here.
    cuda.synchronize()
    return shared(loaded.out)


def check_memory(G: Group) -> None:
    """Refuse a table that does not fit into the device's memory beside the Cayley table."""
    needed = 4 * G.order**2 + 2**20
    free, _ = cuda.current_context().get_memory_info()
    if needed > _SHARE_OF_MEMORY * free:
        raise MemoryLimitError(
            f"A word table over {G.name} needs {size_text(needed)} of the device's memory, of "
            f"which {size_text(free)} are free; free some, or use device='cpu', which gives the "
            "same result"
        )


def load(factors: Syllables, times: int, G: Group) -> Loaded:
    """Bring to the device what the kernels need."""
    n = G.order
    work = program(factors, times, G)
    # Where no conjugates are tabulated nothing is read there; an array on a device is not empty.
    orbits = (work.orbit, work.orbit_of, work.carrier)
    orbit, orbit_of, carrier = (
        array if array.size else np.zeros((1,) * array.ndim, array.dtype) for array in orbits
    )
    tables = (work.maps, load_cayley(G), orbit, orbit_of, carrier)
    return Loaded(
        work,
        cuda.device_array((n, n), np.uint16),
        cuda.to_device(work.values),
        tuple(cuda.to_device(made.steps) for made in work.passes),
        tuple(cuda.to_device(array) for array in tables),
    )


def load_cayley(G: Group) -> Any:
    """Return the Cayley table on the device, in 16 bits."""
    # Few rows are sent, the others multiplied there: with a set of rows come those of its products
    # with a random element, so that about as often as log2(n) + 5 the set grows.
    n = G.order
    rng = np.random.default_rng(0)
    there = np.zeros(n, dtype=bool)
    there[G.identity] = True
    known = np.array([G.identity])
    cayley = cuda.device_array((n, n), np.uint16)
    _send_row(cayley, G, G.identity)
    while len(known) < n:
        right = int(rng.integers(n))
        products = G.cayley[known, right]
        new = ~there[products]
        if not new.any():
            continue
        if not there[right]:
            _send_row(cayley, G, right)
        targets, lefts = products[new], known[new].astype(np.int32)
        arrays = (cuda.to_device(targets), cuda.to_device(lefts))
        with _quiet():
            _multiply_rows[len(targets), _threads(n)](cayley, *arrays, right)
        there[targets] = True
        known = np.flatnonzero(there)
    return cayley


def _send_row(cayley: Any, G: Group, g: int) -> None:
    cayley[g].copy_to_device(G.cayley[g].astype(np.uint16))


def launch(loaded: Loaded) -> None:
    """Start all kernels; they may still run when this returns."""
    out, values = loaded.out, loaded.values
    n = out.shape[0]
    shape = (n, _threads(n), 0, 2 * n * _CHAIN)
    tiles = -(-n // _TILE)
    with _quiet():
        transpose = _transpose[(tiles, tiles), _threads(_TILE**2)]
        for made, steps in zip(loaded.work.passes, loaded.steps, strict=True):
            if made.across:
                transpose(out)
            _apply_steps[shape](out, values, steps, *loaded.tables)
            if made.across:
                transpose(out)
            values = out
        if loaded.work.turned:
            transpose(out)


def _threads(n: int) -> int:
    if _is_simulated():
        return _SIMULATED_THREADS
    return min(_THREADS, -(-n // _WARP) * _WARP)


def _is_simulated() -> bool:
    return bool(getattr(config, "ENABLE_CUDASIM", False))


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        # A small group leaves most of a GPU idle: that is the caller's choice.
        warnings.filterwarnings("ignore", ".*under-utilization")
        yield


def shared(array: Any) -> DeviceTable:
    """Return an array of the device as a table that others may read."""
    if _is_simulated():
        # The simulator's arrays are NumPy's.
        there, number = (_dlpack.CPU, 0), array.__array_interface__["data"][0]
    else:
        there = (_dlpack.CUDA, int(cuda.current_context().device.id))
        number = array.__cuda_array_interface__["data"][0]
    return DeviceTable(array.shape[0], array.view(np.int16), int(number), there)
