"""The gallery is built as it stands, and shows every public picture."""

import importlib.util
from pathlib import Path

import pytest

from .test_plots import FUNCTIONS

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "gallery"


@pytest.fixture(scope="module")
def gallery():
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "scripts" / "gallery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_gallery_builds_and_shows_every_picture(gallery, tmp_path):
    files = gallery.build(tmp_path)
    assert {path.stem for path in files} == FUNCTIONS | {"index"}
    page = (tmp_path / "index.md").read_text()
    assert all(f"({name}.png)" in page and f"plots.{name}(" in page for name in FUNCTIONS)
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in tmp_path.glob("*.png"))
    # The page that is in the repository is this one.
    assert (COMMITTED / "index.md").read_text() == page


def test_the_gallery_in_the_repository_is_whole_and_small():
    assert {path.stem for path in COMMITTED.glob("*.png")} == FUNCTIONS
    assert sum(path.stat().st_size for path in COMMITTED.iterdir()) < 400_000
