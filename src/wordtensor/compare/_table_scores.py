"""What one pass over the pairs of a table says of a network, without any group."""

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Booleans
from ..errors import ComparisonError
from ..words import ValueTable
from ._activations import ActivationSums, Three, three_means
from ._forward import Network, row_blocks
from ._losses import cross_entropies


@dataclass(frozen=True, slots=True, eq=False)
class TableScores:
    """Losses, accuracies, and how near the logits are to a multiple of the table's tensor.

    Attributes
    ----------
    loss : tuple of float
        Cross entropy on training, test and all pairs; nan where there are none.
    accuracy : tuple of float
        Share of pairs that are right, on the same.
    scale : float
        Of the multiple of the tensor that is nearest to the logits.
    relative_error : float
        Squared distance to that multiple, as a share of its square.
    centred : bool
        Whether these two are of logits and tensor without their means over values.
    tensor_error : float
        Squared distance to the tensor itself, as a share of its square.
    variance : tuple of float or None
        Of Latin tables: shares of the variance of the neurons by a, by b and by the value.

    Notes
    -----
    In a Latin square, functions of the row, of the column and of the value are orthogonal once the
    mean is taken away. So the shares add up to at most one. This is the analysis of variance, and
    it needs no group.

    References
    ----------
    Fisher, The Design of Experiments (1935), chapter 5.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.solve(wt.value_table("x-y mod 3"))
    >>> found = wt.compare.compare_table(d.factors, "x-y mod 3", decomposition=d).scores
    >>> found.accuracy[2], round(found.scale, 9), round(sum(found.variance), 9) <= 1
    (1.0, 1.0, True)
    """

    loss: Three
    accuracy: Three
    scale: float
    relative_error: float
    centred: bool
    tensor_error: float
    variance: Three | None


def table_scores(net: Network, table: ValueTable, mask: Booleans) -> TableScores:
    """Run over all pairs once, some rows at a time; the mask (n_a, n_b) is of training pairs."""
    values = table.values
    losses, right = np.zeros(values.shape), np.zeros(values.shape, dtype=bool)
    latin = net.width > 0 and table.is_latin
    sums = ActivationSums.empty(table.size if latin else 0, net.width)
    whole, constant = np.zeros(2), np.zeros(2)
    for rows in row_blocks(net):
        wanted = values[rows]
        with np.errstate(over="ignore", invalid="ignore"):
            hidden = net.hidden(rows)
            logits = net.logits(rows, hidden)
            if latin:
                sums.add(rows, hidden, wanted)
            means = logits.mean(-1)
            onto = np.take_along_axis(logits, wanted[..., None], 2).sum()
            whole += (np.vdot(logits, logits), onto)
            constant += (table.size * np.vdot(means, means), means.sum())
        if not np.isfinite(whole[0] + sums.squares.sum()):
            raise ComparisonError(
                "The squares of activations or logits overflow; divide the weights by a number"
            )
        right[rows] = logits.argmax(-1) == wanted
        flat = logits.reshape(-1, logits.shape[-1])
        losses[rows] = cross_entropies(flat, wanted.ravel(), overwrite=True).reshape(wanted.shape)
    ones = float(values.size)
    error = max(0.0, float(whole[0] - 2 * whole[1]) + ones) / ones
    # As in `fitting_spectrum`: what was trained by cross entropy is blind to its mean over c.
    centred = bool(error > 0.5 and table.size > 1)
    scale, relative = _nearest(
        whole - constant if centred else whole, ones * (1 - 1 / table.size) if centred else ones
    )
    return TableScores(
        loss=three_means(losses, mask),
        accuracy=three_means(right, mask),
        scale=scale,
        relative_error=relative,
        centred=centred,
        tensor_error=error,
        variance=_variance(sums) if latin else None,
    )


def _nearest(products: Array, ones: float) -> tuple[float, float]:
    """Return the nearest multiple of T to L, and how far, of <L, L>, <L, T> and <T, T>."""
    square, onto = products
    scale = float(onto) / ones
    wanted = scale * scale * ones
    return scale, max(0.0, float(square) - wanted) / wanted if wanted > 0 else float("inf")


def _variance(sums: ActivationSums) -> Three:
    """Return how the variance of all neurons splits over a, b and the value in a Latin square."""
    n = len(sums.by_first)
    products, squares = sums.centred(np.full(n, n))
    total = float(squares.sum())
    first, second, third = (
        float(np.square(part).sum()) / total if total > 0 else 0.0 for part in products
    )
    return first, second, third
