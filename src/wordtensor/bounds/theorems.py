r"""Lower bounds on the rank, each with its reason and its field.

Every statement used here is a theorem whose source was seen, or one that is proved in full on the
theory page ``docs/theory/lower_bounds.md``; none is a conjecture or a count of searches.
"""

from typing import Final, Protocol

import numpy as np

from .._typing import Division, Field, Inexact, Sizes, check_field
from ..schemes.matrix_product import require_division
from ..solver._arguments import check_count
from .bound import Bound
from .pencils import pencil_rank

# What summands add to a tensor, and why.
_ADDITIVE: Final = "for summands that add up (JaJa, Takche 1986, or substitution)"
_RELATIVE: Final = "for other algebras (Alder, Strassen 1981, beside any tensor)"
_SUBSTITUTION: Final = "by substitution for the other summands"


class BoundedBlock(Protocol):
    """What a bound asks of a block: its shape, its tensor, and whether it is a matrix product."""

    @property
    def name(self) -> str:
        """Short name, such as "<2,2,3>"."""

    @property
    def kind(self) -> str:
        """What it is, such as "matrix product"."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Real dimensions (x, y, z)."""

    @property
    def sizes(self) -> Sizes | None:
        """Sizes (n, m, p) of a matrix product; None for other blocks."""

    @property
    def division(self) -> Division:
        """Where the entries of the matrices live."""

    def own_tensor(self) -> Inexact:
        """Return the tensor, shape (x, y, z)."""


def product_bound(n: int, m: int, p: int, division: Division = "R", field: Field = "real") -> Bound:
    """Bound the rank of the matrix product <n,m,p> over R, C or H from below.

    Parameters
    ----------
    n, m, p : int
        Sizes.
    division : {"R", "C", "H"}
        Where the entries live; the tensor is taken over the real numbers.
    field : {"real", "complex"}
        Whether real or complex terms are allowed.

    Returns
    -------
    Bound

    Raises
    ------
    WordTensorError
        If a size is not an integer from 1 on, or the others are not of these.

    References
    ----------
    Winograd 1971; Bläser 1999, 2003; Alder, Strassen 1981; de Groote 1975; Howell, Lafon 1975;
    Conner, Harper, Landsberg arXiv:1911.07981; JaJa, SIAM J. Comput. 8 (1979).

    Examples
    --------
    >>> product_bound(2, 2, 2).value, product_bound(1, 1, 1, "C").value
    (7, 3)
    """
    for size in (n, m, p):
        check_count(size, "n, m or p", 1)
    require_division(division)
    check_field(field)
    if division == "R":
        return _over_algebraically_closed(n, m, p)
    if division == "C":
        split = _conjugate_products(n, m, p)
        if field == "complex":
            return split
        return max(_complex_product(n, m, p), split, key=lambda bound: bound.value)
    if field == "complex":
        return _over_algebraically_closed(2 * n, 2 * m, 2 * p)
    return _quaternion_product(n, m, p)


def _over_algebraically_closed(n: int, m: int, p: int) -> Bound:
    """Bounds that hold over C and hence over R."""
    a, b, c = sorted((n, m, p))
    best = Bound(b * c, "multilinear rank")
    if a == 1:
        return best
    candidates = [best]
    if (a, b, c) == (2, 2, 2):
        candidates.append(Bound(7, "R(<2,2,2>) = 7, Winograd 1971"))
    # Source: Bläser 1999, with the largest size last and the other two either way.
    for x, y in ((a, b), (b, a)):
        candidates.append(Bound(x * y + y * c + x - y + c - 3, "Bläser 1999, <l,m,n>"))
    if (a, b, c) == (2, 3, 3):
        candidates.append(Bound(14, "border rank 14, Conner, Harper, Landsberg 2019"))
    for outer, middle in ((a, c), (b, a)):
        if sorted((outer, outer, middle)) == [a, b, c] and middle >= outer >= 3:
            value = 2 * middle * outer + 2 * outer - middle - 2
            candidates.append(Bound(value, "Bläser 2003, <n,m,n> with m >= n >= 3"))
    if a == b == c:
        value = -(-5 * a * a // 2) - 3 * a
        candidates.append(Bound(value, "Bläser 1999, 5/2 n^2 - 3n"))
    return max(candidates, key=lambda bound: bound.value)


def _conjugate_products(n: int, m: int, p: int) -> Bound:
    """Bound <n,m,p> over C with complex terms: it splits into two conjugate copies."""
    half = _over_algebraically_closed(n, m, p)
    largest = max(n * m, m * p, n * p)
    best = Bound(
        half.value + largest, f"over C two copies: {half.reason}; substitution for the other"
    )
    if n == m == p:
        other = 2 * n * n - 1
        reason = f"over C two copies: {half.value} ({half.reason}); {other} {_RELATIVE}"
        return Bound(half.value + other, reason)
    return best


def _complex_product(n: int, m: int, p: int) -> Bound:
    a, b, c = sorted((n, m, p))
    if a == b == 1:
        # Two slices, 1 and J on R^(2c): c copies of the invariant polynomial s^2 + 1.
        return Bound(3 * c, "two slices with c invariant polynomials s^2 + 1, JaJa 1979")
    # It contains <1,b,c>_C. Proof in docs/theory/lower_bounds.md.
    parts = f"linear and antilinear parts, docs/theory/lower_bounds.md: 2*{b * c} + {b + c - 1}"
    best = Bound(2 * b * c + b + c - 1, parts)
    if a == b == c:
        algebra = Bound(4 * a * a - 1, "Alder, Strassen 1981: 2 dim A - t")
        if a == 2:
            algebra = Bound(16, "R(M_2(C)) >= 16, substitution and Strassen 1983")
        return max(best, algebra, key=lambda bound: bound.value)
    return best


def _quaternion_product(n: int, m: int, p: int) -> Bound:
    a, b, c = sorted((n, m, p))
    best = Bound(4 * b * c, "multilinear rank")
    if a == b == c == 1:
        return Bound(8, "R(H) = 8, de Groote 1975; Howell, Lafon 1975")
    split = _over_algebraically_closed(2 * n, 2 * m, 2 * p)
    over_c = f"over C it is <{2 * n},{2 * m},{2 * p}>; {split.reason}"
    candidates = [best, Bound(split.value, over_c)]
    return max(candidates, key=lambda bound: bound.value)


def block_bound(block: BoundedBlock, field: Field = "real") -> Bound:
    """Bound the rank of one concise block's own tensor from below."""
    if block.sizes is not None:
        return product_bound(*block.sizes, division=block.division, field=field)
    if 2 in block.shape and block.kind != "slices" and np.isrealobj(block.own_tensor()):
        rank = pencil_rank(block.own_tensor(), field)
        return Bound(rank, "two slices: exact, from the Kronecker form, JaJa 1979")
    return Bound(max(_multilinear_ranks(block)), "multilinear rank")


def _multilinear_ranks(block: BoundedBlock) -> tuple[int, ...]:
    """Ranks of the unfoldings; those of a block that is known to be concise are its dimensions."""
    if block.kind != "slices":
        return block.shape
    tensor = block.own_tensor()
    ranks = []
    for mode in range(3):
        unfolded = np.moveaxis(tensor, mode, 0).reshape(tensor.shape[mode], -1)
        values = np.linalg.eigvalsh(unfolded @ unfolded.conj().T)
        ranks.append(int((values > 1e-10 * values[-1]).sum()))
    return tuple(ranks)


def _is_algebra(block: BoundedBlock) -> bool:
    return block.sizes is not None and len(set(block.sizes)) == 1


def _alder_strassen(blocks: list[BoundedBlock], field: Field) -> Bound:
    """2 dim A - t for a sum of full matrix algebras."""
    dim = sum(block.shape[0] for block in blocks)
    ideals = sum(2 if field == "complex" and b.division == "C" else 1 for b in blocks)
    return Bound(2 * dim - ideals, f"Alder, Strassen 1981: 2*{dim} - {ideals}")


def _addend(block: BoundedBlock, bound: Bound, field: Field) -> tuple[int, str]:
    """Return what a block adds to the rank of any tensor, and why."""
    # The proofs are in docs/theory/lower_bounds.md, under "Direct sums".
    if min(block.shape) <= 2 or bound.value == max(block.shape):
        return bound.value, _ADDITIVE
    doubled = block.division == "H" and block.sizes != (1, 1, 1) and field == "real"
    if _is_algebra(block) and not doubled:
        return _alder_strassen([block], field).value, _RELATIVE
    return max(block.shape), _SUBSTITUTION


def direct_sum_bound(
    blocks: tuple[BoundedBlock, ...], bounds: tuple[Bound, ...], field: Field
) -> Bound:
    """Bound the rank of a direct sum from below by its blocks and a bound for each of them."""
    # Rank is not additive on direct sums in general (Shitov 2019), but some summands add their own
    # bound, or most of it, to the rank of any tensor. So one summand, or several that are algebras
    # together, is bounded by itself, and the others add what they add.
    if len(blocks) == 1:
        return bounds[0]
    addends = [_addend(*pair, field) for pair in zip(blocks, bounds, strict=True)]
    # Which summand gains most from being the one; of those that gain the same, one that is no
    # mere sum.
    gains = [
        (bound.value - value, why != _ADDITIVE)
        for bound, (value, why) in zip(bounds, addends, strict=True)
    ]
    place = gains.index(max(gains))
    whole = None
    if gains[place][1]:
        name, bound = blocks[place].name, bounds[place]
        whole = Bound(bound.value, f"{bound.value} for {name} ({bound.reason})")
    if whole is None:
        return _with_addends(None, addends)
    candidates = [_with_addends(whole, addends[:place] + addends[place + 1 :])]
    # M_n(H) adds less to a tensor than Alder and Strassen give it among algebras.
    weak = [
        _is_algebra(block) and why == _SUBSTITUTION
        for block, (_, why) in zip(blocks, addends, strict=True)
    ]
    if any(weak):
        algebras = [block for block, chosen in zip(blocks, weak, strict=True) if chosen]
        others = [addend for addend, chosen in zip(addends, weak, strict=True) if not chosen]
        candidates.append(_with_addends(_alder_strassen(algebras, field), others))
    return max(candidates, key=lambda bound: bound.value)


def _with_addends(first: Bound | None, addends: list[tuple[int, str]]) -> Bound:
    """Add what summands add to a bound for the others."""
    parts = {why: sum(n for n, reason in addends if reason == why) for _, why in addends}
    value = sum(parts.values()) + (first.value if first else 0)
    reasons = [f"{parts[_ADDITIVE]} {_ADDITIVE}"] if _ADDITIVE in parts else []
    reasons += [first.reason] if first else []
    reasons += [f"{parts[_RELATIVE]} {_RELATIVE}"] if _RELATIVE in parts else []
    reason = "; ".join(reasons)
    if _SUBSTITUTION in parts:
        reason += f" and {parts[_SUBSTITUTION]} {_SUBSTITUTION}"
    return Bound(value, reason)
