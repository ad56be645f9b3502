"""All short words, each once up to the symmetries that a word tensor does not see."""

from collections.abc import Iterator

from .._typing import is_integer
from ..errors import WordError
from ._word import Word

# The order in which letters are tried: a, b, then their inverses.
_STEPS = ((0, 1), (1, 1), (0, -1), (1, -1))

_Path = tuple[int, ...]


def reduced_words(max_length: int) -> Iterator[Word]:
    """Generate the freely reduced words in a and b up to a length, one of each class.

    Two words are in one class when inverting, exchanging the letters, or both takes one to the
    other; on the word tensor these permute the third mode and exchange the first two. The class is
    represented by its first word.

    Parameters
    ----------
    max_length : int
        Largest number of letters; at least 0.

    Yields
    ------
    Word
        By length, beginning with the identity; within a length in lexicographic order with
        a < b < a^-1 < b^-1.

    Raises
    ------
    WordError
        If `max_length` is not an integer, or negative.

    Notes
    -----
    There are 4 * 3^(l-1) freely reduced words of length l, and about a quarter as many classes.

    Examples
    --------
    >>> " ".join(w.compact() for w in reduced_words(2))
    '1 a aa ab aB Ab'
    """
    if not is_integer(max_length) or max_length < 0:
        raise WordError(f"Argument 'max_length' must be an integer, at least 0, not {max_length!r}")
    for length in range(max_length + 1):
        for path in _paths(length):
            if path == min(_orbit(path)):
                yield Word.from_syllables(_STEPS[step] for step in path)


def _paths(length: int) -> Iterator[_Path]:
    """Freely reduced sequences of indices into the steps, in lexicographic order."""
    stack: list[_Path] = [()]
    while stack:
        path = stack.pop()
        if len(path) == length:
            yield path
            continue
        # Step s and step (s + 2) % 4 are inverse to each other.
        stack += [(*path, s) for s in (3, 2, 1, 0) if not path or s != (path[-1] + 2) % 4]


def _orbit(path: _Path) -> tuple[_Path, _Path, _Path, _Path]:
    inverse = tuple((step + 2) % 4 for step in reversed(path))
    # Exchanging the letters exchanges steps 0 and 1, and 2 and 3.
    return path, inverse, tuple(s ^ 1 for s in path), tuple(s ^ 1 for s in inverse)
