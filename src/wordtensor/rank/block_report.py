"""What became of a block: how it was decomposed, and what it is, for readers of the result."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

import numpy as np

from .._shown import Line, Table, facts, shown
from .._typing import Division, Factors, Inexact, Triplet, Value, freeze_fields
from ..errors import DecompositionError
from ..schemes import product_tensor
from .block import Block, BlockKind, block_latex, block_name, product_shape

BlockStatus = Literal["structural", "exact", "numerical"]
# What the terms can be, by what produced them.
_STATUSES: Final = MappingProxyType[str, tuple[BlockStatus, ...]](
    {
        "scheme": ("structural",),
        "structured": ("structural",),
        "fibres": ("structural",),
        "flips": ("structural",),
        "store": ("exact", "numerical"),
        "solver": ("exact", "numerical"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockReport(Value):
    """One summand of a decomposition.

    Attributes
    ----------
    kind : {"matrix product", "two slices", "general", "slices"}
        "matrix product": <n,m,p> over R, C or H in standard coordinates; "two slices": one
        dimension is 2; "slices": a tensor that was taken fibre by fibre; "general": none of these.
    division : {"R", "C", "H"}
        Where the entries live.
    shape : tuple of int
        Real dimensions (x, y, z) in the three modes.
    sizes : tuple of int or None
        The (n, m, p) of a matrix product.
    strategy : {"scheme", "structured", "store", "solver", "fibres", "flips"}
        What produced its terms; "structured": the scheme of a `StructuredProduct`.
    rank, lower_bound : int
        Number of its terms, and the least that its own tensor needs.
    reason : str
        Why the lower bound holds.
    status : {"structural", "exact", "numerical"}
        "structural": its terms are an exact scheme; "exact": they add up to its own tensor exactly,
        with entries in the field that `radicand` names; "numerical": they do so to rounding.
    note : str
        The scheme's construction, or how the terms were found and what was tried in vain.
    triplets : tuple of (int, int, int) or None
        Triplets of real irreps that it touches; None for groups too large to say.
    columns : tuple of int
        Its terms are the columns ``start`` to ``stop`` of the factors.
    radicand : int
        For an exact block, 1 if the entries of its terms are rational, d if they are in Q(sqrt d);
        0 for other blocks.
    maps : tuple of ndarray of float64, shapes (order, x), (order, y), (order, z), or None
        Its terms add up to ``sum_ijk t[i, j, k] A[a, i] B[b, j] C[c, k]``, with t the tensor of
        the matrix product, or `tensor`. None if it was not kept: where maps and tensors of all
        blocks take more than 64 MiB (S7), and in files of schema 1.
    tensor : ndarray of float64, shape (x, y, z), or None
        The block's own tensor t; None for a matrix product, and where maps are not kept.

    Raises
    ------
    DecompositionError
        If the fields contradict each other.

    Notes
    -----
    Reports are equal if all fields but `maps` and `tensor` are.

    Examples
    --------
    >>> from wordtensor.rank import decompose
    >>> block = decompose("a*b", "S3").blocks[2]
    >>> block.name, block.sizes, block.rank, block.columns
    ('<2,2,2>', (2, 2, 2), 7, (2, 9))
    >>> [A.shape for A in block.maps]
    [(6, 4), (6, 4), (6, 4)]
    """

    kind: BlockKind
    division: Division
    shape: tuple[int, int, int]
    sizes: tuple[int, int, int] | None
    strategy: str
    rank: int
    lower_bound: int
    reason: str
    status: BlockStatus
    note: str
    triplets: tuple[Triplet, ...] | None
    columns: tuple[int, int]
    radicand: int = 0
    maps: Factors | None = field(default=None, compare=False, repr=False)
    tensor: Inexact | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise DecompositionError(f"The block {self.name} {fault}")
        freeze_fields(self, "maps", "tensor")

    @property
    def name(self) -> str:
        """Short name: "<2,2,3>", "<1,1,2>_C" or "11x11x3"."""
        return block_name(self.sizes, self.division, self.shape)

    def _repr_html_(self) -> str:
        sizes = " x ".join(map(str, self.shape))
        figures = facts([("kind", self.kind), ("shape", sizes), ("made of", _made_of(self))])
        title = f"block {self.name}: rank {self.rank}"
        lines: list[Line] = [title, figures, f"at least {self.lower_bound}: {self.reason}"]
        return shown([*lines, *numerical_lines((self,))])

    def _repr_latex_(self) -> str:
        return block_latex(self.sizes, self.division, self.shape)

    def to_dict(self) -> dict[str, Any]:
        """Return the name and all fields but the arrays as JSON-able values."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.compare}
        return {"name": self.name, **values}

    def as_block(self) -> Block:
        """Return the block that it reports on; without maps if those were not kept."""
        nowhere = np.zeros((0, 0))
        return Block(
            kind=self.kind,
            shape=self.shape,
            maps=self.maps or (nowhere, nowhere, nowhere),
            tensor=self.tensor,
            division=self.division,
            sizes=self.sizes,
        )

    def form(self, x: Inexact, y: Inexact, z: Inexact) -> Inexact:
        """Evaluate the own tensor as a trilinear form at K vectors each, shapes (K, x) ..."""
        if self.sizes is not None:
            (i, j, k), values = product_tensor(*self.sizes, self.division)
            return np.asarray((x[:, i] * y[:, j] * z[:, k]) @ values)
        if self.tensor is None:
            raise DecompositionError(f"The tensor of the block {self.name} was not kept")
        first = (x @ self.tensor.reshape(self.shape[0], -1)).reshape(-1, *self.shape[1:])
        return np.asarray(np.einsum("ajk,aj,ak->a", first, y, z))


def _fault(block: BlockReport) -> str:
    """Say what in a report contradicts the rest, or nothing."""
    start, stop = block.columns
    if (block.status == "exact") != (block.radicand > 0):
        return f"has status {block.status!r}, but radicand {block.radicand}"
    sizes, shape = block.sizes, block.shape
    numbers = [*shape, *(sizes or ())]
    if block.kind not in get_args(BlockKind) or block.division not in get_args(Division):
        return f"has kind {block.kind!r} and division {block.division!r}, which are none of ours"
    if any(type(number) is not int or number < 1 for number in numbers):
        return f"has dimensions {numbers} that are not all positive integers"
    if (block.kind == "matrix product") != (sizes is not None):
        return f"has kind {block.kind!r}, but sizes {sizes}; a matrix product alone has sizes"
    if block.strategy not in _STATUSES or block.status not in _STATUSES[block.strategy]:
        return f"has strategy {block.strategy!r} and status {block.status!r}, which do not fit"
    if (block.strategy == "scheme") != (sizes is not None):
        return f"has strategy {block.strategy!r}, but sizes {sizes}; products alone have schemes"
    if sizes is not None and product_shape(sizes, block.division) != shape:
        return f"has sizes {sizes} over {block.division}, which do not fit its shape {shape}"
    if not 0 <= start <= stop or stop - start != block.rank:
        return f"has {block.rank} terms, but the columns {start} to {stop}"
    # All dimensions of a matrix product are needed: this many terms at least.
    if sizes is not None and max(shape) > block.rank:
        return f"has {block.rank} terms, fewer than its largest dimension {max(shape)}"
    return _array_fault(block)


def _array_fault(block: BlockReport) -> str:
    maps, tensor, shape = block.maps, block.tensor, block.shape
    if (tensor is not None) != (maps is not None and block.sizes is None):
        return "must have a tensor if and only if it has maps and is no matrix product"
    if tensor is not None and tensor.shape != shape:
        return f"has a tensor of shape {tensor.shape}, not {shape}"
    if maps is None:
        return ""
    order = len(maps[0])
    expected = [(order, size) for size in shape]
    if [array.shape for array in maps] != expected:
        return f"has maps of shapes {[array.shape for array in maps]}, not {expected}"
    arrays = maps if tensor is None else (*maps, tensor)
    if not all(np.isfinite(array).all() for array in arrays):
        return "has maps or a tensor with entries that are infinite or no numbers"
    return ""


STRUCTURAL_LINE: Final = (
    "structural: the terms of each block are exact, but the maps that carry them into the tensor "
    "are known as floating-point numbers only"
)


def numerical_lines(blocks: tuple[BlockReport, ...]) -> Iterator[str]:
    """Say which blocks are known to rounding only."""
    numerical = Counter((b.name, b.rank) for b in blocks if b.status == "numerical")
    for (name, rank), count in numerical.items():
        which = f"block {name}" if count == 1 else f"{count} blocks {name}"
        each = "" if count == 1 else " each"
        yield f"numerical: the {rank} terms of {which} add up{each} to 1e-10, and not exactly"


def block_table(blocks: tuple[BlockReport, ...], at_least: int) -> Table:
    """Lay out blocks, equal ones together; what is proved for the whole holds for a sole block."""
    known = at_least if len(blocks) == 1 else 0
    counts = Counter(
        (b.name, b.strategy, b.rank, max(b.lower_bound, known), _made_of(b)) for b in blocks
    )
    rows = [
        [count, name, strategy, rank, lower, count * rank, note]
        for (name, strategy, rank, lower, note), count in counts.items()
    ]
    header = ["times", "block", "strategy", "rank", "at least", "total", "made of"]
    return Table(header, rows)


def _made_of(block: BlockReport) -> str:
    """Say what a block's terms are made of, or how they were found."""
    if block.status == "numerical":
        return f"to rounding; {block.note}"
    if block.status != "exact":
        return block.note
    numbers = "rational" if block.radicand == 1 else f"in Q(sqrt {block.radicand})"
    return f"{numbers}; {block.note}" if block.note else numbers
