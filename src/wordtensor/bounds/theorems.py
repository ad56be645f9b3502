r"""Lower bounds on the rank, each with its reason and its field.

Every statement used here is a theorem with a source; none is a conjecture or a count of searches.
See the theory page ``docs/theory/lower_bounds.md``.
"""

from typing import Protocol

import numpy as np

from .._typing import Division, Field, Inexact, Sizes, check_field
from ..schemes.scheme import require_division
from ..solver._arguments import check_count
from .bound import Bound
from .pencils import pencil_rank


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
        value = 4 * n * n - 2 + (n >= 3)
        algebra = Bound(value, "over C two copies of an algebra, Alder, Strassen 1981")
        return max(best, algebra, key=lambda bound: bound.value)
    return best


def _complex_product(n: int, m: int, p: int) -> Bound:
    a, b, c = sorted((n, m, p))
    if a == b == 1:
        # Two slices, 1 and J on R^(2c): c copies of the invariant polynomial s^2 + 1.
        return Bound(3 * c, "two slices with c invariant polynomials s^2 + 1, JaJa 1979")
    # It contains <1,b,c>_C. Proof in docs/theory/lower_bounds.md.
    best = Bound(2 * b * c + b + c - 1, f"2*{b * c} and {b + c - 1} for antilinear parts")
    if a == b == c:
        value = 4 * a * a - 1 + (a >= 2)
        reason = "Alder, Strassen 1981: 2 dim A - t"
        if a >= 2:
            reason += ", plus 1: not an algebra of minimal rank (Bläser 2005)"
        return max(best, Bound(value, reason), key=lambda bound: bound.value)
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
    if 2 in block.shape and block.kind != "slices":
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


def _is_minimal(block: BoundedBlock, field: Field) -> bool:
    """Whether a square block is an algebra of minimal rank: D, or M_2(R)."""
    sizes = block.sizes
    if field == "complex":
        doubled = block.division == "H"
        return sizes == (1, 1, 1) or (sizes == (2, 2, 2) and not doubled)
    if block.division == "H":
        return False
    return sizes == (1, 1, 1) or (sizes == (2, 2, 2) and block.division == "R")


def _is_algebra(block: BoundedBlock) -> bool:
    return block.sizes is not None and len(set(block.sizes)) == 1


def _alder_strassen(blocks: list[BoundedBlock], field: Field) -> Bound:
    """2 dim A - t for a sum of full matrix algebras, and one more where it is not minimal."""
    dim = sum(block.shape[0] for block in blocks)
    ideals = sum(2 if field == "complex" and b.division == "C" else 1 for b in blocks)
    value, reason = 2 * dim - ideals, f"Alder, Strassen 1981: 2*{dim} - {ideals}"
    if not all(_is_minimal(block, field) for block in blocks):
        value, reason = value + 1, reason + ", plus 1: not of minimal rank (Bläser 2005)"
    return Bound(value, reason)


def direct_sum_bound(
    blocks: tuple[BoundedBlock, ...], bounds: tuple[Bound, ...], field: Field
) -> Bound:
    """Bound the rank of a direct sum from below by its blocks and a bound for each of them."""
    # Rank is not additive on direct sums in general (Shitov 2019). It is where one summand has a
    # dimension of at most 2; those summands are peeled off with their own bounds. For the rest, R(S
    # + T) >= R(S) + d with d the largest dimension of T, by substitution; and if the rest, or the
    # whole, is a semisimple algebra, the theorem of Alder and Strassen.
    # Sources: JaJa, Takche, SIAM J. Comput. 15 (1986); Alder, Strassen, Theoret. Comput. Sci. 15
    # (1981); Bläser, SIAM J. Comput. 34 (2005); Pospelov, arXiv:1003.4679 (group algebras).
    if len(blocks) == 1:
        return bounds[0]
    additive, rest = 0, []
    for block, bound in zip(blocks, bounds, strict=True):
        if min(block.shape) <= 2 or bound.value == max(block.shape):
            additive += bound.value
        else:
            rest.append((block, bound))
    reasons = []
    if additive:
        reasons.append(f"{additive} for summands that add up (JaJa, Takche 1986, or substitution)")
    value = additive
    if rest:
        candidates = [_by_substitution(rest)]
        algebras = [block for block, _ in rest if _is_algebra(block)]
        others = sum(max(block.shape) for block, _ in rest if not _is_algebra(block))
        if algebras:
            proved = _alder_strassen(algebras, field)
            reason = f" and {others} by substitution for the other summands" if others else ""
            candidates.append(Bound(proved.value + others, proved.reason + reason))
        best = max(candidates, key=lambda bound: bound.value)
        value += best.value
        reasons.append(best.reason)
    whole = Bound(value, "; ".join(reasons))
    if all(_is_algebra(block) for block in blocks):
        return max(whole, _alder_strassen(list(blocks), field), key=lambda bound: bound.value)
    return whole


def _by_substitution(rest: list[tuple[BoundedBlock, Bound]]) -> Bound:
    widest = sum(max(block.shape) for block, _ in rest)
    gains = [bound.value - max(block.shape) for block, bound in rest]
    place = gains.index(max(gains))
    block, bound = rest[place]
    others = widest - max(block.shape)
    reason = f"{bound.value} for {block.name} ({bound.reason})"
    if others:
        reason += f" and {others} by substitution for the other summands"
    return Bound(bound.value + others, reason)
