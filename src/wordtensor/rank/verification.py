"""An independent check of a decomposition: it trusts the group's table and nothing else."""

import os
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Factors
from ..errors import DecompositionError, SchemeError
from ..groups import Group
from ..schemes import user_registry
from ..words import Word, word_tensor
from ._accuracy import TOLERANCE, largest_error, rational_factors
from ._exact import exact_factors, exact_terms
from ._plan import make_plan
from ._strategies import scheme_for
from .block_report import BlockReport
from .decomposition import Decomposition
from .files import load
from .routes import DENSE_ORDER, analyse

# Sums of blocks are compared at so many random vectors, up to this share of their size.
_PROBES: Final = 8
_CLOSE: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found.

    Attributes
    ----------
    ok : bool
        Whether the factors reproduce the word tensor to 1e-9 and every scheme is exact.
    max_error : float
        Largest absolute error over all entries; for very large groups, an estimate of the
        Frobenius norm of the whole error.
    method : str
        "all entries", or how many random contractions were compared.
    checks : tuple of str
        What was checked, a line each.

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

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        verdict = "verified" if self.ok else "NOT VERIFIED"
        lines = [f"{verdict}: largest error {self.max_error:.1e} ({self.method})"]
        return "\n".join([*lines, *(f"  {check}" for check in self.checks)])

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values."""
        return {
            "ok": self.ok,
            "max_error": self.max_error,
            "method": self.method,
            "checks": list(self.checks),
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


def verify(d: Decomposition | str | os.PathLike[str]) -> Verification:
    """Check a decomposition from the group's table up.

    Parameters
    ----------
    d : Decomposition or path
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
    The word's table is rebuilt by plain loops, the tensor is rebuilt from the factors, and the two
    are compared. The schemes that the blocks name are checked by Brent's equations in integers, if
    the package or the user's own searches have them.
    Where the blocks' maps are kept, each block's terms must lie in the spaces of its maps and add
    up to its own tensor, which is compared at random vectors.
    Claims are checked as well: a lower bound that cannot be proved again (up to order 300), "exact"
    for factors or a block's terms that are not, "structural" where a block is numerical.

    Examples
    --------
    >>> from wordtensor.rank import decompose
    >>> verify(decompose("a*b", "S3")).ok
    True
    """
    if isinstance(d, str | os.PathLike):
        d = load(d)
    _check_shapes(d)
    checks = []
    table = word_table_by_loops(d.word, d.group)
    finite = all(bool(np.isfinite(factor).all()) for factor in d.factors)
    error, method = float("inf"), "not compared: factors are not finite"
    if finite:
        error, method = largest_error(d.factors, table)
        checks.append(f"rebuilt {d.word} over {d.group.name} from its Cayley table by loops")
        checks.append(f"compared with {d.rank} rank-one terms: {method}")
    counted = sum(block.rank for block in d.blocks)
    edges = [0, *(block.columns[1] for block in d.blocks)]
    tiled = [block.columns[0] for block in d.blocks] == edges[:-1]
    consistent = d.rank >= d.lower_bound and counted == d.rank and tiled
    checks.append(
        f"{len(d.blocks)} blocks with {counted} terms, lower bound {d.lower_bound} <= {d.rank}"
        if consistent
        else f"blocks count {counted} terms and the bound is {d.lower_bound}, but R = {d.rank}"
    )
    ok = finite and error <= TOLERANCE and consistent
    for lines, holds in (_check_schemes(d), _check_claims(d, table)):
        checks.extend(lines)
        ok = ok and holds
    if finite and consistent:
        line, holds = _check_blocks(d)
        checks.append(line)
        ok = ok and holds
    return Verification(ok, error, method, tuple(checks))


def _check_shapes(d: Decomposition) -> None:
    if not isinstance(d, Decomposition):
        raise DecompositionError(f"Argument 'd' must be a Decomposition or a file, not {d!r}")
    shapes = [np.shape(factor) for factor in d.factors]
    if shapes != [(d.group.order, d.rank)] * 3:
        raise DecompositionError(
            f"The factors must all have shape ({d.group.order}, R), the order of {d.group.name}, "
            f"not {shapes}"
        )


def _check_claims(d: Decomposition, table: NDArray[np.integer]) -> tuple[list[str], bool]:
    """Check the status against the factors and the blocks, and prove the lower bound again."""
    lines, holds = [], True
    numerical = any(block.status == "numerical" for block in d.blocks)
    radicand = max((block.radicand for block in d.blocks), default=0)
    if d.status == "exact" and rational_factors(d.factors, table):
        lines.append("the factors are rational and the identity holds in integers")
    elif d.status == "exact" and radicand and exact_factors(d.factors, table, radicand):
        field = "rational" if radicand == 1 else f"in Q(sqrt {radicand})"
        lines.append(f"the factors are {field} and the identity holds exactly")
    elif d.status == "exact":
        lines.append("status 'exact', but the factors are not, or the identity does not hold")
        holds = False
    elif d.status == "structural" and numerical:
        lines.append("status 'structural', but a block is numerical")
        holds = False
    if d.group.order > DENSE_ORDER:
        return [*lines, f"lower bound {d.lower_bound}: not proved again above order 300"], holds
    bound = make_plan(analyse(word_tensor(d.word, d.group), d.seed), d.field, "auto").bound
    if bound.value >= d.lower_bound:
        return [*lines, f"lower bound {d.lower_bound} proved again ({bound.reason})"], holds
    return [*lines, f"lower bound {d.lower_bound} claimed, {bound.value} proved"], False


def _check_blocks(d: Decomposition) -> tuple[str, bool]:
    """Check that each block's terms lie in its spaces and add up to its own tensor."""
    if any(block.maps is None for block in d.blocks):
        return "the blocks' coordinates are not stored: their sums were not compared", True
    rng = np.random.default_rng(0)
    x, y, z = (rng.standard_normal((_PROBES, d.group.order)) for _ in range(3))
    for number, block in enumerate(d.blocks):
        fault = _block_fault(block, d.factors, (x, y, z))
        if fault:
            return f"block {number}, {block.name}: {fault}", False
    return "the terms of each block lie in its spaces and add up to its tensor", True


def _block_fault(block: BlockReport, factors: Factors, probes: Factors) -> str:
    """Say what is wrong with a block's terms, or nothing; probes have shape (K, order)."""
    if block.maps is None or len(block.maps[0]) != len(factors[0]):
        return "its maps are of another group"
    terms = np.ones((len(probes[0]), block.rank))
    coordinates, own = [], []
    for F, A, x in zip(factors, block.maps, probes, strict=True):
        columns = F[:, slice(*block.columns)]
        if not np.imag(columns).any():  # real terms of one block beside complex ones of another
            columns = columns.real
        own.append(np.linalg.lstsq(A, columns, rcond=1e-10)[0])
        if np.linalg.norm(columns - A @ own[-1]) > _CLOSE * np.linalg.norm(columns):
            return "its terms leave the spaces of its maps"
        terms = terms * (x @ columns)
        coordinates.append(x @ A)
    errors = np.abs(block.form(*coordinates) - terms.sum(1))
    if not bool((errors <= _CLOSE * np.abs(terms).sum(1)).all()):
        return "its terms do not add up to its tensor"
    if block.status == "exact" and block.tensor is not None:
        u, v, w = own
        if exact_terms(block.tensor, (u, v, w), block.radicand) is None:
            return "its terms are said to be exact, and are not"
    return ""


def _check_schemes(d: Decomposition) -> tuple[list[str], bool]:
    """Check the schemes that the blocks are made of by Brent's equations, in integers."""
    blocks = {
        (b.name, b.sizes, b.division, b.rank)
        for b in d.blocks
        if b.strategy == "scheme" and b.sizes is not None
    }
    lines: list[str] = []
    exact = True
    registry = user_registry()
    for name, sizes, division, rank in sorted(blocks):
        scheme = scheme_for(sizes, division, d.field, registry)
        copies = 2 if d.field == "complex" and division == "C" else 1
        if copies * scheme.rank != rank:
            lines.append(f"{name}: its scheme of rank {rank} is not among those known here")
            continue
        try:
            scheme.check()
        except SchemeError as error:
            lines.append(f"{name}: {error}")
            exact = False
            continue
        lines.append(f"{name}: {scheme} satisfies Brent's equations in integers")
    return lines, exact
