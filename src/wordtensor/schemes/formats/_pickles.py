"""Pickled numpy arrays read without trust: nothing that a pickle names is ever called."""

import io
import pickle
import pickletools
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import FileFormatError

# What np.save writes for an array of arrays of numbers. Others are refused before anything runs.
_OPCODES: Final = frozenset(
    "PROTO FRAME STOP MARK GLOBAL STACK_GLOBAL REDUCE BUILD NONE NEWTRUE NEWFALSE BININT BININT1 "
    "BININT2 BINUNICODE SHORT_BINUNICODE BINBYTES SHORT_BINBYTES EMPTY_LIST APPEND APPENDS "
    "EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 BINPUT BINGET MEMOIZE".split()
)
_NUMBERS: Final = frozenset("b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split())
_ARRAY: Final = "the class of arrays"

_REFUSALS: Final = (
    pickle.UnpicklingError,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    RuntimeError,
    MemoryError,
    DeprecationWarning,  # for an odd escape in a name, where warnings are errors
)


class _Type:
    """Stands for numpy.dtype: keeps its code and byte order."""

    __slots__ = ("code", "order")

    def __init__(self, code: str, align: bool, copy: bool) -> None:
        if code != "O8" and code not in _NUMBERS:
            raise ValueError(f"arrays of {str(code)[:20]!r} are not allowed")
        self.code, self.order = code, "|"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] not in ("<", ">", "|"):
            raise ValueError("unknown byte order")
        self.order = state[1]


class _Array:
    """Stands for numpy's _reconstruct: keeps shape, type, order and content of an array."""

    __slots__ = ("content", "fortran", "kind", "shape")

    def __init__(self, kind: str, shape: tuple[int, ...], typecode: bytes) -> None:
        if kind != _ARRAY:
            raise TypeError("only plain arrays are allowed")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, self.shape, self.kind, self.fortran, self.content = state
        if not isinstance(self.kind, _Type) or not isinstance(self.shape, tuple):
            raise TypeError("an array without shape or type")
        if not all(type(size) is int and size >= 0 for size in self.shape):
            raise ValueError("a shape that is not made of sizes")

    def numbers(self) -> NDArray[Any]:
        """Return the array of numbers that was pickled."""
        if self.kind.code == "O8" or not isinstance(self.content, bytes):
            raise TypeError("an array of objects in place of numbers")
        dtype = np.dtype(self.kind.order + self.kind.code)
        if len(self.content) != prod(self.shape) * dtype.itemsize:
            raise ValueError("an array whose content does not fit its shape")
        flat = np.frombuffer(self.content, dtype=dtype)
        return flat.reshape(self.shape, order="F" if self.fortran else "C")

    def parts(self) -> list["_Array"]:
        """Return what an array of objects holds."""
        if self.kind.code != "O8" or not isinstance(self.content, list):
            raise TypeError("an array of numbers in place of arrays")
        return self.content


_STAND_INS: Final = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _ARRAY,
    ("numpy", "dtype"): _Type,
}


class _Unpickler(pickle.Unpickler):
    """Knows numpy's own constructors of arrays, by stand-ins, and nothing else."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        try:
            return _STAND_INS[module_name, global_name]
        except KeyError:
            raise ValueError(
                f"it wants {module_name}.{global_name}, which is not allowed"
            ) from None


def unpickled_arrays(content: bytes, where: str) -> list[NDArray[Any]]:
    """Read a pickled one-dimensional array of arrays of numbers; ``where`` names it in errors."""
    # Restricting names to numpy's would not be enough: numpy trusts the state that it is given,
    # and a forged type makes it follow addresses out of the file. So stand-ins keep shapes, types
    # and bytes, and the arrays are built here.
    try:
        for opcode, _, _ in pickletools.genops(content):
            if opcode.name not in _OPCODES:
                raise ValueError(f"the operation {opcode.name} is not allowed")
        outer = _Unpickler(io.BytesIO(content)).load()
        if not isinstance(outer, _Array):
            raise TypeError("it is not an array")
        parts = outer.parts()
        if not all(isinstance(part, _Array) for part in parts):
            raise TypeError("an array of something else than arrays")
        return [part.numbers() for part in parts]
    except _REFUSALS as error:
        raise FileFormatError(f"{where}: the pickle was refused: {error}") from error
