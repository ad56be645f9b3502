"""In which order a net in training learns its irreps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Array, Value, freeze_fields
from ..errors import ComparisonError
from ..groups import Group, group
from ..irreps import real_irreps
from ..words import Word, word_tensor
from .gcr import KEY_SIMILARITY
from .similarity import net_similarity

LEARNED_SIMILARITY: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LearnedOrder(Value):
    """Logit similarities along checkpoints, and the order that they give.

    Attributes
    ----------
    irreps : tuple of str
        Labels of all K real irreps.
    steps : ndarray of int64, shape (P,)
        Of the checkpoints, ascending.
    similarities : ndarray, shape (P, K)
        Logit similarity with every irrep.
    order : tuple of (int, int or None)
        Each key irrep with the first step at which its similarity exceeds the threshold, ascending;
        None, at the end, for those that never exceeded it. Irreps with the same step are a tie:
        the checkpoints do not tell which came first.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> found = learned_order([(0, [F[:, :2] for F in d.factors]), (100, d.factors)], "S3")
    >>> [(found.irreps[k], step) for k, step in found.order]
    [('1Rb', 0), ('2R', 100)]
    """

    irreps: tuple[str, ...]
    steps: NDArray[np.int64]
    similarities: Array
    order: tuple[tuple[int, int | None], ...]

    def __post_init__(self) -> None:
        freeze_fields(self, "steps", "similarities")

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-able values; the order by label."""
        return {
            "steps": self.steps.tolist(),
            "similarities": {
                label: self.similarities[:, k].tolist() for k, label in enumerate(self.irreps)
            },
            "order": [[self.irreps[k], step] for k, step in self.order],
        }

    def order_rows(self) -> list[list[str]]:
        """Return a row for each step at which irreps were first seen: who, and when, as text."""
        seen: dict[int | None, list[str]] = {}
        for k, step in self.order:
            seen.setdefault(step, []).append(self.irreps[k])
        return [[" = ".join(who), "never" if s is None else str(s)] for s, who in seen.items()]

    def __str__(self) -> str:
        rows = self.order_rows()
        said = ", then ".join(f"{who} ({step})" for who, step in rows) or "no key irrep"
        tie = any(" = " in who and step != "never" for who, step in rows)
        return said + tie * (
            "; irreps joined by = are first seen at the same checkpoint, and finer checkpoints "
            "would tell which came first"
        )

    def __repr__(self) -> str:
        found = ", ".join(f"{who} ({step})" for who, step in self.order_rows())
        return f"LearnedOrder([{found}], checkpoints={len(self.steps)})"


def learned_order(
    checkpoints: Iterable[tuple[int, Any]],
    G: Group | str,
    *,
    word: Word | str = "a*b",
    similarity: float = LEARNED_SIMILARITY,
    key_similarity: float = KEY_SIMILARITY,
    activation: str | None = None,
) -> LearnedOrder:
    """Say in which order a net learned its key irreps.

    Parameters
    ----------
    checkpoints : iterable of (int, object)
        Step, and the net then: anything that `network` takes.
    G : Group or str
        The group.
    word : Word or str
        What is learned.
    similarity : float
        An irrep is learned once its logit similarity is above this.
    key_similarity : float
        An irrep is key if its similarity is above this at the last checkpoint.
    activation : str, optional
        What neurons compute, where the nets do not say it, such as state dicts; see `network`.

    Returns
    -------
    LearnedOrder

    Raises
    ------
    ComparisonError
        If there is no checkpoint, one is no step and net, or a net does not fit the group.

    Notes
    -----
    An irrep is learned at the first checkpoint at which its similarity exceeds the threshold. Those
    that exceed it first at the same checkpoint are a tie; to tell them apart, save checkpoints more
    often. (The authors' code takes at most one irrep at a checkpoint and leaves the others to later
    ones, which says when they were learned only if checkpoints are close together.) As in the
    authors' code, key irreps that never exceed the threshold come last, and the threshold for the
    order differs from the one for key irreps.

    References
    ----------
    Chughtai, Chan, Nanda (2023), arXiv:2302.03025, section 6 and their released code.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> early = [F[:, :2] for F in d.factors]
    >>> learned_order([(0, early), (100, d.factors)], "S3").order
    ((1, 0), (2, 100))
    """
    G = group(G)
    T = word_tensor(word, G)
    steps, rows = [], []
    for step, net in sorted(_checked(checkpoints), key=lambda pair: pair[0]):
        steps.append(step)
        rows.append(net_similarity(net, T, activation))
    if not rows:
        raise ComparisonError("There are no checkpoints; give at least one pair (step, net)")
    labels = tuple(str(phi) for phi in real_irreps(G))
    return order_of(labels, steps, np.stack(rows), similarity, key_similarity)


def order_of(
    irreps: tuple[str, ...],
    steps: Sequence[int],
    similarities: Array,
    similarity: float = LEARNED_SIMILARITY,
    key_similarity: float = KEY_SIMILARITY,
) -> LearnedOrder:
    """Return the order that similarities (P, K) along ascending steps give."""
    key = [k for k in range(1, len(irreps)) if similarities[-1, k] > key_similarity]
    above = similarities > similarity
    first = {k: steps[int(above[:, k].argmax())] if above[:, k].any() else None for k in key}
    order = sorted(first.items(), key=lambda pair: (pair[1] is None, pair[1] or 0, pair[0]))
    return LearnedOrder(irreps, np.array(steps, dtype=np.int64), similarities, tuple(order))


def _checked(checkpoints: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    for given in checkpoints:
        pair = given if isinstance(given, tuple | list) and len(given) == 2 else (None, None)
        if not isinstance(pair[0], int | np.integer):
            raise ComparisonError("A checkpoint must be a pair (step, net) with an integer step")
        yield int(pair[0]), pair[1]
