"""From the arrays of a layout to the forward pass that they make."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from .._layouts._reading import Reading
from .._layouts._table import PRODUCTS, Layout, layout_named
from .._typing import Array, freeze
from ..errors import ComparisonError
from ._attention import Attention
from ._forms import Form, Lookups
from ._forward import Network
from ._given import real_array
from ._nonlinear import NAMES, check_activation

Weights = Mapping[str, Array]


def built(reading: Reading, activation: str | None) -> Network:
    """Make the network of a reading; an activation that is not stated must be known."""
    layout = reading.layout
    if activation is None and layout.activation is None:
        raise ComparisonError(
            f"The arrays were read as {reading}, and --activation (activation=) is missing, since "
            "they do not say what their neurons compute: state an activation, one of "
            f"{', '.join(NAMES)}"
        )
    chosen = activation or str(layout.activation)
    check_activation(chosen)
    weights = MappingProxyType(
        {
            role: real_array(array, f"Array {reading.sources[role]!r}", np.ndim(array))
            for role, array in reading.arrays.items()
        }
    )
    said = f"{reading}; {chosen} neurons"
    if activation is None:
        said += " (by its layout; --activation, activation=, states others)"
    return made_of(layout, weights, reading.order, chosen, said)


def made_of(
    layout: Layout, weights: Weights, order: int, activation: str, reading: str = ""
) -> Network:
    """Make a network of a layout's arrays in double precision."""
    if activation == "product" and layout.name not in PRODUCTS:
        raise ComparisonError(
            f"Neurons that multiply two inputs belong to the layouts {', '.join(PRODUCTS)}, and "
            f"not to {layout.name!r}; state the activation that it was trained with, or give left, "
            "right and readout (--map)"
        )
    return Network(layout.name, weights, form_of(layout.name, weights, order, activation), reading)


def form_of(kind: str, weights: Weights, order: int, activation: str) -> Form:
    """Return the forward pass of a kind of network."""
    if kind == "nanda":
        weights = _as_lens(weights)
    if kind in ("transformer", "nanda"):
        return Attention.from_weights(weights, activation)
    if kind in ("hadamard", "bilinear", "lookups", "mlp"):
        return _of_tables(kind, weights, activation)
    return _of_layers(kind, weights, order, activation)


def _as_lens(weights: Weights) -> Weights:
    """Turn what the progress-measures paper stores into TransformerLens' orientation."""
    turned = dict(weights)
    heads, size, d = weights["W_K"].shape
    turned |= {name: weights[name].swapaxes(1, 2) for name in ("W_Q", "W_K", "W_V")}
    turned["W_O"] = weights["W_O"].reshape(d, heads, size).transpose(1, 2, 0)
    return turned | {name: weights[name].T for name in ("W_E", "W_in", "W_out")}


def _of_tables(kind: str, w: Weights, activation: str) -> Lookups:
    """Read the layouts with names of their own: a row for each element, combined as they are."""
    if kind == "mlp":
        size = w["W_x"].shape[1]
        left, right = w["W_x"] @ w["W"][:size], w["W_y"] @ w["W"][size:]
        return _added(left, right, w["W_U"], activation, [w.get("b")], w.get("b_U"))
    if kind == "bilinear":
        return _added(w["W_x"], w["W_y"], w["W_U"], activation, [], w.get("b_U"))
    if kind == "lookups":
        given = w["left"], w["right"], w["readout"]
        return Lookups(*given, activation, w.get("bias"), w.get("offset"))
    U, V, W = w["U"], w["V"], w["W"].T
    if activation == "product":
        U, V = freeze(U + w.get("b_U", 0.0)), freeze(V + w.get("b_V", 0.0))
        return Lookups(U, V, W, activation, None, w.get("b_W"))
    return _added(U, V, W, activation, [w.get("b_U"), w.get("b_V")], w.get("b_W"))


def _of_layers(kind: str, w: Weights, n: int, activation: str) -> Lookups:
    """Read linear layers in their order; rows and logits of a token "=" are left out."""
    readout, offset = w["output"][:n].T, w.get("output bias")
    offset = None if offset is None else offset[:n]
    if activation == "product":
        left, right = _multiplied(kind, w, n)
        return Lookups(left, right, readout, activation, None, offset)
    left, right, biases = _inputs(kind, w, n)
    return _added(left, right, readout, activation, biases, offset)


def _inputs(kind: str, w: Weights, n: int) -> tuple[Array, Array, list[Array | None]]:
    """Return what a and b bring to each neuron, shapes (n, R), and what is added to both."""
    if kind == "one-hot":
        return w["hidden"][:, :n].T, w["hidden"][:, n:].T, [w.get("hidden bias")]
    if kind == "shared":
        return w["hidden"][:n], w["hidden"][:n], [w.get("hidden bias")]
    if kind == "two tables":
        return w["left"][:n], w["right"][:n], [w.get("left bias"), w.get("right bias")]
    if kind == "two layers":
        onward, names = (w["left"], w["right"]), ("embed", "embed")
        biases = [w.get("left bias"), w.get("right bias")]
    else:
        onward, names = (w["hidden"], w["hidden"]), ("embed", "embed")
        if "left" in w:
            names = ("left", "right")
        if kind.endswith("concatenated"):
            size = w[names[0]].shape[1]
            onward = w["hidden"][:, :size], w["hidden"][:, size:]
        biases = [w.get("hidden bias")]
    # The bias of a table goes the way of the table.
    for name, matrix in zip(names, onward, strict=True):
        bias = w.get(f"{name} bias")
        biases.append(None if bias is None else matrix @ bias)
    left, right = (w[name][:n] @ m.T for name, m in zip(names, onward, strict=True))
    return left, right, biases


def _multiplied(kind: str, w: Weights, n: int) -> Iterator[Array]:
    """Yield what a and b multiply, shapes (n, R), biases and all."""
    for name in ("hidden", "hidden") if kind == "shared" else ("left", "right"):
        table = w[name][:n]
        if kind == "two layers":
            table = (w["embed"][:n] + w.get("embed bias", 0.0)) @ w[name].T
        yield freeze(table + w.get(f"{name} bias", 0.0))


def _added(
    left: Array,
    right: Array,
    readout: Array,
    activation: str,
    biases: Sequence[Array | None],
    offset: Array | None,
) -> Lookups:
    present = [bias for bias in biases if bias is not None]
    bias = freeze(np.sum(present, axis=0)) if present else None
    return Lookups(freeze(left), freeze(right), readout, activation, bias, offset)


def random_like(net: Network, weights: Weights) -> Network:
    """Make a network of the same form with other weights."""
    kind = "hadamard" if net.kind in ("perceptron", "margin") else net.kind
    made = made_of(layout_named(kind), weights, net.order, net.neurons)
    return Network(net.kind, made.weights, made.form)
