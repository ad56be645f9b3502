"""A checker of certificates, for sceptics: whole numbers, fractions and nothing of ours but errors.

A certificate is one JSON object. ``group`` has a ``name`` and a ``cayley`` table, ``word`` is the
word, ``field`` is "real" or "complex", ``number_field`` is null for the rational numbers or the
coefficients of a polynomial in x, lowest first, of which x is a root. ``terms`` has U, V and W, a
row for each element of the group and in it a string for each term: a fraction such as "-3/4" or a
polynomial such as "1/2 + 3*x". ``rank`` counts the terms. ``bounds`` are lower bounds on the rank,
each with ``value``, ``theorem``, ``source`` and ``data``; `_certified_bounds` computes them again,
and `_certified_terms` adds up the terms. Nothing in the file is believed.
"""

import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..errors import CertificateError, FileFormatError, WordTensorError
from ._certified_bounds import proved_bound
from ._certified_terms import Table, check_sum, number_field, read_factor, require

_KEYS: Final = ("schema", "group", "word", "field", "number_field", "terms", "rank", "bounds")
_MOST_BYTES: Final = 2**28
_LONGEST: Final = 10**5


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """What holds of a certificate: all of it, or a `CertificateError` would have been raised.

    Attributes
    ----------
    rank : int
        Number of terms; they add up to the word tensor exactly.
    lower_bound : int
        The largest bound that was computed again from its data; 0 if there was none.
    cited : int
        The largest bound that rests on a theorem that was not proved again; 0 if there was none.
    lines : tuple of str
        What was checked.

    Examples
    --------
    >>> CheckedCertificate(9, 6, 9, ()).is_optimal
    True
    """

    rank: int
    lower_bound: int
    cited: int
    lines: tuple[str, ...]

    @property
    def is_optimal(self) -> bool:
        """Whether the number of terms meets a bound, recomputed or cited."""
        return self.rank == max(self.lower_bound, self.cited)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def check_certificate(path: str | os.PathLike[str]) -> CheckedCertificate:
    """Check everything that a certificate says, from the group's table up.

    Parameters
    ----------
    path : str or path
        A JSON file as `Decomposition.certificate` writes it.

    Returns
    -------
    CheckedCertificate
        What was found to hold.

    Raises
    ------
    CertificateError
        If anything does not hold, with what is wrong.
    FileFormatError
        If it cannot be read, or is no certificate.

    Notes
    -----
    The group's axioms are checked, the word is evaluated letter by letter, the terms are added up
    in whole numbers modulo the number field's polynomial, and each bound is computed again from its
    data. What follows from a theorem that cannot be computed is said to hold "by citation".

    The polynomial needs no more than a root in the field of the terms: what holds modulo it holds
    at each of its roots, also if it is reducible.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> one = [["1"]]
    >>> claim = dict(schema=1, group=dict(name="C1", cayley=[[0]]), word="a*b", field="real",
    ...              number_field=None, terms=dict(U=one, V=one, W=one), rank=1, bounds=[])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/c.json"
    ...     _ = Path(path).write_text(json.dumps(claim))
    ...     check_certificate(path).rank
    1
    """
    try:
        if Path(path).is_fifo() and not os.fspath(path).startswith("/dev/"):
            raise OSError("it is a named pipe, to which nobody may ever write")
        with Path(path).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ValueError(f"it is larger than {_MOST_BYTES} bytes, the most of a certificate")
        given = json.loads(content, object_pairs_hook=_object)
    except (OSError, ValueError, RecursionError) as error:
        raise FileFormatError(f"{os.fspath(path)!r} is not readable as JSON: {error}") from None
    try:
        return checked(given)
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        if isinstance(error, WordTensorError):
            raise
        lacks = f"it lacks {error}" if isinstance(error, KeyError) else "a value in it is of no use"
        text = (
            f"{os.fspath(path)!r} is no certificate, whose form is in "
            f"docs/reference/certificates.md: {lacks}"
        )
        raise FileFormatError(text) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Read an object; another reader might take the other one of two values of a key."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


def _no_certificate(keys: set[str]) -> str:
    """Say what a file of other keys is, where that is seen, and where certificates come from."""
    made = "a certificate is written by 'wordtensor certify WORD GROUP -o FILE'"
    if keys == {"U", "V", "W"}:
        return (
            "The file has terms U, V and W, as 'wordtensor solve --terms' writes them, and no "
            "certificate; 'wordtensor rank' and 'wordtensor solve' read them as the tensor that "
            f"they add up to, and {made}"
        )
    return f"A certificate of schema 1 has exactly the keys {', '.join(_KEYS)}; {made}"


def checked(given: Any) -> CheckedCertificate:
    """Check a certificate that has been read."""
    keys = set(given) if isinstance(given, dict) else set()
    if keys != set(_KEYS) or type(given["schema"]) is not int or given["schema"] != 1:
        raise FileFormatError(_no_certificate(keys))
    field, rank, word = given["field"], given["rank"], given["word"]
    require(field in ("real", "complex"), "The field must be real or complex")
    require(type(rank) is int, "The rank must be a whole number")
    name, cayley = _line(given["group"]["name"]), given["group"]["cayley"]
    n = _check_group(cayley)
    table = word_values(word, cayley)
    modulus = number_field(given["number_field"], field)
    factors = [read_factor(given["terms"][each], n, rank, len(modulus) - 1) for each in "UVW"]
    check_sum(factors, table, modulus)
    numbers = "Q" if given["number_field"] is None else f"Q[x] modulo {modulus}"
    lines = [
        f"The table of {name} is that of a group of order {n}",
        f"The {rank} terms of {word} add up to its tensor, over {numbers}",
    ]
    best = {True: 0, False: 0}
    for bound in given["bounds"]:
        value, theorem = bound["value"], _line(bound["theorem"])
        proved = proved_bound(theorem, bound["data"], table, field)
        text = f"A lower bound of {value} ({theorem}) is claimed, "
        require(type(value) is int and value <= rank, f"{text}there are {rank} terms")
        require(proved is None or value <= proved, f"{text}{proved} is proved")
        best[proved is not None] = max(best[proved is not None], value)
        where = proved is not None or theorem.endswith(f", over the {field} numbers")
        require(where, f"{text}over other numbers than the {field} ones")
        how = "by citation" if proved is None else "computed again"
        source = f", {_line(bound['source'])}" if bound["source"] else ""
        lines.append(f"At least {value} terms are needed: {theorem}{source} ({how})")
    found = CheckedCertificate(rank, best[True], best[False], tuple(lines))
    return replace(found, lines=(*lines, f"The rank over the {field} numbers is {_range(found)}"))


def _range(found: CheckedCertificate) -> str:
    """Say what follows for the rank."""
    best = max(found.lower_bound, found.cited)
    text = str(found.rank) if found.is_optimal else f"between {best} and {found.rank}"
    return f"{text}, if the cited theorem holds" if best > found.lower_bound else text


def _check_group(cayley: Table) -> int:
    """Check the axioms of a group; return its order."""
    n = len(cayley)
    elements = list(range(n))
    whole = all(isinstance(row, list) and all(type(x) is int for x in row) for row in cayley)
    whole = whole and all(len(row) == n for row in cayley)
    require(n > 0 and whole, "The Cayley table must be a square of whole numbers")
    for row in (*cayley, *map(list, zip(*cayley, strict=True))):
        require(sorted(row) == elements, "The Cayley table is no Latin square")
    units = [g for g in elements if cayley[g] == elements and [r[g] for r in cayley] == elements]
    require(len(units) == 1, "The Cayley table has no identity")
    for a in elements:  # (a b) c = a (b c) for all b and c
        for b in elements:
            product, row = cayley[cayley[a][b]], cayley[a]
            same = all(product[c] == row[cayley[b][c]] for c in elements)
            require(same, "The Cayley table is not associative")
    return n


def word_values(word: str, cayley: Table) -> Table:
    """Evaluate a word such as a*b^-2*a, as the library writes it, for all pairs of elements."""
    n = len(cayley)
    one = next(g for g in range(n) if cayley[g] == list(range(n)))
    table = [[one] * n for _ in range(n)]
    for part in () if word == "1" else word.split("*"):
        match = re.fullmatch(r"([a-z])(?:\^(-?[0-9]{1,99}))?", part)
        if match is None or match[1] not in "ab":
            raise CertificateError(f"The word {word!r} is not written as in a*b^-2*a")
        values = [_power(cayley, one, g, int(match[2] or 1)) for g in range(n)]
        for a in range(n):
            row = table[a]
            for b in range(n):
                row[b] = cayley[row[b]][values[a if match[1] == "a" else b]]
    return table


def _power(cayley: Table, one: int, g: int, exponent: int) -> int:
    """Return a power of an element, one factor after another; g^n is 1."""
    value = one
    for _ in range(exponent % len(cayley)):
        value = cayley[value][g]
    return value


def _line(text: str) -> str:
    """Return a text that is going to be printed; it must be one line."""
    require(text.isprintable() and len(text) < _LONGEST, "A name must be one line of plain text")
    return text
