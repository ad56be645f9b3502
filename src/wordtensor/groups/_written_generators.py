"""Generators as people write them: GAP's, Sage's and sympy's permutations, one-line images."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .._text import printable
from ..errors import GroupError
from ._tables import MAX_ORDER

GENERATORS: Final = "Group([ (1,2,3), (1,2) ])"
"""How generators may be written, for messages."""

_START: Final = re.compile(
    r"(?:gap>\s*)?(?:[A-Za-z]\w{0,40}\s*:?=\s*)?"
    r"(?:Permutation|PermList\b|PermutationGroup\b|Group\s*\(|[<⟨\[]{0,3}\s{0,9}\(\s*\d"
    r"|[<⟨\[]{1,3}\s{0,9}Perm)"
)
_BEFORE: Final = re.compile(r"\s*(?:gap>\s*)?(?:[A-Za-z]\w{0,40}\s*:?=\s*)?")
_TOKEN: Final = re.compile(r"[A-Za-z]\w*|\d+|[()\[\]<>⟨⟩,;\n]|[^\S\n]+|.")
_SAGE: Final = re.compile(r"(?i)permutation\s+group\s+with\s+generators\s*")
_CLOSING: Final = {"(": ")", "[": "]", "<": ">", "⟨": "⟩"}
_DEEPEST: Final = 8
_MOST_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class WrittenGenerators:
    """Generators for `Group.from_permutations`, and what is to be said of them."""

    generators: list[str | list[int]]
    said: str = ""


@dataclass(frozen=True, slots=True)
class _Node:
    """A bracket with what stands in it, after a name or none."""

    kind: str  # the opening bracket, or "cycles": a chain of round ones
    items: list[Any]
    name: str = ""


def is_generators(text: str) -> bool:
    """Tell whether a text begins as generators do; lists of images may be a table as well."""
    return bool(_START.match(text.lstrip())) and "|" not in text


def read_generators(text: str) -> WrittenGenerators:
    """Read generators in any notation, or raise GroupError that says where it cannot be done."""
    items = _Reader(text).read()
    while len(items) == 1 and isinstance(items[0], _Node) and _is_wrapper(items[0]):
        items = items[0].items
    return collected(items)


def _is_wrapper(node: _Node) -> bool:
    """Tell whether a bracket holds the list of generators, and is not one of them."""
    if node.name in ("Group", "PermutationGroup") or node.kind in "<⟨":
        return True
    return node.kind == "[" and not node.name and any(isinstance(i, _Node) for i in node.items)


class _Reader:
    """A text as nested brackets."""

    def __init__(self, text: str) -> None:
        start = _BEFORE.match(text)
        head = start.end() if start else 0
        sage = _SAGE.match(text, head)
        self.at = self.done = sage.end() if sage else head
        self.text = text
        self.tokens = self._tokens()

    def _tokens(self) -> Iterator[str]:
        for found in _TOKEN.finditer(self.text, self.at):
            self.at = found.start()
            if not found.group().isspace() or found.group() == "\n":
                yield found.group()
        yield ""

    def read(self) -> list[Any]:
        """Return what stands in the text, line by line."""
        items = self._items("", 0)
        if not items:
            raise GroupError(f"There are no generators; write for example {GENERATORS}")
        return items

    def _items(self, closing: str, depth: int) -> list[Any]:
        """Read up to a closing bracket; a bracket right after a round one goes on with it."""
        items: list[Any] = []
        name, apart = "", True
        for token in self.tokens:
            if token == closing or (token == ";" and not closing):
                if token == ";" and self.text[self.at :].strip("; \n\t\r"):
                    raise self._error(token, "one group alone is read")
                break
            if token in (",", "\n"):
                # GAP breaks long lines within its brackets, where they say nothing.
                apart = apart or token == "," or not closing
            elif token in _CLOSING:
                if depth == _DEEPEST:
                    raise self._error(token, "the brackets are nested too deeply")
                node = _Node(token, self._items(_CLOSING[token], depth + 1), name)
                _append(items, node, apart)
                name, apart = "", False
            elif token.isdecimal() and token.isascii() and len(token) <= _MOST_DIGITS:
                items.append(int(token))
            elif token in ("Group", "PermutationGroup", "Permutation", "PermList"):
                name = token
            elif not token:
                raise self._error("", "a bracket is not closed")
            else:
                raise self._error(token, "points are numbers, and cycles are brackets of them")
        if name:
            raise self._error("", f"{name} needs its brackets")
        return items

    def _error(self, token: str, what: str) -> GroupError:
        line = self.text.count("\n", 0, self.at) + 1
        shown = f"{printable(token)!r:.40}" if token.strip() else "the end"
        return GroupError(
            f"These generators cannot be read at {shown} in line {line}: {what}; write for example "
            f"{GENERATORS}"
        )


def _append(items: list[Any], node: _Node, apart: bool) -> None:
    """Append a bracket, or let it go on with the chain of cycles before it."""
    last = items[-1] if items else None
    if node.kind != "(" or node.name in ("Group", "PermutationGroup", "PermList"):
        items.append(node)
    elif not apart and isinstance(last, _Node) and last.kind == "cycles" and not node.name:
        last.items.append(node.items)
    else:
        items.append(_Node("cycles", [node.items], node.name))


def collected(items: Sequence[Any]) -> WrittenGenerators:
    """Make generators of brackets: cycles, or images; both may count from 0 or from 1."""
    if len(items) > MAX_ORDER:
        raise GroupError(f"There are {len(items)} generators; at most {MAX_ORDER} are read")
    cycles: list[list[list[int]] | None] = []
    images: list[list[int] | None] = []
    zero = ones = False
    for number, item in enumerate(items):
        node = item if isinstance(item, _Node) else _Node("", [])
        chain, row = _cycles_of(node), _images_of(node)
        if chain is None and row is None:
            raise GroupError(
                f"Generator {number} is neither cycles nor a list of images; write for example "
                f"{GENERATORS} or [[1, 2, 0], [1, 0, 2]]"
            )
        cycles.append(chain)
        images.append(row)
        zero |= node.name == "Permutation" and chain is not None
        ones |= node.name == "PermList"
    zero |= any(point == 0 for chain in cycles if chain for part in chain for point in part)
    given = [row for row in images if row]
    ones |= bool(given) and not any(0 in row for row in given)
    rows = [None if row is None else [point - ones for point in row] for row in images]
    chains = [None if chain is None else _from_one(chain, zero) for chain in cycles]
    degree = max(
        [
            *(len(row) for row in rows if row),
            *(max(part, default=1) for chain in chains if chain for part in chain),
        ],
        default=1,
    )
    generators: list[str | list[int]] = []
    for row, chain in zip(rows, chains, strict=True):
        if row is not None:
            generators.append([*row, *range(len(row), degree)] if degree <= 10**4 else row)
        else:
            generators.append("".join(f"({' '.join(map(str, part))})" for part in chain or [[]]))
    said = ["its points count from 0; in the labels of the elements they count from 1"] * zero
    said += ["its images count from 1"] * ones
    return WrittenGenerators(generators, "; ".join(said))


def _from_one(chain: list[list[int]], zero: bool) -> list[list[int]]:
    """Count points from 1; of those that count from 0, single ones only tell how many there are."""
    if not zero:
        return chain
    return [[point + 1 for point in part] for part in chain if len(part) > 1]


def _numbers(items: Sequence[Any]) -> bool:
    return all(isinstance(item, int) for item in items)


def _cycles_of(node: _Node) -> list[list[int]] | None:
    """Return a generator's cycles: (1,2)(3,4), [(1,2),(3,4)], [[1,2],[3,4]], Permutation(0,1)."""
    if node.kind == "cycles":
        inner = node.items[0]
        if len(node.items) == 1 and len(inner) == 1 and isinstance(inner[0], _Node):
            return None if _numbers(inner[0].items) else _cycles_of(inner[0])
        parts: list[Any] = node.items
    elif node.kind == "[" and not node.name and node.items and not _numbers(node.items):
        parts = []
        for item in node.items:
            if not isinstance(item, _Node) or item.name or item.kind not in ("[", "cycles"):
                return None
            parts += item.items if item.kind == "cycles" else [item.items]
    else:
        return None
    return [list(part) for part in parts] if all(map(_numbers, parts)) else None


def _images_of(node: _Node) -> list[int] | None:
    """Return a generator's images: [2,3,1], PermList([2,3,1]), Permutation([1,2,0])."""
    inner = node.items[0] if node.kind == "cycles" and node.items else node.items
    if node.name in ("PermList", "Permutation") and len(inner) == 1:
        return _images_of(inner[0]) if isinstance(inner[0], _Node) else None
    if node.kind == "[" and not node.name and node.items and _numbers(node.items):
        return list(node.items)
    return None


def nested(value: object) -> WrittenGenerators:
    """Read generators from what JSON holds: texts, rows of images, or lists of cycles."""
    if isinstance(value, str):
        return read_generators(value)
    if not isinstance(value, list) or not value:
        raise GroupError(f"The generators must be a list of permutations, not {value!r:.60}")
    if all(isinstance(item, str) for item in value):
        return read_generators("\n".join(value))
    return collected([_node(item, 0) for item in value])


def _node(value: object, depth: int) -> object:
    if isinstance(value, list) and depth < _DEEPEST:
        return _Node("[", [_node(item, depth + 1) for item in value])
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise GroupError(f"The generators hold {value!r:.60}, which is no point of a permutation")
