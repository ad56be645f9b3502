"""What irreps are called in the literature: trivial, sign, standard."""

from typing import Final

import numpy as np

from .characters import RealCharacterTable

_NEAR: Final = 1e-6


def irrep_names(table: RealCharacterTable) -> tuple[str, ...]:
    """Name the real irreps of a group in words.

    Parameters
    ----------
    table : RealCharacterTable
        Of the group.

    Returns
    -------
    tuple of str, length t
        "trivial"; "sign", where there is one irrep of dimension 1 besides; over a symmetric group
        "standard" and "standard x sign"; else the label with its dimension and type.

    Notes
    -----
    The standard irrep of S_n is the one of dimension n - 1 in which the n(n-1)/2 transpositions are
    reflections, of trace n - 3. A group of order n! with such an irrep is S_n, since irreducible
    groups of that order with so many reflections are of Coxeter type A. S6 has an automorphism that
    exchanges transpositions with another class; there either may be taken.

    Examples
    --------
    >>> from wordtensor.irreps import real_characters
    >>> irrep_names(real_characters("S4"))
    ('trivial', 'sign', '2R (dimension 2)', 'standard', 'standard x sign')
    >>> irrep_names(real_characters("Q8"))[-1]
    '4H (dimension 4, type H)'
    """
    names = []
    for label, dim, kind in zip(table.labels, table.dims, table.types, strict=True):
        more = "" if kind == "R" else f", type {kind}"
        names.append(f"{label} (dimension {dim}{more})")
    names[0] = "trivial"
    signs = [i for i in range(1, len(table)) if table.dims[i] == 1]
    if len(signs) != 1:
        return tuple(names)
    names[signs[0]] = "sign"
    standard = _standard(table)
    if standard is not None:
        names[standard] = "standard"
        twisted = table.values[standard] * table.values[signs[0]]
        same = np.abs(table.values - twisted).max(axis=1) < _NEAR
        other = int(np.flatnonzero(same)[0])
        if other != standard:
            names[other] = "standard x sign"
    return tuple(names)


def _standard(table: RealCharacterTable) -> int | None:
    """Return the irrep of a symmetric group in which transpositions are reflections."""
    n, factorial = 2, 2
    while factorial < table.group.order:
        n += 1
        factorial *= n
    if factorial != table.group.order or n < 3:
        return None
    reflections = np.flatnonzero(table.class_sizes == n * (n - 1) // 2)
    for i in np.flatnonzero(table.dims == n - 1):
        if (np.abs(table.values[i, reflections] - (n - 3)) < _NEAR).any():
            return int(i)
    return None
