"""Every short word over every small group."""

import pytest

from wordtensor.groups import group
from wordtensor.rank import box_rank, decompose, fusion_cover, plan, support, verify
from wordtensor.words import reduced_words

NAMES = ["C1", "C2", "C3", "C4", "V4", "C5", "S3", "C6", "C7", "Q8", "D4", "C8", "C2^3", "C4xC2",
         "C9", "D5", "C10", "C11", "D6", "Dic3", "A4", "C12", "C6xC2"]  # fmt: skip
WORDS = [str(w) for w in reduced_words(5)]


def check(text, G):
    d = decompose(text, G)
    assert verify(d).ok
    assert d.residual <= 1e-9
    assert plan(text, G).lower_bound <= d.rank
    assert d.lower_bound <= d.rank <= box_rank(text, G)
    assert support(text, G) <= fusion_cover(text, G)


def test_the_words_are_all_there():
    assert len(set(WORDS)) == len(WORDS) == 126


@pytest.mark.parametrize("name", ["C1", "C3", "V4", "C5", "Q8"])
@pytest.mark.parametrize("text", WORDS[::18])
def test_a_sample(text, name):
    check(text, group(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_word_up_to_length_five(name):
    G = group(name)
    for text in WORDS:
        check(text, G)
