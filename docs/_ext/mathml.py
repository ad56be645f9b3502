"""Formulas as MathML: every browser of today draws it, with no script and nothing to load."""

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

# Browsers draw letters with two strokes, or without serifs, only where they are signs themselves.
_DOUBLE = dict(zip("CHNQRZ", "ℂℍℕℚℝℤ", strict=True))
_STYLED = re.compile(r'<mi mathvariant="(double-struck|sans-serif)">([A-Z])</mi>')
# A bar is taken for an operator with room on both sides, a name for one with too much room.
_BARS = re.compile('<mo stretchy="false">&#x0007C;</mo>')
_NAMES = re.compile(r"<mo>([A-Za-z]{2,})</mo>")
# What a maximum is over stands below it in a formula on a line of its own.
_EXTREMA = re.compile(r"<msub>(<mo[^>]*>m(?:ax|in)</mo>(?:<mi>[^<]*</mi>|<mrow>.*?</mrow>))</msub>")


def _mathml(formula: str, display: str) -> str:
    """Return a formula as MathML with letters that every browser draws."""
    text: str = convert(formula, display=display)
    text = _BARS.sub('<mo stretchy="false" lspace="0" rspace="0">|</mo>', text)
    text = _NAMES.sub(r'<mo lspace="0.15em" rspace="0.1em">\1</mo>', text)
    if display == "block":
        text = _EXTREMA.sub(r"<munder>\1</munder>", text)
    return _STYLED.sub(
        lambda found: f'<mi mathvariant="normal">{_letter(found[1], found[2])}</mi>', text
    )


def _letter(style: str, letter: str) -> str:
    """Return the sign for a letter in a style; one without serifs is only set upright."""
    return _DOUBLE.get(letter, letter) if style == "double-struck" else letter


def _inline(self: Any, node: nodes.math) -> None:
    """Write a formula within a line."""
    self.body.append(_mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def _display(self: Any, node: nodes.math_block) -> None:
    """Write a formula on a line of its own."""
    self.body.append(f'<div class="formula">{_mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer under the name that conf.py chooses."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
