"""The how-to on citing has the sources of all printed reasons, as the bibliography has them."""

import re
from pathlib import Path

from wordtensor.bounds import Flattening, product_bound
from wordtensor.rank import plan

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "howto" / "cite_bound.md").read_text(encoding="utf-8")
BIBLIOGRAPHY = (DOCS / "references.bib").read_text(encoding="utf-8")
SIZES = [(2, 2, 2), (2, 3, 3), (3, 3, 3), (3, 4, 5), (8, 8, 8)]
# A source as reasons name it: names, then a year.
SOURCE = re.compile(r"[A-Z][\w\- ]*(?:, [A-Z]\w+)* (?:19|20)\d\d")


def printed_reasons():
    """Reasons of many kinds that the library prints."""
    for division in ("R", "C", "H"):
        for sizes in [(1, 1, 1), *SIZES]:
            yield product_bound(*sizes, division=division).reason
    for word, group in (("a*b", "C3"), ("a*b", "Q8"), ("a*b", "A5"), ("a*b*a", "S3")):
        yield from (bound.reason for bound in plan(word, group).bounds)
    yield Flattening(0, 1, ((1, 0), (0, 1), (1, 1)), 7, 11).source


def test_each_source_that_is_printed_is_in_the_table():
    sources = {source for reason in printed_reasons() for source in SOURCE.findall(reason)}
    assert {"Winograd 1971", "Bläser 2003", "Strassen 1983"} <= sources
    rows = "\n".join(row for row in PAGE.splitlines() if row.startswith("| "))
    assert not {source for source in sources if source not in rows}


def test_entries_on_the_page_are_those_of_the_bibliography():
    printed = re.findall(r"^@\w+\{.*?^\}$", PAGE.split("```bibtex")[1], re.M | re.S)
    assert len(printed) > 10 and all(entry + "\n" in BIBLIOGRAPHY for entry in printed)
    keys = {re.match(r"@\w+\{(\w+),", entry)[1] for entry in printed}
    assert {key for key in re.findall(r"keys? `(\w+)`", PAGE)} <= keys


def test_each_title_is_one():
    titles = re.findall(r"^  title = \{(.*)\},$", BIBLIOGRAPHY, re.M)
    assert len(titles) == BIBLIOGRAPHY.count("\n@")
    assert not [title for title in titles if "arXiv:" in title]
    assert "not the title" not in BIBLIOGRAPHY
