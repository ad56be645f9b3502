"""The error index quotes messages that the library has."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "errors.md").read_text()
MESSAGES = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)


def texts_of(node):
    """Return the fixed parts of a text, None in the place of what is filled in."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else [None]
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in texts_of(value)]
    if isinstance(node, ast.BinOp):
        return texts_of(node.left) + texts_of(node.right)
    return [None]


def known_texts():
    """Return every text of the source, with \\0 in the place of what is filled in."""
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
                yield "".join("\0" if part is None else part for part in texts_of(node))


KNOWN = "\n".join(text for text in known_texts() if text)


def is_known(message):
    """Say whether one text has all parts of a message, in order."""
    parts = [re.escape(part) for part in message.replace("'...'", "\1").split("...")]
    return re.search("[^\n]*?\0[^\n]*?".join(parts).replace("\1", r"'\.\.\.'"), KNOWN) is not None


@pytest.mark.parametrize("message", MESSAGES)
def test_the_message_is_in_the_source(message):
    assert is_known(message)


def test_other_messages_are_not():
    assert not is_known("There is no group named ...; did you see ...")


def test_there_are_messages():
    assert len(MESSAGES) > 60
