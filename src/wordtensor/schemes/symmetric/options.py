"""How to walk among symmetric schemes."""

from dataclasses import dataclass

from ..searching._limits import check_counts, check_seed


@dataclass(frozen=True, slots=True)
class SymmetricOptions:
    """How `symmetric_search` walks, and what it accepts.

    Attributes
    ----------
    fixed : int, optional
        Number of terms a*a*a at the start; by default the number nearest to n/2 that has the
        remainder modulo 3 of the rank that is asked for. Walks keep the remainder.
    reflected : bool
        Ask for the symmetry under the reversal of all indices, too.
    patience : int
        A walk ends after this many flips without a new lowest rank.
    plus_after, margin : int
        A plus transition follows this many flips without a reduction while the rank is below the
        best of the walk plus ``margin``; each walk varies both by a factor of 4 or less.
    signs_only : bool
        Accept only coefficients -1, 0, 1.
    seed : int
        Seed of all randomness, at least 0.

    Raises
    ------
    SchemeError
        If a number is out of range.

    Examples
    --------
    >>> SymmetricOptions(patience=10**6, signs_only=True).margin
    12
    """

    fixed: int | None = None
    reflected: bool = False
    patience: int = 10_000_000
    plus_after: int = 20_000
    margin: int = 12
    signs_only: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        check_counts(self, "patience", "plus_after", "margin")
        check_seed(self.seed)
