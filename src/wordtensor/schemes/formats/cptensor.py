"""Schemes as CP decompositions of tensorly, and back by rounding to rational numbers."""

from typing import Any

import numpy as np

from ..._extras import missing
from ..._typing import Array
from ...errors import SchemeError
from .._rational import checked_scheme, rounded
from ..compose import flipped
from ..matrix_product import DIMENSIONS, require_division
from ..scheme import Scheme


def to_tensorly(s: Scheme, *, product: str = "plain") -> Any:
    """Return a scheme as a tensorly CPTensor (imports tensorly).

    Parameters
    ----------
    s : Scheme
        Not over F_2.
    product : {"plain", "transposed"}
        Whether the third mode is the product X Y or, as in trace(X Y Z), its transpose.

    Returns
    -------
    CPTensor
        With weights 1 and float64 factors of shapes (n*m*d, R), (m*p*d, R), (n*p*d, R).

    Raises
    ------
    SchemeError
        If the scheme is over F_2 or ``product`` is neither.

    Examples
    --------
    >>> from wordtensor.schemes import best_scheme
    >>> [factor.shape for factor in to_tensorly(best_scheme(2, 2, 3)).factors]
    [(4, 11), (6, 11), (6, 11)]
    """
    try:
        from tensorly.cp_tensor import CPTensor
    except ModuleNotFoundError as error:
        raise missing(error, "to_tensorly") from None

    _check_product(product)
    U, V, W = (factor.copy() for factor in s.as_float())
    if product == "transposed":
        W = flipped(W, s.n, s.p)
    return CPTensor((np.ones(s.rank), [U, V, W]))


def _check_product(product: str) -> None:
    if product not in ("plain", "transposed"):
        raise SchemeError(f"Argument 'product' must be 'plain' or 'transposed', not {product!r}")


def from_tensorly(
    cp: Any,
    n: int,
    m: int,
    p: int,
    *,
    division: str = "R",
    product: str = "plain",
    largest_denominator: int = 64,
    provenance: str = "read from a CPTensor",
) -> Scheme:
    """Round a CP decomposition to rational numbers and check that it is an exact scheme.

    Parameters
    ----------
    cp : CPTensor or pair
        Weights (or None) and three factors, of shapes (n*m*d, R), (m*p*d, R), (n*p*d, R).
    n, m, p : int
        Sizes: an n x m matrix times an m x p matrix.
    division : {"R", "C", "H"}
        Where the entries of the matrices live; d is 1, 2 or 4.
    product : {"plain", "transposed"}
        Whether the third mode is the product X Y or its transpose.
    largest_denominator : int
        Entries are rounded to fractions with denominators up to this.
    provenance : str
        How the decomposition was found.

    Returns
    -------
    Scheme
        Exact.

    Raises
    ------
    SchemeError
        If shapes do not fit, an entry is not finite, or an equation fails after rounding.

    Notes
    -----
    Weights are multiplied into the third factor. If that is not exact after rounding, terms are
    rescaled so that the largest entries of their first two vectors are 1: this finds rational terms
    in factors that tensorly has normalised.

    Examples
    --------
    >>> from wordtensor.schemes import best_scheme
    >>> from_tensorly(to_tensorly(best_scheme(2, 2, 2)), 2, 2, 2)
    Scheme(<2,2,2>, rank=7, ring='Z')
    """
    _check_product(product)
    if min(n, m, p, largest_denominator) < 1:
        raise SchemeError(
            f"Sizes and 'largest_denominator' must be positive, not {(n, m, p)} and "
            f"{largest_denominator}"
        )
    U, V, W = _factors(cp, n, m, p, division)
    if product == "transposed":
        W = flipped(W, p, n)
    error = None
    for candidate in ((U, V, W), _rescaled(U, V, W)):
        try:
            first, second, third = (rounded(factor, largest_denominator) for factor in candidate)
            return checked_scheme(
                (n, m, p),
                (first, second, third),
                "CPTensor, rounded",
                characteristic=0,
                division=division,
                provenance=provenance,
            )
        except SchemeError as failure:
            error = failure
    raise SchemeError(str(error)) from error


def _factors(cp: Any, n: int, m: int, p: int, division: str) -> tuple[Array, Array, Array]:
    """Return the factors, the weights in the third, after a look at shapes and entries."""
    require_division(division)
    try:
        weights, factors = cp
        arrays = [np.asarray(factor) for factor in factors]
        ones = np.ones(arrays[0].shape[-1]) if weights is None else np.asarray(weights)
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise SchemeError(f"A CPTensor (weights and factors) is needed: {error}") from error
    d = DIMENSIONS[division]
    rank = ones.size
    expected = [(n * m * d, rank), (m * p * d, rank), (n * p * d, rank)]
    shapes = [array.shape for array in arrays]
    if shapes != expected or ones.shape != (rank,):
        raise SchemeError(
            f"Factors for <{n},{m},{p}>_{division} and {rank} weights must have shapes {expected}, "
            f"not {shapes}"
        )
    if any(array.dtype.kind not in "biuf" or not np.isfinite(array).all() for array in arrays) or (
        ones.dtype.kind not in "biuf" or not np.isfinite(ones).all()
    ):
        raise SchemeError("Weights and factors must be real and finite")
    U, V, W = (array.astype(np.float64) for array in arrays)
    return U, V, W * ones


def _rescaled(U: Array, V: Array, W: Array) -> tuple[Array, Array, Array]:
    """Make the largest entry of each column of U and V one, and W carry the scale."""
    scaled = []
    for factor in (U, V):
        largest = np.take_along_axis(factor, np.abs(factor).argmax(axis=0)[None], axis=0)[0]
        largest = np.where(largest == 0, 1.0, largest)
        scaled.append(factor / largest)
        W = W * largest
    return scaled[0], scaled[1], W
