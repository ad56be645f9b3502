"""Pairs of labels in lines of text, whose labels may have blanks and commas of their own."""

from collections.abc import Sequence
from typing import Final

# Names of the rows' elements and of the columns'.
Labels = tuple[Sequence[str], Sequence[str]]

_BETWEEN: Final = ",;\t "
# What may stand around two labels besides: quotes, blanks, a separator and blanks.
_MORE: Final = 16
# A line is split at every place, and so must not be long.
_LONGEST: Final = 500


def label_pairs(lines: Sequence[str], labels: Labels) -> tuple[list[tuple[int, int]], int | None]:
    """Return the indices of two labels in every line, or the first line that is no such pair."""
    places = tuple({label: i for i, label in enumerate(side)} for side in labels)
    longest = min(_LONGEST, sum(max(map(len, side)) for side in labels) + _MORE)
    found: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        # A line that is longer is a row of many, and is not searched for its middle.
        pairs = _pairs(line, *places) if len(line) <= longest else set()
        if len(pairs) != 1:
            return found, number
        found += pairs
    return found, None


def _pairs(line: str, first: dict[str, int], second: dict[str, int]) -> set[tuple[int, int]]:
    """Return all ways to split a line into two labels."""
    found = set()
    for at, letter in enumerate(line):
        if letter in _BETWEEN:
            a, b = _bare(line[:at]), _bare(line[at + 1 :])
            if a in first and b in second:
                found.add((first[a], second[b]))
    return found


def _bare(label: str) -> str:
    """Return a label without blanks and quotes around it."""
    label = label.strip()
    quoted = len(label) > 1 and label[0] == label[-1] and label[0] in "\"'"
    return label[1:-1] if quoted else label
