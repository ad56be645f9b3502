"""A proof of a net's accuracy: on how many pairs it is right, whatever rounding did."""

from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np

from .._shown import Line, Shown
from .._text import percent
from .._typing import Value
from ..words import WordTensor
from ._evaluation import Decided, evaluate, full_cost
from ._fibre_bound import fibre_bound
from ._forward import Network
from ._network import network_for
from ._readout_bound import readout_bound
from ._rounding import assumption

_BY: Final = {
    "fibres": "Its logits are near a function of {word} and c",
    "readout": "Its readout is near one of few dimensions",
    "evaluation": "No structure that is cheaper to look at was found",
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AccuracyCertificate(Value, Shown):
    """On how many of all n^2 pairs a net is right, proved, and what the proof took.

    A pair is right if the logit of w(a, b) is larger than all others, and wrong if another one is
    larger than it.

    Attributes
    ----------
    word, group : str
        The word and the group's name.
    pairs : int
        All pairs, n^2 in number.
    right, wrong : int
        Pairs that are proved to be right, and to be wrong, at least. Together they are all pairs,
        unless `evaluate` was false or logits are equal as far as double precision can tell.
    method : str
        "fibres": by norms of the rows of a trilinear net; "readout": by few dimensions of the
        readout; "evaluation": by all logits.
    by_structure : int
        Pairs that are right by the structure alone, at least.
    evaluated : int
        Pairs of which all logits were computed in the end.
    margin : float
        The least by which a right logit exceeds all others of what was looked at in place of the
        net (of the net itself, if all pairs were evaluated).
    deviation : float
        How far the net is from that: of "fibres", the root of the mean over pairs of the squared
        norm; of "readout", the largest bound of a logit; of "evaluation", 0.
    allowance : float
        The largest bound of what rounding does to a logit; infinite if one overflows.
    multiplications, all_multiplications : int
        What the proof took, and what all logits of all pairs take.
    assumes : str
        What the proof rests on beside IEEE arithmetic in double precision; empty if nothing.

    Examples
    --------
    >>> import wordtensor as wt
    >>> S4 = wt.word_tensor("a*b", "S4")
    >>> proof = accuracy_certificate(wt.decompose("a*b", "S4").factors, S4)
    >>> proof.accuracy, proof.method, proof.evaluated
    (Fraction(1, 1), 'fibres', 0)
    >>> proof.multiplications < proof.all_multiplications
    True
    """

    word: str
    group: str
    pairs: int
    right: int
    wrong: int
    method: str
    by_structure: int
    evaluated: int
    margin: float
    deviation: float
    allowance: float
    multiplications: int
    all_multiplications: int
    assumes: str

    @property
    def accuracy(self) -> Fraction:
        """The share of pairs that are proved to be right: a lower bound of the accuracy."""
        return Fraction(self.right, self.pairs)

    @property
    def is_exact(self) -> bool:
        """Whether every pair is proved to be right or to be wrong."""
        return self.right + self.wrong == self.pairs

    @property
    def cost(self) -> float:
        """Multiplications of the proof over those of all logits of all pairs."""
        return self.multiplications / self.all_multiplications

    def verdict(self) -> list[str]:
        """Return what was proved, how, and at which price, in sentences."""
        if self.method == "evaluation" and not self.evaluated:
            return [f"Nothing is proved. {_BY[self.method]}, and no logits were to be computed."]
        return [self._proved(), self._how(), self._price(), self._ground()]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-able values."""
        numbers = asdict(self)
        finite = {name: v if not _endless(v) else None for name, v in numbers.items()}
        shares = {"accuracy": str(self.accuracy), "is_exact": self.is_exact, "cost": self.cost}
        return finite | shares | {"verdict": self.verdict()}

    def __repr__(self) -> str:
        return (
            f"AccuracyCertificate({self.word!r}, {self.group!r}, right={self.right}, "
            f"pairs={self.pairs}, method={self.method!r})"
        )

    def _parts(self) -> list[Line]:
        return list(self.verdict())

    def _proved(self) -> str:
        about = f"of {self.word} over {self.group}"
        if self.right == self.pairs:
            every = "the one pair" if self.pairs == 1 else f"all {self.pairs} pairs"
            return f"Proved: it is right on {every} {about}."
        least = "" if self.is_exact else "at least "
        wrong = f", and wrong on {least}{self.wrong}" if self.wrong else ""
        share = percent(float(self.accuracy))
        return (
            f"Proved: it is right on {least}{self.right} of the {self.pairs} pairs {about} "
            f"({share}){wrong}."
        )

    def _how(self) -> str:
        by = _BY[self.method].format(word=self.word)
        rest, alone = _pairs(self.evaluated), _pairs(self.by_structure)
        if self.method == "evaluation":
            return f"{by}, so that all logits of {rest} were computed."
        if not self.evaluated:
            return f"{by}, and that alone proves it."
        return (
            f"{by}, which proves that it is right on {alone}; all logits were computed of {rest} "
            "that this leaves open."
        )

    def _price(self) -> str:
        return (
            f"It took {self.multiplications:.3g} multiplications, {self.cost:.3g} of the "
            f"{self.all_multiplications:.3g} that all logits of all pairs take."
        )

    def _ground(self) -> str:
        if _endless(self.allowance):
            return "Some logits are too large for double precision, and of these nothing is known."
        rounding = f"Rounding changes no logit by more than {self.allowance:.1e}"
        if self.assumes:
            return f"{rounding}, if {self.assumes}."
        return f"{rounding}, which is taken into account."


def accuracy_certificate(net: Any, T: WordTensor, *, evaluate: bool = True) -> AccuracyCertificate:
    r"""Prove on how many of all n^2 pairs a net is right, by less than all logits where it can be.

    Parameters
    ----------
    net : object
        Anything that `network` takes, on a group of order n, with R neurons.
    T : WordTensor
        What it should compute.
    evaluate : bool
        Whether all logits are computed of the pairs that the net's structure leaves open. If not,
        `right` counts what the structure alone proves.

    Returns
    -------
    AccuracyCertificate

    Raises
    ------
    ComparisonError
        If the net does not fit the word's group.

    Notes
    -----
    All logits of all pairs take :math:`n^2 R (n+1)` multiplications. Two structures are cheaper.

    *Fibres*, for trilinear nets :math:`L = \sum_r u_r(a) v_r(b) w_r(c)`. Take any F(g, c) and put
    :math:`\delta = L - F(w(a,b), c)`. A pair is wrong only if :math:`\delta(a,b,c) \ge t(a,b)` for
    some other answer c, where :math:`t(a,b) = L(a,b,w) - \max_{c \ne w} F(w, c)` takes one logit
    for each pair. So the wrong pairs of a row a, with b in a set B, have thresholds whose squares
    add up to at most :math:`\sum_{b \in B, c \ne w} \delta^2`, which follows from
    :math:`u_a^{\mathsf T} (V_B^{\mathsf T} V_B \circ W^{\mathsf T} W) u_a`. F is the mean of L
    over the pairs with one value, the nearest of its kind; rows are cut into as many sets as pay.
    This takes about :math:`8 n^2 R + 3 n R^2` multiplications. Neurons :math:`(u + v)^2` are three
    terms each.

    *Readout*, for any net whose logits are a readout of its neurons: the readout is one of D
    dimensions and a rest, whose part in a logit is at most :math:`|d|\,|W_{\text{rest},c}|`, with
    d the activations less what a and b alone add to them. This takes about :math:`n^2 D (R + n)`
    multiplications; D is chosen on one row.

    Both need the function on all pairs, never all logits. The pairs that remain open are
    evaluated. If nothing is cheaper, all pairs are.

    What is proved: the real numbers that the logits are, for the net's lookups and readout taken
    exactly as they were read (double precision; embeddings are folded into lookups when a net is
    read), are largest in the right place. All rounding errors are bounded beforehand (Higham's
    :math:`\gamma_k` times norms), for sums in any order, with or without fused multiplications.
    Activations other than products, squares, relu, abs and identity, and attention, rest on the
    assumption that `assumes` states.

    References
    ----------
    Wu, Jaburi, Drori, Gross (2024), arXiv:2410.07476, prove bounds of the accuracy of such nets
    from nearly equivariant ones. Higham (2002), section 3.1.

    Examples
    --------
    >>> import wordtensor as wt
    >>> S3 = wt.word_tensor("a*b", "S3")
    >>> U, V, W = wt.decompose("a*b", "S3").factors
    >>> print(accuracy_certificate((U, V, W), S3))
    Proved: it is right on all 36 pairs of a*b over S3.
    ...
    >>> accuracy_certificate((U, V, -W), S3).right
    0
    """
    net = network_for(net, T)
    with np.errstate(over="ignore", invalid="ignore"):
        return _certificate(net, T, evaluate)


def _certificate(net: Network, T: WordTensor, evaluated: bool) -> AccuracyCertificate:
    n = T.order
    by_rows, proved = fibre_bound(net, T.table), 0
    if by_rows is not None:
        method, found, possible = "fibres", *by_rows
        proved = n * n - int(possible.sum())
    elif (by_readout := readout_bound(net, T.table)) is not None:
        method, found = "readout", by_readout
    else:
        nothing = np.zeros((n, n), dtype=bool)
        method, found = "evaluation", Decided(nothing, nothing, np.inf, 0.0, 0.0, 0)
    proved = max(proved, int(found.right.sum()))
    left = ~found.right if evaluated else np.zeros((n, n), dtype=bool)
    if left.any():
        found = _completed(found, evaluate(net, T.table, left), method)
    return AccuracyCertificate(
        word=str(T.word),
        group=T.group.name,
        pairs=n * n,
        right=max(proved, int(found.right.sum())),
        wrong=int(found.wrong.sum()),
        method=method,
        by_structure=proved,
        evaluated=int(left.sum()),
        margin=found.margin,
        deviation=found.deviation,
        allowance=found.allowance,
        multiplications=found.multiplications,
        all_multiplications=full_cost(net),
        assumes=assumption(net),
    )


def _completed(found: Decided, rest: Decided, method: str) -> Decided:
    """Add what the evaluation of open pairs decided."""
    return replace(
        found,
        right=found.right | rest.right,
        wrong=rest.wrong,
        margin=rest.margin if method == "evaluation" else found.margin,
        allowance=max(found.allowance, rest.allowance),
        multiplications=found.multiplications + rest.multiplications,
    )


def _pairs(count: int) -> str:
    return "one pair" if count == 1 else f"{count} pairs"


def _endless(value: Any) -> bool:
    return isinstance(value, float) and not np.isfinite(value)
