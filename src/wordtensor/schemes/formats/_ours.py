"""Our own format of files, that of `save_schemes`, among the others."""

from contextlib import suppress
from typing import Final

from ..._files import DAMAGE, member_names
from ...errors import SchemeError
from ..library import parse_schemes, save_schemes
from ._format import Format, Read, Source


def _recognise(content: bytes) -> bool:
    with suppress(*DAMAGE):
        return "header.npy" in member_names(content)
    return False


def _parse(source: Source) -> tuple[Read, ...]:
    name = source.name
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
)
