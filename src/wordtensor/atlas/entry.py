"""The value `Entry`: one canonical core of the atlas, with the words and groups that lead to it."""

from dataclasses import dataclass
from typing import Any

from .._shown import Line, Shown, Table
from .._typing import Sizes
from ..rank import decompose
from ..rank.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Entry(Shown):
    """What is known of all word tensors that are the same up to relabelling.

    Attributes
    ----------
    key : str
        Of their canonical core.
    shape : tuple of int
        Its sizes (x, y, z).
    ones : int
        Its number of ones.
    pairs : tuple of (str, str, int)
        Group, a shortest word, and how many of the group's word maps are like it; smallest group
        first.
    rank : int
        Terms that are known.
    lower_bound : int
        Terms that are needed over the real numbers.
    reason : str
        Why.
    status : str
        "exact", "structural" or "numerical", as of a `Decomposition`.

    Examples
    --------
    >>> entry = Entry("0", (1, 1, 1), 1, (("C1", "1", 1),), 1, 1, "multilinear rank", "exact")
    >>> entry.is_settled, entry.gap
    (True, 0)
    """

    key: str
    shape: Sizes
    ones: int
    pairs: tuple[tuple[str, str, int], ...]
    rank: int
    lower_bound: int
    reason: str
    status: str

    @property
    def gap(self) -> int:
        """How many terms there are above the lower bound."""
        return self.rank - self.lower_bound

    @property
    def is_settled(self) -> bool:
        """Whether the rank is known: the bound is met by terms that are not to rounding only."""
        return self.gap == 0 and self.status != "numerical"

    @property
    def group(self) -> str:
        """The smallest group with such a tensor."""
        return self.pairs[0][0]

    @property
    def word(self) -> str:
        """A shortest word for it over that group."""
        return self.pairs[0][1]

    def _parts(self) -> list[Line]:
        known = "settled" if self.is_settled else f"at least {self.lower_bound}"
        sizes = " x ".join(map(str, self.shape))
        return [
            f"{self.word} over {self.group}: rank {self.rank} ({known})",
            f"core {sizes} with {self.ones} ones, status {self.status}",
            f"at least {self.lower_bound}: {self.reason}",
            "",
            Table(["group", "word", "word maps like it"], self.pairs),
        ]

    def certificate(self) -> Certificate:
        """Return exact terms and bounds as a certificate, made again from what is stored.

        Returns
        -------
        Certificate
            For the shortest word over the smallest group.

        Raises
        ------
        WordTensorError
            If there are no exact terms.

        Examples
        --------
        >>> entry = Entry("0", (1, 1, 1), 1, (("C1", "1", 1),), 1, 1, "multilinear rank", "exact")
        >>> entry.certificate()
        Certificate('1', 'C1', rank=1)
        """
        return decompose(self.word, self.group).certificate()

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as JSON-able values."""
        return {
            "key": self.key,
            "shape": list(self.shape),
            "ones": self.ones,
            "pairs": [list(pair) for pair in self.pairs],
            "rank": self.rank,
            "lower_bound": self.lower_bound,
            "reason": self.reason,
            "status": self.status,
        }
