"""The atlas: classes as counted, entries that hold, lookups, and files."""

import json

import pytest

from wordtensor import atlas
from wordtensor.atlas._classes import word_classes
from wordtensor.cores import canonical_core
from wordtensor.errors import WordTensorError
from wordtensor.groups import group
from wordtensor.rank import decompose
from wordtensor.words import word, word_maps


@pytest.mark.parametrize("name, count", [
    ("C3", 3), ("S3", 105), ("D4", 11), ("Q8", 11), ("D6", 105), ("Dic3", 210), ("D5", 178),
    pytest.param("A4", 646, marks=pytest.mark.slow),
])  # fmt: skip
def test_classes(name, count):
    maps = word_maps(name)
    classes = word_classes(maps)
    assert len(classes) == count
    assert sum(each.count for each in classes) == len(maps)
    for each in classes[:: max(1, count // 12)]:
        assert canonical_core(each.word, name).key == each.core.key


@pytest.fixture(scope="module")
def built():
    return atlas.build(["Q8", "C3", "D4"])


def test_entries_are_what_decompose_says(built):
    assert built.groups == ("Q8", "C3", "D4")
    assert len(built.over("Q8")) == len(built.over("D4")) == 11
    for entry in built:
        found = decompose(entry.word, entry.group)
        assert (entry.rank, entry.lower_bound) == (found.rank, found.lower_bound)
        for name, text, _ in entry.pairs:
            assert built.find(text, name) is entry
            assert built.find(word(text) ** 5, name) is not None


def test_a_relabelled_group_is_found(built):
    G = group("Q8")
    order = [3, 1, 4, 0, 5, 7, 2, 6]
    inverse = [order.index(k) for k in range(8)]
    turned = type(G).from_cayley([[order[G.cayley[i, j]] for j in inverse] for i in inverse])
    assert built.find("a*b*a", turned) is built.find("a*b*a", "Q8")
    assert built.find("a*b", "C5") is None


def test_files(built):
    again = atlas.read_atlas(built.to_json().encode())
    assert again == built
    assert len(built.to_csv().splitlines()) == len(built) + 1
    page = built.to_html()
    assert "http" not in page
    assert page.count("<th>") == 9
    for content in (b"", b"[]", b"{}", b'{"schema": 2}', built.to_json().encode()[:-20]):
        with pytest.raises(WordTensorError):
            atlas.read_atlas(content)


def test_what_is_known_is_not_made_again(built):
    called = []
    more = atlas.build(["Q8", "C3", "D4", "C4"], known=built, callback=called.append)
    assert {entry.group for entry in called} == {"C4"}
    known = {entry.key: (entry.rank, entry.status) for entry in built}
    assert {e.key: (e.rank, e.status) for e in more if e.key in known} == known


def test_some_words_only():
    found = atlas.build(["S3", "Q8"], ["a*b", "b*a", "[a,b]"])
    assert found.groups == ()
    assert len(found) == 4
    assert json.loads(found.to_json())["groups"] == []
