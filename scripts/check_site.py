"""Check the built site: local links, other hosts, words for pictures, levels of headings.

Usage: python scripts/check_site.py [build/site]
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_OF_A_STYLE = re.compile(r"(?:url\(|@import )\s*[\"']?((?:https?:)?//[^\"')\s]*)")


class Page(HTMLParser):
    """What a page names, what it refers to, and the levels of its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.references: list[tuple[str, str]] = []
        self.unsaid: list[str] = []
        self.levels: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down one tag."""
        given = {key: value or "" for key, value in attrs}
        self.names |= {given[key] for key in ("id", "name") if key in given}
        self.references += [(tag, given[key]) for key in ("href", "src") if key in given]
        if tag == "img" and not given.get("alt"):
            self.unsaid.append(given.get("src", ""))
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))


def faults(site: Path) -> Iterator[str]:
    """Yield a line for everything that is wrong."""
    static = site / "_static"
    files = [path for path in sorted(site.rglob("*.html")) if static not in path.parents]
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in files}
    for path, page in pages.items():
        name = path.relative_to(site)
        for tag, reference in page.references:
            if wrong := _reference(path, tag, reference, pages):
                yield f"{name}: {wrong}"
        for picture in page.unsaid:
            yield f"{name}: {picture} has no words in its place"
        for above, level in zip([0, *page.levels], page.levels, strict=False):
            if level > above + 1:
                yield f"{name}: a heading of level {level} follows one of level {above}"
    for path in sorted(static.rglob("*.css")):
        for address in _OF_A_STYLE.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(site)}: {address} is at another host"


def _reference(path: Path, tag: str, reference: str, pages: dict[Path, Page]) -> str | None:
    """Return what is wrong with one link, picture, style or script."""
    parts = urlsplit(reference)
    if parts.scheme or parts.netloc:
        local = tag == "a" or parts.scheme == "data"
        return None if local else f"{reference} is at another host"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
    if target.is_dir():
        target /= "index.html"
    if not target.exists():
        return f"{reference} is not there"
    aim = pages.get(target)
    if aim and parts.fragment and unquote(parts.fragment) not in aim.names:
        return f"{reference} names no place of that page"
    return None


def main() -> None:
    """Print the faults of a site; exit code 1 if there are any."""
    site = Path(sys.argv[1] if len(sys.argv) > 1 else "build/site").resolve()
    found = list(faults(site))
    print("\n".join([*found, f"{len(found)} faults"]))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
