"""The value `Atlas`: its entries, where to find a word in it, and as tables."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from statistics import mean
from typing import Any, Final

from .._files import parse_json
from .._shown import Table, shown
from ..cores import canonical_core
from ..cores._canonical import labelling_version
from ..errors import FileFormatError
from ..groups import Group
from ..words import Word
from ._page import page
from .entry import Entry

_SCHEMA: Final = 1


@dataclass(frozen=True, slots=True, repr=False)
class Atlas:
    """Word tensors by canonical core.

    Attributes
    ----------
    entries : tuple of Entry
        Smallest tensors first.
    groups : tuple of str
        The groups of which every word is in it.
    igraph : str
        Version of igraph, which the keys depend on; by default today's.

    Examples
    --------
    >>> atlas = default_atlas()
    >>> atlas.find("a*b*a", "S3").rank, "S3" in atlas.groups
    (8, True)
    """

    entries: tuple[Entry, ...]
    groups: tuple[str, ...]
    igraph: str = field(default_factory=labelling_version)
    _by_key: dict[str, Entry] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {entry.key: entry for entry in self.entries})

    def find(self, word: Word | str, group: Group | str) -> Entry | None:
        """Return what is known of a word over a group, or None.

        Parameters
        ----------
        word : Word or str
            A word of any length.
        group : Group or str
            The group, in any numbering of its elements.

        Returns
        -------
        Entry or None
            That of its canonical core. Equal entries are equal tensors up to relabelling.

        Raises
        ------
        WordTensorError
            If it is no word or no group, or the tensor is far above what any atlas has.
        """
        core = canonical_core(word, group)
        if self.igraph == labelling_version():
            return self._by_key.get(core.key)
        sizes, ones = sorted(core.shape), core.coords.shape[1]
        alike = (e for e in self.entries if sorted(e.shape) == sizes and e.ones == ones)
        return next((entry for entry in alike if _key_today(entry) == core.key), None)

    def over(self, group: str) -> tuple[Entry, ...]:
        """Return the entries of one group, in the order of the atlas."""
        return tuple(e for e in self.entries if any(name == group for name, _, _ in e.pairs))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        return f"Atlas({len(self)} entries)"

    def __str__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        settled = sum(entry.is_settled for entry in self.entries)
        said = f"{settled} of {len(self)} entries are settled: their terms, which are not only"
        return shown(
            [
                f"Atlas of {len(self)} word tensors",
                f"{said} numerical, meet the bound.",
                self._table(),
            ]
        )

    def _table(self) -> Table:
        heads = ["group", "classes", "settled", "mean gap", "exact", "structural", "numerical"]
        rows = [_summary(name, self.over(name)) for name in self.groups]
        return Table(heads, [*rows, _summary("all", self.entries)])

    def to_json(self) -> str:
        """Return the atlas as one JSON object."""
        entries = [entry.to_dict() for entry in self.entries]
        header = {"schema": _SCHEMA, "igraph": self.igraph, "groups": list(self.groups)}
        return json.dumps(header | {"entries": entries})

    def to_html(self) -> str:
        """Return the atlas as one page whose table sorts and filters; it loads nothing."""
        settled = sum(entry.is_settled for entry in self.entries)
        return page(HEADS[:-1], [cells(entry)[:-1] for entry in self.entries], settled)

    def to_csv(self) -> str:
        """Return the atlas as a table with commas, a line for each entry."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADS)
        writer.writerows(cells(entry) for entry in self.entries)
        return text.getvalue()


HEADS: Final = (
    "group", "word", "shape", "rank", "lower bound", "gap", "status", "reason", "other groups",
    "key",
)  # fmt: skip


def cells(entry: Entry) -> tuple[Any, ...]:
    """Return the cells of an entry in a table."""
    others = "; ".join(f"{group}: {word}" for group, word, _ in entry.pairs[1:])
    size = "x".join(map(str, entry.shape))
    return (
        entry.group, entry.word, size, entry.rank, entry.lower_bound, entry.gap, entry.status,
        entry.reason, others, entry.key,
    )  # fmt: skip


def _summary(name: str, entries: Sequence[Entry]) -> list[object]:
    """Count what is known."""
    settled = sum(entry.is_settled for entry in entries)
    gap = mean(entry.gap for entry in entries) if entries else 0
    kinds = [sum(e.status == s for e in entries) for s in ("exact", "structural", "numerical")]
    return [name, len(entries), settled, f"{gap:.2f}", *kinds]


def read_atlas(content: bytes) -> Atlas:
    """Read what `Atlas.to_json` wrote.

    Parameters
    ----------
    content : bytes
        Of the file.

    Returns
    -------
    Atlas
        As it was.

    Raises
    ------
    FileFormatError
        If it is no atlas.

    Examples
    --------
    >>> read_atlas(default_atlas().to_json().encode()) == default_atlas()
    True
    """
    try:
        given = parse_json(content)
        if given["schema"] != _SCHEMA:
            raise ValueError(f"schema {given['schema']!r} is not {_SCHEMA}")
        entries = tuple(_entry(fields) for fields in given["entries"])
        groups = tuple(str(name) for name in given["groups"])
        igraph = str(given["igraph"])
    except KeyError as error:
        raise FileFormatError(f"This is no atlas of wordtensor: it has no {error}") from None
    except (TypeError, ValueError) as error:
        raise FileFormatError(f"This is no atlas of wordtensor: {error}") from None
    return Atlas(entries, groups, igraph)


@lru_cache(maxsize=4096)
def _key_today(entry: Entry) -> str:
    """Return the key that an entry has with today's igraph."""
    return canonical_core(entry.word, entry.group).key


def _entry(fields: dict[str, Any]) -> Entry:
    """Read one entry, whose numbers must be whole and whose texts must be texts."""
    for kind, names in ((int, ("ones", "rank", "lower_bound")), (str, ("key", "reason", "status"))):
        if any(type(fields[name]) is not kind for name in names):
            raise ValueError(f"{', '.join(names)} are not all of type {kind.__name__}")
    x, y, z = (int(size) for size in fields["shape"])
    pairs = tuple((str(group), str(word), int(count)) for group, word, count in fields["pairs"])
    return Entry(**fields | {"shape": (x, y, z), "pairs": pairs})


@lru_cache(maxsize=1)
def default_atlas() -> Atlas:
    """Return the atlas that comes with the package: every word over every small group.

    Returns
    -------
    Atlas
        Immutable, so the cached value is shared.

    Examples
    --------
    >>> print(default_atlas())  # doctest: +ELLIPSIS
    group ...
    """
    return read_atlas(files(__package__).joinpath("data").joinpath("atlas.json").read_bytes())


def lookup(word: Word | str, group: Group | str) -> Entry | None:
    """Return what the package's atlas knows of a word over a group, however long the word is.

    Parameters
    ----------
    word : Word or str
        The word.
    group : Group or str
        The group.

    Returns
    -------
    Entry or None
        None if it is not in the atlas.

    Raises
    ------
    WordTensorError
        If it is no word or no group.

    Examples
    --------
    >>> entry = lookup("a*b*a*b^-1*a^7*b^2", "Q8")
    >>> entry.word, entry.is_settled
    ('a*b*a', True)
    """
    return default_atlas().find(word, group)
