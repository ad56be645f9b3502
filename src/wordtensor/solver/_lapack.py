"""Cholesky factorisations in place that let other threads run meanwhile."""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from numpy.typing import NDArray


def positive_inverse(matrix: NDArray[Any]) -> bool:
    """Invert a positive definite matrix in place, its lower triangle; False if it is not one."""
    if not factorise(matrix):
        return False
    size, info = ctypes.c_int(len(matrix)), ctypes.c_int(0)
    n, data = ctypes.byref(size), ctypes.c_void_p(matrix.ctypes.data)
    # What is a lower triangle in rows is an upper one in LAPACK's columns.
    _routine(matrix.dtype.char, "potri")(b"U", n, data, n, ctypes.byref(info))
    return info.value == 0


def factorise(matrix: NDArray[Any]) -> bool:
    """Replace the lower triangle of a positive definite matrix by its root; False if it is not."""
    size, info = ctypes.c_int(len(matrix)), ctypes.c_int(0)
    n, data = ctypes.byref(size), ctypes.c_void_p(matrix.ctypes.data)
    _routine(matrix.dtype.char, "potrf")(b"U", n, data, n, ctypes.byref(info))
    return info.value == 0


def solve_factorised(root: NDArray[Any], right: NDArray[Any]) -> None:
    """Solve in place for one right-hand side with what `factorise` has left."""
    # The columns that LAPACK reads are the rows of the conjugate.
    if root.dtype.char == "D":
        right.imag *= -1
    size, one, info = ctypes.c_int(len(root)), ctypes.c_int(1), ctypes.c_int(0)
    n, places = ctypes.byref(size), [ctypes.c_void_p(a.ctypes.data) for a in (root, right)]
    routine = _routine(root.dtype.char, "potrs")
    routine(b"U", n, ctypes.byref(one), places[0], n, places[1], n, ctypes.byref(info))
    if root.dtype.char == "D":
        right.imag *= -1


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
    arguments = {"potrf": 5, "potri": 5, "potrs": 8}[name]
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * arguments)(address)
