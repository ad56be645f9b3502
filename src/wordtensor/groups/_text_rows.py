"""The rows of a table in a text: lines, brackets, or as LaTeX, Markdown and Excel write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from ..errors import GroupError
from ._tables import MAX_ORDER

MOST_ENTRIES: Final = MAX_ORDER + 2
"""Of a line: those of the largest table, a border and a comma at the end."""

_LONGEST_LINE: Final = 2**22
_BRACKETS: Final = re.compile(
    r"\s*(?:gap>[^\r\n]{0,200}[\r\n]+\s*)?"
    r"(?:[A-Za-z][\w ]{0,40}(?:\[\d{0,9}\]){0,2}\s*:?=\s*)?"
    r"(?:(?:np\.|numpy\.)?(?:array|asarray|matrix|Matrix)\s*\(\s*)?"
    r"(?=\[\s*\[|\{\s*\{)"
)
# Rows in brackets with none around them all, as Sage prints a matrix, or Matlab's [..; ..].
_LOOSE: Final = re.compile(
    r"(?:\s*[A-Za-z]\w{0,40}\s*:?=)?(?=\s*[\[{])"
    r"(?:\s*[\[{][^\[\]{}]*[\]}][ \t,;]*(?:[\r\n]|\Z))+\s*"
)
_TUPLES: Final = re.compile(r"\s*\(\s*\([\d\s,()]*")
_AFTER: Final = re.compile(r"[\[\]{}\s,;]*(?:(?:dtype\s*=\s*[\w.]+\s*)?\)\s*;?\s*)?")
_ROW: Final = re.compile(rf"[\[{{]([^\[\]{{}}]{{0,{_LONGEST_LINE}}})[\]}}]")
# What LaTeX has around the rows of a table.
_LATEX: Final = re.compile(
    r"\\(?:\[|\]|hline|toprule|midrule|bottomrule"
    r"|(?:begin|end)\{\w{1,20}\*?\}(?:\{[^{}]{0,2000}\})?)"
)
_RULER: Final = re.compile(r"\s*[+|]?[-+=]{2,}\s*")
# A comment: a whole line, or what stands behind a # between blanks. Labels may have one otherwise.
_COMMENT: Final = re.compile(r"^\s*#(?![,;\t]).*|\s#\s.*")
# What text has for lines of a table, for a bracket, and for the separator of Excel.
_BOX: Final = str.maketrans("│┃║─━═┌┬┐├┼┤└┴┘╔╦╗╠╬╣╚╩╝", "|||---" + 18 * "+")
_SQUARE: Final = str.maketrans("()", "[]")
_HINT: Final = re.compile(r"sep=([,;\t|])")
_GROUPED: Final = r'\([^()]*\)|"[^"]*"'  # in which a comma or a blank separates nothing
_QUOTED: Final = r"\([^()]*\)|\"[^\"]*\"|'[^']*'"


@dataclass(frozen=True, slots=True)
class TextRows:
    """The rows of a text, and the lines on which those stand that were read so far."""

    text: str
    lines: list[int] = field(default_factory=list)

    def __iter__(self) -> Iterator[list[str]]:
        self.lines.clear()
        text = self.text
        if _TUPLES.fullmatch(text):
            text = text.translate(_SQUARE)
        bracketed = _BRACKETS.match(text) or _LOOSE.fullmatch(text)
        return _of_brackets(text, self.lines) if bracketed else self._of_lines()

    def _of_lines(self) -> Iterator[list[str]]:
        separator: str | None = None
        first = True
        # Old Macs end lines with a return alone.
        end = "\n" if "\n" in self.text else "\r"
        number, counted = 1, 0
        for found in re.finditer(r"[^\r\n]+", self.text):
            number += self.text.count(end, counted, found.start())
            counted, line = found.start(), found.group()
            if len(line) > _LONGEST_LINE:
                raise GroupError("A line is longer than that of any table")
            line = _COMMENT.sub("", line).translate(_BOX)
            if "&" in line or "\\" in line:
                line = _LATEX.sub("", line)
            for part in line.split("\\\\") if "&" in line else (line,):
                if not part.strip(" \t;,") or _is_ruler(part):
                    continue
                hint = _HINT.fullmatch(part.strip()) if first else None
                if first:
                    separator, first = hint.group(1) if hint else _separator(part), False
                if hint:
                    continue
                _check_whole(part)
                self.lines.append(number)
                yield [_bare(entry) for entry in _split(part, separator)]


def _of_brackets(text: str, lines: list[int]) -> Iterator[list[str]]:
    """Yield the entries of each innermost bracket, or of Matlab's rows in one."""
    start = _BRACKETS.match(text)
    end, line, counted = start.end() if start else 0, 1, 0
    for number, found in enumerate(_ROW.finditer(text, end)):
        between = text[end : found.start()]
        if number or not re.fullmatch(r"\s*[\[{]?\s*(?:[A-Za-z]\w{0,40}\s*:?=\s*)?", between):
            _check_between(between)
        end = found.end()
        line += text.count("\n", counted, found.start())
        counted = found.start()
        for row in found.group(1).split(";"):
            _check_whole(row)
            lines.append(line)
            yield _entries(row)
    if not _AFTER.fullmatch(text[end:]):
        _check_between(text[end:])


def _is_ruler(line: str) -> bool:
    """Tell whether a line only separates rows, as |---|---|, +----- or ======."""
    drawn = set(line)
    return (
        bool(_RULER.fullmatch(line))
        or drawn <= set("= \t")
        or (drawn <= set("|+-=: \t") and re.search("--|:-", line) is not None)
    )


def _separator(line: str) -> str | None:
    """Return what stands between the entries of the first line; None for blanks."""
    bare = line.strip()
    if len(bare) > 2 and bare[0] == bare[-1] == "|":
        return "|"  # Markdown
    outside = re.sub(_GROUPED, "", line)
    if re.search(r"\s&|&\s", outside):
        return "&"  # LaTeX
    return next((sign for sign in "\t;,&" if sign in outside), None)


def _bare(entry: str) -> str:
    """Take quotes, the dollars of LaTeX and the stars of Markdown from an entry."""
    entry = entry.strip()
    for mark in ('"', "'", "$", "`", "**"):
        if len(entry) >= 2 * len(mark) + (mark != '"') and entry[: len(mark)] == mark:
            if entry.endswith(mark):
                entry = entry[len(mark) : -len(mark)].replace('""', '"')
    return entry.strip()


def _entries(row: str) -> list[str]:
    """Split what stands in the brackets of a row."""
    if "(" not in row and '"' not in row and "'" not in row:
        return re.split(r"[,\s]+", row.strip())[: MOST_ENTRIES + 1]
    parts = re.finditer(rf"(?:{_QUOTED}|[^,\s])+", row.strip())
    return [_bare(part.group()) for part in islice(parts, MOST_ENTRIES + 1)]


def _check_whole(line: str) -> None:
    """Refuse what numpy and pandas print of large tables, with dots for what is left out."""
    if "..." in line or "…" in line:
        raise GroupError(
            "The table was cut short where '...' stands, as large ones are printed; save all of "
            "it, for example by numpy.savetxt or pandas' to_csv"
        )


def _check_between(text: str) -> None:
    """Refuse whatever stands beside the inner brackets, other than brackets and separators."""
    _check_whole(text)
    if not re.fullmatch(r"[\s,;]*", text):
        raise GroupError("Something stands outside of the inner brackets; give one table alone")


def _split(line: str, separator: str | None) -> list[str]:
    """Split a line into at most one entry more than any table has."""
    if separator == "|":
        return line.strip().strip("|").split("|", MOST_ENTRIES)
    if separator == "&":
        return line.split("&", MOST_ENTRIES)
    if separator is None:
        # Sage draws a bar beside the first column.
        line = line.replace("|", " ")
        if "(" not in line and '"' not in line:
            return line.split(None, MOST_ENTRIES)
        return [
            part.group() for part in islice(re.finditer(rf"(?:{_GROUPED}|\S)+", line), MOST_ENTRIES)
        ]
    if separator == ",":
        line = line.replace(" | ", ",", 1)  # a bar beside the first column
    if "(" not in line and '"' not in line:
        return line.split(separator, MOST_ENTRIES)
    parts = re.finditer(rf"((?:{_GROUPED}|[^{separator}])*){separator}", line + separator)
    return [part.group(1) for part in islice(parts, MOST_ENTRIES + 1)]
