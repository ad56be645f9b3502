"""Linear layers in a heap of named arrays: matrices with their biases, in their order."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any, Final

from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

# What wrappers of modules put before all names.
_WRAPPERS: Final = ("module.", "_orig_mod.", "model.", "net.", "network.")
# Where a layer of a known name stands; several words for one place.
_PLACES: Final = (
    "lembed leftembed embedleft embeddingleft embedl embeda embedx xembed emba embed1 embedding1",
    "rembed rightembed embedright embeddingright embedr embedb embb embedy yembed embed2 "
    "embedding2",
    "embed embedding embeddings emb tokenembedding tokembed tokenemb we encoder",
    "left linear1l fc1l linearl",
    "right linear1r fc1r linearr",
    "hidden linear linear1 lin1 fc fc1 l1 layer1 dense1 in input w1 win",
    "unembed unembedding output out linear2 lin2 fc2 l2 layer2 dense2 readout head decoder w2 wout "
    "classifier wu",
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


def layers(arrays: Arrays) -> tuple[list[Layer], list[str]]:
    """Return the layers as they are given, and the names of what is part of none."""
    matrices = {name: value for name, value in arrays.items() if value.ndim == 2}
    # Tables of integers and masks that stand beside weights are no weights.
    if any(value.dtype.kind == "f" for value in matrices.values()):
        matrices = {name: value for name, value in matrices.items() if value.dtype.kind in "fc"}
    found, biases = [], set()
    for name in arrays:
        if name in matrices:
            bias = next(
                (each for each in _bias_names(name) if each in arrays and arrays[each].ndim == 1),
                None,
            )
            found.append(Layer(name, bias))
            biases.add(bias)
    others = [name for name in arrays if name not in matrices and name not in biases]
    return found, others


def _bias_names(weight: str) -> list[str]:
    head, dot, leaf = weight.rpartition(".")
    leaves = [leaf.replace(word, "bias") for word in ("weight", "kernel") if word in leaf]
    leaves += [f"b{leaf[1:]}"] if leaf[:1] in ("W", "w") else []
    leaves += [f"{leaf}_bias", f"b_{leaf}", f"bias_{leaf}"]
    return [f"{head}{dot}{each}" for each in leaves if each != leaf]


def orders(found: list[Layer], ordered: bool) -> Iterator[tuple[Layer, ...]]:
    """Yield the orders that names allow, the given one first; without one, that of the names."""
    start = found if ordered else sorted(found, key=lambda layer: _numbered(layer.weight))
    for order in permutations(start):
        if not any(_precedes(b.weight, a.weight) for a, b in combinations(order, 2)):
            yield order


def _precedes(one: str, other: str) -> bool:
    """Tell whether names say that one layer stands before another."""
    if is_series(one, other):
        return _numbered(one) < _numbered(other)
    first, second = _PLACE.get(_word(one)), _PLACE.get(_word(other))
    return first is not None and second is not None and first < second


def is_series(one: str, other: str) -> bool:
    """Tell whether names are those of layers one after the other, as fc1 and fc2 are."""
    return one != other and re.sub(r"\d", "", one) == re.sub(r"\d", "", other)


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
