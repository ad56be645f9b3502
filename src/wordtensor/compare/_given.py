"""Arrays that users hand over, checked."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._typing import Array, Booleans, RealFactors, freeze, unmasked
from ..errors import ComparisonError
from ..groups import Group
from ..rank import Decomposition


def checked_array(values: ArrayLike, what: str) -> NDArray[Any]:
    """Return what was given as an array, or say that ``what`` is none."""
    unmasked(values)
    try:
        return np.asarray(detached(values))
    except ValueError:
        raise ComparisonError(f"{what} must be an array, not lists of different lengths") from None


def detached(values: Any) -> Any:
    """Return a tensor of torch as an array, without a word of torch here; all else as it is."""
    if not (hasattr(values, "detach") and hasattr(values, "is_floating_point")):
        return values
    values = values.detach().cpu().resolve_conj().resolve_neg()
    # numpy has no bfloat16.
    return (values.double() if values.is_floating_point() else values).numpy()


def real_array(values: ArrayLike, what: str, dimensions: int = 2) -> Array:
    """Return a read-only copy in double precision with so many dimensions, or raise."""
    unmasked(values)
    try:
        given = np.asarray(detached(values))
        if given.dtype.kind not in "biufO":
            raise ValueError("complex numbers, texts or dates")
        with np.errstate(invalid="ignore"):  # of damaged NaNs, which are refused below
            array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ComparisonError(f"{what} must be an array of real numbers") from None
    if array.ndim != dimensions:
        raise ComparisonError(f"{what} must have {dimensions} axes, not the shape {array.shape}")
    if not np.isfinite(array).all():
        raise ComparisonError(f"{what} must be finite, and some entries are not")
    return freeze(array)


def checked_mask(train_mask: ArrayLike | None, G: Group) -> Booleans:
    """Return a mask of training pairs, shape (n, n); all of them if none is given."""
    return mask_of(train_mask, (G.order, G.order), f" for {G!r}")


def mask_of(train_mask: ArrayLike | None, shape: tuple[int, int], of: str = "") -> Booleans:
    """Return a mask of training pairs, checked; all of them if none is given."""
    if train_mask is None:
        return np.ones(shape, dtype=bool)
    mask = checked_array(train_mask, "The mask of training pairs")
    check_mask(mask, shape, of)
    if not mask.any():
        raise ComparisonError("The mask of training pairs is empty; it must have at least one pair")
    return mask


def check_mask(mask: NDArray[Any], shape: tuple[int, ...], of: str = "") -> None:
    """Refuse what is no boolean array of a shape, and say how it becomes one."""
    if mask.shape == shape and mask.dtype == np.bool_:
        return
    ways = []
    if mask.size == shape[0] * shape[1]:
        ways += [f"reshape({shape[0]}, {shape[1]})"] * (mask.shape != shape)
        ways += ["astype(bool)"] * bool(mask.dtype != np.bool_ and np.isin(mask, (0, 1)).all())
    elif mask.dtype.kind in "iu" and mask.ndim == 2 and mask.shape[1] == 2:
        ways = [f"mask = numpy.zeros({shape}, bool); mask[pairs[:, 0], pairs[:, 1]] = True"]
    elif mask.dtype.kind in "iu" and mask.ndim == 1:
        ways = [f"numpy.isin(numpy.arange({shape[0] * shape[1]}), indices).reshape{shape}"]
    raise ComparisonError(
        f"The mask of training pairs must be boolean of shape {shape}{of}, not {mask.dtype} of "
        f"shape {mask.shape}" + f"; {' and '.join(ways)}" * bool(ways)
    )


def checked_factors(
    factors: tuple[ArrayLike, ArrayLike, ArrayLike], d: Decomposition
) -> RealFactors:
    """Return factors beside those of a decomposition as arrays of one shape."""
    n = d.group.order
    arrays = [np.asarray(unmasked(F), dtype=np.float64) for F in factors]
    if len(arrays) != 3 or any(F.ndim != 2 or F.shape != (n, arrays[0].shape[1]) for F in arrays):
        raise ComparisonError(
            f"Terms to be matched with {d!r} must have three factors of one shape ({n}, R), not "
            f"{', '.join(str(F.shape) for F in arrays)}"
        )
    if not all(np.isfinite(F).all() for F in arrays):
        raise ComparisonError(
            "The factors must be finite, and some entries are infinite or no numbers"
        )
    U, V, W = arrays
    return U, V, W
