"""Linear layers in a heap of named arrays: matrices with their biases, in their order."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

# What wrappers of modules put before all names.
_WRAPPERS: Final = ("module.", "_orig_mod.", "model.", "net.", "network.")
# Where a layer of a known name stands; several words for one place.
_PLACES: Final = (
    "lembed leftembed embedleft embeddingleft embedl embeda embedx xembed embed1 embedding1",
    "rembed rightembed embedright embeddingright embedr embedb embedy yembed embed2 embedding2",
    "embed embedding embeddings emb tokenembedding tokembed tokenemb",
    "left linear1l fc1l linearl",
    "right linear1r fc1r linearr",
    "hidden linear linear1 lin1 fc fc1 l1 layer1 dense1 in input w1 win",
    "unembed unembedding output out linear2 lin2 fc2 l2 layer2 dense2 readout head decoder w2 wout",
)
_PLACE: Final = {word: place for place, words in enumerate(_PLACES) for word in words.split()}


@dataclass(frozen=True, slots=True)
class Layer:
    """A matrix and its bias, by their names."""

    weight: str
    bias: str | None


def unwrapped(names: Iterable[str]) -> dict[str, str]:
    """Return names without what wrappers put before all of them."""
    short = {name: name for name in names}
    found = True
    while found:
        found = False
        for prefix in _WRAPPERS:
            if short and all(name.startswith(prefix) for name in short.values()):
                short = {full: name[len(prefix) :] for full, name in short.items()}
                found = True
    return short


def layers(arrays: Arrays, ordered: bool) -> tuple[list[Layer], list[str]]:
    """Return the layers in their order, and the names of what is part of none."""
    found, biases = [], set()
    for name in arrays:
        if arrays[name].ndim == 2:
            bias = next(
                (each for each in _bias_names(name) if each in arrays and arrays[each].ndim == 1),
                None,
            )
            found.append(Layer(name, bias))
            biases.add(bias)
    matrices = {layer.weight for layer in found}
    others = [name for name in arrays if name not in matrices and name not in biases]
    return _in_order(found, ordered), others


def _bias_names(weight: str) -> list[str]:
    head, dot, leaf = weight.rpartition(".")
    leaves = [leaf.replace(word, "bias") for word in ("weight", "kernel") if word in leaf]
    leaves += [f"b{leaf[1:]}"] if leaf[:1] in ("W", "w") else []
    leaves += [f"{leaf}_bias", f"b_{leaf}", f"bias_{leaf}"]
    return [f"{head}{dot}{each}" for each in leaves if each != leaf]


def _in_order(found: list[Layer], ordered: bool) -> list[Layer]:
    """Sort layers by what their names say, if all say something; else as they are given."""
    places = [_PLACE.get(_word(layer.weight)) for layer in found]
    known = [place for place in places if place is not None]
    if len(set(known)) == len(found):
        return [found[k] for k in sorted(range(len(found)), key=lambda k: known[k])]
    return found if ordered else sorted(found, key=lambda layer: _numbered(layer.weight))


def _word(weight: str) -> str:
    """Return the word in a matrix's name that says which layer it is."""
    parts = weight.split(".")
    if len(parts) > 1 and parts[-1] in ("weight", "kernel", "W", "w"):
        parts.pop()
    return parts[-1].lower().replace("_", "")


def _numbered(name: str) -> list[tuple[int, str]]:
    """Sort 2 before 10."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,9})", name)
    ]
