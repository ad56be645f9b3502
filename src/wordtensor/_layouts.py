"""Which arrays make which network: our names, and those of the files that others released."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from numpy.typing import NDArray

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


def recognised(arrays: Mapping[str, NDArray[Any]]) -> tuple[str, dict[str, NDArray[Any]]]:
    """Return "mlp", "transformer" or "hadamard" for arrays by name, and its arrays by our names."""
    _refuse_biases(arrays)
    if set(MLP) <= arrays.keys():
        return "mlp", {name: arrays[name] for name in MLP}
    for spelling in (TRANSFORMER.values(), TRANSFORMER.keys()):
        if set(spelling) <= arrays.keys():
            return "transformer", {
                ours: arrays[name] for ours, name in zip(TRANSFORMER, spelling, strict=True)
            }
    if set(HADAMARD) <= arrays.keys():
        return "hadamard", {name: arrays[name] for name in HADAMARD}
    names = ", ".join(sorted(arrays)) or "nothing"
    raise NetworkError(
        f"Arrays named {names} make no network that we know; we know U, V, W (Hadamard), W_x, W_y, "
        "W, W_U (MLP) and TransformerLens' names (transformer)"
    )


def _refuse_biases(arrays: Mapping[str, NDArray[Any]]) -> None:
    for name, value in arrays.items():
        last = name.rpartition(".")[2]
        if (last in ("b", "bias") or last.startswith(("b_", "bias_"))) and value.any():
            raise NetworkError(f"Array {name!r} is not zero, but our networks have no biases")
