"""A trained network, from wherever it comes: modules, files, arrays."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._extras import room_of
from .._files import damage_as, read_arrays, read_file
from .._kinds import DECOMPOSITION, NET, expecting
from .._layouts import MLP, largest, recognised, refuse_others
from .._typing import Array, freeze
from ..errors import ComparisonError, FileFormatError, NetworkError
from ..groups import Group
from ._forward import Activations, Attention, Form, Lookups, Network
from ._given import checked_array, real_array


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
            f"A network needs at least one neuron and one element; this one has {made.width} "
            f"neurons on {made.order} elements"
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
        "Argument 'net' must be a net of wordtensor.nets, a file of one, three arrays U, V, W, or "
        f"a mapping of arrays by name, not a {type(net).__name__}"
    )


def _from_path(path: Path, activation: str) -> Network:
    if path.suffix != ".npz":
        return network(room_of("nets", f"Reading {str(path)!r}").load(path))  # the one door
    with expecting(path, NET, DECOMPOSITION):
        content = read_file(path)
        with damage_as(path, "it is damaged, pickled, or no .npz file"):
            arrays = read_arrays(content, largest(len(content)))
        try:
            return _from_arrays(arrays, activation)
        except (ComparisonError, NetworkError) as error:
            raise FileFormatError(f"File {str(path)!r} holds no network: {error}") from error


def _from_module(net: Any) -> Network:
    if getattr(net, "instances", None) is not None:
        raise ComparisonError(
            f"The module holds {net.instances} networks; choose one with net.instance(k)"
        )
    shape = getattr(net, "shape", None)
    if shape is None or len(set(shape)) != 1:
        raise ComparisonError(
            f"A {type(net).__name__} is no network on pairs of a group; give a PairNet"
        )
    activation = getattr(net, "combination", "product")
    made = _from_arrays(net.arrays(), activation)
    return Network(net.kind, made.weights, made.form)


def _from_arrays(arrays: Mapping[str, ArrayLike], activation: str) -> Network:
    odd = [name for name in arrays if not isinstance(name, str)]
    if odd:
        raise ComparisonError(f"The names of arrays must be texts, not {odd[0]!r}")
    if {"left", "right", "readout"} <= arrays.keys():
        refuse_others("lookups", arrays, ("left", "right", "readout"))
        weights = _weights(arrays, ("left", "right", "readout"))
        left, right, readout = weights.values()
        return Network("lookups", weights, Lookups(left, right, readout, activation))
    if {"hidden", "readout"} <= arrays.keys():
        refuse_others("activations", arrays, ("hidden", "readout", "logits"))
        return _from_activations(arrays)
    kind, named = recognised(
        {name: checked_array(a, f"Array {name!r}") for name, a in arrays.items()}
    )
    return _built(kind, named, activation)


def _weights(arrays: Mapping[str, ArrayLike], names: tuple[str, ...]) -> Mapping[str, Array]:
    return MappingProxyType({name: real_array(arrays[name], f"Array {name!r}") for name in names})


def _built(kind: str, arrays: Mapping[str, ArrayLike], activation: str) -> Network:
    """Make a network of arrays by our names."""
    weights = MappingProxyType(
        {name: real_array(a, f"Array {name!r}", np.ndim(a)) for name, a in arrays.items()}
    )
    try:
        return Network(kind, weights, _form(kind, weights, activation))
    except (ValueError, IndexError) as error:
        if isinstance(error, ComparisonError):
            raise
        shapes = ", ".join(f"{name} {w.shape}" for name, w in weights.items())
        raise ComparisonError(
            f"The shapes of the arrays must fit each other, not be {shapes}"
        ) from error


def _form(kind: str, weights: Mapping[str, Array], activation: str) -> Form:
    if kind == "transformer":
        return Attention.from_weights(weights)
    if kind == "mlp":
        W_x, W_y, W, W_U = (weights[name] for name in MLP)
        size = W_x.shape[1]
        return Lookups(freeze(W_x @ W[:size]), freeze(W_y @ W[size:]), W_U, "relu")
    return Lookups(weights["U"], weights["V"], weights["W"].T, activation)


def _from_activations(arrays: Mapping[str, ArrayLike]) -> Network:
    values, readout = (
        real_array(arrays["hidden"], "Array 'hidden'", 3),
        real_array(arrays["readout"], "Array 'readout'"),
    )
    rest = None
    if arrays.get("logits") is not None:
        given = real_array(arrays["logits"], "Array 'logits'", 3)
        through = Activations(values, readout).logits(slice(None))
        if given.shape != through.shape:
            raise ComparisonError(f"Logits must have the shape {through.shape}, not {given.shape}")
        rest = freeze(given - through)
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

    Examples
    --------
    >>> import wordtensor as wt
    >>> chance = randomised(wt.decompose("a*b", "S3").factors, seed=1)
    >>> chance
    Network('hadamard', order=6, width=9, combination='product')
    >>> wt.compare.gcr_metrics(chance, "S3").all_accuracy < 0.5
    True
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
    if net.kind == "lookups":
        return _from_arrays(weights, net.combination)
    return _built(net.kind, weights, net.combination)


def network_on(net: Any, G: Group) -> Network:
    """Make a `Network` of whatever holds one, refusing one of another group."""
    made = network(net)
    if made.order != G.order:
        raise ComparisonError(
            f"The network is on {made.order} elements and {G!r} has {G.order}; give the group it "
            "was trained on"
        )
    return made
