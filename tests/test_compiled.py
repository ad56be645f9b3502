"""Compiled functions run also where nothing can be written."""

from pathlib import Path

import pytest
from numba.core.caching import CacheImpl

import wordtensor
from wordtensor._compiled import compiled


@pytest.mark.parametrize("writable", [True, False])
def test_a_function_is_compiled_without_a_folder_for_it(writable, monkeypatch):
    if not writable:
        monkeypatch.setattr(CacheImpl, "_locator_classes", [])

    @compiled(error_model="numpy")
    def inverse(x):
        return 1 / x

    assert inverse(0.0) == float("inf")
    assert (str(inverse.stats.cache_path) != "None") == writable


def test_no_module_asks_numba_for_its_cache_itself():
    root = Path(wordtensor.__file__).parent
    asking = [path.name for path in root.rglob("*.py") if "cache=True" in path.read_text()]
    assert asking == ["_compiled.py"]
