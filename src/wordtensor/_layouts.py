"""Which arrays make which network: our names, and those of the files that others released."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ._text import listed
from .errors import NetworkError

HADAMARD: Final = ("U", "V", "W")
MLP: Final = ("W_x", "W_y", "W", "W_U")
# Ours, and TransformerLens', under which Chughtai et al. released theirs.
TRANSFORMER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "W_E": "embed.W_E",
        "W_pos": "pos_embed.W_pos",
        **{name: f"blocks.0.attn.{name}" for name in ("W_Q", "W_K", "W_V", "W_O")},
        "W_in": "blocks.0.mlp.W_in",
        "W_out": "blocks.0.mlp.W_out",
        "W_U": "unembed.W_U",
    }
)


# What stands beside weights and is none: TransformerLens' constants (the last position sees all, so
# that no mask matters), a group's table, and what a saved decomposition keeps beside U, V, W.
_ASIDE: Final = frozenset({"blocks.0.attn.mask", "blocks.0.attn.IGNORE", "cayley"})
_OF_DECOMPOSITIONS: Final = frozenset({"header", "A", "B", "C", "t"})
_SMALL: Final = 2**28
_RATIO: Final = 64


def largest(packed: int) -> int:
    """Return how many bytes an archive of weights may unpack to: they do not pack well."""
    return max(_SMALL, _RATIO * packed)


def recognised(arrays: Mapping[str, NDArray[Any]]) -> tuple[str, dict[str, NDArray[Any]]]:
    """Return "mlp", "transformer" or "hadamard" for arrays by name, and its arrays by our names."""
    _refuse_biases(arrays)
    for kind, names in _layouts():
        if set(names.values()) <= arrays.keys():
            aside = _ASIDE | _OF_DECOMPOSITIONS if "header" in arrays else _ASIDE
            refuse_others(kind, arrays, {*names.values(), *aside, *filter(_is_bias, arrays)})
            return kind, {ours: arrays[name] for ours, name in names.items()}
    raise NetworkError(
        f"Arrays named {listed(sorted(arrays))} make no network that we know; we know U, V, W "
        "(Hadamard), W_x, W_y, W, W_U (MLP) and TransformerLens' names (transformer)"
    )


def refuse_others(kind: str, arrays: Iterable[str], known: Collection[str]) -> None:
    """Refuse arrays that a network of this kind does not have: with them it is another function."""
    others = [name for name in arrays if name not in known]
    if others:
        raise NetworkError(
            f"Arrays {listed(sorted(others))} are no part of the networks of kind {kind!r} that we "
            "know: with more weights this is another function, which is not read; what is no "
            "weight must be left out"
        )


def table_digest(cayley: NDArray[np.integer]) -> str:
    """Return a checksum of a Cayley table: what a net's file says of the group, name apart."""
    return sha256(cayley.astype("<i4").tobytes()).hexdigest()[:16]


def _layouts() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield kinds of networks, and for our names of their arrays the names in a file."""
    yield "mlp", {name: name for name in MLP}
    yield "transformer", TRANSFORMER
    yield "transformer", {name: name for name in TRANSFORMER}
    yield "hadamard", {name: name for name in HADAMARD}


def _is_bias(name: str) -> bool:
    last = name.rpartition(".")[2]
    return last in ("b", "bias") or last.startswith(("b_", "bias_"))


def _refuse_biases(arrays: Mapping[str, NDArray[Any]]) -> None:
    for name, value in arrays.items():
        if _is_bias(name) and (value.dtype.kind not in "biufc" or value.any()):
            raise NetworkError(f"Array {name!r} is not zero, but our networks have no biases")
