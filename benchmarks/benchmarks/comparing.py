"""Comparing a net with the decomposition: S5, an MLP of the released size."""

from collections.abc import Callable
from typing import Any

import numpy as np

import wordtensor as wt
from wordtensor.compare import compare, equivalent_factors, gcr_metrics, match, network
from wordtensor.irreps import real_irreps

from .base import LIMIT, OURS, Suite


def random_mlp(n: int, width: int = 128, embedding: int = 256) -> "wt.compare.Network":
    rng = np.random.default_rng(0)
    shapes = {"W_x": (n, embedding), "W_y": (n, embedding), "W": (2 * embedding, width)}
    arrays = {name: rng.standard_normal(shape) / 16 for name, shape in shapes.items()}
    return network(arrays | {"W_U": rng.standard_normal((width, n)) / 12})


def plain_metrics(net: "wt.compare.Network", G: wt.Group) -> dict[str, float]:
    """The same figures by their definitions, with whole arrays over pairs."""
    n, table = G.order, G.cayley.ravel()
    hidden = net.hidden().reshape(n * n, -1)
    logits = hidden @ net.readout
    centred = logits - logits.mean(1, keepdims=True)
    middle = hidden - hidden.mean(0)
    first, second = np.divmod(np.arange(n * n), n)
    figures = {"percent_logits_explained": 0.0, "hidden": 0.0}
    total = np.square(middle).sum()
    for phi in real_irreps(G)[1:]:
        X = phi.character[G.cayley[table][:, G.inverse]]
        similarity = np.vdot(centred, X) / np.linalg.norm(centred) / np.linalg.norm(X)
        figures["percent_logits_explained"] += similarity**2
        for elements in (first, second, table):
            Q = np.linalg.qr(phi.matrices[elements].reshape(n * n, -1))[0]
            figures["hidden"] += np.square(Q.T @ middle).sum() / total
            if elements is table:
                _cross_entropy((hidden - Q @ (Q.T @ hidden)) @ net.readout, table)
                _cross_entropy((Q @ (Q.T @ hidden)) @ net.readout, table)
    return figures


def _cross_entropy(logits: np.ndarray, targets: np.ndarray) -> float:
    shifted = logits - logits.max(1, keepdims=True)
    chosen = shifted[np.arange(len(targets)), targets]
    return float((np.log(np.exp(shifted).sum(1)) - chosen).mean())


class Metrics(Suite):
    """GCR metrics of a net, against their definitions with whole arrays over pairs."""

    pretty_suite = (
        "GCR metrics of an MLP; "
        "The peer is the definitions with whole arrays. "
        "The limit is a forward pass and the exponentials."
    )
    params = (("S4", "A5", "S5"), (OURS, "definitions", LIMIT))
    tolerance = 1e-10

    def prepare(self, case: str, way: str) -> Callable[[], Any]:
        self.G = wt.group(case)
        net = random_mlp(self.G.order)
        hidden = net.hidden().reshape(self.G.order**2, -1)
        ways = {
            # All irreps count as key, so that all work is done.
            OURS: lambda: gcr_metrics(net, self.G, key_similarity=-2.0),
            "definitions": lambda: plain_metrics(net, self.G),
            LIMIT: lambda: np.exp(hidden @ net.readout),
        }
        return ways[way]

    def check(self, case: str, way: str, answer: Any) -> float:
        if way != OURS:
            return 0.0
        plain = plain_metrics(random_mlp(self.G.order), self.G)
        return max(
            abs(answer.percent_logits_explained - plain["percent_logits_explained"]),
            abs(answer.percent_hidden_explained - plain["hidden"]),
        )

    def time_metrics(self, case: str, way: str) -> None:
        self.work()

    def track_error(self, case: str, way: str) -> float:
        return self.error

    track_error.params = (("S4", "A5", "S5"), (OURS,))
    track_error.unit = "difference"


class Whole(Suite):
    """Everything about a net, its decomposition given; and the matching alone."""

    pretty_suite = (
        "compare an MLP with everything; What is matched has another order, other scales, and "
        "a random action."
    )
    params = (("compare S4", "compare S5", "match S4", "match S5"), (OURS,))
    tolerance = 1e-8

    def prepare(self, case: str, way: str) -> Callable[[], Any]:
        what, name = case.split()
        G = wt.group(name)
        d = wt.decompose("a*b", G)
        if what == "compare":
            net = random_mlp(G.order)
            return lambda: compare(net, "a*b", G, decomposition=d)
        factors = equivalent_factors(d, seed=1)
        return lambda: match(factors, d)

    def check(self, case: str, way: str, answer: Any) -> float:
        if case.startswith("match"):
            return answer.error if answer.matched else float("inf")
        # Random weights are right by chance only.
        return 0.0 if answer.gcr.all_accuracy < 0.5 else float("inf")

    def time_whole(self, case: str, way: str) -> None:
        self.work()

    def track_error(self, case: str, way: str) -> float:
        return self.error

    track_error.unit = "relative error of a term"
