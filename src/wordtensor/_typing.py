"""The types of arrays that several rooms share, each under one name."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Array",
    "Booleans",
    "Division",
    "Factors",
    "Field",
    "Indices",
    "Inexact",
    "IntegerFactors",
    "Integers",
    "RealFactors",
    "Sizes",
    "Triplet",
    "Words",
]

Array = NDArray[np.float64]
Inexact = NDArray[np.inexact]  # real or complex
Integers = NDArray[np.int64]
Indices = NDArray[np.int32]  # elements of a group
Booleans = NDArray[np.bool_]
Words = NDArray[np.uint64]  # packed bits

# The factors U, V, W of R terms, shapes (x, R), (y, R), (z, R); or maps into three modes.
Factors = tuple[Inexact, Inexact, Inexact]
RealFactors = tuple[Array, Array, Array]
IntegerFactors = tuple[Integers, Integers, Integers]

Sizes = tuple[int, int, int]  # (n, m, p) of a matrix product
Triplet = tuple[int, int, int]  # indices of irreps of a, b and c
Division = Literal["R", "C", "H"]  # where the entries of matrices live
Field = Literal["real", "complex"]  # where terms live
