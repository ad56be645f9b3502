"""Named arrays as networks: every layout, and every orientation, that their shapes allow."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._text import listed
from ..errors import NetworkError
from ._layers import Arrays, Layer, is_series, layers, orders, unwrapped
from ._shapes import Sizes, solutions
from ._table import LAYOUTS, Layout

# What stands beside weights and is none: TransformerLens' constants (the last position sees all, so
# that no mask matters), a group's table, and what a saved decomposition keeps beside U, V, W.
_ASIDE: Final = frozenset(
    {"blocks.0.attn.mask", "blocks.0.attn.IGNORE", "mask", "IGNORE", "cayley"}
)
_OF_DECOMPOSITIONS: Final = frozenset({"header", "A", "B", "C", "t"})
# What Chughtai et al. saved twice.
_COPIES: Final = {"x_embed": "embed.W_E", "y_embed": "embed.W_E"}
# More matrices than this are no network of ours, and have too many orientations.
_MOST: Final = 4
# Other orders of the layers are not tried where one order has so many readings already.
_MANY: Final = 32
# What can be compared of a network whose arrays make none of the layouts.
_WAYS_OUT: Final = (
    'give the module itself in Python, wt.compare.compare(model, "a*b", "S4"), or its logits '
    "(n, n, n) by np.save, or activations (n, n, R) as hidden, with readout (R, n) and perhaps "
    "logits, in a .npz (docs/howto/your_network.md)"
)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Arrays by the roles of a layout, and how they came to them."""

    layout: Layout
    arrays: Mapping[str, NDArray[Any]]  # by role, turned as the layout has them
    sources: Mapping[str, str]  # names by role
    flipped: tuple[str, ...]  # roles that are transposed
    beside: tuple[str, ...]  # names of what was passed over: zero biases, copies
    order: int  # of the group

    def __str__(self) -> str:
        parts = []
        for role, name in self.sources.items():
            turned = role in self.flipped
            # Of arrays that are known by their names, what is not as usual is named.
            if self.layout.by_order or turned or (role in self.layout.biases and self._adds(role)):
                shown = name + ".T" * turned
                parts.append(shown if role == name else f"{role} = {shown}")
        text = f"layout {self.layout.name!r}" + (f" with {', '.join(parts)}" if parts else "")
        longer = [self.sources[role] for role in self.sources if self._has_token(role)]
        if longer:
            text += f"; index {self.order} of {listed(longer)} (a token =) is left out"
        return f"{text}; passed over {listed(self.beside)}" if self.beside else text

    def _has_token(self, role: str) -> bool:
        return (
            self.layout.by_order
            and len(self.arrays[role]) == self.order + 1
            and ({**self.layout.shapes, **self.layout.biases}[role].startswith("n|"))
        )

    def _adds(self, role: str) -> bool:
        return bool(self.arrays[role].any())


def readings(given: Arrays, ordered: bool = True) -> tuple[Reading, ...]:
    """Return all ways to read arrays as a network, the usual one first."""
    # Without an order of their own, layers whose names say nothing are sorted by name.
    short = unwrapped(given)
    arrays = {short[name]: value for name, value in given.items()}
    found: list[Reading] = []
    fitting: Layout | None = None
    for layout in LAYOUTS:
        if fitting is not None and set(fitting.shapes) != set(layout.shapes):
            continue
        for names in layout.names:
            if {names[role] for role in layout.shapes} <= arrays.keys():
                fitting = layout
                found += _turned(layout, arrays, names, _known(layout, names, arrays))
    if fitting is not None and not found:
        raise NetworkError(_unfit(fitting, arrays))
    return _sorted(found) if found else tuple(_by_order(arrays, ordered))


def _sorted(found: list[Reading]) -> tuple[Reading, ...]:
    # What needs no transposing comes first; the sort is stable.
    return tuple(sorted(found, key=lambda reading: len(reading.flipped)))


def _known(layout: Layout, names: Mapping[str, str], arrays: Arrays) -> tuple[str, ...]:
    """Return the names of what is passed over; refuse what makes another function."""
    aside = _ASIDE | _OF_DECOMPOSITIONS if "header" in arrays else _ASIDE
    return _passed_over(layout.name, arrays, names.values(), aside)


def _passed_over(
    kind: str, arrays: Arrays, used: Collection[str], aside: Collection[str] = ()
) -> tuple[str, ...]:
    beside, others = [], []
    for name, value in arrays.items():
        if name in used or name in aside:
            continue
        if _is_zero_bias(name, value) or _is_copy(value, arrays.get(_COPIES.get(name, ""))):
            beside.append(name)
        else:
            others.append(name)
    if others:
        raise NetworkError(
            f"Arrays {listed(sorted(others))} are no part of the networks of layout {kind!r} that "
            "we know: with more weights this is another function, which is not read; leave out "
            "what is no weight, or give the module in Python, or its logits "
            "(docs/howto/your_network.md)"
        )
    return tuple(beside)


def _is_zero_bias(name: str, value: NDArray[Any]) -> bool:
    last = name.rpartition(".")[2]
    is_bias = last in ("b", "bias") or last.startswith(("b_", "bias_"))
    return is_bias and value.dtype.kind in "biufc" and not value.any()


def _is_copy(one: NDArray[Any], other: NDArray[Any] | None) -> bool:
    return other is not None and np.array_equal(one, other)


def _turned(
    layout: Layout, arrays: Arrays, names: Mapping[str, str], beside: tuple[str, ...]
) -> Iterator[Reading]:
    """Yield the readings in one layout, by what is transposed."""
    roles = list(layout.shapes)
    biases = {r: s for r, s in layout.biases.items() if names.get(r) in arrays}
    patterns = {**layout.shapes, **biases}
    for flipped in _flips(roles) if layout.flips else ((),):
        chosen = {
            role: arrays[names[role]].T if role in flipped else arrays[names[role]]
            for role in patterns
        }
        if _has_logits_of_no_token(layout, chosen) or _is_deep(layout, names, flipped, arrays):
            continue
        shapes = [(patterns[role], np.shape(chosen[role])) for role in patterns]
        for sizes in _different(solutions(shapes, {})):
            if any(_is_padded(chosen[role], sizes["n"]) for role in _tables(layout)):
                continue
            sources = {role: names[role] for role in patterns}
            yield Reading(layout, chosen, sources, flipped, beside, sizes["n"])


def _has_logits_of_no_token(layout: Layout, arrays: Arrays) -> bool:
    """Tell whether there are more logits than rows of a table, which can have one row more."""
    return any(len(arrays[role]) < len(arrays["output"]) for role in _tables(layout))


def _tables(layout: Layout) -> list[str]:
    """Return the roles that have a row for each element, and perhaps one of a token."""
    rows = [role for role, shape in layout.shapes.items() if shape.startswith("n|")]
    return [role for role in rows if role != "output"] if layout.by_order else []


def _is_deep(
    layout: Layout, names: Mapping[str, str], flipped: tuple[str, ...], arrays: Arrays
) -> bool:
    """Tell whether what would be side by side, or a table, is rather one hidden layer of two."""
    if layout.apart is None:
        return False
    one, other = (names[role] for role in layout.apart)
    follow = arrays[one].shape[0] == arrays[other].shape[1]
    return (is_series(one, other) and follow) and all(
        layout.shapes[role].startswith("R") or role in flipped or f"{role} bias" in names
        for role in layout.apart
    )


def _is_padded(table: NDArray[Any], n: int) -> bool:
    """Tell whether the row that is no element's is the first, as where index 0 is padding."""
    return len(table) == n + 1 and not table[0].any() and bool(table[-1].any())


def _flips(roles: list[str]) -> Iterator[tuple[str, ...]]:
    for count in range(len(roles) + 1):
        yield from combinations(roles, count)


def _different(found: Iterator[Sizes]) -> Iterator[Sizes]:
    seen: set[int] = set()
    for sizes in found:
        if sizes["n"] not in seen and min(sizes.values()) >= 0:
            seen.add(sizes["n"])
            yield sizes


def _by_order(arrays: Arrays, ordered: bool) -> list[Reading]:
    """Read linear layers in their order, whatever their names."""
    matrices, others = layers(arrays)
    found: list[Reading] = []
    if "header" not in arrays and 2 <= len(matrices) <= _MOST:
        for each in orders(matrices, ordered):
            if len(found) < _MANY:
                found += _sorted(list(_of_layers(each, arrays)))
    if not found:
        zero = [name for name, a in arrays.items() if a.ndim == 2 and len(a) and not a[0].any()]
        padded = f" (row 0 of {listed(zero)} is zero: leave padding out)" if zero else ""
        raise NetworkError(
            f"Arrays {_shapes(arrays)} make no network that we know{padded}; {_WAYS_OUT}; where "
            "neurons are s(left[a] + right[b]), --map says what is what (--like lists the layouts)"
        )
    if others:
        used = [name for name in arrays if name not in others]
        beside = _passed_over(found[0].layout.name, arrays, used)
        found = [Reading(r.layout, r.arrays, r.sources, r.flipped, beside, r.order) for r in found]
    return found


def _of_layers(matrices: tuple[Layer, ...], arrays: Arrays) -> Iterator[Reading]:
    """Yield the readings of linear layers in one order."""
    for layout in LAYOUTS:
        if layout.by_order and len(layout.shapes) == len(matrices):
            names: dict[str, str] = {}
            for role, layer in zip(layout.shapes, matrices, strict=True):
                names[role] = layer.weight
                if layer.bias is not None:
                    names[f"{role} bias"] = layer.bias
            if {role for role in names if " bias" in role} <= layout.biases.keys():
                yield from _turned(layout, arrays, names, ())


def _unfit(layout: Layout, arrays: Arrays) -> str:
    wanted = ", ".join(f"{role} ({shape})" for role, shape in layout.shapes.items())
    return (
        f"The shapes of the arrays must fit each other as in {wanted} (layout {layout.name!r}), "
        f"not be {_shapes(arrays)}"
    )


def _shapes(arrays: Arrays) -> str:
    return listed([f"{name} {np.shape(a)}" for name, a in arrays.items()])
