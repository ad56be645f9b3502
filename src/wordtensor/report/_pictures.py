"""Pictures inside the page: SVG that takes its letters and colours from the page."""

import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from matplotlib import rc_context
from matplotlib.axes import Axes

from .._markup import Content, Markup, element
from ..plots import _style
from ..plots._captions import CAPTIONS

# Inches above which a picture takes the whole width of the page.
_WIDE: Final = 6.5
_NOTHING: Final = {"Date": None, "Creator": None, "Format": None, "Type": None}
# The page's variables for the colours of pictures, so that these can be read in the dark.
COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "--net": _style.NET,
        "--net-dark": _style.SHADES[0],
        "--net-light": _style.SHADES[-1],
        "--terms": _style.TERMS,
        "--bound": _style.BOUND,
        "--outside": _style.OUTSIDE,
        "--removed": _style.REMOVED,
        "--ink": _style.INK,
        "--line": _style.LIGHT,
    }
)
_SVG: Final = "{http://www.w3.org/2000/svg}"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_DECIMALS: Final = re.compile(r"-?[0-9]+\.[0-9]{2,}(?:e-?[0-9]+)?")
_FAMILY: Final = re.compile(r"font-family: [^;\"]*;? ?")
_USED: Final = re.compile(r"(?<=url\(#)[^)]+")


def picture(ax: Axes, about: str, key: str) -> Markup:
    """Return the figure of some axes as SVG, with a text for what is on it; key begins its ids."""
    figure = ax.get_figure(root=True)
    if figure is None:
        return Markup()
    stream = io.StringIO()
    # The same picture is the same text; letters stay letters, in the page's own font.
    with rc_context({"svg.hashsalt": "wordtensor", "svg.fonttype": "none"}):
        figure.savefig(stream, format="svg", metadata=_NOTHING, transparent=True)
    width, height = (float(size) for size in figure.get_size_inches())
    drawn = element(
        "svg", _inner(stream.getvalue(), key), viewBox=f"0 0 {72 * width:g} {72 * height:g}",
        role="img", aria_label=about, width=f"{96 * width:.0f}", height=f"{96 * height:.0f}",
    )  # fmt: skip
    return drawn


def captioned(name: str, *pictures: Content) -> Markup:
    """Return pictures of one kind with their caption below: what, how to read it, what is good."""
    caption = CAPTIONS[name]
    said = element(
        "figcaption", element("strong", caption.shows), " ", caption.read, " ",
        element("em", caption.good),
    )  # fmt: skip
    count = len(pictures)
    shown = pictures[0] if count == 1 else element("div", *pictures, class_=f"row of{count}")
    return element("figure", shown, said, class_="wide" if count > 1 else None)


def _inner(drawn: str, key: str) -> Markup:
    """Return what is inside an SVG, shorter: no groups and names of no use, tenths of a point."""
    root = ElementTree.fromstring(drawn)
    used = {value.removeprefix("#") for part in root.iter() for value in _references(part)}
    for part in root.iter():
        for name, value in list(part.attrib.items()):
            del part.attrib[name]
            kept = _shorter(name, value, key, used)
            if kept:
                part.attrib["href" if name == _LINK else name] = kept
        part.tag = part.tag.removeprefix(_SVG)
    parts = [part for child in root for part in _unwrapped(child)]
    return Markup("".join(ElementTree.tostring(part, encoding="unicode") for part in parts))


def _references(part: ElementTree.Element) -> Iterator[str]:
    """Yield the ids that an element refers to."""
    yield part.get(_LINK, "")
    for value in part.attrib.values():
        yield from _USED.findall(value)


def _shorter(name: str, value: str, key: str, used: set[str]) -> str:
    """Return an attribute as the page has it; empty if it can go."""
    if name == "id":
        return f"{key}-{value}" if value in used else ""
    if name == _LINK:
        return f"#{key}-{value[1:]}" if value.startswith("#") else value
    if value.startswith("rotate(-0 "):
        return ""
    value = _USED.sub(lambda found: f"{key}-{found[0]}", value)
    value = _DECIMALS.sub(lambda found: f"{round(float(found[0]), 2):g}", value)
    value = _FAMILY.sub("", value)
    for variable, colour in COLOURS.items():
        value = value.replace(colour, f"var({variable})")
    return " ".join(value.split()).rstrip("; ")


def _unwrapped(part: ElementTree.Element) -> list[ElementTree.Element]:
    """Return an element, or what is in it if it is a group that says nothing."""
    if part.tag in ("metadata", "style"):
        return []
    inside = [each for child in part for each in _unwrapped(child)]
    if part.tag == "g" and not part.attrib:
        return inside
    part[:] = inside
    part.tail = None
    if not (part.text or "").strip():
        part.text = None
    return [part] if inside or part.tag not in ("g", "defs") else []
