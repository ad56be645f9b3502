"""Neurons beside the terms of a decomposition that knows no blocks: up to order and scale."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from .._typing import Array, Integers, RealFactors, Value, freeze_fields
from .matching._terms import term_inner_products, term_norms

# The cosine above which a neuron and a term are one.
ALIKE: Final = 0.99


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TermMatch(Value):
    """Which neuron is most like each term, one neuron for each term at most.

    Attributes
    ----------
    neurons : ndarray of int64, shape (k,)
        The neuron of each of the k terms that have one.
    terms : ndarray of int64, shape (k,)
        These terms.
    cosines : ndarray, shape (k,)
        Of the two as rank-one tensors; 1 if they are equal up to a factor.
    rank : int
        Number of terms R.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.solve(wt.value_table("x/y mod 3"))
    >>> found = wt.compare.compare_table(d.factors, "x/y mod 3", decomposition=d).match
    >>> found.alike, found.rank
    (3, 3)
    """

    neurons: Integers
    terms: Integers
    cosines: Array
    rank: int

    def __post_init__(self) -> None:
        freeze_fields(self, "neurons", "terms", "cosines")

    @property
    def alike(self) -> int:
        """Number of terms that have a neuron with a cosine above 0.99."""
        return int((self.cosines > ALIKE).sum())

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-able values."""
        return {
            "alike": self.alike,
            "rank": self.rank,
            "neurons": self.neurons.tolist(),
            "terms": self.terms.tolist(),
            "cosines": self.cosines.tolist(),
        }

    def __repr__(self) -> str:
        return f"TermMatch(alike={self.alike}, rank={self.rank})"

    def __str__(self) -> str:
        text = f"terms: {self.alike} of {self.rank} are a neuron up to scale (cosine above {ALIKE})"
        if not self.cosines.size or self.alike == self.rank:
            return text
        return (
            f"{text}; the median cosine is {np.median(self.cosines):.3g}. A tensor may have many "
            "decompositions, so that other terms can be as good"
        )


def term_match(factors: RealFactors, terms: RealFactors) -> TermMatch:
    """Pair neurons, factors (x, R), (y, R), (z, R), with terms so that the cosines are largest."""
    norms = np.outer(term_norms(factors), term_norms(terms))
    products = term_inner_products(factors, terms)
    cosines = np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)
    neurons, paired = linear_sum_assignment(-cosines)
    order = np.argsort(paired)
    neurons, paired = neurons[order].astype(np.int64), paired[order].astype(np.int64)
    return TermMatch(neurons, paired, cosines[neurons, paired], terms[0].shape[1])
