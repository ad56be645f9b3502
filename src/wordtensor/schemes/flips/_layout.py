"""How the state of a walker is laid out in arrays: `Layout`, chosen by what has to fit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._typing import Words
from ._rings import BEST, F3, HEAD, RANK, State, Word

# A hash table has at least so many slots, and eight for each term.
_FEWEST_SLOTS = 1024
# Factors of up to so many bits are their own places in the tables.
_DIRECT_BITS = 9
_HALF = np.uint64(32)  # where the negative coefficients are in `PackedTerms` over Z


@dataclass(frozen=True, slots=True)
class Layout:
    """The sizes of a state, and the ring as the compiled walk knows it."""

    capacity: int
    slots: int
    direct: bool
    ring: int
    word_bits: int  # of an entry of ``words``
    link_bits: int  # of an entry of ``links``

    @property
    def words(self) -> int:
        """Entries of ``words``."""
        return 6 * self.capacity + (0 if self.direct else 3 * self.slots)

    @property
    def links(self) -> int:
        """Entries of ``links``."""
        return 17 * self.capacity + 3 * self.slots

    @property
    def types(self) -> tuple[np.dtype[Any], np.dtype[Any]]:
        """Types of ``words`` and ``links``."""
        return np.dtype(f"uint{self.word_bits}"), np.dtype(f"uint{self.link_bits}")

    def empty(self) -> State:
        """Return a state for `load`."""
        words, links = self.types
        return self.state(
            np.zeros(HEAD, dtype=np.uint64),
            np.zeros(self.words, dtype=words),
            np.zeros(self.links, dtype=links),
        )

    def state(self, head: Words, words: NDArray[Any], links: NDArray[Any]) -> State:
        """Return a state in these arrays."""
        counts = (3 * self.capacity, self.slots, self.direct, self.ring)
        return State(head, words, links, *(Word(count) for count in counts))

    def packed(self, terms: Words) -> Words:
        """Bring the factors of `PackedTerms`, shape (3, R), to the form and order of a state."""
        words = terms.T.ravel()
        return _narrowed(words, self.ring) if self.ring else words

    def unpacked(self, words: NDArray[Any]) -> Words:
        """Undo `packed`."""
        terms = words.reshape(-1, 3).T.astype(np.uint64)
        return _widened(terms, self.ring) if self.ring else terms

    def terms(self, state: State, *, best: bool) -> tuple[Words, Words]:
        """Return factors (3, R) and signs (R,) of the best terms met, or of the present ones."""
        c, rank = 3 * self.capacity, int(state.head[BEST if best else RANK])
        signs = state.links[5 * c + self.capacity * best :][:rank].astype(np.uint64)
        return self.unpacked(state.words[c * best :][: 3 * rank]), signs


def layout_for(capacity: int, used: int, ring: str, *, narrow: bool = False) -> Layout:
    """Choose the layout for so many terms, whose factors have the bits of ``used`` together."""
    # A CPU is served by one width of words, which is compiled once; on a GPU the shortest saves
    # memory, of which the fast part is small.
    coordinates = ((used | used >> 32) & 0xFFFFFFFF).bit_length() if ring != "F2" else 0
    bits = max(1, 2 * coordinates or used.bit_length())
    direct = bits <= _DIRECT_BITS
    slots = 1 << bits if direct else hash_slots(capacity)
    largest = max(3 * capacity, 0 if direct else slots - 1)
    return Layout(
        capacity,
        slots,
        direct,
        coordinates | int(F3) if ring == "F3" else coordinates,
        word_bits=_width(bits, (16, 32, 64)) if narrow else 64,
        link_bits=_width(largest.bit_length(), (8, 16, 32) if narrow else (16, 32)),
    )


def hash_slots(capacity: int) -> int:
    """Return the slots of a hash table for the factors of so many terms."""
    return max(_FEWEST_SLOTS, 1 << (8 * capacity - 1).bit_length())


def _width(bits: int, widths: tuple[int, ...]) -> int:
    return next(width for width in widths if bits <= width)


def _narrowed(words: Words, ring: int) -> Words:
    """Move the negative coefficients from bit 32 to the first bit that is free."""
    coordinates = ring & ~int(F3)
    low = np.uint64(2**coordinates - 1)
    return (words & low) | (words >> _HALF << np.uint64(coordinates))


def _widened(words: Words, ring: int) -> Words:
    """Undo `_narrowed`."""
    coordinates = ring & ~int(F3)
    low = np.uint64(2**coordinates - 1)
    return (words & low) | (words >> np.uint64(coordinates) << _HALF)
