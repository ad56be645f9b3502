"""An independent check of a decomposition: it trusts the group's table and nothing else."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._progress import begin_stage
from .._shown import Shown
from ..errors import DecompositionError
from ..groups import Group
from ..schemes import user_registry
from ..words import Word
from ._accuracy import TOLERANCE, largest_error
from ._block_claims import coordinate_checks, known_schemes, scheme_checks
from ._check import Check
from ._claims import group_check, history_check, plan_checks, residual_check, status_check
from ._plan import check_choices
from .decomposition import Decomposition
from .files import load
from .tensors._checks import tensor_checks
from .tensors.decomposition import TensorDecomposition


@dataclass(frozen=True, slots=True)
class Verification(Shown):
    """What `verify` found.

    Attributes
    ----------
    ok : bool
        Whether the factors reproduce the word tensor to 1e-9 and whatever else is claimed holds,
        apart from ``not_checked``.
    max_error : float
        Largest absolute error over all entries; for very large groups, an estimate of the
        Frobenius norm of the whole error.
    method : str
        "all entries", or how many random contractions were compared.
    checks : tuple of str
        What was checked, a line each.
    not_checked : tuple of str
        The fields, as they are called in a file, for which nothing but the decomposition itself
        speaks: how it was found, and what could not be found again. A line of ``checks`` says so.

    Examples
    --------
    >>> from wordtensor.rank import decompose
    >>> found = verify(decompose("a*b", "S3"))
    >>> bool(found), found.method
    (True, 'all 6^3 entries')
    """

    ok: bool
    max_error: float
    method: str
    checks: tuple[str, ...]
    not_checked: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.ok

    def _parts(self) -> list[str]:
        verdict = "verified" if self.ok else "NOT VERIFIED"
        lines = [f"{verdict}: largest error {self.max_error:.1e} ({self.method})"]
        return [*lines, *(f"  {check}" for check in self.checks)]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values."""
        return {
            "ok": self.ok,
            "max_error": self.max_error,
            "method": self.method,
            "checks": list(self.checks),
            "not_checked": list(self.not_checked),
        }


def word_table_by_loops(w: Word, G: Group) -> NDArray[np.int32]:
    """Evaluate a word letter by letter from the Cayley table: entry [a, b] of (n, n) is w(a, b)."""
    powers = [_power_by_loops(G, k) for _, k in w.syllables]
    table = np.empty((G.order, G.order), dtype=np.int32)
    for a, row in enumerate(table):
        value = np.full(G.order, G.identity, dtype=np.int32)
        for (letter, _), power in zip(w.syllables, powers, strict=True):
            value = G.cayley[value, power if letter else power[a]]
        row[:] = value
    return table


def _power_by_loops(G: Group, k: int) -> NDArray[np.int32]:
    """Return x^k for every element x, one factor after another; x^n is 1."""
    elements = np.arange(G.order)
    power = np.full(G.order, G.identity, dtype=np.int32)
    for _ in range(k % G.order):
        power = G.cayley[power, elements]
    return power


def verify(d: Decomposition | TensorDecomposition | str | os.PathLike[str]) -> Verification:
    """Check a decomposition from the group's table up, or from a tensor's entries.

    Parameters
    ----------
    d : Decomposition, TensorDecomposition or path
        What to check, or the file it was saved to.

    Returns
    -------
    Verification
        True in a condition if everything holds.

    Raises
    ------
    WordTensorError
        If it is neither, or its factors do not have the group's order as their length.

    Notes
    -----
    The word's table is rebuilt from the Cayley table, letter by letter, and compared with what the
    factors add up to. The schemes that the blocks name are checked by Brent's equations in
    integers. Where the blocks' maps are kept, each block's terms must lie in the spaces of its
    maps, add up to its own tensor at random vectors, and be those of its scheme, or exact, if it
    says so.
    Every other field is found again, too: the tensor is cut once more by the route that is named,
    the lower bounds are proved once more and must have the same reasons, "exact" factors must be
    the floats nearest to exact numbers, the group must be the one of its name. What cannot be found
    again is listed as not checked: a group's free name, the history (effort, method, seed, version,
    seconds), and what another version of wordtensor cut or proved otherwise.

    Examples
    --------
    >>> from wordtensor.rank import decompose
    >>> verify(decompose("a*b", "S3")).ok
    True
    """
    if isinstance(d, str | os.PathLike):
        d = load(d)
    if isinstance(d, TensorDecomposition):
        return _verified_tensor(d)
    _check_shapes(d)
    with np.errstate(over="ignore", invalid="ignore"):  # forged numbers may be huge
        return _verified(d)


def _verified(d: Decomposition) -> Verification:
    begin_stage("check of %s over %s", d.word, d.group.name)
    table = word_table_by_loops(d.word, d.group)
    error, method = float("inf"), "not compared: factors are not finite"
    if all(bool(np.isfinite(factor).all()) for factor in d.factors):
        error, method = largest_error(d.factors, table)
    registry = user_registry()
    known = known_schemes(d, registry)
    checks = [
        *_factor_checks(d, error, method),
        group_check(d.group),
        residual_check(d, error),
        status_check(d, table),
        history_check(d),
        *scheme_checks(d, registry, known),
    ]
    # What takes longer only where nothing is wrong so far.
    try:
        if all(check.holds for check in checks):
            checks += coordinate_checks(d, registry, known)
        if all(check.holds for check in checks):
            checks += plan_checks(d, table)
    except np.linalg.LinAlgError as fault:
        checks.append(Check(f"the blocks' arrays are not ones to compute with: {fault}", False))
    return _summary(error, method, checks)


def _verified_tensor(d: TensorDecomposition) -> Verification:
    """Check a decomposition of any tensor."""
    begin_stage("check of %s", d.tensor.name)
    x, y, z = d.tensor.shape
    shapes = [np.shape(factor) for factor in d.factors]
    if shapes != [(size, d.rank) for size in (x, y, z)]:
        raise DecompositionError(
            f"The factors must have shapes ({x}, R), ({y}, R) and ({z}, R), not {shapes}"
        )
    with np.errstate(over="ignore", invalid="ignore"):  # forged numbers may be huge
        error, checks = tensor_checks(d)
    return _summary(error, f"all {x} x {y} x {z} entries", checks)


def _summary(error: float, method: str, checks: list[Check]) -> Verification:
    open_fields = {name for check in checks for name in check.not_checked}
    return Verification(
        ok=all(check.holds for check in checks),
        max_error=error,
        method=method,
        checks=tuple(check.text for check in checks),
        not_checked=tuple(sorted(open_fields)),
    )


def _factor_checks(d: Decomposition, error: float, method: str) -> Iterator[Check]:
    """Say whether the factors are what they should be, and shared out among the blocks."""
    w, G = d.word, d.group.name
    compared = f"rebuilt {w} over {G} from its Cayley table by loops, and compared with {d.rank} "
    yield Check(f"{compared}rank-one terms: {method}", error <= TOLERANCE)
    is_real = not any(np.iscomplexobj(factor) for factor in d.factors)
    if d.field == "real" and not is_real:
        yield Check("the field is real, but the factors are complex", False)
    counted = sum(block.rank for block in d.blocks)
    edges = [0, *(block.columns[1] for block in d.blocks)]
    tiled = [block.columns[0] for block in d.blocks] == edges[:-1]
    if d.rank >= d.lower_bound and counted == d.rank and tiled:
        text = f"{len(d.blocks)} blocks with {counted} terms, lower bound {d.lower_bound}"
        yield Check(f"{text} <= {d.rank}")
    else:
        text = f"blocks count {counted} terms and the bound is {d.lower_bound}"
        yield Check(f"{text}, but R = {d.rank}", False)


def _check_shapes(d: Decomposition) -> None:
    if not isinstance(d, Decomposition):
        raise DecompositionError(f"Argument 'd' must be a Decomposition or a file, not {d!r}")
    check_choices(d.field, d.seed)
    shapes = [np.shape(factor) for factor in d.factors]
    if shapes != [(d.group.order, d.rank)] * 3:
        raise DecompositionError(
            f"The factors must all have shape ({d.group.order}, R), the order of {d.group.name}, "
            f"not {shapes}"
        )
