"""One line of what `verify` found."""

from dataclasses import dataclass

from .._version import __version__


@dataclass(frozen=True, slots=True)
class Check:
    """A claim that holds, or does not, and the fields that could not be checked at all."""

    text: str
    holds: bool = True
    not_checked: tuple[str, ...] = ()  # as they are called in a file's header


def differing(version: str, text: str, *names: str) -> Check:
    """Judge fields that are not what this version of wordtensor says: false, if it wrote them."""
    if version == __version__:
        return Check(text, False)
    made = f"it says that wordtensor {version or '?'} made it, which may differ"
    return Check(f"not checked: {text}; {made}", not_checked=names)
