"""The layouts as data: which arrays of which shapes make which function of a pair (a, b)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from .._text import text_table


@dataclass(frozen=True, slots=True)
class Layout:
    """A form of network: the arrays that it needs, those that it may have, and what it computes."""

    # Shapes are words such as "n R", "R 2n", "n|n+1 d": n is the order of the group, other letters
    # are any sizes, and one letter is one size.
    name: str
    computes: str
    shapes: Mapping[str, str]  # of what it needs, by role
    biases: Mapping[str, str]  # of what it may have besides, by role
    # By role the name in a file, one mapping for each naming; empty where the roles are the linear
    # layers in their order, whatever their names.
    names: tuple[Mapping[str, str], ...] = ()
    activation: str | None = None  # what it means where none is stated
    flips: bool = True  # whether matrices may be transposed
    # Two roles that are not taken by layers of one series whose shapes let them follow each other:
    # between fc1 and fc2 is an activation.
    apart: tuple[str, str] | None = None

    @property
    def by_order(self) -> bool:
        """Whether layers are recognised by their order and not by their names."""
        return not self.names


def _same(*roles: str) -> tuple[Mapping[str, str], ...]:
    return (MappingProxyType({role: role for role in roles}),)


_ATTENTION: Final = tuple(f"{kind}_{part}" for kind in "Wb" for part in "QKVO")
_PERCEPTRON: Final = ("W_in", "W_out", "b_in", "b_out")
# TransformerLens' names, under which Chughtai et al. released theirs, and Nanda et al.
_LENS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "W_E": "embed.W_E",
        "W_pos": "pos_embed.W_pos",
        **{name: f"blocks.0.attn.{name}" for name in _ATTENTION},
        **{name: f"blocks.0.mlp.{name}" for name in _PERCEPTRON},
        "W_U": "unembed.W_U",
        "b_U": "unembed.b_U",
    }
)
_BIASES: Final = MappingProxyType(
    {
        "b_Q": "h k",
        "b_K": "h k",
        "b_V": "h k",
        "b_O": "d",
        "b_in": "R",
        "b_out": "d",
        "b_U": "n|n+1",
    }
)
_EMBED: Final = "n|n+1 d"
_OUT: Final = "n|n+1 R"

LAYOUTS: Final = (
    Layout(
        "mlp",
        "s([W_x[a], W_y[b]] W + b) W_U + b_U",
        {"W_x": "n d", "W_y": "n e", "W": "d+e R", "W_U": "R n"},
        {"b": "R", "b_U": "n"},
        _same("W_x", "W_y", "W", "W_U", "b", "b_U"),
        "relu",
    ),
    Layout(
        "transformer",
        "one block of attention and perceptron on tokens a, b, =; TransformerLens' names",
        {
            "W_E": "n+1 d", "W_pos": "p d", "W_Q": "h d k", "W_K": "h d k", "W_V": "h d k",
            "W_O": "h k d", "W_in": "d R", "W_out": "R d", "W_U": "d n|n+1",
        },
        _BIASES,
        (_LENS, *_same(*_LENS)),
        "relu",
        flips=False,
    ),
    Layout(
        "nanda",
        "the same, as the progress-measures paper stores it",
        {
            "W_E": "d n+1", "W_pos": "p d", "W_Q": "h k d", "W_K": "h k d", "W_V": "h k d",
            "W_O": "d h*k", "W_in": "R d", "W_out": "d R", "W_U": "d n|n+1",
        },
        _BIASES,
        (_LENS,),
        "relu",
        flips=False,
    ),
    Layout(
        "hadamard",
        "((U[a] + b_U) (V[b] + b_V)) W^T + b_W, or s(U[a] + V[b] + b_U + b_V) W^T + b_W",
        {"U": "n R", "V": "n R", "W": "n R"},
        {"b_U": "R", "b_V": "R", "b_W": "n"},
        _same("U", "V", "W", "b_U", "b_V", "b_W"),
        "product",
    ),
    Layout(
        "bilinear",
        "(W_x[a] W_y[b]) W_U + b_U",
        {"W_x": "n R", "W_y": "n R", "W_U": "R n"},
        {"b_U": "n"},
        _same("W_x", "W_y", "W_U", "b_U"),
    ),
    Layout(
        "lookups",
        "s(left[a] + right[b] + bias) readout + offset; what --map makes",
        {"left": "n R", "right": "n R", "readout": "R n"},
        {"bias": "R", "offset": "n"},
        _same("left", "right", "readout", "bias", "offset"),
    ),
    Layout(
        "one-hot",
        "s(hidden [1_a, 1_b]) output: a perceptron on two one-hot vectors",
        {"hidden": "R 2n", "output": "n R"},
        {"hidden bias": "R", "output bias": "n"},
    ),
    Layout(
        "shared",
        "s(hidden[a] + hidden[b]) output: one table, or a layer on 1_a + 1_b",
        {"hidden": "n|n+1 R", "output": _OUT},
        {"hidden bias": "R", "output bias": "n|n+1"},
    ),
    Layout(
        "two tables",
        "s(left[a] + right[b]) output",
        {"left": "n|n+1 R", "right": "n|n+1 R", "output": _OUT},
        {"left bias": "R", "right bias": "R", "output bias": "n|n+1"},
        apart=("left", "right"),
    ),
    Layout(
        "concatenated",
        "s(hidden [embed[a], embed[b]]) output",
        {"embed": _EMBED, "hidden": "R 2d", "output": _OUT},
        {"embed bias": "d", "hidden bias": "R", "output bias": "n|n+1"},
    ),
    Layout(
        "summed",
        "s(hidden (embed[a] + embed[b])) output",
        {"embed": _EMBED, "hidden": "R d", "output": _OUT},
        {"embed bias": "d", "hidden bias": "R", "output bias": "n|n+1"},
        apart=("embed", "hidden"),
    ),
    Layout(
        "two concatenated",
        "s(hidden [left[a], right[b]]) output",
        {"left": _EMBED, "right": "n|n+1 e", "hidden": "R d+e", "output": _OUT},
        {
            "left bias": "d", "right bias": "e", "hidden bias": "R", "output bias": "n|n+1",
        },
    ),
    Layout(
        "two summed",
        "s(hidden (left[a] + right[b])) output",
        {"left": _EMBED, "right": _EMBED, "hidden": "R d", "output": _OUT},
        {
            "left bias": "d", "right bias": "d", "hidden bias": "R", "output bias": "n|n+1",
        },
    ),
    Layout(
        "two layers",
        "s(left embed[a] + right embed[b]) output",
        {"embed": _EMBED, "left": "R d", "right": "R d", "output": _OUT},
        {
            "embed bias": "d", "left bias": "R", "right bias": "R", "output bias": "n|n+1",
        },
        apart=("left", "right"),
    ),
)  # fmt: skip


# Layouts whose neurons may multiply what a and b bring, where others add.
PRODUCTS: Final = ("hadamard", "bilinear", "lookups", "shared", "two tables", "two layers")


def layout_named(name: str) -> Layout:
    """Return the layout of a name."""
    return next(layout for layout in LAYOUTS if layout.name == name)


def layouts_text() -> str:
    """List the layouts: name, function, arrays with their shapes, and biases."""
    named = [layout for layout in LAYOUTS if not layout.by_order]
    layers = [layout for layout in LAYOUTS if layout.by_order]
    heads = ["layout", "arrays (shapes), and biases", "logits of (a, b)"]
    return "\n\n".join(
        [
            "Recognised by the names of their arrays:",
            text_table(heads, [row for layout in named for row in _rows(layout)]),
            "Recognised by their matrices in this order, under any names, each with its bias:",
            text_table(heads, [row for layout in layers for row in _rows(layout)]),
            "n is the order of the group, n+1 counts a token =, R is the number of neurons, s the "
            "activation (--activation).\nNeurons of the layouts "
            f"{', '.join(PRODUCTS)} may multiply (product).\n"
            "Matrices may be transposed. Arrays of .npz files may hold "
            "activation as a text. Besides: logits (n, n, n) alone, as .npy or .npz;\nhidden "
            "(n, n, R), readout (R, n) and perhaps logits (n, n, n); --map for the rest.",
        ]
    )


def _rows(layout: Layout) -> list[list[str]]:
    """Return the rows of one layout, three arrays in each."""
    arrays = [f"{role} ({shape.replace(' ', ', ')})" for role, shape in layout.shapes.items()]
    if layout.names:
        more = " ".join(layout.biases)
        arrays += [f"perhaps {more}"] if more else []
    lines = [", ".join(arrays[k : k + 3]) for k in range(0, len(arrays), 3)]
    firsts = [[layout.name, lines[0], layout.computes]]
    return firsts + [["", line, ""] for line in lines[1:]]
