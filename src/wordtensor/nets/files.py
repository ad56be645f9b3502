"""Networks on disk: safetensors with a JSON header, and the arrays that others released."""

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors
from torch import Tensor

from .._files import DAMAGE, damage_as, parse_json, read_arrays, read_file, replace_file
from .._kinds import DECOMPOSITION, NET, expecting
from .._layouts._limits import largest
from .._layouts._reading import readings
from .._text import listed
from ..errors import FileFormatError, NetworkError
from ._state_dicts import Arrays, arrays_of, is_state_file, read_state_dicts, read_weights_file
from .models import MODELS, EmbeddingMLP, HadamardNet, Net, OneLayerTransformer

SCHEMA: Final = 1
_HEADER: Final = "wordtensor"

Path_ = str | os.PathLike[str]


def write_safetensors(path: Path_, tensors: Mapping[str, Tensor], header: dict[str, Any]) -> None:
    """Write tensors and a JSON header to a file, whole or not at all; a schema number is added."""
    kept = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    known = {"schema": SCHEMA, **header}
    text = json.dumps(known | {"checksum": _checksum(kept, known)})
    replace_file(path, write_tensors(kept, {_HEADER: text}))


def _checksum(tensors: Mapping[str, Tensor], header: dict[str, Any]) -> int:
    """Return a checksum of the header, and of name, shape and bytes of all tensors."""
    sum_so_far = zlib.crc32(json.dumps(header).encode())
    for name in sorted(tensors):
        value = tensors[name]
        sum_so_far = zlib.crc32(f"{name} {value.dtype} {tuple(value.shape)}".encode(), sum_so_far)
        sum_so_far = zlib.crc32(value.reshape(-1).view(torch.uint8).numpy().data, sum_so_far)
    return sum_so_far


def read_safetensors(path: Path_) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return header and tensors of what `write_safetensors` wrote."""
    header, tensors = _any_safetensors(path)
    if not isinstance(header, dict):
        raise FileFormatError(f"File {os.fspath(path)!r} was not written by wordtensor")
    if type(header.get("schema")) is not int or header["schema"] != SCHEMA:
        raise FileFormatError(
            f"File {os.fspath(path)!r} has schema {header.get('schema')!r}; this version of "
            f"wordtensor reads schema {SCHEMA}"
        )
    if header.pop("checksum", None) != _checksum(tensors, header):
        raise FileFormatError(f"File {os.fspath(path)!r} is damaged: its checksum is another")
    return header, tensors


def _any_safetensors(path: Path_) -> tuple[Any, dict[str, Tensor]]:
    """Return our header, None if there is none, and the tensors of a safetensors file."""
    content = read_weights_file(path)
    with damage_as(path, "it is damaged, or no safetensors file", SafetensorError):
        tensors = read_tensors(content)
        length = int.from_bytes(content[:8], "little")
        texts = parse_json(content[8 : 8 + length]).get("__metadata__", {})
        return parse_json(texts[_HEADER].encode()) if _HEADER in texts else None, tensors


@dataclass(frozen=True, slots=True, eq=False)
class WeightsFile:
    """What a file of weights holds: a net of ours, or the arrays of somebody's."""

    weights: Net | Arrays
    ordered: bool = True  # whether arrays stand in the order of the layers
    steps: tuple[int, ...] = ()  # of the checkpoints in the file, if it has many
    step: int | None = None  # which of them this is
    beside: tuple[str, ...] = ()  # keys of what else is in the file


def read_weights(path: Path_, step: int | None = None) -> WeightsFile:
    """Read a file of torch.save or a safetensors file; of many checkpoints one, or the last."""
    if is_state_file(path):
        held = read_state_dicts(path)
        steps = tuple(held.by_step) if len(held.by_step) > 1 else ()
        if step is not None and not steps:
            raise NetworkError(f"File {os.fspath(path)!r} holds one network, and no step {step}")
        with _named(path):
            arrays = arrays_of(held.chosen(step))
        at = (steps[-1] if step is None else step) if steps else None
        return WeightsFile(arrays, True, steps, at, held.beside)
    header, tensors = _any_safetensors(path)
    if header is not None:
        return WeightsFile(load(path))
    if step is not None:
        raise NetworkError(f"File {os.fspath(path)!r} holds one network, and no step {step}")
    with _named(path):
        return WeightsFile(arrays_of(tensors), False)


@contextmanager
def _named(path: Path_) -> Iterator[None]:
    """Name the file in what is wrong with its arrays."""
    try:
        yield
    except NetworkError as error:
        raise FileFormatError(f"File {os.fspath(path)!r} holds no network: {error}") from error


def save(net: Net, path: Path_, about: Mapping[str, Any] | None = None) -> None:
    """Write a network to a safetensors file.

    Parameters
    ----------
    net : Net
        The network.
    path : str or path
        Usually ending in ".safetensors"; an existing file is replaced.
    about : mapping, optional
        More for the header, ready for JSON: word, group, seed.

    Raises
    ------
    FileFormatError
        If the file cannot be written.

    Notes
    -----
    The metadata's entry "wordtensor" is a JSON object with schema, kind, sizes, instances and a
    checksum of the rest and of all arrays.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from wordtensor.nets import HadamardNet
    >>> net = HadamardNet(6, 9)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(net, Path(folder) / "net.safetensors", {"word": "a*b", "group": "S3"})
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['net.safetensors']
    """
    header = {
        "kind": net.kind,
        "sizes": net.sizes,
        "instances": net.instances,
        "about": dict(about or {}),
    }
    write_safetensors(path, dict(net.named_parameters()), header)


def load(path: Path_) -> Net:
    """Read a network.

    Parameters
    ----------
    path : str or path
        A safetensors file that `save` or `train` wrote; or ``.npz`` or a state dict in ``.pt``: the
        arrays of the networks released by Chughtai et al. (W_x, W_y, W, W_U, or TransformerLens'
        names), or U, V, W of a Hadamard net, as in a saved decomposition.

    Returns
    -------
    Net

    Raises
    ------
    FileFormatError
        If the file is missing, damaged, pickled, or holds no network that we know.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import wordtensor as wt
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     wt.decompose("a*b", "S3").save(Path(folder) / "s3.npz")
    ...     net = load(Path(folder) / "s3.npz")
    >>> net
    HadamardNet(order=6, width=9)
    """
    if not isinstance(path, str | os.PathLike):
        raise FileFormatError(f"Argument 'path' must be a path, not {path!r}")
    with expecting(path, NET, DECOMPOSITION):
        return _loaded(path)


def _loaded(path: Path_) -> Net:
    """Read a network by the ending of its file's name."""
    try:
        if Path(path).suffix == ".npz":
            content = read_file(path)
            with damage_as(path, "it is damaged, pickled, or no .npz file"):
                arrays = read_arrays(content, largest(len(content)))
            return _from_arrays(arrays)
        if is_state_file(path):
            return _from_arrays(arrays_of(read_state_dicts(path).chosen(None)))
        header, tensors = read_safetensors(path)
        return _from_header(header, tensors)
    except FileFormatError:
        raise
    except NetworkError as error:
        raise FileFormatError(f"File {os.fspath(path)!r} holds no network: {error}") from error
    except DAMAGE as error:
        raise FileFormatError(
            f"File {os.fspath(path)!r} holds no network that we know ({error})"
        ) from error


def about(path: Path_) -> dict[str, Any]:
    """Return what a network's file says of its training: word, group, seeds, version.

    Parameters
    ----------
    path : str or path
        A file that `save` or `train` wrote; for others there is nothing to say.

    Returns
    -------
    dict
        What the header says, ready for JSON; empty for files of others.

    Raises
    ------
    FileFormatError
        If the file is missing or damaged.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from wordtensor.nets import HadamardNet
    >>> net = HadamardNet(6, 9)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(net, Path(folder) / "net.safetensors", {"word": "a*b", "group": "S3"})
    ...     about(Path(folder) / "net.safetensors")
    {'word': 'a*b', 'group': 'S3'}
    """
    if Path(path).suffix == ".npz" or is_state_file(path):
        return {}
    told = read_safetensors(path)[0].get("about")
    return told if isinstance(told, dict) else {}


def _from_header(header: dict[str, Any], tensors: dict[str, Tensor]) -> Net:
    kind, sizes, instances = header["kind"], dict(header["sizes"]), header["instances"]
    if not tensors:
        raise NetworkError("There are no arrays in it")
    if kind not in MODELS:
        raise NetworkError(f"Unknown kind of network {kind!r}; known are {', '.join(MODELS)}")
    if isinstance(sizes.get("order"), list):
        sizes["order"] = tuple(sizes["order"])
    # Before memory is taken on a header's word: the arrays must be as large as it says.
    if instances is not None and instances != next(iter(tensors.values())).shape[0]:
        raise NetworkError(f"Its header claims {instances} instances, which its arrays do not have")
    seed = 0 if instances is None else range(instances)
    dtype = next(iter(tensors.values())).dtype
    with torch.device("meta"):
        shapes = {
            n: p.shape for n, p in MODELS[kind](**sizes, seed=0, dtype=dtype).named_parameters()
        }
    wanted = {n: tuple(s) if instances is None else (instances, *s) for n, s in shapes.items()}
    if wanted != {n: tuple(t.shape) for n, t in tensors.items()}:
        raise NetworkError("Its arrays do not have the shapes that its header gives")
    return MODELS[kind](**sizes, seed=seed, dtype=dtype).assign(tensors)


def _from_arrays(arrays: dict[str, NDArray[Any]]) -> Net:
    reading = readings(arrays)[0]
    kind, weights = reading.layout.name, reading.arrays
    biases = [name for name in weights if name in reading.layout.biases and weights[name].any()]
    if kind not in ("hadamard", "mlp", "transformer") or biases or reading.flipped:
        names = [reading.sources[role] for role in biases or reading.flipped]
        what = f" with {listed(names)} {'not zero' if biases else 'transposed'}" if names else ""
        raise NetworkError(
            f"The arrays make a network of layout {kind!r}{what}, which wordtensor.nets has no "
            "model for; give the file or the arrays to wordtensor.compare.compare, or to "
            "wordtensor.compare.network, which read it"
        )
    weights = {name: weights[name] for name in reading.layout.shapes}
    if kind == "hadamard":
        return HadamardNet.from_factors(weights["U"], weights["V"], weights["W"])
    net: Net
    if kind == "mlp":
        order, embedding = weights["W_x"].shape
        net = EmbeddingMLP(order, weights["W"].shape[1], embedding, dtype=_dtype(weights))
    else:
        heads, size, head = weights["W_Q"].shape
        order, width = reading.order, weights["W_in"].shape[1]
        weights["W_U"] = weights["W_U"][:, :order]
        net = OneLayerTransformer(order, width, size, heads, head, dtype=_dtype(weights))
    return net.assign(weights)


def _dtype(arrays: Mapping[str, NDArray[Any]]) -> torch.dtype:
    return torch.float64 if any(a.dtype == np.float64 for a in arrays.values()) else torch.float32
