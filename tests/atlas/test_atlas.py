"""The atlas: classes as counted, entries that hold, lookups, and files."""

import json
from dataclasses import replace
from random import Random

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
    for content in (
        b"",
        b"[]",
        b"{}",
        b'{"schema": 2}',
        built.to_json().encode()[:-20],
        built.to_json().replace('"rank": 1', '"rank": "1"').encode(),
    ):
        with pytest.raises(WordTensorError):
            atlas.read_atlas(content)


def test_what_is_known_is_not_made_again(built):
    called = []
    more = atlas.build(["Q8", "C3", "D4", "C4"], known=built, callback=called.append)
    assert {entry.group for entry in called} == {"C4"}
    assert more.groups == ("Q8", "C3", "D4", "C4")
    known = {entry.key: (entry.rank, entry.status) for entry in built}
    assert {e.key: (e.rank, e.status) for e in more if e.key in known} == known


def test_words_and_groups_are_added_to_what_there_is(built):
    more = atlas.build(["C5"], ["a*b", "a"], known=built)
    assert more.groups == built.groups and len(more) == len(built) + 2
    assert more.find("b*a", "C5").group == "C5"
    whole = atlas.build(["C5"], known=more)
    assert whole.groups == (*built.groups, "C5")
    assert {e.key for e in whole} == {e.key for e in more}
    counts = {word: count for e in whole for group, word, count in e.pairs if group == "C5"}
    assert sum(counts.values()) == len(word_maps("C5"))


def test_another_igraph_changes_no_answer(built):
    entries = tuple(replace(e, key=e.key[::-1]) for e in built)
    other = atlas.Atlas(entries, built.groups, "0.0.0")
    assert atlas.read_atlas(other.to_json().encode()) == other
    for text, name in (("a*b", "Q8"), ("[a,b]", "D4"), ("a", "C3"), ("b*a*b", "Q8")):
        assert other.find(text, name).rank == built.find(text, name).rank
    assert other.find("a*b", "C4") is None
    with pytest.raises(WordTensorError, match=r"igraph 0\.0\.0"):
        atlas.build(["C3"], known=other)


def test_exact_entries_have_certificates(built):
    for entry in built:
        if entry.status == "exact":
            assert entry.certificate().to_dict()["rank"] == entry.rank


def test_some_words_only():
    found = atlas.build(["S3", "Q8"], ["a*b", "b*a", "[a,b]"])
    assert found.groups == ()
    assert len(found) == 4
    assert json.loads(found.to_json())["groups"] == []


def test_all_groups_of_an_order_are_asked_for():
    from wordtensor.cli.atlas import _names

    names = _names(16, None)
    assert len(names) == 42
    assert {"SmallGroup(16,3)", "SmallGroup(16,13)"} <= set(names)
    assert [group(name).order for name in names] == sorted(group(name).order for name in names)


def test_the_package_has_every_word_of_order_16_and_no_bound_exceeds_a_rank():
    known = atlas.default_atlas()
    assert len(known.groups) == 42
    assert all(0 < entry.lower_bound <= entry.rank for entry in known)
    counts = {"S3": 105, "D4": 11, "Q8": 11, "D5": 178, "D6": 105, "Dic3": 210, "A4": 646}
    assert {name: len(known.over(name)) for name in counts} == counts
    settled = {name: sum(e.is_settled for e in known.over(name)) for name in counts}
    assert settled["S3"] >= 89 and settled["D4"] == settled["Q8"] == 11


@pytest.mark.parametrize("name", ["S3", "Q8", "Dic3", "A4", "D7"])
def test_words_of_any_length_are_answered_as_decompose_answers(name):
    choose = Random(name)
    for length in (3, 30, 200):
        text = "*".join(choose.choice(["a", "b", "a^-1", "b^-1"]) for _ in range(length))
        entry = atlas.lookup(text, name)
        found = decompose(text, name)
        assert (found.rank, found.lower_bound) == (entry.rank, entry.lower_bound)
