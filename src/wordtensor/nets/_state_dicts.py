"""Weights that others saved: torch's state dicts, bare or in checkpoints, and plain safetensors."""

import io
import pickle
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.parameter import is_lazy

from .._files import Path_, array_sizes, damage_as, read_file
from .._layouts._limits import largest
from .._layouts._shapes import are_logits
from .._memory import require_memory
from .._text import listed
from ..errors import FileFormatError, NetworkError

SUFFIXES: Final = (".pt", ".pth", ".ckpt", ".bin")
# Under which keys checkpoints keep a state dict, many of them, and their steps.
_ONE: Final = ("state_dict", "model_state_dict", "model", "net", "network", "module", "weights")
_MANY: Final = ("state_dicts", "model_state_dicts", "checkpoints")
_STEPS: Final = ("steps", "epochs", "checkpoint_epochs", "checkpoint_steps")
_STEP: Final = ("step", "epoch", "global_step", "iteration")
_POINTER: Final = b"version https://git-lfs"
_REFUSED: Final = re.compile(r"GLOBAL ([\w.]{1,100})")

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class StateDicts:
    """The state dicts of one file, by step where it has many."""

    by_step: Mapping[int, Mapping[str, Tensor]]  # ascending; one entry, 0, of a file with one
    beside: tuple[str, ...]  # what else the file holds, by its keys

    def chosen(self, step: int | None) -> Mapping[str, Tensor]:
        """Return the state dict of a step, by default the last."""
        if step is None:
            return list(self.by_step.values())[-1]
        if step not in self.by_step:
            raise NetworkError(
                f"There is no step {step}; there are {listed(map(str, self.by_step))}"
            )
        return self.by_step[step]


def read_weights_file(path: Path_) -> bytes:
    """Read the bytes of a file of weights, if they are there."""
    content = read_file(path)
    if content.startswith(_POINTER):
        raise FileFormatError(
            f"File {str(path)!r} is a pointer of Git LFS and holds no weights; fetch them with "
            "'git lfs pull'"
        )
    return content


def read_state_dicts(path: Path_) -> StateDicts:
    """Read what ``torch.save`` wrote, if it is a state dict, has some, or is one of logits."""
    held = _held(path)
    found = _unwrapped({"logits": held} if _is_logits(held) else held)
    if found is None:
        raise FileFormatError(
            f"File {str(path)!r} holds no state dict, but {_shown(held)}; save one by "
            "torch.save(model.state_dict(), 'net.pt'), or logits (n, n, n) by "
            "np.save('logits.npy', logits)"
        )
    return found


def read_tensor(path: Path_) -> NDArray[Any]:
    """Read one tensor that ``torch.save`` wrote; nothing runs."""
    held = _held(path)
    if not isinstance(held, Tensor):
        raise FileFormatError(f"File {str(path)!r} holds no tensor, but {_shown(held)}")
    try:
        return arrays_of({"tensor": held})["tensor"]
    except NetworkError as error:
        raise FileFormatError(f"Cannot read {str(path)!r}: {error}") from error


def _is_logits(held: object) -> bool:
    """Tell whether a tensor has a row of n logits for each of n^2 pairs."""
    return isinstance(held, Tensor) and are_logits(tuple(held.shape))


def _held(path: Path_) -> object:
    """Return what ``torch.save`` wrote; nothing runs."""
    content = read_weights_file(path)
    with damage_as(path, "it is damaged, or no file of torch.save", pickle.UnpicklingError):
        if content.startswith(b"PK"):
            sizes = array_sizes(content)
            if any(name.endswith("constants.pkl") for name in sizes):
                raise FileFormatError(
                    f"File {str(path)!r} holds a TorchScript module, which is a program and is not "
                    "read; save the weights alone: torch.save(module.state_dict(), 'net.pt')"
                )
            unpacked = sum(sizes.values())
            if unpacked > largest(len(content)):
                raise ValueError("it unpacks to far more than weights do")
            require_memory(2 * unpacked, "Reading the weights")
        try:
            held: object = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        except pickle.UnpicklingError as error:
            _refuse_objects(path, str(error))
            raise
    return held


def _refuse_objects(path: Path_, reason: str) -> None:
    """Say what is in the way: what is no tensor could run any code when it is read."""
    named = _REFUSED.search(reason)
    if named is not None:
        raise FileFormatError(
            f"File {str(path)!r} holds a pickled object ({named[1]}), which could run code and is "
            "not read; save the weights alone: torch.save(model.state_dict(), 'net.pt')"
        )


def _shown(held: object) -> str:
    if isinstance(held, Mapping):
        states = [str(key) for key in held if _is_state(held[key])]
        if states:
            return f"state dicts under the keys {listed(states)}, of which one is to be chosen"
        if any(isinstance(value, Tensor) for value in held.values()):
            others = [str(key) for key in held if not isinstance(held[key], Tensor)]
            return f"tensors beside {listed(others)}, no tensors"
        return f"a mapping with the keys {listed(map(str, held))}"
    shape = f" of shape {tuple(held.shape)}" if isinstance(held, Tensor) else ""
    return f"a {type(held).__name__}{shape}"


def _unwrapped(held: object) -> StateDicts | None:
    """Find the state dicts in what was saved."""
    if isinstance(held, Mapping):
        if _is_state(held):
            return StateDicts({0: held}, ())
        return _many(held) or _in_key(held)
    if isinstance(held, Sequence) and not isinstance(held, str | bytes):
        return _numbered(held, [])
    return None


def _is_state(held: object) -> bool:
    return (
        isinstance(held, Mapping)
        and len(held) > 0
        and all(isinstance(n, str) and isinstance(t, Tensor) for n, t in held.items())
    )


def _in_key(held: Mapping[Any, Any]) -> StateDicts | None:
    """Look under the keys that checkpoints use."""
    for key in _ONE:
        if _is_state(held.get(key)):
            return StateDicts({_step(held): held[key]}, _others(held, key))
    return None


def _many(held: Mapping[Any, Any]) -> StateDicts | None:
    """Look for many state dicts: by their steps, or in a list."""
    if held and all(type(key) is int and key >= 0 for key in held):
        return _numbered([held[key] for key in sorted(held)], sorted(held))
    for key in _MANY:
        if isinstance(held.get(key), list | tuple) and held[key]:
            given = (held[name] for name in _STEPS if _fits(held, name, held[key]))
            found = _numbered(held[key], list(next(given, ())))
            if found is not None:
                return StateDicts(found.by_step, _others(held, key))
    return None


def _fits(held: Mapping[Any, Any], name: str, many: Sequence[Any]) -> bool:
    steps = held.get(name)
    return (
        isinstance(steps, list | tuple)
        and len(set(map(str, steps))) == len(many) == len(steps)
        and all(type(step) is int and step >= 0 for step in steps)
    )


def _numbered(many: Sequence[Any], steps: Sequence[int]) -> StateDicts | None:
    """Sort state dicts by given steps, by those that they name, or by their place."""
    parts = [_unwrapped(each) for each in many]
    if not parts or any(part is None or len(part.by_step) != 1 for part in parts):
        return None
    states = [part.chosen(None) for part in parts if part is not None]
    own = [next(iter(part.by_step)) for part in parts if part is not None]
    if not steps:
        steps = own if len(set(own)) == len(own) else range(len(states))
    return StateDicts(dict(sorted(zip(steps, states, strict=True))), ())


def _step(held: Mapping[Any, Any]) -> int:
    return next((held[key] for key in _STEP if type(held.get(key)) is int and held[key] >= 0), 0)


def _others(held: Mapping[Any, Any], key: str) -> tuple[str, ...]:
    return tuple(str(name) for name in held if name != key)


def arrays_of(state: Mapping[str, Tensor]) -> Arrays:
    """Return a state dict's tensors as arrays."""
    for name, value in state.items():
        if not isinstance(value, Tensor) or is_lazy(value):
            raise NetworkError(f"{name!r} is no tensor with values, but a {type(value).__name__}")
        if value.layout != torch.strided or value.is_quantized or value.is_meta:
            raise NetworkError(f"Tensor {name!r} is sparse, quantized or without values")
        held = value.untyped_storage().nbytes() // max(1, value.element_size())
        if value.numel() > held:
            raise NetworkError(f"Tensor {name!r} claims {value.numel()} numbers and holds {held}")
    return {name: _array(value) for name, value in state.items()}


def _array(value: Tensor) -> NDArray[Any]:
    kept = value.detach().cpu().resolve_conj().resolve_neg()
    if kept.is_floating_point() and kept.dtype not in (torch.float32, torch.float64):
        kept = kept.double()  # numpy has no bfloat16
    array: NDArray[Any] = kept.numpy().copy()
    return array


def is_state_file(path: Path_) -> bool:
    """Tell whether a file is one of torch.save, by its name."""
    return Path(path).suffix.lower() in SUFFIXES
