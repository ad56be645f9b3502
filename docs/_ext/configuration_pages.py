"""Every key of a training's configuration, from the dataclass and its docstring."""

import dataclasses
import re
from collections import defaultdict

from numpydoc.docscrape import NumpyDocString

from wordtensor.nets import TrainConfig
from wordtensor.nets._key_advice import _OTHER_NAMES
from wordtensor.nets.config import _CHOICES, _RANGES


def described() -> dict[str, tuple[str, str]]:
    """Return type and meaning of every key, as the docstring has them."""
    sections = NumpyDocString(re.sub(r"^    ", "", TrainConfig.__doc__ or "", flags=re.MULTILINE))
    return {
        name.strip(): (entry.type, " ".join(entry.desc))
        for entry in sections["Attributes"]
        for name in entry.name.split(",")
    }


def configuration() -> str:
    """Return a table of all keys."""
    texts = described()
    rows = ["| key | type | default | allowed | meaning |", "|---|---|---|---|---|"]
    for field in dataclasses.fields(TrainConfig):
        kind, meaning = texts[field.name]
        if field.name in _CHOICES:
            kind = "str"
        default = "none" if field.default is None else _written(field.default)
        cells = (f"`{field.name}`", kind, default, _allowed(field.name), meaning)
        rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(rows)


def other_names() -> str:
    """Return a table of the names that other programs have for a key."""
    names = defaultdict(list)
    for other, ours in _OTHER_NAMES.items():
        names[ours].append(f"`{other}`")
    rows = [f"| {', '.join(others)} | `{ours}` |" for ours, others in sorted(names.items())]
    return "\n".join(["| elsewhere | here |", "|---|---|", *rows])


def _cell(text: str) -> str:
    """Return a text for a cell of a table."""
    return text.replace("``", "`").replace("|", r"\|")


def _written(value: object) -> str:
    """Return a default as it is written after ``--set``."""
    text = str(list(value)) if isinstance(value, tuple) else str(value)
    return f"`{text}`" if text else "empty"


def _allowed(key: str) -> str:
    """Return which values a key may have."""
    if key in _CHOICES:
        return ", ".join(f"`{choice}`" for choice in _CHOICES[key])
    return ", ".join(said for names, _, said in _RANGES if key in names)
