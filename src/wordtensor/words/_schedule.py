"""How the compiled kernels go through a word: where they start, and when they transpose.

The kernels evaluate a word from right to left, as a table with one letter along the rows and the
other along the columns. Multiplying by a power of the row letter is cheap; for a power of the
column letter the table is transposed first. The rightmost syllables y, y*x and y*x*y^-1, where x is
a power of the row letter and y one of the column letter, are read without transposing. A `Schedule`
is the cheapest of the ways that this leaves for the word and for its inverse.
"""

from dataclasses import dataclass
from itertools import pairwise

from ._syllables import Syllables, inverse

# Cost of transposing a table, in look-ups of all its entries.
_TRANSPOSE = 2.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """One way of evaluating a word of at least two syllables."""

    start: Syllables  # the rightmost syllables: y, y*x or y*x*y^-1
    steps: Syllables  # the others from right to left, each multiplied from the left
    row: int  # which letter is along the rows at the start
    invert: bool  # whether all this gives the inverse of the word

    @property
    def transposes(self) -> int:
        """How often the table is transposed, until the first letter is along the rows."""
        rows = [self.row, *(letter for letter, _ in self.steps), 0]
        return sum(before != after for before, after in pairwise(rows))

    @property
    def cost(self) -> float:
        """Cost in look-ups of all entries."""
        look_ups = {1: 0, 2: 2, 3: 2}[len(self.start)] + len(self.steps) + self.invert
        return look_ups + _TRANSPOSE * self.transposes


def cheapest_schedule(factors: Syllables, conjugates: bool = True) -> Schedule:
    """Choose how to evaluate two or more syllables; conjugates: whether to allow y*x*y^-1 first."""
    ways = []
    for invert in (False, True):
        word = inverse(factors) if invert else factors
        for length in (1, 2, 3):
            if length == 3 and not (conjugates and _is_conjugate(word[-3:])):
                continue
            cut = len(word) - length
            # The first letter of the start is along the columns.
            row = 1 - word[cut][0]
            ways.append(Schedule(word[cut:], word[:cut][::-1], row, invert))
    return min(ways, key=lambda way: way.cost)


def _is_conjugate(word: Syllables) -> bool:
    return len(word) == 3 and word[0] == (word[2][0], -word[2][1])
