"""What a notebook shows of a group, from its table alone."""

from math import lcm

import numpy as np

from .._shown import Line, Table, facts
from .._typing import Indices

# Elements that are named.
_LABELS = 8


def group_figures(
    name: str, cayley: Indices, inverse: Indices, identity: int, labels: tuple[str, ...]
) -> list[Line]:
    """Count what a group is made of, and list its elements."""
    n, commuting = len(labels), cayley == cayley.T
    # As many pairs commute as there are classes, n times (Frobenius).
    classes, orders = int(commuting.sum()) // n, _orders(cayley, identity)
    centre = np.flatnonzero(commuting.all(axis=1))
    kinds, counts = np.unique(orders, return_counts=True)
    made_of = [f"{k} of order {order}" for order, k in zip(kinds.tolist(), counts, strict=True)]
    rows = [
        [label, order, labels[g]]
        for label, order, g in zip(labels, orders.tolist(), inverse.tolist(), strict=True)
    ]
    return [
        f"{name}: a group of order {n}",
        facts(
            [
                ("abelian", "yes" if len(centre) == n else "no"),
                ("conjugacy classes", classes),
                ("centre", f"order {len(centre)}: {_listed([labels[g] for g in centre])}"),
                ("exponent", lcm(*kinds.tolist())),
                ("elements", _listed(made_of)),
            ]
        ),
        Table(["element", "order", "inverse"], rows, about=f"the {n} elements, in their order"),
    ]


def _orders(cayley: Indices, identity: int) -> Indices:
    """Return the order of every element."""
    orders = np.zeros(len(cayley), dtype=np.int32)
    power, step = np.arange(len(cayley), dtype=np.int32), 1
    while not orders.all():
        orders[(power == identity) & (orders == 0)] = step
        power, step = cayley[power, np.arange(len(cayley))], step + 1
    return orders


def _listed(names: list[str]) -> str:
    more = len(names) - _LABELS
    return ", ".join(names[:_LABELS]) + (f", and {more} more" * (more > 0))
