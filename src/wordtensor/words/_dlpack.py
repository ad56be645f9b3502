"""DLPack: handing memory that we hold to torch, cupy or numpy, as a capsule and without a copy."""

import ctypes
from collections.abc import Callable
from typing import Any, Final

CPU: Final = 1
CUDA: Final = 2
_SIGNED: Final = 0
_NAME: Final = b"dltensor"


class _Device(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_int32), ("number", ctypes.c_int32))


class _DataType(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16))


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device", _Device),
        ("ndim", ctypes.c_int32),
        ("dtype", _DataType),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _Managed(ctypes.Structure):
    _fields_ = (("tensor", _Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p))


class _Loan:
    """A managed tensor with what it points to; it holds itself until its deleter is called."""

    def __init__(self, tensor: _Tensor, owner: object, shape: Any) -> None:
        self.owner, self.shape = owner, shape
        self.managed = _Managed(tensor, id(self), ctypes.cast(_DELETE, ctypes.c_void_p))
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self))


# What C calls may be called when the interpreter ends and names of this module are gone: all that
# it needs is bound here, and the callbacks are never freed.
def _forever(function: Any) -> Any:
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(function))
    return function


def _deleter(release: Any, size: int, read: Callable[[int], Any]) -> Any:
    def delete(address: int) -> None:
        release(read(address + size).value)

    return _forever(ctypes.CFUNCTYPE(None, ctypes.c_void_p)(delete))


def _release() -> Any:
    function = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(("Py_DecRef", ctypes.pythonapi))
    return _forever(function)


_RELEASE: Final = _release()
_DELETE: Final = _deleter(_RELEASE, _Managed.context.offset, ctypes.c_void_p.from_address)


def _destructor() -> Any:
    is_valid = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)(
        ("PyCapsule_IsValid", ctypes.pythonapi)
    )
    pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", ctypes.pythonapi)
    )
    delete = _DELETE

    def destroy(capsule: int) -> None:
        # Whoever takes the tensor renames the capsule, and calls the deleter itself.
        if is_valid(capsule, _NAME):
            delete(pointer(capsule, _NAME))

    return _forever(ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(destroy))


_DESTROY: Final = _destructor()


def capsule(
    pointer: int, shape: tuple[int, ...], bits: int, device: tuple[int, int], owner: object
) -> object:
    """Return a capsule for signed integers in C order, which keeps the owner of the memory."""
    # The protocol before its version 1, which all consumers read.
    sizes = (ctypes.c_int64 * len(shape))(*shape)
    steps = [1]
    for size in shape[:0:-1]:
        steps.insert(0, steps[0] * size)
    strides = (ctypes.c_int64 * len(shape))(*steps)
    tensor = _Tensor(
        pointer,
        _Device(*device),
        len(shape),
        _DataType(_SIGNED, bits, 1),
        ctypes.cast(sizes, ctypes.POINTER(ctypes.c_int64)),
        ctypes.cast(strides, ctypes.POINTER(ctypes.c_int64)),
        0,
    )
    loan = _Loan(tensor, owner, (sizes, strides))
    make = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)(
        ("PyCapsule_New", ctypes.pythonapi)
    )
    made: object = make(
        ctypes.addressof(loan.managed), _NAME, ctypes.cast(_DESTROY, ctypes.c_void_p)
    )
    return made
