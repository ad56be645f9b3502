"""The greatest normalised margin on a group's multiplication, and how it is reached."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .._shown import Line, Shown, Table
from .._typing import Array
from ..groups import Group, group
from ..groups._primes import is_prime
from ..irreps import RealCharacterTable, real_characters
from ._face import narrowest, share_ranges
from .game import Strategies, equaliser, equaliser_condition, payoffs, solve_programme

Theorem = Literal["Theorem 7", "Theorem 9", "Theorem 9 for types R, C, H", "linear programme"]


@dataclass(frozen=True, slots=True)
class IrrepShare:
    """One non-trivial irrep in a maximum-margin net.

    Attributes
    ----------
    index, label, dim : int, str, int
        As in ``real_irreps(G)``.
    share : float
        Its part of the budget ``sum_i ||omega_i||^3`` in `max_margin_net`.
    least, largest : float
        The bounds of its share over all maximum-margin nets.
    strength : float
        The class-weighted margin of the best neuron of norm 1 in it; gamma* if it has a share.
    width : int
        Neurons that the construction spends on it if it has a share, ``2 dim^3 / endo_dim``.

    Examples
    --------
    >>> optimum = margin_optimum("S3")
    >>> [(irrep.label, irrep.width, round(irrep.share, 4)) for irrep in optimum.irreps]
    [('1Rb', 2, 0.1502), ('2R', 16, 0.8498)]
    """

    index: int
    label: str
    dim: int
    share: float
    least: float
    largest: float
    strength: float
    width: int


@dataclass(frozen=True, slots=True)
class ClassWeight:
    """One non-trivial conjugacy class, together with the class of its inverses.

    Attributes
    ----------
    label : str
        Of its first element.
    size : int
        Number of elements.
    tau : float
        Weight of all wrong labels c with a b c^-1 in the class, together.

    Examples
    --------
    >>> optimum = margin_optimum("S3")
    >>> [(weight.label, weight.size, round(weight.tau, 4)) for weight in optimum.classes]
    [('(2 3)', 3, 0.4507), ('(1 2 3)', 2, 0.5493)]
    """

    label: str
    size: int
    tau: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MarginOptimum(Shown):
    """The greatest normalised L_{2,3} margin of a quadratic net, with both its certificates.

    Attributes
    ----------
    group : Group
        Of order n.
    gamma_star : float
        No net of norm 1 has a greater margin on all n^2 pairs.
    gap : float
        Relative difference between gamma_star and what the shares reach: rounding errors.
    irreps : tuple of IrrepShare
        All non-trivial ones.
    classes : tuple of ClassWeight
        All non-trivial ones.
    theorem : str
        What gives the value: "Theorem 7" (Z_p, p an odd prime) or "Theorem 9" (types R only) of
        the paper, "Theorem 9 for types R, C, H" (our extension), or "linear programme".
    condition : float
        ``max_C sum_phi dim^(3/2) chi_phi(C) / endo_dim`` over non-trivial classes; below zero every
        irrep has a share and the value is a closed formula.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, theorems 7 and 9.

    Examples
    --------
    >>> optimum = margin_optimum("A5")
    >>> [irrep.label for irrep in optimum.present]
    ['3Ra', '3Rb', '4R']
    """

    group: Group
    gamma_star: float
    gap: float
    irreps: tuple[IrrepShare, ...]
    classes: tuple[ClassWeight, ...]
    theorem: Theorem
    condition: float

    @property
    def present(self) -> tuple[IrrepShare, ...]:
        """Irreps with a share of `max_margin_net`."""
        return tuple(irrep for irrep in self.irreps if irrep.share > 0.0)

    @property
    def possible(self) -> tuple[IrrepShare, ...]:
        """Irreps with a share in some maximum-margin net; neurons of no such net lie in others."""
        return tuple(irrep for irrep in self.irreps if irrep.largest > 0.0)

    @property
    def width(self) -> int:
        """Number of neurons of `max_margin_net`: the least that our construction needs."""
        return sum(irrep.width for irrep in self.present)

    @property
    def theorem_9_condition(self) -> float | None:
        """The condition of Theorem 9; None if some irrep is not of type R."""
        all_real = all(irrep.width == 2 * irrep.dim**3 for irrep in self.irreps)
        return self.condition if all_real else None

    def label_weights(self) -> Array:
        """Return the weights tau of the labels c where ab is right, shape (n, n): rows ab."""
        by_class = np.array([0.0] + [part.tau / part.size for part in self.classes])
        class_index, G = real_characters(self.group).class_index, self.group
        result: Array = by_class[class_index][G.cayley[:, G.inverse]]
        return result

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the group's table as JSON-able values."""
        return {
            "group": self.group.name,
            "order": self.group.order,
            "gamma_star": self.gamma_star,
            "gap": self.gap,
            "theorem": self.theorem,
            "condition": self.condition,
            "theorem_9_condition": self.theorem_9_condition,
            "width": self.width,
            "irreps": [
                {name: getattr(irrep, name) for name in IrrepShare.__slots__}
                for irrep in self.irreps
            ],
            "classes": [
                {name: getattr(part, name) for name in ClassWeight.__slots__}
                for part in self.classes
            ],
        }

    def __repr__(self) -> str:
        return f"MarginOptimum({self.group.name!r}, gamma_star={self.gamma_star:.6g})"

    def _parts(self) -> list[Line]:
        header = ["irrep", "neurons", "share"]
        ranged = any(irrep.largest - irrep.least > 1e-6 for irrep in self.irreps)
        header += ["in any optimum"] * ranged + ["strength / gamma*"]
        rows = []
        for irrep in self.irreps:
            between = f"{irrep.least:.4f} to {irrep.largest:.4f}"
            row: list[object] = [irrep.label, irrep.width * (irrep.share > 0), f"{irrep.share:.4f}"]
            row += [between] * ranged + [f"{irrep.strength / self.gamma_star:.4f}"]
            rows.append(row)
        weights = [[part.label, part.size, f"{part.tau:.4f}"] for part in self.classes]
        return [
            f"a*b over {self.group.name} (order {self.group.order}): "
            f"gamma* = {self.gamma_star:.6e}, by {self.theorem}",
            *self._conclusions(),
            "",
            Table(header, rows, cut=True),
            "",
            Table(["class", "size", "tau"], weights, cut=True),
            "",
            "share: of the cubed norms, what this net spends on an irrep; strength: the margin",
            "of its best neuron, weighted by tau; tau: the weight of wrong answers in a class",
        ]

    def _conclusions(self) -> list[str]:
        """Say in sentences what the numbers mean."""
        # Morwani et al.'s theorems, as far as they go; the rest is ours.
        published = self.theorem in ("Theorem 7", "Theorem 9")
        source = "Morwani et al. 2023" if published else "docs/theory/margins.md"
        possible, count = len(self.possible), len(self.irreps)
        if self.condition < -1e-9:
            used = "like every best net, it has neurons in every non-trivial irrep"
        elif possible < count:
            used = f"best nets have neurons in {possible} of the {count} non-trivial irreps only"
        else:
            used = "each non-trivial irrep has neurons in some best net"
        error = f"{abs(self.gap):.0e}"
        return [
            "No net of neurons (u[a] + v[b])^2 w[c] whose cubed norms add up to 1 has a larger",
            f"margin on all pairs ({source}; what is reached and what is proved agree to {error}).",
            f"A net of {self.width} neurons has that margin; {used}.",
        ]


def margin_optimum(G: Group | str) -> MarginOptimum:
    """Return the greatest normalised margin on a*b over a group, and who reaches it.

    Parameters
    ----------
    G : Group or str
        Of order 2 or more.

    Returns
    -------
    MarginOptimum
        Prints as a table.

    Raises
    ------
    NetworkError
        If the group is trivial.

    Notes
    -----
    For ``f(a, b)[c] = sum_i (u_i[a] + v_i[b])^2 w_i[c]`` and the norm L_{2,3}, gamma* is the
    value of a game: a probability lambda on the non-trivial real irreps against one, tau, on the
    non-trivial classes (proof in docs/theory/margins.md)::

        gamma* = max_lambda min_C sum_phi lambda_phi kappa_phi (1 - chi_phi(C) / d_phi)
        kappa_phi = 2 / (n^(3/2) sqrt(27 d_phi))

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, theorem 9, appendix I.2.

    Examples
    --------
    >>> print(margin_optimum("S3"))
    a*b over S3 (order 6): gamma* = 2.360497e-02, by Theorem 9
    No net of neurons (u[a] + v[b])^2 w[c] whose cubed norms add up to 1 has a larger
    margin on all pairs (Morwani et al. 2023; what is reached and what is proved agree to ...).
    A net of 18 neurons has that margin; like every best net, ...
    <BLANKLINE>
    irrep  neurons  share   strength / gamma*
    1Rb          2  0.1502  1.0000
    2R          16  0.8498  1.0000
    <BLANKLINE>
    class    size  tau
    (2 3)       3  0.4507
    (1 2 3)     2  0.5493
    <BLANKLINE>
    share: of the cubed norms, what this net spends on an irrep; strength: the margin
    of its best neuron, weighted by tau; tau: the weight of wrong answers in a class
    """
    table = real_characters(group(G))
    A = payoffs(table)
    widths = 2 * table.dims[1:] ** 3 // table.endo_dims[1:]
    condition = equaliser_condition(table)
    play = equaliser(table)
    if play is None:
        play = narrowest(A, solve_programme(A), widths)
        least, largest = share_ranges(A, play)
        theorem: Theorem = "linear programme"
    else:
        # Below zero the game is completely mixed, so its strategies are unique; at zero, maybe not.
        unique = condition < -1e-9
        least, largest = (play.shares, play.shares) if unique else share_ranges(A, play)
        theorem = _theorem(table)
    return MarginOptimum(
        group=table.group,
        gamma_star=play.bound,
        gap=play.gap,
        irreps=_irrep_shares(table, A @ play.tau, play, least, largest),
        classes=_class_weights(table, play),
        theorem=theorem,
        condition=condition,
    )


def gamma_star(G: Group | str) -> float:
    """Return the greatest normalised L_{2,3} margin of a quadratic net on a*b over a group.

    Parameters
    ----------
    G : Group or str
        Of order 2 or more.

    Returns
    -------
    float
        The `MarginOptimum.gamma_star` of `margin_optimum`.

    Raises
    ------
    NetworkError
        If the group is trivial.

    Notes
    -----
    Theorem 7 for Z_p: ``sqrt(2 / 27) / (sqrt(p) (p - 1))``. Theorem 9, types R only, under its
    condition: ``2 / (3 sqrt(3 n) sum d^(5/2))``.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, theorems 7 and 9.

    Examples
    --------
    >>> f"{gamma_star('C71'):.4e}"
    '4.6143e-04'
    """
    return margin_optimum(G).gamma_star


def _theorem(table: RealCharacterTable) -> Theorem:
    n = table.group.order
    if n > 2 and is_prime(n):
        return "Theorem 7"
    return "Theorem 9" if set(table.types) == {"R"} else "Theorem 9 for types R, C, H"


def _irrep_shares(
    table: RealCharacterTable, strengths: Array, play: Strategies, least: Array, largest: Array
) -> tuple[IrrepShare, ...]:
    shares = []
    for place, share in enumerate(play.shares.tolist()):
        dim, endo = int(table.dims[place + 1]), int(table.endo_dims[place + 1])
        shares.append(
            IrrepShare(
                index=place + 1,
                label=table.labels[place + 1],
                dim=dim,
                share=share,
                least=min(share, float(least[place])),
                largest=max(share, float(largest[place])),
                strength=float(strengths[place]),
                width=2 * dim**3 // endo,
            )
        )
    return tuple(shares)


def _class_weights(table: RealCharacterTable, play: Strategies) -> tuple[ClassWeight, ...]:
    _, first = np.unique(table.class_index, return_index=True)
    labels = table.group.labels
    return tuple(
        ClassWeight(labels[int(first[place + 1])], int(table.class_sizes[place + 1]), tau)
        for place, tau in enumerate(play.tau.tolist())
    )
