"""Draw the picture at the top of the README: the table of S3, its nine terms, and the net they are.

Usage: python scripts/first_picture.py [FILE]      (docs/_static/first_picture.svg by default)
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

import wordtensor as wt

FILE = Path(__file__).parents[1] / "docs" / "_static" / "first_picture.svg"
NET, TERMS, INK = "#0072b2", "#d55e00", "#555555"


def title(axes: Axes, text: str) -> None:
    """Write what a part shows above it."""
    axes.set_title(text, fontsize=10, color=INK)


def table(axes: Axes, group: wt.Group) -> None:
    """Show the answers of a*b, with one colour for each element."""
    values = np.asarray(group.cayley)
    axes.imshow(values, cmap="viridis")
    for row, column in np.ndindex(values.shape):
        value = values[row, column]
        axes.text(
            column,
            row,
            value,
            ha="center",
            va="center",
            color="k" if value > 3 else "w",
            fontsize=9,
        )
    axes.set_title(
        "the table of a·b over S3:\n36 pairs and their answers c", fontsize=10, color=INK
    )
    axes.set_xlabel("b", color=INK)
    axes.set_ylabel("a", color=INK)
    axes.set_xticks([])
    axes.set_yticks([])


def factors(axes: Axes, matrix: np.ndarray, name: str, letter: str) -> None:
    """Show one factor matrix, which has a column for each term."""
    limit = np.abs(matrix).max()
    axes.imshow(matrix, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    axes.set_ylabel(
        f"{name}[{letter}, r]", color=INK, fontsize=9, rotation=0, ha="right", va="center"
    )
    axes.set_xticks([])
    axes.set_yticks([])
    for edge in (0.5, 1.5):
        axes.axvline(edge, color="k", linewidth=1)


def net(axes: Axes, width: int) -> None:
    """Show two inputs, one neuron for each term, and six outputs."""
    neurons = np.linspace(0.06, 0.94, width)
    outputs = np.linspace(0.2, 0.8, 6)
    for height in neurons:
        for start, colour in ((0.75, NET), (0.25, NET)):
            axes.plot([0, 0.5], [start, height], color=colour, linewidth=0.4, alpha=0.6)
        for end in outputs:
            axes.plot([0.5, 1], [height, end], color=NET, linewidth=0.25, alpha=0.5)
    axes.scatter([0.5] * width, neurons, s=70, color=TERMS, zorder=3)
    axes.scatter([1] * 6, outputs, s=30, color=NET, zorder=3)
    axes.scatter([0, 0], [0.75, 0.25], s=70, color=NET, zorder=3)
    for height, letter in ((0.75, "a"), (0.25, "b")):
        axes.text(-0.09, height, letter, ha="center", va="center", color=INK)
    axes.text(1.09, 0.5, "c", ha="center", va="center", color=INK)
    axes.set_xlim(-0.2, 1.2)
    axes.axis("off")
    axes.set_title(
        "the same sum as a network:\n9 neurons, which multiply U[a]·V[b]", fontsize=10, color=INK
    )


def main() -> None:
    d = wt.decompose("a*b", "S3")
    plt.rcParams |= {"svg.hashsalt": "wordtensor", "font.size": 10}
    figure = plt.figure(figsize=(10, 3.1), layout="constrained")
    left, middle, right = figure.subfigures(1, 3, width_ratios=(1, 1.35, 1))
    table(left.subplots(), wt.group("S3"))
    rows = middle.subplots(3, 1)
    for axes, matrix, name, letter in zip(rows, d.factors, "UVW", "abc", strict=True):
        factors(axes, matrix, name, letter)
    rows[0].set_title(
        "its tensor as a sum of 9 products:\ntrivial, sign, and the standard irrep in 7",
        fontsize=10,
        color=INK,
    )
    net(right.subplots(), d.rank)
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main()
