"""All word maps of a group: the counts that theory has, shortest words, and errors."""

from itertools import product

import numpy as np
import pytest

from wordtensor.errors import WordTensorError
from wordtensor.groups import group
from wordtensor.words import reduced_words, word_maps, word_table


@pytest.mark.parametrize("name, count", [
    ("C1", 1), ("C3", 9), ("C12", 144), ("S3", 972), ("D4", 32), ("Q8", 32), ("D6", 972),
    ("Dic3", 3888), ("D5", 12500), ("A4", 9216),
])  # fmt: skip
def test_counts(name, count):
    # An abelian group of exponent m has m^2; the others are as counted by hand and by others.
    assert len(word_maps(name)) == count


@pytest.mark.parametrize("name", ["C3", "Q8", "S3", "M4(2)"])
def test_every_map_is_that_of_its_word_and_no_shorter_one(name):
    maps = word_maps(name)
    for number in range(0, len(maps), max(1, len(maps) // 60)):
        found = maps.word(number)
        assert np.array_equal(word_table(found, maps.group), maps.tables[number])
        assert maps.find(found) == number
    tables = {table.tobytes() for table in maps.tables}
    assert len(tables) == len(maps)
    for w in reduced_words(3):
        table = np.ascontiguousarray(word_table(w, maps.group), dtype=maps.tables.dtype)
        number = maps.find(table)
        assert len(maps.word(number)) <= len(w)


def test_they_are_closed_under_multiplication():
    maps = word_maps("S3")
    cayley = group("S3").cayley
    for i, j in product(range(0, 972, 97), repeat=2):
        assert 0 <= maps.find(cayley[maps.tables[i], maps.tables[j]]) < 972


def test_errors():
    with pytest.raises(WordTensorError, match="more than 100 word maps"):
        word_maps("S3", most=100)
    with pytest.raises(WordTensorError, match="'most' must be"):
        word_maps("S3", most=0)
    with pytest.raises(WordTensorError, match="of no word over S3"):
        word_maps("S3").find(np.zeros((6, 6), dtype=int) + 1)
