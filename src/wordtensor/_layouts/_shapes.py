"""Shapes against patterns such as ``n|n+1 d``: what each letter must be, if there is a way."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

Sizes = Mapping[str, int]
Shape = tuple[int, ...]

_DIGITS: Final = frozenset("0123456789")


def are_logits(shape: tuple[int, ...]) -> bool:
    """Tell whether an array has n logits for each of n^2 pairs: (n, n, n) or (n^2, n)."""
    n = shape[-1] if shape else 0
    return shape in ((n, n, n), (n * n, n))


def solutions(patterns: Sequence[tuple[str, Shape]], known: Sizes) -> Iterator[Sizes]:
    """Yield all sizes of letters with which every shape is as its pattern says."""
    if not patterns:
        yield known
        return
    (pattern, shape), *others = patterns
    for sizes in _shape(pattern.split(), shape, known):
        yield from solutions(others, sizes)


def _shape(words: Sequence[str], shape: Shape, known: Sizes) -> Iterator[Sizes]:
    if len(words) != len(shape):
        return
    if not words:
        yield known
        return
    for one in words[0].split("|"):
        sizes = _size(one, shape[0], known)
        if sizes is not None:
            yield from _shape(words[1:], shape[1:], sizes)


def _size(word: str, size: int, known: Sizes) -> Sizes | None:
    """Return the sizes with ``word`` being ``size``; None if that cannot be."""
    if word.endswith("+1"):
        return _bound(word[:-2], size - 1, known)
    if word[0] in _DIGITS:
        return _bound(word[1:], size // int(word[0]), known) if size % int(word[0]) == 0 else None
    for sign in "+*":
        if sign in word:  # of letters that stand in patterns before
            one, other = (known[letter] for letter in word.split(sign))
            return known if size == (one + other if sign == "+" else one * other) else None
    return _bound(word, size, known)


def _bound(letter: str, size: int, known: Sizes) -> Sizes | None:
    if size < 0 or known.get(letter, size) != size:
        return None
    return {**known, letter: size}
