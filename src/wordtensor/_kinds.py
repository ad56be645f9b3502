"""Files of ours in the wrong place: which kind a file is, and which command reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from ._files import (
    DAMAGE,
    Path_,
    array_sizes,
    parse_json,
    path_of,
    read_file,
    read_header_alone,
)
from .errors import FileFormatError, MemoryLimitError, WordTensorError


class Kind(NamedTuple):
    """What a file is, and what reads it."""

    what: str
    reader: str


TABLE: Final = Kind("a Cayley table", "'wordtensor info'")
DECOMPOSITION: Final = Kind("a saved decomposition", "'wordtensor verify'")
TENSOR: Final = Kind("a 3-tensor", "'wordtensor solve'")
TERMS: Final = Kind("a solved tensor", "'wordtensor verify'")
SCHEMES: Final = Kind("a file of schemes", "'wordtensor schemes verify'")
SEARCH: Final = Kind("a checkpoint of a search", "'wordtensor schemes search --checkpoint'")
CORES: Final = Kind("a file of solved cores", "'wordtensor decompose' in its folder of cores")
NET: Final = Kind("a network", "'wordtensor compare'")
RUN: Final = Kind("the folder of a run", "'wordtensor compare'")
CONFIG: Final = Kind("a configuration of a run", "'wordtensor train --config'")

# The formats that headers of archives name, and the keys by which other headers are known.
_FORMATS: Final = {
    "wordtensor-schemes": SCHEMES,
    "wordtensor-search": SEARCH,
    "wordtensor-cores": CORES,
    "wordtensor-tensor": TERMS,
}
_KEYS: Final = {
    DECOMPOSITION: {"schema", "word", "group", "blocks"},
    CONFIG: {"word", "group", "steps", "learning_rate"},
    SCHEMES: {"n", "m", "u", "v", "w"},
    TABLE: {"cayley"},
}
# Bytes that are looked at: what is larger is not told apart.
_MOST: Final = 2**26
_HEADER: Final = 2**25


@contextmanager
def expecting(path: Path_, *wanted: Kind) -> Iterator[None]:
    """Where reading fails, say it if the file is one of ours, of no kind that is read here."""
    try:
        yield
    except MemoryLimitError:
        raise
    except WordTensorError as error:
        found = kind_of(path)
        if found is None or found in wanted:
            raise
        raise FileFormatError(
            f"File {str(path)!r} is {found.what}, not {wanted[0].what}; it is read by "
            f"{found.reader}"
        ) from error


def kind_of(path: Path_) -> Kind | None:
    """Return which of our kinds a file or folder is, by what is in it; None if that is not seen."""
    try:
        place = path_of(path)
        if place.is_dir():
            return RUN if (place / "config.json").is_file() else None
        return _of_content(read_file(place, _MOST)) if place.is_file() else None
    except DAMAGE:  # our own errors are among these
        return None


def _of_content(content: bytes) -> Kind | None:
    """Tell archives, safetensors files and JSON apart, by how they begin."""
    if content.startswith(b"PK"):
        names = array_sizes(content)
        if "header" in names:
            return _of_header(read_header_alone(content, _HEADER))
        return TABLE if set(names) == {"cayley"} else None
    length = int.from_bytes(content[:8], "little")
    if content[8:9] == b"{" and length < len(content):
        metadata = parse_json(content[8 : 8 + length]).get("__metadata__", {})
        return NET if "wordtensor" in metadata else None
    return _of_header(parse_json(content))


def _of_header(header: Any) -> Kind | None:
    """Tell kinds apart by what their headers name."""
    if not isinstance(header, dict):
        return None
    named = header.get("format")
    if isinstance(named, str):
        return _FORMATS.get(named)
    return next((kind for kind, keys in _KEYS.items() if keys <= header.keys()), None)
