"""A word table that stays on the device where it was made, and what reads it there."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import _dlpack

# Bytes of pinned memory for each of two pieces of a copy.
_PIECE: Final = 1 << 22


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DeviceTable:
    """The table of a word on a CUDA device, int16, made by `word_table` with ``copy=False``.

    Libraries read it without a copy, by DLPack (``torch.from_dlpack(table)``,
    ``cupy.from_dlpack(table)``) or by the CUDA array interface (``cupy.asarray(table)``,
    ``torch.as_tensor(table)``). The memory lives as long as the table or any array made of it.
    The table is complete when you get it, so that any stream may read it.

    Attributes
    ----------
    order : int
        Order n of the group; entry [a, b] of the n x n table is the index of w(a, b).
    array : numba.cuda.DeviceNDArray of int16, shape (n, n)
        The memory.
    pointer : int
        Where it begins.
    dlpack_device : (int, int)
        Kind and number of the device as DLPack counts them: (2, 0) is the first CUDA device.

    Examples
    --------
    ``torch.from_dlpack(word_table("[a,b]", "S7", device="cuda", copy=False))`` is a tensor on the
    GPU. On the CPU ``copy=False`` gives an array of int16, which torch reads in the same way:

    >>> import torch
    >>> from wordtensor.words import word_table
    >>> torch.from_dlpack(word_table("a*b", "C2", copy=False)).tolist()
    [[0, 1], [1, 0]]
    """

    order: int
    array: Any
    pointer: int
    dlpack_device: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (n, n)."""
        return (self.order, self.order)

    @property
    def dtype(self) -> np.dtype[np.int16]:
        """Type of the entries, int16: no group that we allow has more than 5040 elements."""
        return np.dtype(np.int16)

    @property
    def nbytes(self) -> int:
        """Size on the device in bytes, 2 n^2."""
        return 2 * self.order**2

    def copy_to_host(self) -> NDArray[np.int32]:
        """Return the table in the computer's own memory.

        Returns
        -------
        ndarray of int32, shape (n, n)
            A new array, which goes through pinned memory piece by piece.
        """
        return _to_host(self.array)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.dlpack_device

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> object:
        # No stream has to wait, since the table is complete; the protocol that all versions of
        # consumers read is the one before version 1.
        if dl_device is not None and tuple(dl_device) != self.dlpack_device:
            raise BufferError(
                f"The table is on the DLPack device {self.dlpack_device} and is not moved to "
                f"{tuple(dl_device)} by DLPack; use .copy_to_host(), or move what you make of it"
            )
        if copy:
            raise BufferError("The table is handed out without a copy; copy what you make of it")
        return _dlpack.capsule(self.pointer, self.shape, 16, self.dlpack_device, self.array)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """What numba, cupy and torch read in place of DLPack."""
        return {
            "shape": self.shape,
            "typestr": self.dtype.str,
            "data": (self.pointer, False),
            "strides": None,
            "stream": None,
            "version": 3,
        }

    def __repr__(self) -> str:
        return f"DeviceTable(shape={self.shape}, dtype=int16, device={self.dlpack_device})"


def _to_host(table: Any) -> NDArray[np.int32]:
    """Copy a table from the device through two pieces of pinned memory, which widen in turns."""
    from numba import cuda

    n = table.shape[0]
    height = min(n, max(1, _PIECE // (2 * n)))
    out = np.empty((n, n), dtype=np.int32)
    pinned = [cuda.pinned_array((height, n), dtype=np.int16) for _ in range(2)]
    streams = [cuda.stream() for _ in range(2)]
    starts = range(0, n, height)
    for number, start in enumerate([*starts, n]):
        here, before = number % 2, 1 - number % 2
        if start < n:
            rows = table[start : start + height]
            rows.copy_to_host(pinned[here][: rows.shape[0]], stream=streams[here])
        if number:
            streams[before].synchronize()
            last = out[start - height if start < n else starts[-1] :][:height]
            last[:] = pinned[before][: len(last)]
    return out
