"""The word map of a finite group as a table: word_table(w, G)[a, b] is the index of w(a, b).

A word costs as many multiplications as it has syllables, not letters: exponents are reduced modulo
the exponent of the group, and each power g -> g^k that occurs is tabulated once. Three
interchangeable evaluators do the rest: NumPy indexing (small tables, where importing numba would
take longer than the work), compiled kernels, and CUDA. All groups have at most 5040 elements, so
that 16 bits hold an entry; tables are of 32 bits where they are handed to somebody who may reckon
with them.
"""

import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._devices import check_device
from .._progress import begin_stage, is_compiled
from ..errors import WordTensorError
from ..groups import Group, group, power_map
from ._powers import power_maps, simplified
from ._syllables import Syllables
from ._word import Word, word

# From this many look-ups on, the compiled kernels repay what it takes to have them: nothing where
# they are loaded, half a second from disk, ten seconds where they were never compiled.
LOADED_FROM: Final = 60_000
STORED_FROM: Final = 50_000_000
COMPILED_FROM: Final = 600_000_000
# Look-ups that take minutes.
MOST_LOOK_UPS: Final = 1e12

# Entries of the table that the NumPy evaluator works on at once: a few hundred kilobytes.
_BLOCK = 1 << 16


def word_table(
    word_or_text: Word | str,
    group_or_name: Group | str,
    device: str = "cpu",
    copy: bool = True,
) -> Any:
    """Tabulate the word map of a finite group.

    Parameters
    ----------
    word_or_text : Word or str
        For example ``"a*b*a^-1"``.
    group_or_name : Group or str
        For example ``"S4"``.
    device : {"cpu", "cuda"}
        Where to evaluate. The result is the same.
    copy : bool
        False leaves the table where it was made, with entries of 16 bits: on the device as a
        `DeviceTable`, which torch and cupy read by DLPack, or as an array of int16 on the CPU.

    Returns
    -------
    ndarray of int32, shape (n, n), or of int16, or DeviceTable
        Entry [a, b] is the index of w(a, b). Writable; nobody else holds it. It is of int16 where
        ``copy`` is False: no group that we allow has more than 5040 elements.

    Raises
    ------
    WordTensorError
        If the device is unknown, or is ``"cuda"`` where there is none.
    MemoryLimitError
        If the table does not fit into the memory that is free on the device.

    Examples
    --------
    >>> word_table("a*b^-1", "C3")
    array([[0, 2, 1],
           [1, 0, 2],
           [2, 1, 0]], dtype=int32)

    What torch makes of a table is the table itself, not a copy; with ``device="cuda"`` it never
    leaves the device.

    >>> import torch
    >>> table = word_table("a*b^-1", "C3", copy=False)
    >>> torch.from_dlpack(table)
    tensor([[0, 2, 1],
            [1, 0, 2],
            [2, 1, 0]], dtype=torch.int16)
    """
    check_device(device)
    w, G = word(word_or_text), group(group_or_name)
    factors, times = simplified(w.syllables, G)
    look_ups = G.order**2 * (len(factors) - 1)
    if look_ups > MOST_LOOK_UPS:
        raise WordTensorError(
            f"A word of {len(factors)} syllables over {G.name} (order {G.order}) takes "
            f"{look_ups:.1e} look-ups, more than {MOST_LOOK_UPS:.0e}; take a shorter word, or a "
            "smaller group"
        )
    if look_ups > 0.01 * MOST_LOOK_UPS:
        begin_stage("table of a word of %d syllables over %s", len(factors), G.name)
    if device == "cuda":
        from ._cuda import evaluate

        there = evaluate(factors, times, G)
        return there.copy_to_host() if copy else there
    if _is_for_kernels(look_ups):
        return evaluate_numba(factors, G, times, narrow=not copy)
    table = evaluate_numpy(factors, G)
    if times != 1:
        table = power_map(G, times)[table]
    return table if copy else table.astype(np.int16)


def _is_for_kernels(look_ups: int) -> bool:
    """Say whether the kernels are faster, in the state that they are in."""
    if f"{__package__}._compiled" in sys.modules:
        return look_ups >= LOADED_FROM
    # Most tables are small, and cost no look at the disk.
    return look_ups >= STORED_FROM and (look_ups >= COMPILED_FROM or _is_stored())


def _is_stored() -> bool:
    """Say whether an earlier process left compiled kernels."""
    return is_compiled(str(Path(__file__).with_name("_kernels.py")), "_apply_steps")


def evaluate_numpy(factors: Syllables, G: Group) -> NDArray[np.int32]:
    """Tabulate syllables with NumPy, a block of rows at a time: w(a, b) in row a, shape (n, n)."""
    n = G.order
    position, maps = power_maps({k for _, k in factors}, G)
    table = np.full((n, n), G.identity, dtype=np.int32)
    flat = G.cayley.reshape(-1)
    height = max(1, _BLOCK // n)
    for start in range(0, n if factors else 0, height):
        rows = slice(start, start + height)
        block = _factor(factors[0], rows, position, maps)
        for syllable in factors[1:]:
            block = flat[block * np.int64(n) + _factor(syllable, rows, position, maps)]
        table[rows] = block
    return table


def _factor(
    syllable: tuple[int, int], rows: slice, position: dict[int, int], maps: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Tabulate a power of a as a column over the block's rows, or a power of b as a row."""
    letter, k = syllable
    powers = maps[position[k]]
    factor: NDArray[np.int32] = powers[rows, None] if letter == 0 else powers[None, :]
    return factor


def evaluate_numba(
    factors: Syllables, G: Group, times: int = 1, narrow: bool = False
) -> NDArray[np.int32] | NDArray[np.int16]:
    """Tabulate a power of a word with the compiled kernels, in 32 or 16 bits."""
    if not _is_stored():
        begin_stage("compiling the kernels for word tables, once for all processes")
    from ._compiled import evaluate

    return evaluate(factors, G, times, narrow)
