"""Plain arrays U, V and W: an npz, npy or JSON file that says neither sizes nor convention."""

import codecs
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..._files import (
    DAMAGE,
    damage_as,
    member_names,
    parse_json,
    read_array,
    read_arrays,
    write_archive,
)
from ..._text import listed
from ..._typing import Sizes
from ...errors import FileFormatError, SchemeError
from .._rational import Factor
from ..library import SCHEME_BYTES
from ..scheme import Scheme
from ._format import PLAIN, AnyRead, Format, Source
from ._numbers import Numbers, simple
from ._plain_arrays import scheme_of_arrays
from ._texts import real_scheme

_NAMES: Final = (("U", "V", "W"), ("A", "B", "C"), ("L", "R", "P"), ("arr_0", "arr_1", "arr_2"))
_NPY: Final = b"\x93NUMPY"
_OBJECT: Final = re.compile(rb"\s*\{\s*[\"}]")
ACCEPTED: Final = "three arrays named U, V and W, or one array of all three"


def _triple(names: set[str]) -> list[str] | None:
    """Return the names of the three arrays among names, whatever their case."""
    by_name = {name.upper(): name for name in names}
    for triple in _NAMES:
        if all(name.upper() in by_name for name in triple):
            return [by_name[name.upper()] for name in triple]
    return None


def _recognise(content: bytes) -> bool:
    if content.startswith(_NPY):
        return True
    if content.startswith(b"PK"):
        with suppress(*DAMAGE):
            return _triple({n.removesuffix(".npy") for n in member_names(content)}) is not None
        return False
    return _OBJECT.match(content.removeprefix(codecs.BOM_UTF8)) is not None


def _parse(source: Source) -> tuple[AnyRead, ...]:
    where = f"File {source.name}"
    with damage_as(source.name, "it is damaged"):
        if source.content.startswith(_NPY):
            parts = _stacked(read_array(source.content), where)
        elif source.content.startswith(b"PK"):
            arrays = read_arrays(source.content, SCHEME_BYTES)
            names = _triple(set(arrays)) or []
            if not names:  # what bears one of their names may be no array
                raise FileFormatError(f"{where} has the arrays {listed(arrays)}, not {ACCEPTED}")
            parts = {name: arrays[name] for name in names}
        else:
            factors = _of_json(parse_json(source.content), where)
            return (scheme_of_arrays(factors, source.sizes, where),)
    return (_of_arrays(parts, source.sizes, where),)


def _stacked(array: np.ndarray[Any, Any], where: str) -> dict[str, np.ndarray[Any, Any]]:
    if array.ndim != 3 or len(array) != 3:
        raise FileFormatError(f"{where} is an array of shape {array.shape}, not {ACCEPTED}")
    return dict(zip("UVW", array, strict=True))


def _of_arrays(parts: dict[str, np.ndarray[Any, Any]], sizes: Sizes | None, where: str) -> AnyRead:
    """Return the scheme of three arrays, which may be complex."""
    for name, array in parts.items():
        if array.ndim != 2:
            raise FileFormatError(f"{where}, {name} has shape {array.shape}, not two axes")
    real = [simple(array.real, f"{where}, {name}") for name, array in parts.items()]
    if not any(array.dtype.kind == "c" for array in parts.values()):
        return scheme_of_arrays(real, sizes, where)
    sums = [simple(array.real + array.imag, f"{where}, {name}") for name, array in parts.items()]
    return scheme_of_arrays(real, sizes, where, with_units=sums)


def _of_json(document: Any, where: str) -> list[Factor]:
    names = _triple(set(document)) if isinstance(document, dict) else None
    if names is None:
        raise FileFormatError(
            f"{where} is a JSON object without the keys n, m, u, v and w of FMM, and without U, V "
            "and W of plain arrays"
        )
    return [_rows(document[name], f"{where}, key {name!r}") for name in names]


def _rows(rows: Any, where: str) -> Factor:
    """Read a list of lists of numbers, or of texts of numbers, as an array."""
    numbers = Numbers()
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise FileFormatError(f"{where} must be a list of lists of numbers")
    for t, row in enumerate(rows):
        here = f"{where}, row {t + 1}"
        if len(row) != len(rows[0]) or not row:
            raise FileFormatError(f"{here} has {len(row)} entries, not {len(rows[0])}")
        # The type decides, since True is 1 elsewhere.
        wrong = [entry for entry in row if type(entry) not in (int, float, str)]
        if wrong:
            raise FileFormatError(f"{here} has {str(wrong[0])[:30]!r} in it; numbers are needed")
        numbers.extend([entry if isinstance(entry, str) else repr(entry) for entry in row], here)
    if not rows:
        raise FileFormatError(f"{where} is empty")
    numerators, denominator = numbers.factor(len(rows), where)
    return numerators.T, denominator


def write_plain(path: str | Path, schemes: tuple[Scheme, ...]) -> None:
    """Write U, V and W as an npz file, the terms last and the product not transposed."""
    s = real_scheme(schemes, "A file of plain arrays")
    arrays = {}
    for name, factor, denominator in zip("UVW", (s.U, s.V, s.W), s.denominators, strict=True):
        values = np.array(factor) if denominator == 1 else factor / denominator
        back, common = simple(values, name)
        if (back.astype(object) * denominator != factor.astype(object) * common).any():
            raise SchemeError(
                f"{s!r} has fractions that float64 does not determine, so plain arrays cannot hold "
                "it; use 'fmm' or 'wordtensor'"
            )
        arrays[name] = values
    write_archive(path, arrays)


FORMAT: Final = Format(
    name="plain",
    about="arrays U, V and W (npz, npy, JSON)",
    ending=".npz",
    recognise=_recognise,
    parse=_parse,
    write=write_plain,
    third=PLAIN,
)
