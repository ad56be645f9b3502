"""The search for bounds by substitution: what to kill, a linear form, and the identities."""

import time
from itertools import permutations
from itertools import product as product_of
from math import inf
from typing import Final

import numpy as np

from .._typing import Field, Integers, check_field
from ..errors import WordTensorError
from ._forms import Minors, slices_matrix
from ._identities import Condition, Identity, find_identity
from ._low_ranks import LowRanks, choices
from .loci import MOST_KILLED, LocusBound, conditions, independent

# Exponents that are tried: all is tried with one before anything is with two.
_TRIES: Final = 2


def locus_bound(
    tensor: Integers,
    field: Field = "real",
    lower: int = 0,
    upper: int | None = None,
    time_limit: float = inf,
) -> LocusBound | None:
    r"""Bound the rank of a small tensor of integers by substitution.

    Parameters
    ----------
    tensor : ndarray of int, shape (x, y, z)
        The tensor.
    field : {"real", "complex"}
        Where the terms live.
    lower : int
        A number of terms that is known to be necessary: only more is tried.
    upper : int, optional
        A number of terms that is known to be enough.
    time_limit : float
        Seconds after which nothing more is begun; without it, work is bounded by counting.

    Returns
    -------
    LocusBound or None
        The best bound that was proved; None if there is none beyond ``lower``.

    Raises
    ------
    WordTensorError
        If the tensor has not three axes of integers, or the field is unknown.

    Notes
    -----
    Let T be a sum of R terms ``u_i (x) v_i (x) w_i`` over the field, with independent slices in
    every mode. N(y) is the c x n matrix that y in K^m makes of the slices along the swept mode, and
    D a subspace of K^c of dimension d, the killed vectors. Put

        f(y) = rank N(y) + dim(ker N(y) cap D),

    where N(y) acts on K^c. If ``f(y) > rho`` wherever l(y) is not 0, and ``f(y) > d`` wherever y is
    not 0, then ``R >= m + rho``.

    *Proof.* The u_i span the dual of K^c. By exchange, d of them complete a basis of the
    annihilator of D to one of that dual; their common kernel A is a complement of D, and T
    restricted to A has at most R - d terms. As A and D meet in 0, so do their intersections with
    ker N(y), and N(y) has rank at least f(y) - d on A. That is not 0 for y not 0, so the v_i of the
    terms left span the dual of K^m; by exchange m - 1 of them are a basis of it together with l.
    There is a y with l(y) = 1 at which these vanish: N(y) has rank at least rho + 1 - d on A and is
    a sum of R - d - (m - 1) matrices of rank one. []

    For d = 0 this is the classical statement: if the matrices of rank at most rho do not span the
    m-dimensional space of all combinations of slices, then ``R >= m + rho``.

    With D N(y) the d x n matrix of the images of D, f(y) <= rho means that D N(y) has a rank j with
    ``rank N(y) <= rho - d + j``. So for each j the products of l and the j x j minors of D N(y)
    have to vanish wherever N(y) has rank at most rho - d + j, and likewise without l for rho = d.
    Each of these is proved by a polynomial identity

        (sum_g g^2) l^(2k) + sum_i a_i q_i^2 = combination of minors of N(y), a_i > 0,

    over the real numbers, and by ``g l^k = combination of minors`` over the complex ones. What to
    kill, l and the identities are found with floating-point numbers, rounded, and checked exactly.

    References
    ----------
    Alexeev, Forbes, Tsimerman, "Tensor rank: some lower and upper bounds", CCC 2011, for
    substitution; Bürgisser, Clausen, Shokrollahi, *Algebraic Complexity Theory* (1997), chapter 17.

    Examples
    --------
    The product of complex numbers: over the real numbers no combination has rank one.

    >>> import numpy as np
    >>> tensor = np.zeros((2, 2, 2), dtype=int)
    >>> tensor[[0, 0, 1], [0, 1, 0], [0, 1, 1]] = 1
    >>> tensor[1, 1, 0] = -1
    >>> found = locus_bound(tensor)
    >>> found.bound, found.holds(tensor), locus_bound(tensor, "complex")
    (3, True, None)
    """
    tensor = np.asarray(tensor)
    if tensor.ndim != 3 or tensor.dtype.kind not in "iu" or not tensor.size:
        raise WordTensorError(
            f"Argument 'tensor' must be an array of integers with three axes, not one of shape "
            f"{tensor.shape} and type {tensor.dtype}"
        )
    check_field(field)
    kept = independent(tensor)
    low_ranks = LowRanks(tensor[np.ix_(*kept)].astype(np.int64))
    best: LocusBound | None = None
    target = max(lower, *map(len, kept)) + 1
    stop = time.monotonic() + time_limit
    while upper is None or target <= upper:
        found = _with_value(low_ranks, target, field, stop)
        if found is None:
            break
        best, target = found, target + 1
    return best and best.lifted((0, 1, 2), kept)


def _with_value(low_ranks: LowRanks, value: int, field: Field, stop: float) -> LocusBound | None:
    """Look for a proof that some number of terms is necessary."""
    shape = low_ranks.tensor.shape
    efforts = product_of(range(1, _TRIES + 1), range(MOST_KILLED + 1), permutations(range(3)))
    for tries, killed, (mode, other, third) in efforts:
        rank = value - shape[mode]
        if not killed < rank < min(shape[other], shape[third]) or (not killed and other > third):
            continue
        slices = np.moveaxis(low_ranks.tensor, (mode, other), (0, 1))
        minors = Minors(slices_matrix(slices))
        for choice in choices(slices, low_ranks.real(mode, rank), rank, killed):
            if time.monotonic() > stop:
                return None
            needed = conditions(minors.matrix, choice.form, choice.killed, rank, field)
            found = needed and _proved(minors, needed, low_ranks, mode, field, tries)
            if found:
                return LocusBound(
                    mode=mode,
                    other=other,
                    elements=tuple(tuple(range(size)) for size in shape),
                    form=choice.form,
                    killed=choice.killed,
                    rank=rank,
                    field=field,
                    identities=found,
                )
    return None


def _proved(
    minors: Minors,
    needed: list[Condition],
    low_ranks: LowRanks,
    mode: int,
    field: Field,
    tries: int,
) -> tuple[Identity, ...] | None:
    """Find the identities that a bound needs."""
    variables = low_ranks.tensor.shape[mode]
    found: dict[int, Identity] = {}
    # The cheapest first: most failures come early.
    for place in sorted(range(len(needed)), key=lambda k: needed[k].degree(0)):
        condition = needed[place]
        points = low_ranks.exact(mode, condition.size - 1) if field == "real" else None
        identity = find_identity(condition, minors, variables, points, tries)
        if identity is None:
            return None
        found[place] = identity
    return tuple(found[place] for place in range(len(needed)))
