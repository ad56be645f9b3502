"""How the kernels go through a word: where they start, and which letter lies along the rows.

The kernels evaluate a word from right to left, as a table with one letter along the rows and the
other along the columns. Multiplying by a power of the row letter is cheap; by a power of the
column letter the table is gone through across its rows. The rightmost syllables y, y*x and
y*x*y^-1, where x is a power of the row letter and y one of the column letter, are read along the
rows. A `Schedule` is the cheapest of the ways that this leaves for the word and for its inverse.
"""

from dataclasses import dataclass

from ._syllables import Syllables, inverse

# Cost in look-ups of all entries, beside the look-ups: of going across the rows, of transposing.
_ACROSS = 1.0
_TRANSPOSE = 2.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """One way of evaluating a word of at least two syllables."""

    start: Syllables  # the rightmost syllables: y, y*x or y*x*y^-1
    steps: Syllables  # the others from right to left, each multiplied from the left
    row: int  # which letter is along the rows
    invert: bool  # whether all this gives the inverse of the word

    @property
    def cost(self) -> float:
        """Cost in look-ups of all entries."""
        look_ups = {1: 0, 2: 2, 3: 2}[len(self.start)] + len(self.steps) + self.invert
        across = sum(letter != self.row for letter, _ in self.steps)
        return look_ups + _ACROSS * across + _TRANSPOSE * (self.row != 0)


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
