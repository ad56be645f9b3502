"""Names of what is known about a core: its key, and what no version of igraph changes."""

import re
from typing import Final, NamedTuple, cast

import numpy as np

from .._typing import Field, Integers, Sizes

_PATTERN: Final = (
    r"(\d+)x(\d+)x(\d+)_(\d+)_(real|complex)_igraph([0-9A-Za-z][0-9A-Za-z.+-]*)_([0-9a-f]{64})"
)


class CoreName(NamedTuple):
    """What the name of a file says of the core that it is about."""

    key: str
    field: Field
    size: Sizes  # in increasing order: another igraph may order the modes otherwise
    ones: int
    igraph: str

    def __str__(self) -> str:
        x, y, z = self.size
        return f"{x}x{y}x{z}_{self.ones}_{self.field}_igraph{self.igraph}_{self.key}"


def named(key: str, field: Field, shape: Sizes, ones: int, igraph: str) -> CoreName:
    """Return the name of a core of some shape."""
    x, y, z = sorted(shape)
    return CoreName(key, field, (x, y, z), ones, igraph)


def parse_name(text: str, suffix: str) -> CoreName | None:
    """Read the name of a file; None for other files."""
    match = re.fullmatch(_PATTERN + re.escape(suffix), text)
    if match is None:
        return None
    x, y, z, ones, where, igraph, key = match.groups()
    return CoreName(key, cast(Field, where), (int(x), int(y), int(z)), int(ones), igraph)


def temporary_name(suffix: str) -> re.Pattern[str]:
    """Return what files under way are called."""
    return re.compile(rf"\.{_PATTERN}{re.escape(suffix)}\.")


def profile(shape: Sizes, coords: Integers) -> list[list[int]]:
    """Count the ones of each slice, which no order of slices and modes changes."""
    counts = (np.bincount(coords[m], minlength=shape[m]) for m in range(3))
    return sorted(sorted(count.tolist()) for count in counts)
