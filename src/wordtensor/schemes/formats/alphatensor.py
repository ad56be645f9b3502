"""AlphaTensor's npz format: a key "n,m,p" for each scheme, transposed product, pickled arrays."""

import re
from collections.abc import Iterable
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..._files import damage_as, read_file, read_members, write_archive
from ..._typing import Integers
from ...errors import FileFormatError, SchemeError
from .._rational import rounded
from ..compose import flipped
from ..library import SCHEME_BYTES
from ..scheme import Scheme
from ._conventions import both_conventions, first_exact
from ._format import Format, Read, Source
from ._numbers import LARGEST_DENOMINATOR, exact
from ._pickles import unpickled_arrays

_MEMBER: Final = re.compile(r"([1-9][0-9]{0,5}),([1-9][0-9]{0,5}),([1-9][0-9]{0,5})\.npy", re.ASCII)
# The header as every numpy writes it; its own parser takes any literal of Python.
_HEADER: Final = re.compile(
    rb"\x93NUMPY(?:\x01\x00..|\x02\x00....)\{'descr': '(?P<type>[<>|][biuf][1248]|\|O)', "
    rb"'fortran_order': (?P<fortran>True|False), 'shape': \((?P<shape>[0-9, ]{0,80})\), \} *\n",
    re.DOTALL,
)


def read_alphatensor(path: str | Path, *, characteristic: int | None = None) -> tuple[Scheme, ...]:
    """Read the schemes of a file of AlphaTensor's format and check them exactly.

    Parameters
    ----------
    path : str or Path
        An npz file whose keys are the sizes, such as "3,4,5".
    characteristic : {0, 2}, optional
        The file does not say it. By default schemes with entries 0 and 1 that are wrong over Z are
        taken modulo 2, see `checked_scheme`.

    Returns
    -------
    tuple of Scheme
        In the order of the file, the product not transposed; a file that has it so is read as well.

    Raises
    ------
    FileFormatError
        If the file is not of this format, is damaged, or its pickles want anything but arrays.
    SchemeError
        If an equation fails; the message names the scheme and the equation.

    Notes
    -----
    An entry holds U, V, W with the rank axis last: one array if their shapes agree, otherwise a
    pickled array of three, which is read without calling what it names. Floating-point entries are
    rounded to fractions with denominators up to 1024.

    References
    ----------
    A. Fawzi et al., "Discovering faster matrix multiplication algorithms with reinforcement
    learning", Nature 610 (2022) 47-53, https://github.com/google-deepmind/alphatensor.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "one.npz"
    ...     np.savez(path, **{"1,1,1": np.array([[[2.0]], [[1.0]], [[0.5]]])})
    ...     read_alphatensor(path)
    (Scheme(<1,1,1>, rank=1, ring='Q'),)
    """
    source = Source(read_file(path, SCHEME_BYTES), Path(path))
    return tuple(read.scheme for read in _parse(source, characteristic))


def _parse(source: Source, characteristic: int | None = None) -> tuple[Read[Scheme], ...]:
    name = source.name
    with damage_as(name, "it is a damaged npz file"):
        members = _members(source.content, name)
    return tuple(_scheme(*member, name, characteristic) for member in members)


def _members(content: bytes, name: str) -> list[tuple[tuple[int, int, int], list[NDArray[Any]]]]:
    """Return sizes and three arrays for each scheme of an npz file."""
    found = []
    for key, member in read_members(content, SCHEME_BYTES):
        match = _MEMBER.fullmatch(key)
        if match is None:
            raise FileFormatError(
                f"File {name} is none of AlphaTensor's: the key {key[:40]!r} is not three sizes "
                "like '3,4,5'"
            )
        sizes = (int(match[1]), int(match[2]), int(match[3]))
        found.append((sizes, _arrays(member, f"Entry {key!r} of {name}")))
    if not found:
        raise FileFormatError(f"File {name} holds no scheme")
    return found


def _arrays(content: bytes, where: str) -> list[NDArray[Any]]:
    """Return the three factors in the bytes of a npy file."""
    match = _HEADER.match(content)
    if match is None:
        raise FileFormatError(f"{where} is not a npy file of numbers or of arrays of numbers")
    rest = content[match.end() :]
    shape = tuple(int(size) for size in match["shape"].split(b",") if size.strip())
    code = match["type"].decode("ascii")
    if code == "|O":
        arrays = unpickled_arrays(rest, where)
    elif len(rest) == prod(shape) * np.dtype(code).itemsize:
        flat = np.frombuffer(rest, dtype=np.dtype(code))
        arrays = list(flat.reshape(shape, order="F" if match["fortran"] == b"True" else "C"))
    else:
        raise FileFormatError(f"{where} does not hold as many numbers as its shape says")
    if len(arrays) != 3:
        raise FileFormatError(f"{where} holds {len(arrays)} factors, not three")
    return arrays


def _scheme(
    sizes: tuple[int, int, int], arrays: list[NDArray[Any]], name: str, characteristic: int | None
) -> Read[Scheme]:
    n, m, p = sizes
    where = f"Scheme '{n},{m},{p}' of {name}"
    rank = arrays[0].shape[-1] if arrays[0].ndim else 0
    expected = [(n * m, rank), (m * p, rank), (p * n, rank)]
    shapes = [array.shape for array in arrays]
    if shapes != expected:
        raise FileFormatError(f"{where} has factors of shapes {shapes}, not {expected}")
    U, V, W = (exact(array, where) for array in arrays)
    readings = both_conventions(sizes, U, V, W)
    return first_exact(readings, where, f"read from {name}", characteristic)


def write_alphatensor(path: str | Path, schemes: Iterable[Scheme]) -> None:
    """Write schemes to a file of AlphaTensor's format.

    Parameters
    ----------
    path : str or Path
        The file to write; its folder must exist.
    schemes : iterable of Scheme
        Over R or F_2, of different sizes.

    Raises
    ------
    SchemeError
        If two schemes have the same sizes, one is over C or H, or has entries that its readers
        would not recover from float64. The format does not say which schemes hold modulo 2 only.
    FileFormatError
        If the file cannot be written.

    Notes
    -----
    As in AlphaTensor's own files, three factors of different shapes are pickled by numpy as an
    array of arrays: its readers expect that, and `read_alphatensor` reads it without trust.
    Entries are int64, or float64 in factors with a denominator.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from wordtensor.schemes import best_scheme
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.npz"
    ...     write_alphatensor(path, [best_scheme(2, 2, 2), best_scheme(2, 2, 3)])
    ...     np.load(path).files
    ['2,2,2', '2,2,3']
    """
    entries: dict[str, NDArray[Any]] = {}
    for s in schemes:
        key = ",".join(map(str, s.shape))
        if s.division != "R" or s.characteristic == 3:
            raise SchemeError(
                f"AlphaTensor's format holds schemes over R and F_2, not {s!r}; use 'wordtensor'"
            )
        if key in entries:
            raise SchemeError(f"AlphaTensor's format holds one scheme a key; {key} is twice")
        factors = (s.U, s.V, flipped(s.W, s.n, s.p))
        arrays = [_numbers(f, d, s) for f, d in zip(factors, s.denominators, strict=True)]
        entries[key] = _packed(arrays)
    write_archive(path, entries, pickled=True)


def _numbers(factor: Integers, denominator: int, s: Scheme) -> NDArray[Any]:
    """Return a factor as int64, or as float64 that determines its fractions."""
    if denominator == 1:
        return np.array(factor)
    values = factor / denominator
    numerators, common = rounded(values, LARGEST_DENOMINATOR)
    same = all(
        int(a) * common == int(b) * denominator
        for a, b in zip(factor.ravel(), numerators.ravel(), strict=True)
    )
    if not same:
        raise SchemeError(
            f"{s!r} has fractions that float64 does not determine, so AlphaTensor's format cannot "
            "hold it; use 'fmm' or 'wordtensor'"
        )
    return values


def _packed(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    if len({array.shape for array in arrays}) == 1:
        return np.array(arrays)
    result = np.empty(3, dtype=object)
    for place, array in enumerate(arrays):
        result[place] = array
    return result


FORMAT: Final = Format(
    name="alphatensor",
    about="npz of AlphaTensor",
    ending=".npz",
    recognise=lambda content: content.startswith(b"PK"),  # any archive
    parse=_parse,
    write=write_alphatensor,
)
