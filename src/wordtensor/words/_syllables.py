"""The free group on two letters: words as tuples of syllables, freely reduced.

A syllable is a pair (letter, exponent) with letter 0 or 1 and a nonzero exponent; in a freely
reduced word neighbouring syllables have different letters. Sizes are bounded here, and only here,
so that a short text such as ``((a*b)^1000)^1000`` cannot ask for gigabytes.
"""

from collections.abc import Iterable

from ..errors import WordError

Syllables = tuple[tuple[int, int], ...]

MAX_SYLLABLES = 100_000
MAX_EXPONENT = 10**12


def root(word: Syllables) -> tuple[Syllables, int]:
    """Return the v and the largest k with v^k = w, for a freely reduced word; k = 0 for 1."""
    # With w = u c u^-1 the powers are those of c; the syllable at its seam, if any, is left out.
    if not word:
        return (), 0
    conjugator, core = _cyclic_reduction(word)
    if len(core) == 1:
        ((letter, exponent),) = core
        found: tuple[Syllables, int] = ((letter, exponent // abs(exponent)),), abs(exponent)
    else:
        found = _period(core)
    base, times = found
    return product(product(conjugator, base), inverse(conjugator)), times


def _period(core: Syllables) -> tuple[Syllables, int]:
    """Return the c and the largest k with c^k = w, where w has no ends that cancel."""
    # Ends of one letter, as in a^2 b a b a^-1 = (a^2 b a^-1)^2 with a a^2 = a^3 at the seam.
    first, last = core[0], core[-1]
    merged = first[0] == last[0]
    ring = [(first[0], first[1] + last[1]), *core[1:-1]] if merged else list(core)
    size = len(ring)
    for length in range(1, size // 2 + 1):
        if size % length == 0 and ring[length:] == ring[:-length]:
            if not merged:
                return core[:length], size // length
            return (*core[:length], (first[0], ring[0][1] - first[1])), size // length
    return core, 1


def free_reduction(syllables: Iterable[tuple[int, int]]) -> Syllables:
    """Merge and cancel neighbouring syllables until none can be."""
    stack: list[tuple[int, int]] = []
    for letter, exponent in syllables:
        if stack and stack[-1][0] == letter:
            exponent += stack.pop()[1]
        if exponent:
            _check_exponent(exponent)
            stack.append((letter, exponent))
            _check_count(len(stack))
    return tuple(stack)


def product(left: Syllables, right: Syllables) -> Syllables:
    """Multiply two freely reduced words."""
    # Only the syllables at the seam are looked at.
    cancelled = 0
    while (
        cancelled < min(len(left), len(right))
        and left[-1 - cancelled][0] == right[cancelled][0]
        and left[-1 - cancelled][1] == -right[cancelled][1]
    ):
        cancelled += 1
    head, tail = left[: len(left) - cancelled], right[cancelled:]
    if head and tail and head[-1][0] == tail[0][0]:
        exponent = head[-1][1] + tail[0][1]
        _check_exponent(exponent)
        head, tail = (*head[:-1], (head[-1][0], exponent)), tail[1:]
    _check_count(len(head) + len(tail))
    return head + tail


def inverse(word: Syllables) -> Syllables:
    """Invert a freely reduced word."""
    return tuple((letter, -exponent) for letter, exponent in reversed(word))


def power(word: Syllables, exponent: int) -> Syllables:
    """Raise a freely reduced word to an integer power."""
    # With w = u c u^-1, c cyclically reduced, w^k = u c^k u^-1: a power of a single syllable stays
    # a single syllable.
    if exponent == 0 or not word:
        return ()
    if exponent < 0:
        return power(inverse(word), -exponent)
    conjugator, core = _cyclic_reduction(word)
    if len(core) == 1:
        ((letter, base),) = core
        powered = free_reduction([(letter, base * exponent)])
    else:
        # A core that begins and ends in one letter loses one syllable at every seam.
        merged = core[0][0] == core[-1][0]
        _check_count(exponent * (len(core) - merged))
        powered = free_reduction(core * exponent) if merged else core * exponent
    return product(product(conjugator, powered), inverse(conjugator))


def commutator(left: Syllables, right: Syllables) -> Syllables:
    """Return [x, y] = x y x^-1 y^-1."""
    return product(product(left, right), product(inverse(left), inverse(right)))


def conjugate(word: Syllables, by: Syllables) -> Syllables:
    """Return x^y = y^-1 x y, as GAP has it."""
    return product(product(inverse(by), word), by)


def _cyclic_reduction(word: Syllables) -> tuple[Syllables, Syllables]:
    """Split w = u c u^-1 such that c is one syllable, or its ends do not cancel."""
    cut = 0
    while len(word) - 2 * cut > 1 and word[cut] == (word[-1 - cut][0], -word[-1 - cut][1]):
        cut += 1
    return word[:cut], word[cut : len(word) - cut]


def _check_count(count: int) -> None:
    if count > MAX_SYLLABLES:
        raise WordError(f"Word too long: more than {MAX_SYLLABLES} syllables when written out")


def _check_exponent(exponent: int) -> None:
    if abs(exponent) > MAX_EXPONENT:
        raise WordError(f"Exponent too large: at most {MAX_EXPONENT} in absolute value")
