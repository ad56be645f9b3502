"""Canonical cores: equal keys for relabelled tensors only, and the symmetries of known ones."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.cores import canonical_form
from wordtensor.errors import MemoryLimitError, WordTensorError
from wordtensor.words import reduced_words
from wordtensor.words.core import merge_table

# |Aut G|, from tables of finite groups.
AUTOMORPHISMS = {"C3": 2, "V4": 6, "C6": 2, "S3": 6, "D4": 8, "Q8": 24, "A4": 24, "C7:C3": 42}


def places(tensor):
    return np.stack(np.nonzero(tensor))


def shuffled(tensor, rng):
    """Reorder slices and modes at random."""
    turned = tensor.transpose(rng.permutation(3))
    return turned[np.ix_(*(rng.permutation(size) for size in turned.shape))]


@pytest.mark.parametrize("name", AUTOMORPHISMS)
def test_a_multiplication_has_as_many_symmetries_as_its_autoparatopisms(name):
    order = wt.group(name).order
    symmetries = wt.canonical_core("a*b", name).symmetries()
    assert symmetries.order == 6 * order**2 * AUTOMORPHISMS[name]


@pytest.mark.parametrize("text, name", [("a*b", "C3"), ("[a,b]", "Q8"), ("a*b*a", "M5(2)")])
def test_generators_leave_the_core_as_it_is(text, name):
    core = wt.canonical_core(text, name)
    ones = set(map(tuple, core.coords.T.tolist()))
    for modes, rows in core.symmetries().generators:
        moved = set()
        for one in ones:
            image = [0, 0, 0]
            for m in range(3):
                image[modes[m]] = rows[m][one[m]]
            moved.add(tuple(image))
        assert moved == ones


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_a_reordered_tensor_has_the_same_form(seed):
    rng = np.random.default_rng(seed)
    tensor = rng.random(rng.integers(1, 5, 3)) < 0.5
    tensor.flat[0] = True
    other = shuffled(tensor, rng)
    one = canonical_form(tensor.shape, places(tensor))
    two = canonical_form(other.shape, places(other))
    assert one.key == two.key and one.shape == two.shape
    assert np.array_equal(one.coords, two.coords)


def brute_force_form(tensor):
    """Take the smallest of all reorderings."""
    return min(
        (turned.shape, turned[np.ix_(*rows)].tobytes())
        for modes in permutations(range(3))
        for turned in [tensor.transpose(modes)]
        for rows in product(*(permutations(range(size)) for size in turned.shape))
    )


def test_keys_tell_small_tensors_apart_as_brute_force_does():
    rng = np.random.default_rng(0)
    pairs = set()
    for _ in range(300):
        tensor = rng.random((2, 2, 3)) < 0.5
        tensor[0, 0, 0] = True
        pairs.add((canonical_form(tensor.shape, places(tensor)).key, brute_force_form(tensor)))
    keys, forms = map(set, zip(*pairs, strict=True))
    assert len(keys) == len(forms) == len(pairs) > 30


@pytest.mark.parametrize("name", ["C3", "S3", "Q8", "A4", "C7:C3"])
def test_relabelled_groups_inverses_and_exchanged_letters(name, relabelled):
    rng = np.random.default_rng(1)
    order = rng.permutation(wt.group(name).order)
    for text, same in [("a*b*a^-1", "b*a*b^-1"), ("a^2*b", "b^-1*a^-2"), ("[a,b]", "[b,a]")]:
        key = wt.canonical_core(text, name).key
        assert wt.canonical_core(text, relabelled(name, order)).key == key
        assert wt.canonical_core(same, name).key == key


def test_groups_that_differ_have_other_keys():
    names = ["C8", "C4 x C2", "C2^3", "D4", "Q8"]
    assert len({wt.canonical_core("a*b", name).key for name in names}) == 5


@pytest.mark.parametrize("text, name", [("a*b*a", "D4"), ("[a,b]", "A4"), ("a^2", "Q8")])
def test_terms_of_the_core_are_terms_of_the_word_tensor(text, name):
    core = wt.canonical_core(text, name)
    units = tuple(np.eye(n)[:, place] for n, place in zip(core.shape, core.coords, strict=True))
    U, V, W = core.restored(units)
    dense = np.einsum("ar,br,cr->abc", U, V, W)
    assert np.array_equal(dense, wt.word_tensor(text, name).to_dense())
    assert np.array_equal(np.einsum("ar,br,cr->abc", *units), core.to_dense())


def test_words_to_length_four_are_few_tensors():
    names = ["S3", "D4", "Q8", "D5", "A4"]
    words = list(reduced_words(4))
    keys = {wt.canonical_core(w, name).key for name in names for w in words}
    # The 160 words have 496 different tables; with modes as they are these would be 92 tensors.
    assert len(keys) == 55


def test_refusals():
    ones = np.array([[0, 1], [0, 1], [0, 0]])
    for shape, coords in [
        ((2, 2, 1), ones[:2]),
        ((2, 2, 1), ones.astype(float)),
        ((2, 1, 1), ones),
        ((2, 2, 1), ones[:, [0, 0]]),
        ((2, 2, 1), ones[:, :0]),
    ]:
        with pytest.raises(WordTensorError, match="Argument 'coords'"):
            canonical_form(shape, coords)
    with pytest.raises(MemoryLimitError, match="20000"):
        canonical_form((200, 200, 1), np.stack(np.nonzero(np.ones((200, 200, 1)))))


@pytest.mark.parametrize("text, name", [
    ("b*a*b^-1", "C4 x C2"), ("a^-1*b*a", "A4 x C8"), ("b^-7*a^7*b^7", "Q8 x C8"),
    ("a^-1*b^-1*a^2*b", "Dic14 x C2"), ("b*a^-2", "D15"), ("a*b*a", "C2^5"),
    ("b^-2*a*b*a^-1", "SD64"),
])  # fmt: skip
def test_equal_parts_are_ordered_in_no_time(text, name):
    table = wt.word_tensor(text, name).table
    merged = merge_table(table, len(table))
    core = canonical_form(merged.shape, merged.coords())
    dense, rng = merged.to_dense(), np.random.default_rng(0)
    for _ in range(3):
        other = shuffled(dense, rng)
        again = canonical_form(other.shape, places(other))
        assert again.key == core.key
        assert np.array_equal(again.coords, core.coords)
    moved = np.stack([core.rows[mode][merged.coords()[mode]] for mode in core.modes])
    assert np.array_equal(moved[:, np.lexsort(moved[::-1])], core.coords)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_sums_of_equal_parts_have_one_form(seed):
    # Three parts, two of them equal or not, with the slices of one mode in common.
    rng = np.random.default_rng(seed)
    kinds = [rng.random((2, 3, 2)) < 0.5 for _ in range(2)]
    chosen = [kinds[k] for k in rng.integers(0, 2, 5)]
    tensor = np.zeros((10, 3, 10), dtype=bool)
    for k, part in enumerate(chosen):
        tensor[2 * k : 2 * k + 2, :, 2 * k : 2 * k + 2] = part
    tensor[0, 0, 0] = True
    other = shuffled(tensor, rng)
    one = canonical_form(tensor.shape, places(tensor))
    two = canonical_form(other.shape, places(other))
    assert one.key == two.key and np.array_equal(one.coords, two.coords)
    back = np.zeros_like(tensor)
    numbers = [np.argsort(one.rows[m]) for m in range(3)]
    for place in one.coords.T:
        target = [0, 0, 0]
        for m, mode in enumerate(one.modes):
            target[mode] = numbers[mode][place[m]]
        back[tuple(target)] = True
    assert np.array_equal(back, tensor)
