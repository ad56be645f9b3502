"""Equal tensors get equal answers, whatever the elements are numbered and the words spelled."""

import random

import pytest
from threadpoolctl import threadpool_limits

from wordtensor.cores import canonical_core
from wordtensor.groups import Group, group
from wordtensor.groups._catalogue import small_group_name, small_group_numbers
from wordtensor.rank import decompose, plan, verify
from wordtensor.words import Word, word

# Words in several spellings over one group: inverted, exchanged, with an identity of the group, or
# with the third mode exchanged for the first.
SAMPLE = [
    ("C3", ["a*b*a", "b*a*b", "a^-1*b"]),
    ("C6", ["a^2*b^3", "b^3*a^-4", "b*a^2*b^2"]),
    ("S3", ["a*b*a*b", "a^-1*b*a^-1*b", "(b*a)^-2"]),
    ("S3", ["a*b*a^-1*b", "a^5*b*a*b^-5"]),
    ("D4", ["[a,b]", "[b,a]", "[a^-1,b]", "[a,b]^3"]),
    ("Q8", ["a^2*b", "b^-1*a^-2", "a^-2*b^5"]),
    ("Q8", ["a*b*a^-1", "b*a*b^-1"]),
    ("D5", ["a^2*b*a", "b^2*a*b", "a^-1*b^-1*a^-2"]),
    ("A4", ["a^3*b^2", "b*a^3*b", "a^2*b^3"]),
    ("A4", ["a^2*b", "a*b^2", "b*a^2", "a^-1*b^-2"]),
    ("Dic3", ["a^2*b^2", "b^-2*a^2", "a^14*b^-10"]),
    ("Dic3", ["a^3*b^-2", "a^2*b^3"]),
    ("D6", ["a*b*a*b", "a^-1*b*a^-1*b"]),
    ("SL(2,3)", ["a*b*a^-1", "b*a*b^-1"]),
]  # fmt: skip
NAMES = [name for each in small_group_numbers(24) if (name := small_group_name(*each)) is not None]


def numbered_anew(name: str, choose: random.Random, relabelled) -> Group:
    return relabelled(name, choose.sample(range(group(name).order), group(name).order))


def respelled(w: Word) -> list[Word]:
    """Words whose tensors over any group are w's up to the order of slices and modes."""
    signs = [(-1, 1), (1, -1), (-1, -1)]
    inverted = [
        Word.from_syllables([(c, s[c] * k) for c, k in w.syllables], w.letters) for s in signs
    ]
    return [w.inverse(), w.swapped(), *inverted]


def random_word(choose: random.Random) -> Word:
    text = ""
    for _ in range(choose.randint(1, 6)):
        text += choose.choice([c for c in "abAB" if c != text[-1:].swapcase()])
    return word(text, letters=("a", "b"))


def known(w: Word | str, G: Group) -> tuple[int, int, list[list[int]]]:
    """What is known before any search, without boxes: they are cut along the group's own irreps."""
    found = plan(w, G)
    routes = [route for route in found.routes if route.name != "boxes"]
    summands = [sorted(b.shape) for r in routes if r.name == "direct sum" for b in r.blocks]
    return min(r.upper for r in routes if not r.needs_solver), found.lower_bound, sorted(summands)


def solved(w: Word | str, G: Group, threads: int = 1) -> tuple[int, int]:
    with threadpool_limits(threads, "blas"):
        d = decompose(w, G)
        assert verify(d).ok
    return d.rank, d.lower_bound


def same_tensor(first: Word | str, second: Word | str, G: Group) -> bool:
    return canonical_core(first, G).key == canonical_core(second, G).key


@pytest.mark.parametrize("name, words", SAMPLE)
def test_equal_tensors_are_planned_alike(name, words, relabelled):
    choose = random.Random(1)
    first = known(words[0], group(name))
    for w in words:
        G = numbered_anew(name, choose, relabelled)
        assert same_tensor(words[0], w, G)
        assert known(w, G) == first


@pytest.mark.parametrize(
    "name, first, second",
    [
        ("D5", "a^2*b^-2*a*b^-1", "a*b^-1*a^-1*b*a^-1*b"),
        ("C7:C3", "a*b*a", "a*b^-1*a"),
    ],
)
def test_latin_squares_are_planned_alike_whichever_mode_is_third(name, first, second):
    G = group(name)
    assert same_tensor(first, second, G)
    assert known(first, G)[:2] == known(second, G)[:2]


@pytest.mark.parametrize("name, words", SAMPLE)
def test_equal_tensors_get_equal_ranks(name, words, relabelled):
    choose = random.Random(2)
    found = {solved(words[0], group(name), threads) for threads in (1, 2)}
    for k in range(3):
        found.add(solved(words[k % len(words)], numbered_anew(name, choose, relabelled)))
    assert len(found) == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300))
def test_random_words_over_random_groups(seed, relabelled):
    choose = random.Random(seed)
    name, w = choose.choice(NAMES), random_word(choose)
    G = group(name)
    cases = [(w, numbered_anew(name, choose, relabelled)) for _ in range(5)]
    cases += [(v, G) for v in respelled(w)]
    found = {solved(w, G, threads) for threads in (1, 2)}
    found |= {solved(v, H, 1 + k % 2) for k, (v, H) in enumerate(cases)}
    assert len(found) == 1, f"{w} over {name}: {sorted(found)}"


@pytest.mark.slow
@pytest.mark.parametrize("family", [["D4", "Q8"], ["S3", "D6", "Dic3"], ["D8", "Q16", "D4xC2"]])
def test_equal_tensors_of_different_groups_are_planned_alike(family):
    choose = random.Random(7)
    by_key: dict[str, set[tuple[int, int]]] = {}
    for w in (random_word(choose) for _ in range(25)):
        for name in family:
            G = group(name)
            by_key.setdefault(canonical_core(w, G).key, set()).add(known(w, G)[:2])
    assert {len(found) for found in by_key.values()} == {1}
