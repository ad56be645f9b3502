"""Cholesky factorisations in place that let other threads run meanwhile."""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from numpy.typing import NDArray


def positive_inverse(matrix: NDArray[Any]) -> bool:
    """Invert a positive definite matrix in place, its lower triangle; False if it is not one."""
    size, info = ctypes.c_int(len(matrix)), ctypes.c_int(0)
    data = (ctypes.c_void_p(matrix.ctypes.data), ctypes.byref(size), ctypes.byref(info))
    for name in ("potrf", "potri"):
        # What is a lower triangle in rows is an upper one in LAPACK's columns.
        _routine(matrix.dtype.char, name)(b"U", ctypes.byref(size), *data)
        if info.value:
            return False
    return True


def positive_solve(matrix: NDArray[Any], right: NDArray[Any]) -> bool:
    """Solve in place with the lower triangle of a positive definite matrix; False if it is not."""
    # The columns that LAPACK reads are the rows of the conjugate.
    complex_entries = matrix.dtype.char == "D"
    if complex_entries:
        right.imag *= -1
    size, one, info = ctypes.c_int(len(matrix)), ctypes.c_int(1), ctypes.c_int(0)
    n, places = ctypes.byref(size), [ctypes.c_void_p(a.ctypes.data) for a in (matrix, right)]
    routine = _routine(matrix.dtype.char, "posv")
    routine(b"U", n, ctypes.byref(one), places[0], n, places[1], n, ctypes.byref(info))
    if complex_entries:
        right.imag *= -1
    return info.value == 0


@cache
def _routine(kind: str, name: str) -> Callable[..., None]:
    """Return one of LAPACK's routines; ctypes lets other threads run while it works."""
    # SciPy's own wrappers keep them waiting.
    from scipy.linalg import cython_lapack

    capsule = cython_lapack.__pyx_capi__[("z" if kind == "D" else "d") + name]
    name_of, pointer_of = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    name_of.restype, name_of.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer_of.restype = ctypes.c_void_p
    pointer_of.argtypes = [ctypes.py_object, ctypes.c_char_p]
    address = pointer_of(capsule, name_of(capsule))
    arguments = {"potrf": 5, "potri": 5, "posv": 8}[name]
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * arguments)(address)
