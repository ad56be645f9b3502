"""From the command line's --table FILE_OR_FORMULA to a table of values."""

from ..errors import TableError
from ..words import ValueTable, value_table
from ._output import say


def refuse_others(*others: object) -> None:
    """Refuse what names a word or a group beside a table."""
    given = next((other for other in others if other is not None), None)
    if given is not None:
        raise TableError(
            f"Option --table stands in place of a word over a group; leave {str(given)!r:.80} out"
        )


def table_from(text: str, *others: object) -> ValueTable:
    """Return the table that a user named, in place of a word over a group, and say how it is read.

    Parameters
    ----------
    text : str
        The path of a file, or a formula.
    *others : object
        What else names what is learned; it must not be there.
    """
    refuse_others(*others)
    table = value_table(text)
    for note in table.notes:
        say(f"note: {table.name}: {note}", err=True)
    if table.kind == "group":
        say(
            f"note: {table.name} is the table of a group, of which more is known: give it as a "
            'group, with the word "a*b"',
            err=True,
        )
    return table
