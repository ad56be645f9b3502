"""Sentences that readers stumbled over have been rewritten, and do not come back."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FRAGMENTS = (
    # README.md
    "(Strassen-style for multiplication), says what is *proved*",
    "the rank is the least width",
    "tune a start",
    "2 23x9x9",
    "were found by its own searches, and you can go on",
    "What improves on the package is kept in your data folder",
    "names another one; set to nothing, only the package's schemes are used",
    "Spectra of neurons beside a null model, logits over triplets",
    "carried by numerically computed irreps",
    "carried by bases known to rounding",
    "a wrong answer has no time",
    # docs
    "the mathematics behind each room",
    "Mathematics has two habits",
    "The letter is that of the commutant",
    "isotypic space | its algebra",
    "depends on one input only, which says nothing about the word",
    "none of its neurons passes on groups of the sizes of interest",
    "which does not see their mean over c",
    "without what one input does alone",
    "Named is the largest subgroup",
    "It counts if its norm is a thousandth",
    "for steps of these optimisers are proportional to it",
    "120 small words and groups tried has one",
    "free unknowns were chosen before, so that this proves nothing",
    "None of these was found in 10^10 flips",
    "none of these in 10^10 flips",
    "is held below a tenth of the squared relative residual once",
    "other two-slice summands need the theorem",
    "From memory: the list of minimal algebras",
    "Who is played",
    "We have read it through quotations",
    "Unlike in our prototype",
    "start and split alone do not fix what is learned",
)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Return README, docs and source as one line each, so that line breaks hide nothing."""
    paths = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.py")]
    return {str(path.relative_to(ROOT)): _one_line(path.read_text()) for path in paths}


def _one_line(text: str) -> str:
    """Return a text with every run of white space as one blank."""
    return re.sub(r"\s+", " ", text)


def _pages_with(fragment: str, pages: dict[str, str]) -> list[str]:
    """Return the pages in which a fragment stands."""
    return [page for page, text in pages.items() if fragment in text]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_sentence_is_gone(fragment: str, pages: dict[str, str]) -> None:
    """None of the sentences of the friction log stands anywhere a reader looks."""
    assert _pages_with(fragment, pages) == []


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_sentence_would_be_found(fragment: str) -> None:
    """A sentence that came back would be found, wherever its lines break."""
    planted = {"page.md": _one_line("Before. " + fragment.replace(" ", "\n  ") + " After.")}
    assert _pages_with(fragment, planted) == ["page.md"]
