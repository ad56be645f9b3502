"""Whether a neuron's coefficients are rank one and aligned, and how neurons spread over them."""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np

from .._text import joined, text_table
from .._typing import Array, Booleans, Integers, Value, freeze_fields
from ._uniformity_test import UniformityTest, combined, p_text

# A neuron lives in the irrep with more than this share of its weights' energy.
_MAJORITY: Final = 0.5
# A smaller p-value of the tables is said to be no chance.
_LEVEL: Final = 0.05
# And a larger one to be of what is spread more evenly than by chance.
_BALANCED: Final = 0.99


def lives(share: Array) -> Booleans:
    """Say which neurons have the majority of their weights' energy in one irrep."""
    result: Booleans = share > _MAJORITY
    return result


@dataclass(frozen=True, slots=True)
class IrrepAlignment:
    """The neurons that live in one irrep.

    Attributes
    ----------
    label : str
        The irrep.
    neurons : int
        How many active neurons have most of their weights' energy in it, in all three modes.
    mean, least : float
        Of their alignments; nan if there are none.
    chance : float
        Root mean square of the alignment of random coefficients, ``1 / sqrt(e m^3)`` for m x m
        matrices over R, C or H (e = 1, 2, 4).
    opposed : int
        Neurons whose part of the logits is aligned with minus the word tensor.
    tests : tuple of UniformityTest
        Of their phases u, v, w, or axes x, y, z, if there are five neurons or more.

    Examples
    --------
    >>> import wordtensor as wt
    >>> part = wt.compare.alignment(wt.decompose("a*b", "C3").factors, "a*b", "C3").irreps[1]
    >>> part.label, part.neurons, round(part.chance, 3)
    ('2C', 3, 0.707)
    """

    label: str
    neurons: int
    mean: float
    least: float
    chance: float
    opposed: int
    tests: tuple[UniformityTest, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values."""
        return {
            "label": self.label,
            "neurons": self.neurons,
            "mean": _number(self.mean),
            "least": _number(self.least),
            "chance": self.chance,
            "opposed": self.opposed,
            "tests": [test.to_dict() for test in self.tests],
        }

    def row(self) -> list[str]:
        """Return the row of a table, with the p-value of the first test of each phase or axis."""
        firsts: dict[str, UniformityTest] = {}
        for test in self.tests:
            firsts.setdefault(test.about, test)
        p_values = [f"{test.p_value:.2g}" for test in firsts.values()] or [""] * 3
        figures = [f"{value:.3f}" for value in (self.mean, self.least, self.chance)]
        return [self.label, str(self.neurons), *figures, str(self.opposed), *p_values]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Alignment(Value):
    """How far each of R neurons is one aligned product of rank-one coefficients, in one irrep.

    Attributes
    ----------
    word, group : str
        What the net should compute.
    irrep : ndarray of int64, shape (R,)
        The irrep with most of the energy of the neuron's three weight functions u, v, w together.
    share : ndarray, shape (R,)
        The share in it: of u times of v times of w.
    active : ndarray of bool, shape (R,)
        Which neurons count; see `Spectrum`.
    values : ndarray, shape (R,)
        The alignment of the neuron's coefficients in that irrep, from 0 to 1.
    signs : ndarray, shape (R,)
        -1 where it is with minus the word tensor, else 1.
    irreps : tuple of IrrepAlignment
        The same in numbers for each irrep.
    choice : tuple of UniformityTest
        Of the irreps that neurons live in.

    Examples
    --------
    >>> import wordtensor as wt
    >>> found = wt.compare.alignment(wt.margins.max_margin_factors("S3"), "a*b", "S3")
    >>> found
    Alignment('a*b', 'S3', neurons=18, mean=1.000)
    >>> found.values.min().round(9).item(), [test.about for test in found.spread]
    (1.0, ['axis x (energy)', 'axis x (Bingham)', ...])
    """

    word: str
    group: str
    irrep: Integers
    share: Array
    active: Booleans
    values: Array
    signs: Array
    irreps: tuple[IrrepAlignment, ...]
    choice: tuple[UniformityTest, ...]

    def __post_init__(self) -> None:
        freeze_fields(self, "irrep", "share", "active", "values", "signs")

    @property
    def living(self) -> Booleans:
        """Which active neurons have the majority of their weights' energy in one irrep."""
        return self.active & lives(self.share)

    @property
    def mean(self) -> float:
        """Mean alignment of the neurons that live in an irrep; nan if there are none."""
        return _mean(self.values[self.living])

    @property
    def chance(self) -> float:
        """What it would be for random coefficients in the same irreps (root mean square)."""
        squares = [part.chance**2 * part.neurons for part in self.irreps]
        count = int(self.living.sum())
        return sqrt(sum(squares) / count) if count else float("nan")

    @property
    def spread(self) -> tuple[UniformityTest, ...]:
        """Each kind of phase or axis over all irreps, by one test (Fisher's combination)."""
        kinds: dict[tuple[str, str], list[UniformityTest]] = {}
        for part in self.irreps:
            for test in part.tests:
                kinds.setdefault((test.about, test.test), []).append(test)
        several = len({kind for _, kind in kinds}) > 1
        return tuple(
            combined(tests, f"{about} ({kind})" if several else about)
            for (about, kind), tests in kinds.items()
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-able values."""
        return {
            "neurons": int(self.living.sum()),
            "mean": _number(self.mean),
            "chance": _number(self.chance),
            "irreps": [part.to_dict() for part in self.irreps],
            "choice": [test.to_dict() for test in self.choice],
            "spread": [test.to_dict() for test in self.spread],
            "irrep_of_neuron": self.irrep.tolist(),
            "alignment_of_neuron": (self.signs * self.values).tolist(),
            "share_of_neuron": self.share.tolist(),
        }

    def __repr__(self) -> str:
        return (
            f"Alignment({self.word!r}, {self.group!r}, neurons={int(self.living.sum())}, "
            f"mean={self.mean:.3f})"
        )

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """Return heads and rows of the irreps that neurons live in."""
        heads = ["irrep", "neurons", "mean", "least", "random", "opposed"]
        return [*heads, "p: x or u", "y or v", "z or w"], [
            part.row() for part in self.irreps if part.neurons
        ]

    def test_rows(self) -> tuple[list[str], list[list[str]]]:
        """Return heads and rows of the tests over all irreps."""
        rows: list[list[str]] = [
            [t.about, t.test, str(t.samples), f"{t.statistic:.2f}", p_text(t.p_value).lstrip("= ")]
            for t in (*self.choice, *self.spread)
        ]
        return ["uniform over all irreps?", "test", "samples", "statistic", "p"], rows

    def conclusions(self) -> list[str]:
        """Say in sentences what the numbers mean."""
        count, active = int(self.living.sum()), int(self.active.sum())
        if not count:
            return [f"None of the {active} active neurons has most of its weights in one irrep."]
        said = [
            f"{count} of the {active} active neurons have most of their weights in one irrep. "
            f"Their mean alignment is {self.mean:.3f}, where 1 is one aligned product of rank-one "
            f"coefficients and random ones have {self.chance:.3f}."
        ]
        if self.choice:
            said.append(_said_of_choice(self.irreps, self.choice))
        if self.spread:
            said.append(_said_of_spread(self.spread))
        if balanced := [t.about for t in self.spread if t.p_value > _BALANCED]:
            said.append(
                f"More evenly spread than at random, since p is above {_BALANCED}: "
                f"{joined(balanced)}."
            )
        return said

    def __str__(self) -> str:
        parts = ["\n".join(self.conclusions())]
        if self.living.any():
            parts.append(text_table(*self.rows()))
        if self.choice or self.spread:
            parts.append(text_table(*self.test_rows()))
        return "\n\n".join(parts)


def _said_of_choice(irreps: tuple[IrrepAlignment, ...], choice: tuple[UniformityTest, ...]) -> str:
    used = sum(1 for part in irreps[1:] if part.neurons)
    head = f"They live in {used} of the {len(irreps) - 1} non-trivial irreps"
    told = {t.about.removeprefix("irreps, "): t.p_value for t in choice}
    likely, unlikely = (
        joined([f"{about} (p {p_text(p)})" for about, p in told.items() if (p < _LEVEL) is small])
        for small in (False, True)
    )
    said = f"{head}. At the level {_LEVEL} they"
    if not likely:
        return f"{said} were not chosen at random, {unlikely}."
    but = f", but not {unlikely}" if unlikely else ""
    return f"{said} may have been chosen at random, {likely}{but}."


def _said_of_spread(spread: tuple[UniformityTest, ...]) -> str:
    unlikely = [t for t in spread if t.p_value < _LEVEL]
    if not unlikely:
        return f"At the level {_LEVEL} nothing speaks against uniform phases and axes."
    said = joined([f"{test.about} (p {p_text(test.p_value)})" for test in unlikely])
    return f"Not uniform at the level {_LEVEL} of each test, over all irreps: {said}."


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value


def _mean(values: Array) -> float:
    return float(values.mean()) if len(values) else float("nan")
