"""Whether a width is enough for a network that multiplies: the rank, asked the other way round."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from .._shown import facts, shown
from .._typing import Value
from ..errors import DecompositionError
from .decomposition import Decomposition

_SCOPE: Final = """\
This is a theorem on neurons that multiply; it does not speak of relu and other activations."""
_LARGEST_ENTRY: Final = "Merely putting the right answer on top can take fewer"
# The least width that was right on all pairs of a*b, by the name of the group; the page has the
# numbers and the command.
_MEASURED: Final[Mapping[str, int]] = MappingProxyType({"S3": 3, "A4": 5, "S4": 5})

Answer = Literal["impossible", "undecided", "enough", "enough, numerically", "settled", "open"]


@dataclass(frozen=True, slots=True, eq=False)
class WidthVerdict(Value):
    """What is known of networks ``W^T (U[a] * V[b])`` of one width, or of the least width.

    Attributes
    ----------
    decomposition : Decomposition
        What is known of the rank.
    width : int or None
        Number of neurons; None where the question is which width is the least.

    Examples
    --------
    >>> import wordtensor as wt
    >>> verdict = wt.rank.judge_width(wt.decompose("a*b", "S3"), 8)
    >>> verdict.answer
    'impossible'
    """

    decomposition: Decomposition
    width: int | None

    @property
    def answer(self) -> Answer:
        """Whether logits of this width can be the word tensor; or whether the least is known."""
        d = self.decomposition
        if self.width is None:
            return "settled" if d.rank == d.lower_bound else "open"
        if self.width < d.lower_bound:
            return "impossible"
        if self.width < d.rank:
            return "undecided"
        return "enough, numerically" if d.status == "numerical" else "enough"

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON-able values."""
        d = self.decomposition
        return {
            "word": str(d.word),
            "group": d.group.name,
            "field": d.field,
            "width": self.width,
            "answer": self.answer,
            "rank": d.rank,
            "lower_bound": d.lower_bound,
            "reason": d.bounds[0].reason,
            "status": d.status,
        }

    def __str__(self) -> str:
        return "\n".join([self._conclusion(), _SCOPE, self._largest_entry()])

    def _repr_html_(self) -> str:
        d = self.decomposition
        width = "Least width" if self.width is None else f"Width {self.width}"
        title = f"{width} for {d.subject}: {self.answer}"
        known = facts([("rank", d.rank), ("lower bound", d.lower_bound), ("status", d.status)])
        return shown([title, known, self._conclusion(), _SCOPE, "", self._largest_entry()])

    def _largest_entry(self) -> str:
        """Say what was measured of the largest entry, where it was, of this word and group."""
        d = self.decomposition
        least = _MEASURED.get(d.group.name) if str(d.word) == "a*b" else None
        if least is None:
            return f"{_LARGEST_ENTRY}."
        return (
            f"{_LARGEST_ENTRY}: networks that were trained on all pairs of a*b over {d.group.name} "
            f"had accuracy 1\nfrom width {least} on (docs/results/experiments.md)."
        )

    def _conclusion(self) -> str:
        d, width = self.decomposition, self.width
        if width is None:
            return self._least()
        neurons = f"{width} neuron{'s' * (width != 1)}"
        subject = f"the word tensor of {d.subject}"
        if self.answer == "impossible":
            said = (
                f"No network W^T (U[a] * V[b]) of {neurons} has {subject} as its logits: at least "
                f"{d.lower_bound} are needed ({d.bounds[0].reason})."
            )
        elif self.answer == "undecided":
            said = (
                f"Whether {neurons} that multiply, W^T (U[a] * V[b]), are enough is open: {d.rank} "
                f"are, and at least "
                f"{d.lower_bound} are needed ({d.bounds[0].reason}). {_next_step(d)}"
            )
        else:
            one = width == 1
            every = "it is needed" if one else "all of them are needed"
            spare = every if width == d.lower_bound else ""
            if width > d.rank:
                spare = (
                    f"{d.rank} {'is' if d.rank == 1 else 'are'}, and {width - d.rank} may be zero"
                )
            how = f", to {d.residual:.0e}" if d.status == "numerical" else ""
            said = (
                f"Yes: {neurons} that {'multiplies' if one else 'multiply'}, W^T (U[a] * V[b]), "
                f"{'is' if one else 'are'} enough for logits that are {subject}{how}"
                f"{'; ' if spare else ''}{spare}."
            )
        return said

    def _least(self) -> str:
        """Say between which numbers the least width is."""
        d = self.decomposition
        settled = d.rank == d.lower_bound
        said = f"exactly {d.rank}" if settled else f"at least {d.lower_bound} and at most {d.rank}"
        return (
            f"Networks W^T (U[a] * V[b]) whose logits are the word tensor of {d.subject} need "
            f"{said} neurons\n({d.bounds[0].reason})."
        )


def _next_step(d: Decomposition) -> str:
    """Say which search may lower the rank: of schemes, where all open blocks have one."""
    gaps = [block for block in d.blocks if block.rank > block.lower_bound]
    if not gaps or any(block.strategy != "scheme" or not block.sizes for block in gaps):
        return (
            "A longer search may tell: "
            f'wordtensor decompose "{d.word}" "{d.group.name}" --effort search --time-limit 600'
        )
    widest = max(gaps, key=lambda block: (block.rank - block.lower_bound, block.rank))
    sizes = " ".join(map(str, widest.sizes or ()))
    division = "" if widest.division == "R" else f" --division {widest.division}"
    return (
        f"A shorter scheme for {widest.name} would lower the {d.rank}: "
        f"wordtensor schemes search {sizes}{division} --rank {widest.rank - 1}"
    )


def judge_width(d: Decomposition, width: int | None = None) -> WidthVerdict:
    """Say whether networks of one width can have a word tensor as their logits.

    Parameters
    ----------
    d : Decomposition
        What is known of its rank.
    width : int, optional
        Number of neurons, at least 1; by default, the question is which width is the least.

    Returns
    -------
    WidthVerdict
        Prints as sentences.

    Raises
    ------
    DecompositionError
        If the width is no whole number from 1 on.

    Notes
    -----
    A network ``f(a, b) = W^T (U[a] * V[b])`` of width R with ``f(a, b)[c] = T[a, b, c]`` is a
    decomposition of T into R terms. If R is below the lower bound, there is no such network. If R
    is at least the rank, there is one, with the factors of ``d``.

    Examples
    --------
    >>> import wordtensor as wt
    >>> print(judge_width(wt.decompose("a*b", "S3"), 9))
    Yes: 9 neurons that multiply, W^T (U[a] * V[b]), are enough for logits that are the word ...
    """
    if width is not None and (not isinstance(width, int) or isinstance(width, bool) or width < 1):
        raise DecompositionError(
            f"Argument 'width' must be a whole number of neurons from 1 on, not {width!r:.40}"
        )
    return WidthVerdict(d, width)
