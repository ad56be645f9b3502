"""The FMM JSON format: one scheme a file, rank axis first, rational entries, transposed product."""

import codecs
import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..._files import damage_as, parse_json, read_file, replace_file
from ..._typing import Integers
from ...errors import FileFormatError, SchemeError
from .._rational import Factor, common_numerators
from ..compose import flipped
from ..library import SCHEME_BYTES
from ..scheme import Scheme
from ._conventions import both_conventions, first_exact
from ._format import Format, Read, Source
from ._reduced import expanded, factor_of

_OBJECT: Final = re.compile(rb"\s*\{(?!\s*\{)")
_FRESH: Final = frozenset(("u_fresh", "v_fresh", "w_fresh"))
# More digits than any numerator of 63 bits over any denominator of 63 bits has.
_RATIONAL: Final = re.compile(r"([+-]?[0-9]{1,40})(?:/([0-9]{1,40}))?", re.ASCII)


def read_fmm(path: str | Path, *, characteristic: int | None = None) -> Scheme:
    """Read a scheme from an FMM JSON file and check it exactly.

    Parameters
    ----------
    path : str or Path
        An object with ``n`` (the three sizes), ``m`` (the rank) and ``u``, ``v``, ``w``; other
        keys are ignored, apart from ``z2`` and ``provenance``.
    characteristic : {0, 2}, optional
        By default what ``z2`` says; without it, see `checked_scheme`.

    Returns
    -------
    Scheme
        With the product not transposed.

    Raises
    ------
    FileFormatError
        If the file is not of this format.
    SchemeError
        If an equation fails (the message names it) or an entry is too large.

    Notes
    -----
    Entries are integers or strings such as "-3/8". Row r of ``w`` is indexed by the transposed
    product: component ``l * n + i`` belongs to entry (i, l) of the product. Where that is wrong,
    the product itself is tried.

    A reduced file has sums that occur several times in ``u_fresh``, ``v_fresh`` and ``w_fresh``,
    and rows of objects with ``index`` and ``value``. Fresh sum number t has the index n m + t in
    ``u``, m p + t in ``v`` and R + t in ``w``, whose rows are those of the transposed product.

    References
    ----------
    Format of A. Perminov's collection, https://github.com/dronperminov/FastMatrixMultiplication.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "one.json"
    ...     size = path.write_text(
    ...         '{"n": [1, 1, 1], "m": 1, "u": [[2]], "v": [[1]], "w": [["1/2"]]}')
    ...     read_fmm(path)
    Scheme(<1,1,1>, rank=1, ring='Q')
    """
    return _parse(Source(read_file(path, SCHEME_BYTES), Path(path)), characteristic).scheme


def _parse(source: Source, characteristic: int | None = None) -> Read[Scheme]:
    content, name = source.content, source.name
    with damage_as(name, "it is not a JSON file"):
        document = parse_json(content)
    if not isinstance(document, dict) or not {"n", "m", "u", "v", "w"} <= document.keys():
        raise FileFormatError(f"File {name} is not an FMM file: it needs the keys n, m, u, v and w")
    sizes, rank = document["n"], document["m"]
    if not isinstance(sizes, list) or len(sizes) != 3 or not all(map(_is_size, [*sizes, rank])):
        raise FileFormatError(
            f"Key 'n' of {name} must be three positive integers and 'm' one, not {_short(sizes)} "
            f"and {_short(rank)}"
        )
    modulo_2 = document.get("z2")
    if modulo_2 is not None and not isinstance(modulo_2, bool):
        raise FileFormatError(f"Key 'z2' of {name} must be true or false, not {_short(modulo_2)}")
    if characteristic is None and modulo_2 is not None:
        characteristic = 2 if modulo_2 else 0
    n, m, p = sizes
    additions = None
    if document.keys() & _FRESH:
        U, V, W, additions = _reduced(document, (n, m, p), rank, name)
    else:
        U, V, W = (
            _factor(document[key], rank, length, f"Key {key!r} of {name}")
            for key, length in (("u", n * m), ("v", m * p), ("w", p * n))
        )
    provenance = document.get("provenance")
    read = first_exact(
        both_conventions((n, m, p), U, V, W),
        f"File {name}",
        provenance if isinstance(provenance, str) else None,
        characteristic,
    )
    return read._replace(additions=additions)


def _reduced(
    document: dict[str, Any], sizes: tuple[int, int, int], rank: int, name: str
) -> tuple[Factor, Factor, Factor, int]:
    """Return the factors of a reduced file, and how many additions it gets along with."""
    n, m, p = sizes
    missing = sorted(_FRESH - document.keys())
    if missing:
        raise FileFormatError(f"Reduced FMM file {name} has no key {missing[0]!r}")
    parts = [
        expanded(document[f"{key}_fresh"], document[key], length, rows, f"Key '{key}' of {name}")
        for key, length, rows in (("u", n * m, rank), ("v", m * p, rank), ("w", rank, p * n))
    ]
    lengths = (n * m, m * p, rank)
    U, V, W = (
        factor_of(part.forms, length, f"The reduced scheme of {name}")
        for part, length in zip(parts, lengths, strict=True)
    )
    return U, V, (W[0].T, W[1]), sum(part.additions for part in parts)


def _is_size(value: Any) -> bool:
    return type(value) is int and value > 0


def _short(value: Any) -> str:
    """Show something hostile in a message of bounded length."""
    text = repr(value)[:60] if isinstance(value, str | float | bool | None) else ""
    return text or f"a {type(value).__name__} that is not allowed"


def _factor(rows: Any, rank: int, length: int, where: str) -> Factor:
    """Read a list of rank lists of length entries as numerators of shape (length, rank)."""
    if not isinstance(rows, list) or len(rows) != rank:
        raise FileFormatError(f"{where} must be a list of m = {_digits(rank)} rows")
    for row in rows:
        if not isinstance(row, list) or len(row) != length:
            raise FileFormatError(f"{where} must have rows of {_digits(length)} entries")
    places = np.empty((rank, length), dtype=np.intp)
    known: dict[int | str, int] = {}
    values: list[Fraction] = []
    for r, row in enumerate(rows):
        for i, entry in enumerate(row):
            # bool is an int and True == 1, so the type decides before the table is asked.
            if type(entry) is not int and type(entry) is not str:
                raise FileFormatError(
                    f'{where}, row {r}: entries must be integers or strings like "-3/8", not '
                    f"{_short(entry)}"
                )
            if entry not in known:
                known[entry] = len(values)
                values.append(_fraction(entry, f"{where}, row {r}"))
            places[r, i] = known[entry]
    try:
        numerators, denominator = common_numerators(values, places)
    except SchemeError as error:
        raise SchemeError(f"{where}: {error}") from error
    return numerators.T, denominator


def _digits(value: int) -> str:
    return str(value) if value < 10**18 else "more than 10^18"


def _fraction(entry: int | str, where: str) -> Fraction:
    if isinstance(entry, int):
        return Fraction(entry)
    match = _RATIONAL.fullmatch(entry.strip())
    if match is None or int(match[2] or 1) == 0:
        raise FileFormatError(f'{where}: {_short(entry)} is not a rational number like "-3/8"')
    return Fraction(int(match[1]), int(match[2] or 1))


def write_fmm(path: str | Path, s: Scheme) -> None:
    """Write a scheme to an FMM JSON file.

    Parameters
    ----------
    path : str or Path
        The file to write; its folder must exist.
    s : Scheme
        Over R (or F_2, which sets ``z2``), not C or H: the format has no place for them.

    Raises
    ------
    SchemeError
        If the scheme is over C, H or F_3.
    FileFormatError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from wordtensor.schemes import best_scheme
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "strassen.json"
    ...     write_fmm(path, best_scheme(2, 2, 2))
    ...     list(json.loads(path.read_text()))
    ['n', 'm', 'z2', 'provenance', 'u', 'v', 'w']
    """
    if s.division != "R" or s.characteristic == 3:
        raise SchemeError(
            f"The FMM format holds schemes over R and F_2, not {s!r}; use 'wordtensor'"
        )
    W = flipped(s.W, s.n, s.p)
    parts = [
        f'"n": {json.dumps(s.shape)}',
        f'"m": {s.rank}',
        f'"z2": {json.dumps(s.characteristic == 2)}',
        f'"provenance": {json.dumps(s.provenance)}',
    ]
    for key, factor, denominator in zip("uvw", (s.U, s.V, W), s.denominators, strict=True):
        rows = ",\n        ".join(json.dumps(row) for row in _entries(factor, denominator))
        parts.append(f'"{key}": [\n        {rows}\n    ]')
    text = "{\n    " + ",\n    ".join(parts) + "\n}\n"
    replace_file(path, text.encode())


def _entries(factor: Integers, denominator: int) -> list[list[int | str]]:
    """Return the columns of a factor as integers, and fractions in lowest terms as strings."""
    if denominator == 1:
        return [[int(value) for value in column] for column in factor.T]
    shown: dict[int, int | str] = {}
    for value in np.unique(factor).tolist():
        entry = Fraction(value, denominator)
        shown[value] = int(entry) if entry.denominator == 1 else str(entry)
    return [[shown[value] for value in column] for column in factor.T.tolist()]


def _recognise(content: bytes) -> bool:
    # Nested braces are Mathematica's lists, and other keys those of plain arrays.
    named = b'"n"' in content or b'"m"' in content
    return named and _OBJECT.match(content.removeprefix(codecs.BOM_UTF8)) is not None


def _write(path: str | Path, schemes: tuple[Scheme, ...]) -> None:
    if len(schemes) != 1:
        raise SchemeError(f"An FMM file holds one scheme, not {len(schemes)}")
    write_fmm(path, schemes[0])


FORMAT: Final = Format(
    name="fmm",
    about="FMM JSON",
    ending=".json",
    recognise=_recognise,
    parse=lambda source: (_parse(source),),
    write=_write,
)
