"""Random words over random small groups: always right, and blind to names and order."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wordtensor.groups import group
from wordtensor.rank import box_rank, decompose, plan, verify
from wordtensor.words import word

NAMES = ["C2", "C3", "C4", "V4", "S3", "C6", "Q8"]
ONCE = {"derandomize": True, "deadline": None}

syllables = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from([-3, -2, -1, 1, 2, 3])), min_size=1, max_size=4
)
words = syllables.map(lambda parts: word("*".join(f"{c}^{k}" for c, k in parts)))


@st.composite
def groups(draw, names=tuple(NAMES)):
    """Draw a group's name and a new order of its elements."""
    name = draw(st.sampled_from(names))
    return name, draw(st.permutations(range(group(name).order)))


def stop_early():
    """Make a callback that ends the search after a few starts, as Ctrl-C does."""
    starts = itertools.count(1)

    def stop(attempt):
        if next(starts) == 4:
            raise KeyboardInterrupt

    return stop


@settings(max_examples=25, **ONCE)
@given(words, groups())
def test_random_words_are_decomposed(relabelled, w, named):
    G = relabelled(*named)
    d = decompose(w, G, callback=stop_early())
    assert verify(d).ok
    assert plan(w, G).lower_bound <= d.rank
    assert d.lower_bound <= d.rank <= box_rank(w, G)
    assert min(np.linalg.norm(f, axis=0).min() for f in d.factors) > 1e-9


def certain(w, G):
    """Rank of the cheapest route that needs no search, and the dimensions of the summands."""
    p = plan(w, G)
    known = [r.upper for r in p.routes if not r.needs_solver and r.name != "boxes"]
    return min(known), sorted(p.shape[:2]), p.shape[2], p.lower_bound


@settings(max_examples=25, **ONCE)
@given(words, groups())
def test_relabelling_changes_nothing(relabelled, w, named):
    assert certain(w, relabelled(*named)) == certain(w, group(named[0]))


@settings(max_examples=25, **ONCE)
@given(words, groups())
def test_inverting_the_word_changes_nothing(relabelled, w, named):
    G = relabelled(*named)
    assert certain(w, G) == certain(w.inverse(), G)


@settings(max_examples=25, **ONCE)
@given(words, groups())
def test_exchanging_the_letters_changes_nothing(relabelled, w, named):
    G = relabelled(*named)
    assert certain(w, G) == certain(w.swapped(), G)


def test_rows_and_columns_of_a_latin_square_may_act_differently():
    """Over D5 the rows of a^2*b*a generate a small group, and its columns a large one."""
    D5 = group("D5")
    assert certain(word("a^2*b*a"), D5) == certain(word("b^2*a*b"), D5)


@settings(max_examples=10, **ONCE)
@given(words, groups())
def test_ranks_without_a_search_have_every_symmetry(relabelled, w, named):
    G = relabelled(*named)
    # A search that was cut short says nothing about symmetry.
    first = decompose(w, G, callback=stop_early())
    assume(first.status != "numerical" and not first.interrupted)
    for v, H in ((w.inverse(), G), (w.swapped(), G), (w, group(named[0]))):
        other = decompose(v, H, callback=stop_early())
        if other.status != "numerical" and not other.interrupted:
            assert other.rank == first.rank


@pytest.mark.slow
@settings(max_examples=60, **ONCE)
@given(words, groups())
def test_random_words_are_decomposed_to_the_end(relabelled, w, named):
    G = relabelled(*named)
    d = decompose(w, G)
    assert verify(d).ok
    assert d.lower_bound <= d.rank <= box_rank(w, G)
    other = decompose(w.inverse(), G)
    if "numerical" not in (d.status, other.status):
        assert other.rank == d.rank
