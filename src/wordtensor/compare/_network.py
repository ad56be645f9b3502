"""A trained network as a value: its arrays and its forward pass, from wherever it comes."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from .._files import damage_as, read_arrays, read_file
from .._layouts import MLP, recognised
from .._typing import Array
from ..errors import ComparisonError, FileFormatError, NetworkError
from ..groups import Group
from ._forward import Activations, Attention, Form, Neurons, Tables, checked_array, frozen

__all__ = ["Network", "check_order", "network", "randomised", "row_blocks"]

# Bytes that the activations and logits of one block of rows may take together.
_BLOCK: Final = 64 * 2**20


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network:
    """A network on pairs of elements of a group of order n, with R neurons before the readout.

    Attributes
    ----------
    kind : str
        "hadamard", "perceptron", "margin", "mlp", "transformer", "tables" or "activations".
    weights : mapping of str to ndarray
        Its parameters by name; read-only.
    form : Tables, Attention or Activations
        Its forward pass.
    """

    kind: str
    weights: Mapping[str, Array]
    form: Form

    @property
    def order(self) -> int:
        """Order n of the group."""
        return self.form.order

    @property
    def width(self) -> int:
        """Number R of neurons."""
        return len(self.form.readout)

    @property
    def readout(self) -> Array:
        """From neurons to logits, shape (R, n)."""
        return self.form.readout

    @property
    def combination(self) -> str:
        """How neurons combine their inputs: "product", an activation's name, or "attention"."""
        if isinstance(self.form, Tables):
            return self.form.combination
        return "attention" if isinstance(self.form, Attention) else "given"

    @property
    def tables(self) -> tuple[Array, Array] | None:
        """What a and b bring to each neuron, shapes (n, R); None if they are not separate."""
        return (self.form.left, self.form.right) if isinstance(self.form, Tables) else None

    @property
    def inputs(self) -> tuple[Array, Array] | None:
        """What a and b bring to each neuron, shapes (n, R); None if only activations are known.

        The tables; of a transformer, what a, and b, add on average to what enters the neuron.
        """
        if isinstance(self.form, Attention):
            return self.form.main_effects()
        return self.tables

    @property
    def embeddings(self) -> tuple[Array, Array] | None:
        """The embeddings that Chughtai et al. look at, shapes (n, k); None if there are none.

        The folded maps from elements to neurons of a perceptron; W_E without the row of "=",
        twice, of a transformer.
        """
        if self.kind == "transformer":
            tokens = self.weights["W_E"][:-1]
            return tokens, tokens
        return self.tables

    @property
    def sum_of_squared_weights(self) -> float:
        """Sum of the squares of all parameters."""
        return float(sum(np.vdot(w, w) for w in self.weights.values()))

    def hidden(self, rows: slice = slice(None)) -> Array:
        """Return the activations of pairs (a, b), a in rows: shape (rows, n, R)."""
        return self.form.hidden(rows)

    def logits(self, rows: slice = slice(None), hidden: Array | None = None) -> Array:
        """Return the logits of pairs (a, b), a in rows: shape (rows, n, n)."""
        return self.form.logits(rows, hidden)

    def chosen(self, neurons: Neurons, readout: Array | None = None) -> "Network":
        """Return the network with these neurons only; its weights stay those of the whole.

        Parameters
        ----------
        neurons : array of int or bool, or slice
            Which ones, k in number.
        readout : ndarray, shape (k, n), optional
            Another readout for them.
        """
        form = self.form.chosen(neurons)
        return replace(self, form=form if readout is None else form.with_readout(readout))

    @property
    def is_trilinear(self) -> bool:
        """Whether neurons are ``u v``, or ``(u + v)^2``, of two tables."""
        return self.tables is not None and self.combination in ("product", "square")

    def factors(self) -> tuple[Array, Array, Array]:
        """Return U, V, W, each of shape (n, R), with logits ``sum_r U[a,r] V[b,r] W[c,r]``.

        Of neurons ``(u + v)^2``, the part ``2 u v`` that depends on both inputs.

        Raises
        ------
        ComparisonError
            If the network is not trilinear.
        """
        form = self.form
        if isinstance(form, Tables) and self.is_trilinear:
            scale = 1.0 if form.combination == "product" else 2.0
            return form.left, form.right, scale * form.readout.T
        raise ComparisonError(
            f"a {self.kind} network with {self.combination} neurons is not trilinear: it has no "
            "factors to match with a decomposition; spectra, metrics and ablations work for it"
        )

    def __repr__(self) -> str:
        return (
            f"Network({self.kind!r}, order={self.order}, width={self.width}, "
            f"combination={self.combination!r})"
        )


def network(net: Any, *, activation: str = "product") -> Network:
    """Make a `Network` of whatever holds one.

    Parameters
    ----------
    net : object
        A network of `wordtensor.nets`; a path of a file of one; three arrays U, V, W; or a
        mapping of arrays by name: U, V, W; W_x, W_y, W, W_U (an MLP with embeddings); a
        transformer's; ``left``, ``right``, ``readout`` of shapes (n, R), (n, R), (R, n); or
        ``hidden``, ``readout`` and optionally ``logits`` of shapes (n, n, R), (R, n), (n, n, n)
        for any other. A `Network` passes through.
    activation : str
        For U, V, W and for left, right, readout: "product" for ``L[a] R[b]``, else the s of
        ``s(L[a] + R[b])``: "relu", "square", "sigmoid", "abs".

    Returns
    -------
    Network

    Raises
    ------
    ComparisonError
        If it is none of these.
    FileFormatError
        If the file cannot be read.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> network(d.factors)
    Network('hadamard', order=6, width=9, combination='product')
    """
    if isinstance(net, Network):
        return net
    made = _made(net, activation)
    if not (made.order and made.width):
        raise ComparisonError(
            f"no network: {made.width} neurons on {made.order} elements; give at least one of each"
        )
    return made


def _made(net: Any, activation: str) -> Network:
    if isinstance(net, str | os.PathLike):
        return _from_path(Path(net), activation)
    if isinstance(net, Mapping):
        return _from_arrays(net, activation)
    if isinstance(net, tuple | list) and len(net) == 3:
        return _from_arrays(dict(zip("UVW", net, strict=True)), activation)
    if callable(getattr(net, "arrays", None)) and hasattr(net, "kind"):
        return _from_module(net)
    raise ComparisonError(
        f"no network: {type(net).__name__}; give a net of wordtensor.nets, a file, U, V, W, or a "
        "mapping of arrays by name"
    )


def _from_path(path: Path, activation: str) -> Network:
    if path.suffix != ".npz":
        try:
            from ..nets import load
        except ModuleNotFoundError as error:
            raise ComparisonError(
                f"reading {str(path)!r} needs {error.name}; install it with "
                "pip install 'wordtensor[nets]'"
            ) from None
        return network(load(path))
    content = read_file(path)
    with damage_as(path, "it is damaged, pickled, or no .npz file"):
        arrays = read_arrays(content)
    try:
        return _from_arrays(arrays, activation)
    except (ComparisonError, NetworkError) as error:
        raise FileFormatError(f"{str(path)!r}: {error}") from error


def _from_module(net: Any) -> Network:
    if getattr(net, "instances", None) is not None:
        raise ComparisonError(
            f"the module holds {net.instances} networks; choose one with net.instance(k)"
        )
    shape = getattr(net, "shape", None)
    if shape is None or len(set(shape)) != 1:
        raise ComparisonError(f"a {type(net).__name__} is no network on pairs of a group")
    activation = getattr(net, "combination", "product")
    made = _from_arrays(net.arrays(), activation)
    return Network(net.kind, made.weights, made.form)


def _from_arrays(arrays: Mapping[str, ArrayLike], activation: str) -> Network:
    odd = [name for name in arrays if not isinstance(name, str)]
    if odd:
        raise ComparisonError(f"arrays go by names, which are texts; given {odd[0]!r}")
    if {"left", "right", "readout"} <= arrays.keys():
        weights = _weights(arrays, ("left", "right", "readout"))
        left, right, readout = weights.values()
        return Network("tables", weights, Tables(left, right, readout, activation))
    if {"hidden", "readout"} <= arrays.keys():
        return _from_activations(arrays)
    kind, named = recognised({name: checked_array(a, repr(name)) for name, a in arrays.items()})
    return _built(kind, named, activation)


def _weights(arrays: Mapping[str, ArrayLike], names: tuple[str, ...]) -> Mapping[str, Array]:
    return MappingProxyType({name: frozen(arrays[name], repr(name)) for name in names})


def _built(kind: str, arrays: Mapping[str, ArrayLike], activation: str) -> Network:
    """Make a network of arrays by our names."""
    weights = MappingProxyType(
        {name: frozen(a, repr(name), np.ndim(a)) for name, a in arrays.items()}
    )
    try:
        return Network(kind, weights, _form(kind, weights, activation))
    except (ValueError, IndexError) as error:
        if isinstance(error, ComparisonError):
            raise
        shapes = ", ".join(f"{name} {w.shape}" for name, w in weights.items())
        raise ComparisonError(f"the shapes do not fit each other: {shapes}") from error


def _form(kind: str, weights: Mapping[str, Array], activation: str) -> Form:
    if kind == "transformer":
        return Attention.from_weights(weights)
    if kind == "mlp":
        W_x, W_y, W, W_U = (weights[name] for name in MLP)
        size = W_x.shape[1]
        return Tables(_read_only(W_x @ W[:size]), _read_only(W_y @ W[size:]), W_U, "relu")
    return Tables(weights["U"], weights["V"], weights["W"].T, activation)


def _read_only(array: Array) -> Array:
    array.setflags(write=False)
    return array


def _from_activations(arrays: Mapping[str, ArrayLike]) -> Network:
    values, readout = (
        frozen(arrays["hidden"], "'hidden'", 3),
        frozen(arrays["readout"], "'readout'"),
    )
    rest = None
    if arrays.get("logits") is not None:
        given = frozen(arrays["logits"], "'logits'", 3)
        through = Activations(values, readout).logits(slice(None))
        if given.shape != through.shape:
            raise ComparisonError(f"logits must have shape {through.shape}; given {given.shape}")
        rest = _read_only(given - through)
    return Network(
        "activations", MappingProxyType({"readout": readout}), Activations(values, readout, rest)
    )


def randomised(net: Any, seed: int | np.random.Generator = 0) -> Network:
    """Return a network of the same form with random weights: the null model.

    Parameters
    ----------
    net : object
        Anything that `network` takes.
    seed : int or numpy.random.Generator

    Returns
    -------
    Network
        Every array is replaced by independent Gaussians of its mean square; of a network that
        was given by its activations, these and the readout are.
    """
    net = network(net)
    rng = np.random.default_rng(seed)

    def noise(array: Array) -> Array:
        values: Array = rng.standard_normal(array.shape) * np.sqrt(np.mean(np.square(array)))
        return values

    if isinstance(net.form, Activations):
        return _from_activations(
            {"hidden": noise(net.form.values), "readout": noise(net.form.readout)}
        )
    weights = {name: noise(array) for name, array in net.weights.items()}
    if net.kind == "tables":
        return _from_arrays(weights, net.combination)
    return _built(net.kind, weights, net.combination)


def row_blocks(net: Network) -> Iterator[slice]:
    """Yield slices of a that together are all rows, with activations and logits in 64 MiB each."""
    row = 8 * net.order * (net.width + 2 * net.order)
    step = max(1, _BLOCK // row)
    for start in range(0, net.order, step):
        yield slice(start, min(start + step, net.order))


def check_order(net: Network, G: Group) -> None:
    """Refuse a network of another group."""
    if net.order != G.order:
        raise ComparisonError(
            f"the network is on {net.order} elements and {G!r} has {G.order}; give the group it "
            "was trained on"
        )
