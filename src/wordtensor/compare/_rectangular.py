"""Networks on pairs of two sets: tables of values need not be square."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from .._extras import room_of
from .._kinds import NET, kind_of
from .._typing import freeze
from ..errors import ComparisonError
from ..words import ValueTable
from ._forms import Lookups
from ._forward import Network
from ._given import real_array
from ._network import right_one
from ._nonlinear import check_activation
from ._sources import candidates, file_arrays

Sizes = tuple[int, int, int]

# Of our own networks that may be rectangular, the arrays.
_FACTORS: Final = ("U", "V", "W")
_EMBEDDED: Final = ("W_x", "W_y", "W", "W_U")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rectangular(Lookups):
    """Lookups of n_a and n_b elements, left (n_a, R) and right (n_b, R), and a readout (R, n_c)."""

    def __post_init__(self) -> None:
        width = self.left.shape[1]
        if self.right.shape[1] != width or len(self.readout) != width:
            raise ComparisonError(
                "Lookups and readout must have the shapes (n_a, R), (n_b, R), (R, n_c), not "
                f"{self.left.shape}, {self.right.shape}, {self.readout.shape}"
            )


def shape_of(net: Network) -> Sizes:
    """Return the numbers of first elements, of second ones and of values of a network."""
    if isinstance(net.form, Rectangular):
        return (len(net.form.left), len(net.form.right), net.readout.shape[1])
    return (net.order, net.order, net.order)


def table_network(net: Any, table: ValueTable, activation: str | None = None) -> Network:
    """Make a `Network` of whatever holds one, refusing one that is not on a table's pairs."""
    made = rectangular(net, activation)
    if made is None:
        square = len(set(table.shape)) == 1
        found = candidates(net, activation, table.size if square else None)
        fitting = tuple(each for each in found if shape_of(each) == table.shape)
        made = right_one(fitting, table.values) if fitting else found[0]
    if shape_of(made) != table.shape:
        raise ComparisonError(
            f"The network is on {_said(shape_of(made))}, and {table.name} has "
            f"{_said(table.shape)}; give the table that it was trained on"
        )
    return made


def _said(shape: Sizes) -> str:
    return f"{shape[0]} x {shape[1]} pairs with {shape[2]} values"


def rectangular(net: Any, activation: str | None) -> Network | None:
    """Read a network of ours, or U, V, W, whose sizes differ; None for all others."""
    if activation is not None:
        check_activation(activation)
    if isinstance(net, str | os.PathLike):
        path = Path(net)
        if path.suffix.lower() == ".npz" and path.is_file():
            net = _arrays_of(path)
        elif kind_of(path) == NET:
            net = room_of("nets", f"Reading {str(path)!r}").load(path)
    if isinstance(net, tuple | list) and len(net) == 3:
        net = dict(zip(_FACTORS, net, strict=True))
    if isinstance(net, Mapping):
        made = _of_arrays(net, activation)
        return None if made is None else replace(made, stated=activation is not None)
    own = callable(getattr(net, "arrays", None)) and hasattr(net, "combination")
    if not own or getattr(net, "instances", 0) is not None or len(set(net.shape)) == 1:
        return None
    made = _of_arrays(net.arrays(), net.combination)
    return None if made is None else replace(made, kind=net.kind)


def _arrays_of(path: Path) -> dict[str, Any] | None:
    """Return the arrays of a file if they may be those of a rectangular network."""
    arrays = file_arrays(path)
    if {"header", "tensor", *_FACTORS} <= arrays.keys():  # a solved tensor
        return {name: arrays[name] for name in _FACTORS}
    return arrays if set(arrays) in ({*_FACTORS}, {*_EMBEDDED}) else None


def _of_arrays(arrays: Mapping[str, Any], combination: str | None) -> Network | None:
    """Return the network of U, V, W, or W_x, W_y, W, W_U, if its sizes differ; else None."""
    if set(arrays) not in ({*_FACTORS}, {*_EMBEDDED}):
        return None
    weights = {name: real_array(values, f"Array {name!r}") for name, values in arrays.items()}
    if len(weights) == len(_FACTORS):
        left, right, readout = weights["U"], weights["V"], freeze(weights["W"].T.copy())
    else:
        W, size = weights["W"], weights["W_x"].shape[1]
        if len(W) != size + weights["W_y"].shape[1]:
            return None  # `network` says what does not fit
        left, right = freeze(weights["W_x"] @ W[:size]), freeze(weights["W_y"] @ W[size:])
        readout = weights["W_U"]
    if len(left) == len(right) == readout.shape[1]:
        return None
    kind = "hadamard" if len(weights) == len(_FACTORS) else "mlp"
    if kind == "mlp" and combination == "product":
        raise ComparisonError("Neurons that multiply are U, V, W, and not W_x, W_y, W, W_U")
    usual = "product" if kind == "hadamard" else "relu"
    form = Rectangular(left, right, readout, combination or usual)
    return Network(kind, MappingProxyType(weights), form)
