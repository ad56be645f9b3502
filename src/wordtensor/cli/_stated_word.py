"""The word and the group of a net: what its file says, held against what the command says."""

from pathlib import Path
from typing import Final

from ..errors import GroupError, NetworkError, WordError
from ..groups import Group
from ..words import Word
from ._net_source import NetSource, is_another
from ._source import group_from

_GO_ON: Final = "or pass --anyway to go on with what was given"


def _check_stated(source: NetSource, w: Word | None, G: Group | None, path: Path) -> None:
    """Refuse a word or a table other than the file says: all numbers would be of no meaning."""
    if source.table is not None:
        raise NetworkError(
            f"{str(path)!r} says that the net was trained on the table {source.table.name}, and no "
            f"word over a group; leave WORD and GROUP out, {_GO_ON}"
        )
    if G is not None and is_another(G, source.group, source.about):
        said = f"one of {source.group.name!r}" if source.group is not None else "another one"
        raise GroupError(
            f"The table of {G.name!r} (order {G.order}) was given, and {str(path)!r} says that the "
            f"net was trained on {said}: another group, or its elements in another order; leave "
            f"GROUP out, give the net's own table, {_GO_ON}"
        )
    G = source.group if G is None else G
    if w is not None and source.word is not None and not _agree(w, source.word, G):
        raise NetworkError(
            f"The word {w} was given, and {str(path)!r} says that the net was trained on "
            f"{source.word}; give that word, {_GO_ON}"
        )


def _agree(first: Word, second: Word, G: Group | None) -> bool:
    """Tell whether two words have the same values."""
    import wordtensor as wt

    if first == second or G is None:
        return first == second
    tables = [wt.word_tensor(w, G).table for w in (first, second)]
    return bool((tables[0] == tables[1]).all())


def asked_for(
    text: str | None, group: str | None, cayley: Path | None
) -> tuple[Word | None, Group | None]:
    """Read the word and the group that a command names; None for what it leaves out."""
    import wordtensor as wt

    w = None if text is None else wt.word(text)
    return w, None if group is None and cayley is None else group_from(group, cayley)


def stated_or_given(
    source: NetSource, w: Word | None, G: Group | None, path: Path, anyway: bool
) -> tuple[Word, Group]:
    """Take from the file what the command does not say; refuse what the two say differently."""
    if not anyway:
        _check_stated(source, w, G, path)
    w = source.word if w is None else w
    if w is None:
        raise WordError(
            "There is no word, and the file of the net does not say one; name WORD GROUP"
        )
    G = source.group if G is None else G
    if G is None:
        raise GroupError(
            f"There is no group, and {source.unknown}; name GROUP, or a file with its table"
        )
    return w, G
