r"""Bounds by substitution for direct sums: those of the summands add up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from .._files import same_json
from .._typing import Field, Integers
from ..errors import WordTensorError
from ._conditions import Vectors
from .loci import MODES, LocusBound, are_slices, moved


@dataclass(frozen=True, slots=True)
class Summand:
    """One direct summand, as a restriction of the tensor, and a bound for it.

    Attributes
    ----------
    bases : tuple of three tuple of tuple of int
        Vectors of each mode: the summand has the entries ``T(x_i, y_j, z_k)``.
    bound : LocusBound
        Proves a number of terms for it.

    Examples
    --------
    >>> bound = LocusBound(0, 1, ((0,),) * 3, (1,), (), (), 0, "real", ())
    >>> Summand((((1, 0),), ((0, 1),), ((1, 1),)), bound).bound.bound
    1
    """

    bases: tuple[Vectors, ...]
    bound: LocusBound


@dataclass(frozen=True, slots=True)
class SumBound:
    """Bounds by substitution in one mode, one for each summand of a direct sum.

    Attributes
    ----------
    elements : tuple of tuple of int
        The slices of each mode that the bound is about; the others are left out.
    summands : tuple of Summand
        No two of them meet: ``T(x, y, z)`` is 0 unless all three are vectors of one summand.

    Examples
    --------
    >>> import numpy as np
    >>> from wordtensor.bounds import sum_bound
    >>> found = sum_bound(np.array([[[1, 0], [0, 0]], [[0, 0], [0, 1]]]))
    >>> found.bound, found.holds(np.zeros((2, 2, 2), dtype=int))
    (2, False)
    """

    elements: tuple[tuple[int, ...], ...]
    summands: tuple[Summand, ...]

    @property
    def bound(self) -> int:
        """Number of terms that this proves to be necessary."""
        return sum(each.bound.bound for each in self.summands)

    @property
    def field(self) -> Field:
        """Where the terms live."""
        return self.summands[0].bound.field

    @property
    def theorem(self) -> str:
        """What it is called in a certificate."""
        return "substitution in a direct sum"

    @property
    def source(self) -> str:
        """Where it is from."""
        return "docs/theory/lower_bounds.md"

    @property
    def reason(self) -> str:
        """The theorem and what it was used with."""
        parts = " + ".join(str(each.bound.bound) for each in self.summands)
        return f"{self.theorem}, in the {MODES[self.summands[0].bound.mode]} mode: {parts}"

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
        if not self.summands or len({(s.bound.mode, s.bound.field) for s in self.summands}) > 1:
            return False
        parts = summand_tensors(part, [s.bases for s in self.summands])
        if parts is None:
            return False
        pairs = zip(self.summands, parts, strict=True)
        return all(s.bound.holds(own) for s, own in pairs)

    def lifted(self, modes: Sequence[int], places: Sequence[Sequence[int]]) -> "SumBound":
        """Return it for a tensor in which modes and slices stand at other places.

        Parameters
        ----------
        modes : sequence of int
            Mode m of this tensor is mode ``modes[m]`` of the other.
        places : sequence of three sequences of int
            For each mode of this tensor, where each slice stands in the other.

        Returns
        -------
        SumBound

        Examples
        --------
        >>> bound = LocusBound(0, 1, ((0,),) * 3, (1,), (), (), 0, "real", ())
        >>> found = SumBound(((0,),) * 3, (Summand((((1,),),) * 3, bound),))
        >>> found.lifted((1, 2, 0), ((5,), (3,), (1,))).elements
        ((1,), (5,), (3,))
        """
        elements = moved(self.elements, modes, places)
        order = [list(modes).index(mode) for mode in range(3)]
        same = [range(size) for size in map(len, self.elements)]
        summands = tuple(
            Summand(tuple(s.bases[k] for k in order), s.bound.lifted(modes, same))
            for s in self.summands
        )
        return replace(self, elements=elements, summands=summands)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values, fractions as text."""
        return {
            "elements": [list(places) for places in self.elements],
            "summands": [
                {
                    "bases": [[list(x) for x in basis] for basis in each.bases],
                    "bound": each.bound.to_dict(),
                }
                for each in self.summands
            ],
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "SumBound":
        """Return the bound that `to_dict` wrote.

        Parameters
        ----------
        fields : dict
            Its fields. What they prove is not checked; see `holds`.

        Returns
        -------
        SumBound

        Raises
        ------
        WordTensorError
            If they are not of the right kinds.
        """
        try:
            summands = tuple(
                Summand(
                    tuple(tuple(map(tuple, basis)) for basis in each["bases"]),
                    LocusBound.from_dict(each["bound"]),
                )
                for each in fields["summands"]
            )
            found = cls(tuple(map(tuple, fields["elements"])), summands)
            wholes = [*chain(*found.elements)]
            wholes += [x for s in summands for basis in s.bases for v in basis for x in v]
            threes = [found.elements, *(s.bases for s in summands)]
            if not summands:
                raise ValueError("it has no summands")
            if any(type(x) is not int for x in wholes) or any(len(x) != 3 for x in threes):
                raise ValueError("a number is not whole")
            if not same_json(found.to_dict(), fields):
                raise ValueError("its fields are written otherwise")
        except (KeyError, TypeError, ValueError) as error:
            text = f"This is no bound by substitution in a direct sum: {error}"
            raise WordTensorError(text) from None
        return found


def summand_tensors(
    tensor: Integers, bases: Sequence[tuple[Vectors, ...]]
) -> list[Integers] | None:
    """Return the tensors of direct summands; None if these are none."""
    for mode, size in enumerate(tensor.shape):
        vectors = [x for each in bases for x in each[mode]]
        if len(vectors) > size or any(len(x) != size for x in vectors):
            return None
        if any(not each[mode] for each in bases):
            return None
    # Python's integers do not overflow.
    whole = tensor.astype(object)
    for mode in range(3):
        rows = np.array([x for each in bases for x in each[mode]], dtype=object)
        whole = np.moveaxis(np.tensordot(rows, np.moveaxis(whole, mode, 0), 1), 0, mode)
    parts = []
    start = [0, 0, 0]
    for each in bases:
        stop = [first + len(basis) for first, basis in zip(start, each, strict=True)]
        place = tuple(map(slice, start, stop))
        parts.append(whole[place].copy())
        whole[place] = 0
        start = stop
    return None if whole.any() else parts
