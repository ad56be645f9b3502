"""From whatever holds a network to all the ways in which it can be read."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._extras import room_of
from .._files import damage_as, read_array, read_arrays, read_file
from .._kinds import DECOMPOSITION, NET, expecting
from .._layouts._limits import largest
from .._layouts._reading import readings
from .._layouts._shapes import are_logits
from .._memory import require_memory
from .._typing import Array, freeze
from ..errors import ComparisonError, FileFormatError, NetworkError, WordTensorError
from ._built import built, random_like
from ._forms import Activations
from ._forward import Network
from ._given import checked_array, detached, real_array
from ._nonlinear import NAMES, check_activation

# Where a file of arrays says what its neurons compute.
_STATED: Final = "activation"
# Pairs on which a function is tried before it is called on all.
_TRIAL: Final = 3
# How near the logits of a module, in single precision, must be to ours.
_AGREE: Final = 1e-4
# How near what a function says of a pair twice must be, in half precision at the worst.
_SAME: Final = 0.02

Candidates = tuple[Network, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What was read already, where its group was not yet known."""

    found: Candidates


def candidates(net: Any, activation: str | None, order: int | None) -> Candidates:
    """Return all readings of what holds a network, the usual one first; order n if it is known."""
    if activation is not None:
        check_activation(activation)
    if isinstance(net, Read):
        return net.found
    if isinstance(net, Network):
        if activation not in (None, net.neurons):
            raise ComparisonError(
                f"Argument 'activation' {activation!r} is not what the network says, {net.neurons}"
            )
        return (net,)
    found = _found(net, activation, order)
    empty = [each for each in found if not (each.order and each.width) and each.kind != "logits"]
    if empty or not found[0].order:
        raise ComparisonError(
            f"A network needs at least one neuron and one element; this one has {found[0].width} "
            f"neurons on {found[0].order} elements"
        )
    return found


def _found(net: Any, activation: str | None, order: int | None) -> Candidates:
    if isinstance(net, str | os.PathLike):
        return _from_path(Path(net), activation)
    if isinstance(net, Mapping):
        return from_arrays(net, activation)
    if isinstance(net, tuple | list) and len(net) == 3:
        return _silent(from_arrays(dict(zip("UVW", net, strict=True)), activation))
    if callable(getattr(net, "arrays", None)) and hasattr(net, "kind"):
        return (_from_ours(net, activation),)
    if callable(getattr(net, "state_dict", None)) and not isinstance(net, type):
        return _from_module(net, activation, order)
    if isinstance(net, np.ndarray) or hasattr(net, "detach"):
        _refuse_activation(activation, "logits")
        return (of_logits(net),)
    if callable(net) and not isinstance(net, type):
        _refuse_activation(activation, "a function")
        return (_from_function(net, order),)
    raise ComparisonError(
        "Argument 'net' must be a net of wordtensor.nets, a torch module, a file, three arrays U, "
        "V, W, a mapping of arrays by name, an array of logits of shape (n, n, n), or a function "
        f"f(a, b), not a {type(net).__name__}"
    )


def _from_path(path: Path, activation: str | None) -> Candidates:
    with expecting(path, NET, DECOMPOSITION):
        if path.suffix.lower() in (".npz", ".npy"):
            return of_file(path, file_arrays(path), True, activation)
        found = room_of("nets.files", f"Reading {str(path)!r}").read_weights(path)
        if isinstance(found.weights, Mapping):
            return of_file(path, found.weights, found.ordered, activation)
        return (_from_ours(found.weights, activation),)


def file_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a .npz file by name, or that of a .npy file, which are logits."""
    content = read_file(path)
    with damage_as(path, f"it is damaged, pickled, or no {path.suffix} file"):
        if path.suffix.lower() == ".npy":
            return {"logits": read_array(content)}
        return read_arrays(content, largest(len(content)))


def of_file(
    path: Path, arrays: Mapping[str, ArrayLike], ordered: bool, activation: str | None
) -> Candidates:
    """Read the arrays of a file, which is named where they make no network."""
    if activation is not None:
        check_activation(activation)
    try:
        found = from_arrays(arrays, activation, ordered)
        return _silent(found) if "header" in arrays else found
    except NetworkError as error:
        raise FileFormatError(f"File {str(path)!r} holds no network: {error}") from error
    except ComparisonError as error:
        raise FileFormatError(f"File {str(path)!r} cannot be compared so: {error}") from error


def _silent(found: Candidates) -> Candidates:
    """Say nothing of U, V, W that are read as they are documented."""
    return (replace(found[0], reading=""), *found[1:]) if ".T" not in found[0].reading else found


def _from_ours(net: Any, activation: str | None) -> Network:
    """Read a net of `wordtensor.nets`, which says its own activation."""
    if getattr(net, "instances", None) is not None:
        raise ComparisonError(
            f"The module holds {net.instances} networks; choose one with net.instance(k)"
        )
    shape = getattr(net, "shape", None)
    if shape is None or len(set(shape)) != 1:
        raise ComparisonError(
            f"A {type(net).__name__} is no network on pairs of a group; give a PairNet"
        )
    own = getattr(net, "combination", "relu")
    if activation not in (None, own):
        raise ComparisonError(
            f"The net says its own activation, {own}; argument 'activation' {activation!r} is "
            "another"
        )
    made = from_arrays(net.arrays(), own)[0]
    return Network(net.kind, made.weights, made.form)


def _from_module(module: Any, activation: str | None, order: int | None) -> Candidates:
    """Read a torch module by its state dict, held against what it returns on all pairs."""
    nets = room_of("nets._modules", f"Reading a {type(module).__name__}")
    own = nets.module_activations(module)
    if own and activation not in (None, *own):
        raise NetworkError(f"The module's own activation is {', '.join(own)}, not {activation}")
    activation = own[0] if own else activation
    try:
        if len(own) > 1:
            raise NetworkError(f"The module has the activations {', '.join(own)}, not one")
        arrays = nets.module_arrays(module)
        # A module that calls its activation as a function does not name it; its logits do.
        names = NAMES if activation is None else (activation,)
        found = [each for name in names for each in _read(arrays, name)]
        if not found:
            from_arrays(arrays, names[-1])  # to say why
    except (ComparisonError, NetworkError) as error:
        if order is None:
            raise
        return _by_logits(nets, module, order, str(error))
    orders = dict.fromkeys(each.order for each in found)
    if order is not None and order not in orders:
        reason = f"it would be on {' or '.join(map(str, orders))} elements and not on {order}"
        return _by_logits(nets, module, order, reason)
    called = False
    for n in orders if order is None else (order,):
        for _, cube in nets.module_logits(module, n):
            called = True
            fitting = [each for each in found if each.order == n]
            errors = [_error(each, cube) for each in fitting]
            if min(errors) <= _AGREE:
                best = fitting[int(np.argmin(errors))]
                said = f"{best.reading}; the module's own logits agree"
                return (replace(best, reading=said, stated=False),)
    if called and order is not None:
        return _by_logits(nets, module, order, f"it is not {found[0].reading}")
    if called:
        raise ComparisonError(f"The module's logits are not those of its {found[0].reading}")
    return tuple(
        replace(
            each,
            reading=f"{each.reading}; it could not be called on pairs, to check",
            stated=each.stated and not own,
        )
        for each in from_arrays(arrays, activation)
    )


def _read(arrays: Mapping[str, ArrayLike], activation: str) -> Candidates:
    """Read arrays with an activation that may be none of their layout's."""
    try:
        return from_arrays(arrays, activation)
    except ComparisonError:
        return ()


def _error(net: Network, cube: Array) -> float:
    """Return the largest difference of a network's logits to others, relative to these."""
    with np.errstate(over="ignore", invalid="ignore"):
        error = float(np.abs(net.logits() - cube).max())
    return error / max(float(np.abs(cube).max()), np.finfo(float).tiny)


def _by_logits(nets: Any, module: Any, order: int, reason: str) -> Candidates:
    """Take what a module returns on all pairs, in all ways of calling it that work."""
    found = tuple(
        of_logits(cube, f"logits that the module returns {how} of all pairs, since {reason}")
        for how, cube in nets.module_logits(module, order)
    )
    if not found:
        raise NetworkError(
            f"The module cannot be read ({reason}) nor called on pairs; give a function f(a, b) "
            "that returns its logits"
        )
    return found


def from_arrays(
    arrays: Mapping[str, ArrayLike], activation: str | None, ordered: bool = True
) -> Candidates:
    """Read arrays by name."""
    by_hand = activation is not None
    odd = [name for name in arrays if not isinstance(name, str)]
    if odd:
        raise ComparisonError(f"The names of arrays must be texts, not {odd[0]!r}")
    given = {name: checked_array(a, f"Array {name!r}") for name, a in arrays.items()}
    if _STATED in given and given[_STATED].dtype.kind == "U" and given[_STATED].ndim == 0:
        own = str(given.pop(_STATED))
        if activation not in (None, own):
            raise ComparisonError(
                f"The arrays say their own activation, {own!r}; {activation!r} was stated"
            )
        check_activation(own)
        activation, by_hand = own, False
    single = next(iter(given)) if len(given) == 1 else ""
    if single and (single == "logits" or are_logits(given[single].shape)):
        _refuse_activation(activation, "logits")
        reading = "logits alone" if single == "logits" else f"logits alone, array {single!r}"
        return (of_logits(given[single], reading),)
    if {"hidden", "readout"} <= given.keys() <= {"hidden", "readout", "logits"}:
        _refuse_activation(activation, "activations")
        return (_from_activations(given),)
    return tuple(
        replace(built(reading, activation), stated=by_hand) for reading in readings(given, ordered)
    )


def _refuse_activation(activation: str | None, what: str) -> None:
    if activation is not None:
        raise ComparisonError(
            f"Argument 'activation' says what weights compute, and this holds {what}; leave it out"
        )


def of_logits(cube: ArrayLike, reading: str = "logits alone") -> Network:
    """Make a network without neurons of its logits, shape (n, n, n)."""
    values = checked_array(cube, "The array of logits")
    if not are_logits(values.shape):
        raise ComparisonError(
            f"The array of logits must have the shape (n, n, n), not {values.shape}; or (n^2, n), "
            "a row for each pair (a, b), b running fastest, as reshape(n, n, n) takes it"
        )
    n = values.shape[-1]
    if values.ndim == 2:
        reading += f" of shape {values.shape}, row {n} a + b for the pair (a, b)"
    logits = real_array(values.reshape(n, n, n), "The array of logits", 3)
    nothing = freeze(np.zeros((n, n, 0)))
    form = Activations(nothing, freeze(np.zeros((0, n))), logits)
    return Network("logits", MappingProxyType({}), form, reading)


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


def _from_function(f: Callable[[Any, Any], Any], order: int | None) -> Network:
    """Call a function of a and b on all pairs: on arrays of indices, or else on single ones."""
    if order is None:
        raise ComparisonError(
            "A function f(a, b) does not say how many elements there are; give it with its group, "
            "to compare"
        )
    n = order
    require_memory(16.0 * n**3, f"The logits of a function on all pairs of {n} elements")
    a, b = (part.ravel() for part in np.indices((n, n)))
    if n > 1 and _takes_arrays(f, a, b, n):
        return of_logits(_called(f, a, b).reshape(n, n, n), "a function on arrays of pairs")
    rows = [_of_pair(f, int(i), int(j), n) for i, j in zip(a, b, strict=True)]
    return of_logits(np.stack(rows).reshape(n, n, n), "a function on single pairs")


def _takes_arrays(f: Callable[[Any, Any], Any], a: Any, b: Any, n: int) -> bool:
    """Try a function on a few pairs at once: it must say of each what it says of all."""
    some = np.arange(n * n)[:: max(1, n * n // _TRIAL)][:_TRIAL]
    try:
        few, whole = _called(f, a[some], b[some]), _called(f, a, b)
    except Exception:  # it is a user's function, and may refuse arrays in any way
        return False
    if few.shape != (len(some), n) or whole.shape != (n * n, n):
        return False
    if not np.abs(few - whole[some]).max() <= _SAME * np.abs(whole).max():
        raise ComparisonError(
            "The function gives other logits for the same pairs when it is called again, with "
            "others beside them; take out what is random or looks at the whole batch (eval())"
        )
    return True


def _called(f: Callable[[Any, Any], Any], a: Any, b: Any) -> Array:
    """Return what a function gives, from whatever kind of array."""
    value = detached(f(a, b))
    return real_array(value, "What the function returns", np.ndim(value))


def _of_pair(f: Callable[[Any, Any], Any], a: int, b: int, n: int) -> Array:
    """Return the logits of one pair."""
    try:
        row = _called(f, a, b)
    except WordTensorError:
        raise
    except Exception as error:  # it is a user's function
        raise ComparisonError(
            f"The function fails on the pair ({a}, {b}): {type(error).__name__}: "
            f"{' '.join(str(error).split())[:200]}; it is called with two arrays of indices of "
            "numpy, and with two integers if it does not take these"
        ) from error
    if row.shape != (n,):
        raise ComparisonError(
            f"The function must return {n} logits for one pair, or an array (pairs, {n}) for "
            f"arrays of indices, not an array of shape {row.shape}"
        )
    return row


def random_network(net: Network, seed: int | np.random.Generator) -> Network:
    """Return a network of the same form with Gaussian weights of the same mean squares."""
    rng = np.random.default_rng(seed)

    def noise(array: Array) -> Array:
        values: Array = rng.standard_normal(array.shape) * np.sqrt(np.mean(np.square(array)))
        return values

    form = net.form
    if net.kind == "logits" and isinstance(form, Activations) and form.rest is not None:
        return of_logits(noise(form.rest))
    if isinstance(form, Activations):
        return _from_activations({"hidden": noise(form.values), "readout": noise(form.readout)})
    return random_like(net, {name: freeze(noise(array)) for name, array in net.weights.items()})
