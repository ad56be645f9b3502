"""Tables of the least ranks that the literature knows for matrix products, read from a file."""

import csv
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from .._files import Path_, damage_as, read_file
from .._text import listed
from .._typing import Sizes

_LIMIT: Final = 2**24  # bytes; a table of all sizes to 64 has 2 MB
_LARGEST: Final = 10**4  # what a size may be
_SIZES: Final = ("n", "m", "p")
# Headings of a column, without case, blanks, underscores and hyphens.
_NAMES: Final = {
    "Q": ("rankq", "q", "rank", "bestknown", "bestrank"),
    "Z": ("rankz", "z"),
    "ZT": ("rankzt", "zt"),
    "F2": ("rankf2", "f2"),
}
_UNKNOWN: Final = frozenset({"", "-", "?", "n/a", "none"})

Line = tuple[int, list[str]]


def read_known_ranks(path: Path_, ring: Literal["Q", "Z", "ZT", "F2"] = "Q") -> dict[Sizes, int]:
    r"""Read the least known ranks of matrix products from a table that you have.

    The package has its own schemes and proved lower bounds, but no table of what others found.

    Parameters
    ----------
    path : str or path-like
        A text of columns that commas, semicolons or tabs part. The first line names them: `n`, `m`
        and `p`, and `rank_Q`, `rank_Z`, `rank_ZT` or `rank_F2`, of which the ring chooses
        one; over Q, `rank` and `best known` are read as well. Other columns are left alone; ranks
        modulo 2 need not hold over Q. Lines that begin with ``#`` are comments.
    ring : {"Q", "Z", "ZT", "F2"}, default "Q"
        What the coefficients of the schemes are: rational, integer, only -1, 0 and 1, or modulo 2.

    Returns
    -------
    dict of (int, int, int) to int
        The rank of <n,m,p> by its sizes in increasing order, for rank does not depend on their
        order. Where a size stands twice, the smaller number counts; where a cell is empty, "-"
        or "?", nothing is known.

    Raises
    ------
    FileFormatError
        If the file is no such table. The message names the line.

    Notes
    -----
    A rank is refused unless ``max(nm, mp, np) <= rank <= nmp``: the multilinear rank of the tensor,
    and the number of products of the standard algorithm.

    References
    ----------
    Tables of this form: https://github.com/dronperminov/FastMatrixMultiplication and the
    catalogue of fast matrix multiplication algorithms, https://fmm.univ-lille.fr.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "known.csv"
    ...     _ = path.write_text("n,m,p,rank_Q,rank_F2\n4,4,4,48,47\n5,4,3,47,47\n")
    ...     read_known_ranks(path)
    {(4, 4, 4): 48, (3, 4, 5): 47}
    """
    content = read_file(path, _LIMIT)
    with damage_as(path, "it is no table of ranks", csv.Error):
        lines = _lines(content.decode("utf-8-sig"))
        _, heads = next(lines, (0, []))
        columns = _columns(heads, ring)
        known: dict[Sizes, int] = {}
        for line in lines:
            sizes, rank = _entry(line, columns, len(heads))
            if rank is not None:
                known[sizes] = min(rank, known.get(sizes, rank))
        if not known:
            raise ValueError("it has no line with a rank")
    return known


def _lines(text: str) -> Iterator[Line]:
    """Yield numbered lines of cells; what parts those of the first line parts all."""
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), 1)]
    full = [(number, line) for number, line in numbered if line.strip() and line.lstrip()[0] != "#"]
    mark = max(",;\t", key=full[0][1].count) if full else ","
    for number, line in full:
        yield number, [cell.strip() for cell in next(csv.reader([line], delimiter=mark))]


def _columns(heads: Sequence[str], ring: str) -> list[int]:
    """Find the columns of n, m, p and of the rank."""
    plain = ["".join(head.lower().replace("_", " ").replace("-", " ").split()) for head in heads]
    ranks = next((name for name in _NAMES[ring] if name in plain), f"rank_{ring}")
    missing = [name for name in (*_SIZES, ranks) if name not in plain]
    if missing:
        raise ValueError(
            f"its first line names no column {listed(missing)}: it names {listed(heads) or 'none'}"
        )
    return [plain.index(name) for name in (*_SIZES, ranks)]


def _entry(line: Line, columns: Sequence[int], width: int) -> tuple[Sizes, int | None]:
    """Return the sizes of a line in increasing order, and its rank unless it is not known."""
    number, cells = line
    if len(cells) != width:
        raise ValueError(f"line {number} has {len(cells)} cells, and the first line {width}")
    *sizes, rank = (cells[k] for k in columns)
    a, b, c = sorted(_number(text, number) for text in sizes)
    if c > _LARGEST:
        raise ValueError(f"line {number} has a size {c}, above {_LARGEST}")
    if rank.lower() in _UNKNOWN:
        return (a, b, c), None
    value = _number(rank, number)
    if not b * c <= value <= a * b * c:
        raise ValueError(
            f"line {number} says rank {value} of <{a},{b},{c}>, which lies between {b * c} and "
            f"{a * b * c}"
        )
    return (a, b, c), value


def _number(text: str, line: int) -> int:
    """Read a whole number from 1 on."""
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text):
        return int(text)
    raise ValueError(f"line {line} has {text[:20]!r}, where a whole number from 1 on is needed")
