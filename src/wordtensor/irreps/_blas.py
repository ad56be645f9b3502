"""Products of matrices that do not depend on the number of BLAS threads."""

from contextlib import AbstractContextManager, nullcontext
from typing import Final

from .._threads import one_blas_thread
from ..groups import Group

# OpenBLAS multiplies (m, k) by (k, l) on one thread anyway while m k l is at most 2^18, which no
# product for a group of this order exceeds: what limits the threads need not be loaded for it.
_SMALL: Final = 64


def steady_blas(G: Group) -> AbstractContextManager[None]:
    """Keep BLAS to one thread for the irreps of a group, unless it is small."""
    return one_blas_thread() if G.order > _SMALL else nullcontext()
