"""Blocks and bounds as a file's header holds them: each field is checked before it is believed."""

import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final, get_args

from ..bounds import Bound, Flattening, read_substitution
from ..errors import WordTensorError
from .block_report import BlockReport, BlockStatus

_BLOCK_TEXTS: Final = ("kind", "division", "strategy", "reason", "status", "note")
_BLOCK_COUNTS: Final = ("rank", "lower_bound")
# What a block's record has beside these, and what it has since which schema.
_BLOCK_OTHERS: Final = ("name", "shape", "triplets", "columns")
_SINCE: Final = MappingProxyType({"sizes": 2, "radicand": 3})
_PRODUCT_NAME: Final = re.compile(r"<(\d{1,4}),(\d{1,4}),(\d{1,4})>(?:_C|_H)?")


def read_bounds(header: dict[str, Any]) -> tuple[Bound, ...]:
    """Read the bounds, best first; the best must be the one that is named apart."""
    if header["schema"] < 4:
        return (Bound(header["lower_bound"], "; ".join(header["certificate"])),)
    bounds = tuple(_bound(entry) for entry in header["bounds"])
    values = [bound.value for bound in bounds]
    if not values or values != sorted(values, reverse=True) or len({*bounds}) < len(bounds):
        raise ValueError("its bounds are not different ones, best first")
    if header["lower_bound"] != values[0]:
        raise ValueError(f"its best bound is {values[0]}, but the lower bound another")
    return bounds


def _bound(entry: dict[str, Any]) -> Bound:
    """Read one bound; what follows from its data must be what it says."""
    check_types(entry, ("reason",), ("value",))
    data = entry["data"]
    if data is None:
        bound = Bound(entry["value"], entry["reason"])
    elif "identities" in data or "summands" in data:
        try:
            bound = Bound.of(read_substitution(data))
        except WordTensorError as error:
            raise ValueError(str(error)) from None
    else:
        check_types(data, (), ("mode", "p", "prime", "rank"))
        rows = tuple(map(whole, data["restriction"]))
        bound = Bound.of(Flattening(data["mode"], data["p"], rows, data["prime"], data["rank"]))
    if bound.to_dict() != entry:
        raise ValueError(f"a bound of {entry['value']} is not what its data say")
    return bound


def read_block(entry: dict[str, Any], schema: int) -> BlockReport:
    """Read a block's record; its name must be the one that follows from its fields."""
    expected = {*_BLOCK_TEXTS, *_BLOCK_COUNTS, *_BLOCK_OTHERS}
    expected |= {key for key, since in _SINCE.items() if schema >= since}
    if set(entry) != expected:
        more, missing = set(entry) - expected, expected - set(entry)
        what = f"have no {min(more)!r:.40}" if more else f"also have {min(missing)!r}"
        raise ValueError(f"its schema is {schema}, whose blocks {what}")
    values = {"radicand": 0, **entry}
    name, triplets = values.pop("name"), values["triplets"]
    check_types(values, _BLOCK_TEXTS, (*_BLOCK_COUNTS, "radicand"))
    if values["status"] not in get_args(BlockStatus):
        raise ValueError(f"block {name!r} has status {values['status']!r}, which is none of ours")
    if values["lower_bound"] > values["rank"]:
        raise ValueError(f"block {name!r} has fewer terms than its lower bound")
    sizes = _named_sizes(name, values["kind"]) if schema == 1 else values["sizes"]
    x, y, z = whole(values["shape"])
    start, stop = whole(values["columns"])
    values |= {
        "shape": (x, y, z),
        "columns": (start, stop),
        "sizes": None if sizes is None else whole(sizes),
        "triplets": None if triplets is None else tuple(map(whole, triplets)),
    }
    report = BlockReport(**values)
    if report.name != name:
        raise ValueError(f"block {name!r} is {report.name} by its fields")
    return report


def check_types(record: dict[str, Any], texts: tuple[str, ...], counts: tuple[str, ...]) -> None:
    """Check that fields are texts and whole numbers from 0 on, so that whatever prints them can."""
    for key in texts:
        if not isinstance(record[key], str):
            raise ValueError(f"{key!r} is {record[key]!r}, and no text")
    for key in counts:
        if type(record[key]) is not int or record[key] < 0:
            raise ValueError(f"{key!r} is {record[key]!r}, and no number 0, 1, 2, ...")


def whole(numbers: Sequence[Any]) -> tuple[int, ...]:
    """Return whole numbers as a tuple; in JSON, `true` and 1.0 are none."""
    if not all(type(number) is int for number in numbers):
        raise ValueError(f"{numbers!r:.100} are no whole numbers")
    return tuple(numbers)


def _named_sizes(name: str, kind: str) -> tuple[int, ...] | None:
    """Return the sizes of a matrix product that schema 1 recorded in its name only."""
    if kind != "matrix product":
        return None
    found = _PRODUCT_NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"block {name!r} names no matrix product")
    return tuple(int(size) for size in found.groups())


def check_columns(blocks: tuple[BlockReport, ...], rank: int) -> None:
    """Check that the blocks share out all terms, one after another."""
    edges = [0, *(block.columns[1] for block in blocks)]
    if [block.columns[0] for block in blocks] != edges[:-1] or edges[-1] != rank:
        raise ValueError(f"the columns of its blocks are not those of its {rank} terms")
