"""Every example of README and docs is run, from the top of its page to the end, in an empty folder.

Run are the ``pycon`` blocks, and the ``console`` blocks that begin with ``$``: each line after
``$ `` is a command, what follows is its output. ``...`` stands for any text, as in a doctest.
"""

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.evaluators.doctest import DocTestEvaluator
from sybil.parsers.abstract.doctest import DocTestStringParser
from sybil.parsers.markdown import CodeBlockParser, SkipParser

ROOT = Path(__file__).parents[2]
# What a command is at, told on stderr where a machine is slow.
STAGE = re.compile(r"^.* \.\.\. [0-9]+ s\n", re.MULTILINE)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# What a command says on stderr where it takes over three seconds: "loading of torch ... 4 s".
STAGE = re.compile(r"^.+ \.\.\. \d+ s\n", re.MULTILINE)
PAGES = sorted(
    str(page.relative_to(ROOT)) for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
)

TUTORIALS = (
    "first_decomposition", "your_network", "strassen", "chughtai_figure", "bilinear_map",
    "scheme_search",
)  # fmt: skip


def _commands(block: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a block with the output below it."""
    for part in ("\n" + block).split("\n$ ")[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command = f"{command[:-1]}{more}"
        yield command, output


def run_console(example: Example) -> str | None:
    """Run the commands of a block; what differs from the page is told."""
    if not example.parsed.startswith("$ "):
        return None
    folder = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "COLUMNS": "100"}
    checker = doctest.OutputChecker()
    for command, wanted in _commands(example.parsed):
        done = subprocess.run(
            ["bash", "-c", command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        printed = STAGE.sub("", done.stdout)
        # A page may show nothing of what a command prints.
        if wanted.strip() and not checker.check_output(wanted, printed, FLAGS):
            shown = doctest.Example(command, wanted)
            return f"$ {command}\n{checker.output_difference(shown, printed, FLAGS)}"
        if not wanted.strip() and done.returncode != 0:
            return f"$ {command}\nended with {done.returncode}:\n{done.stdout}"
    return None


def pycon_examples(document: Document) -> Iterator[Region]:
    """Yield the ``>>>`` examples of the ``pycon`` blocks."""
    examples = DocTestStringParser(DocTestEvaluator(FLAGS))
    for block in CodeBlockParser("pycon", lambda _: None)(document):
        for region in examples(block.parsed, document.path):
            region.adjust(block, block.parsed)
            yield region


PARSERS = (pycon_examples, CodeBlockParser("console", run_console), SkipParser())


@pytest.mark.parametrize("page", PAGES)
def test_page(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One test per page: an example may use what the ones above it made."""
    monkeypatch.chdir(tmp_path)
    examples = list(Sybil(PARSERS).parse(ROOT / page).examples())
    assert sum(example.evaluate() is None for example in examples) == len(examples)


@pytest.mark.parametrize("name", TUTORIALS)
def test_a_tutorial_is_run_and_says_what_it_was_about(name: str) -> None:
    page = ROOT / "docs" / "tutorials" / f"{name}.md"
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r"^(?:>>> |\$ )", text, re.MULTILINE)) >= 12
    assert "<!--- skip" not in text
    for part in ("**For whom:**", "**Time:**", "## What you have seen", "## Where to go next"):
        assert part in text
    assert name in (page.parent / "index.md").read_text(encoding="utf-8")
