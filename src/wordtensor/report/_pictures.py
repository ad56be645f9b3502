"""Pictures inside the page: SVG or PNG as data: addresses."""

import base64
import io
from typing import Final

from matplotlib import rc_context
from matplotlib.axes import Axes

from .._markup import Markup, element

# Inches above which a picture scrolls on a telephone rather than shrink.
_WIDE: Final = 8.0
_NOTHING: Final = {"Date": None, "Creator": None, "Format": None, "Type": None}


def picture(ax: Axes, about: str, *, vector: bool = True) -> Markup:
    """Return the figure of some axes as an image, SVG or PNG, with a text for what is on it."""
    figure = ax.get_figure(root=True)
    if figure is None:
        return Markup()
    stream = io.BytesIO()
    # The same picture is the same text; glyphs are drawn, so that it needs no fonts.
    with rc_context({"svg.hashsalt": "wordtensor", "svg.fonttype": "path"}):
        if vector:
            figure.savefig(stream, format="svg", metadata=_NOTHING)
        else:
            figure.savefig(stream, format="png", dpi=130, metadata={"Software": None})
    kind = "svg+xml" if vector else "png"
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    width = str(round(float(figure.get_figwidth()) * 96))
    height = str(round(float(figure.get_figheight()) * 96))
    wide = "wide" if float(figure.get_figwidth()) > _WIDE else None
    image = element(
        "img",
        src=f"data:image/{kind};base64,{data}",
        alt=about,
        width=width,
        height=height,
        class_=wide,
    )
    return element("figure", image)
