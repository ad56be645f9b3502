r"""Bounds on the rank from the matrices of low rank among the combinations of a tensor's slices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

import numpy as np

from .._files import same_json
from .._typing import Field, Integers, check_field
from ..errors import WordTensorError
from ._conditions import Block, conditions
from ._identities import Identity
from ._modular import rank_modulo

# Vectors of the other mode that are killed at most.
MOST_KILLED: Final = 2
MODES: Final = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class LocusBound:
    """One bound by substitution, with the polynomial identities that prove it.

    Attributes
    ----------
    mode, other : int
        The swept mode, whose combinations of slices are looked at, and the mode of their rows.
    elements : tuple of tuple of int
        The slices of each mode that the bound is about, independent ones; the others are left out,
        which makes no tensor's rank larger.
    form : tuple of int
        The linear form l on the swept mode.
    killed : tuple of tuple of int
        Independent vectors of the other mode, d of them; often none.
    blocks : tuple of pairs of tuple of tuple of int
        Rows u and columns v of each block, vectors for which the matrix of all ``u N(y) v`` is
        block diagonal; none where N(y) is taken as it is.
    rank : int
        The number rho.
    field : {"real", "complex"}
        Where the terms live.
    identities : tuple of Identity
        One for each condition of the theorem, in order.

    Examples
    --------
    A bound without its identities proves nothing.

    >>> import numpy as np
    >>> identity = np.zeros((2, 2, 2), dtype=int)
    >>> identity[[0, 1], [0, 1], [0, 1]] = 1
    >>> LocusBound(0, 1, ((0, 1),) * 3, (1, 0), (), (), 1, "real", ()).holds(identity)
    False
    """

    mode: int
    other: int
    elements: tuple[tuple[int, ...], ...]
    form: tuple[int, ...]
    killed: tuple[tuple[int, ...], ...]
    blocks: tuple[Block, ...]
    rank: int
    field: Field
    identities: tuple[Identity, ...]

    @property
    def bound(self) -> int:
        """Number of terms that this proves to be necessary."""
        return len(self.form) + self.rank

    @property
    def theorem(self) -> str:
        """What it is called in a certificate."""
        return "substitution"

    @property
    def source(self) -> str:
        """Where it is from."""
        return "docs/theory/lower_bounds.md"

    @property
    def reason(self) -> str:
        """The theorem and what it was used with."""
        return (
            f"{self.theorem} in the {MODES[self.mode]} mode: by polynomial identities, "
            f"combinations of rank {self.rank} or less lie in a hyperplane"
        )

    def holds(self, tensor: Integers) -> bool:
        """Recheck the bound on a tensor, with nothing but integers and fractions.

        Parameters
        ----------
        tensor : ndarray of int, shape (x, y, z)
            The tensor.

        Returns
        -------
        bool
        """
        return are_slices(self.elements, tensor.shape) and self.proves(
            tensor[np.ix_(*self.elements)]
        )

    def proves(self, part: Integers) -> bool:
        """Recheck the bound on the part of a tensor that its elements name.

        Parameters
        ----------
        part : ndarray of int, shape (x, y, z)
            The slices of the tensor that are kept.

        Returns
        -------
        bool
        """
        if not 0 <= self.mode != self.other >= 0 or max(self.mode, self.other) > 2:
            return False
        if not part.size:
            return False
        # The theorem asks for independent slices, killed vectors and a form that is not zero.
        sizes = zip(independent(part), part.shape, strict=True)
        if any(kept != [*range(size)] for kept, size in sizes):
            return False
        slices = np.moveaxis(part, (self.mode, self.other), (0, 1))
        if len(self.form) != len(slices) or not any(self.form):
            return False
        if any(len(vector) != slices.shape[1] for vector in self.killed):
            return False
        if not len(self.killed) <= min(self.rank, MOST_KILLED):
            return False
        # Python's integers: numpy makes floats of some that are large, which are not exact.
        killed = np.array(self.killed, dtype=object)
        if self.killed and rank_modulo(killed) < len(self.killed):
            return False
        needed = conditions(slices, self.blocks, self.form, self.killed, self.rank, self.field)
        if needed is None or len(needed) != len(self.identities):
            return False
        pairs = zip(self.identities, needed, strict=True)
        return all(each.holds(one, self.field == "real") for each, one in pairs)

    def lifted(self, modes: Sequence[int], places: Sequence[Sequence[int]]) -> "LocusBound":
        """Return it for a tensor in which modes and slices stand at other places.

        Parameters
        ----------
        modes : sequence of int
            Mode m of this tensor is mode ``modes[m]`` of the other.
        places : sequence of three sequences of int
            For each mode of this tensor, where each slice stands in the other.

        Returns
        -------
        LocusBound

        Examples
        --------
        >>> found = LocusBound(0, 1, ((0, 1),) * 3, (1, 0), (), (), 1, "real", ())
        >>> moved = found.lifted((1, 2, 0), ((5, 4), (3, 2), (1, 0)))
        >>> moved.mode, moved.other, moved.elements
        (1, 2, ((1, 0), (5, 4), (3, 2)))
        """
        elements = moved(self.elements, modes, places)
        return replace(self, mode=modes[self.mode], other=modes[self.other], elements=elements)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values, fractions as text."""
        blocks = [[[list(x) for x in u], [list(x) for x in v]] for u, v in self.blocks]
        return {
            "mode": self.mode,
            "other": self.other,
            "elements": [list(places) for places in self.elements],
            "form": list(self.form),
            "killed": [list(vector) for vector in self.killed],
            "rank": self.rank,
            "field": self.field,
            "identities": [identity.to_dict() for identity in self.identities],
        } | ({"blocks": blocks} if blocks else {})

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "LocusBound":
        """Return the bound that `to_dict` wrote.

        Parameters
        ----------
        fields : dict
            Its fields. What they prove is not checked; see `holds`.

        Returns
        -------
        LocusBound

        Raises
        ------
        WordTensorError
            If they are not of the right kinds.
        """
        try:
            found = cls(
                mode=fields["mode"],
                other=fields["other"],
                elements=tuple(map(tuple, fields["elements"])),
                form=tuple(fields["form"]),
                killed=tuple(map(tuple, fields["killed"])),
                blocks=tuple(
                    (tuple(map(tuple, u)), tuple(map(tuple, v)))
                    for u, v in fields.get("blocks", ())
                ),
                rank=fields["rank"],
                field=fields["field"],
                identities=tuple(map(Identity.from_dict, fields["identities"])),
            )
            check_field(found.field)
            wholes = (found.mode, found.other, found.rank, *found.form)
            wholes += tuple(chain(*found.elements, *found.killed))
            wholes += tuple(chain(*(x for u, v in found.blocks for x in (*u, *v))))
            if any(type(each) is not int for each in wholes) or len(found.elements) != 3:
                raise ValueError("a number is not whole")
            if not same_json(found.to_dict(), fields):
                raise ValueError("its fields are written otherwise")
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            text = f"This is no bound by substitution: {error}"
            raise WordTensorError(text) from None
        return found


def independent(tensor: Integers) -> list[list[int]]:
    """List for each mode slices that are independent modulo the prime, hence over Q."""
    # Leaving out a slice that depends on others makes no others of another mode dependent.
    return [_independent_slices(np.moveaxis(tensor, mode, 0)) for mode in range(3)]


def _independent_slices(slices: Integers) -> list[int]:
    """Choose the first slices that are independent modulo the prime."""
    rows = slices.reshape(len(slices), -1)
    kept: list[int] = []
    for place in range(len(rows)):
        if rank_modulo(rows[[*kept, place]]) > len(kept):
            kept.append(place)
    return kept


def are_slices(elements: Sequence[Sequence[int]], shape: Sequence[int]) -> bool:
    """Say whether these are different slices of each of the modes of a tensor."""
    if len(elements) != len(shape):
        return False
    return all(
        len({*places}) == len(places) and all(0 <= k < size for k in places)
        for places, size in zip(elements, shape, strict=True)
    )


def moved(
    elements: Sequence[Sequence[int]], modes: Sequence[int], places: Sequence[Sequence[int]]
) -> tuple[tuple[int, ...], ...]:
    """Return slices of each mode where modes and slices stand at other places."""
    found: list[tuple[int, ...]] = [()] * 3
    for mode, own, where in zip(modes, elements, places, strict=True):
        found[mode] = tuple(int(where[k]) for k in own)
    return tuple(found)
