"""Our own format of files, that of `save_schemes`, among the others."""

from contextlib import suppress
from typing import Final

from ..._files import DAMAGE, member_names, read_header_alone
from ...errors import SchemeError
from .._complex_library import COMPLEX_FORMAT, parse_complex_schemes
from ..library import SCHEME_BYTES, parse_schemes, save_schemes
from ._format import AnyRead, Format, Read, Source


def _recognise(content: bytes) -> bool:
    with suppress(*DAMAGE):
        return "header.npy" in member_names(content)
    return False


def _is_complex(content: bytes) -> bool:
    with suppress(*DAMAGE, TypeError):
        return bool(read_header_alone(content, SCHEME_BYTES)["format"] == COMPLEX_FORMAT)
    return False


def _parse(source: Source) -> tuple[AnyRead, ...]:
    name = source.name
    if _is_complex(source.content):
        return tuple(map(Read, parse_complex_schemes(source.content, name)))
    schemes = parse_schemes(source.content, name)
    for t, s in enumerate(schemes):
        try:
            s.check()
        except SchemeError as error:
            raise SchemeError(f"Scheme number {t} of {name}: {error}") from error
    return tuple(map(Read, schemes))


FORMAT: Final = Format(
    name="wordtensor",
    about="npz of wordtensor",
    ending=".npz",
    recognise=_recognise,
    parse=_parse,
    write=save_schemes,
    third="",
)
