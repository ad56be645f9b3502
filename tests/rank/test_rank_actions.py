"""Tables whose rows are bijections, as sums of matrix products."""

from collections import Counter

import numpy as np
import pytest

from wordtensor import memory_limit
from wordtensor.groups import group
from wordtensor.rank import _actions as actions
from wordtensor.rank import decompose, plan
from wordtensor.rank._actions import action_blocks
from wordtensor.rank._strategies import solve
from wordtensor.rank.block import embed, matrix_block, rotate_inputs, swap_inputs
from wordtensor.words import word_table

REGULAR = {
    "C3": {"<1,1,1>": 1, "<1,1,1>_C": 1},
    "S4": {"<1,1,1>": 2, "<2,2,2>": 1, "<3,3,3>": 2},
    "Q8": {"<1,1,1>": 4, "<1,1,1>_H": 1},
    "SL(2,3)": {"<1,1,1>": 1, "<1,1,1>_C": 1, "<1,1,1>_H": 1, "<2,2,2>_C": 1, "<3,3,3>": 1},
    "Q8 x C3": {"<1,1,1>": 4, "<1,1,1>_C": 4, "<1,1,1>_H": 1, "<2,2,2>_C": 1},
    "M5(2)": {"<1,1,1>": 4, "<1,1,1>_C": 6, "<2,2,2>_C": 2},
}


@pytest.mark.parametrize("name", REGULAR)
def test_the_regular_action_has_one_block_for_each_irrep(name, rebuild, dense):
    G = group(name)
    blocks = action_blocks(G.cayley, G.order, np.random.default_rng(1))
    assert Counter(block.name for block in blocks) == REGULAR[name]
    assert np.abs(rebuild(blocks) - dense(G.cayley, G.order)).max() < 1e-11


@pytest.mark.parametrize("name", ["S4", "C3", "Q8", "M5(2)", "SL(2,3)", "Q8 x C3"])
def test_conjugation_is_rebuilt(name, rebuild, dense):
    G = group(name)
    table = word_table("a*b*a^-1", G)
    blocks = action_blocks(table, G.order, np.random.default_rng(2))
    assert np.abs(rebuild(blocks) - dense(table, G.order)).max() < 1e-11


def test_conjugation_over_s4_has_the_published_blocks():
    table = word_table("a*b*a^-1", group("S4"))
    blocks = action_blocks(table, 24, np.random.default_rng(0))
    names = Counter(block.name for block in blocks)
    assert names == {"<1,1,5>": 1, "<1,1,1>": 1, "<2,2,3>": 1, "<3,3,2>": 2}


def test_several_copies_of_a_quaternionic_module_stay_aligned(rebuild, dense):
    G = group("Q8")
    # Q8 on two copies of itself: <1,1,2> four times, and <1,1,2> over H.
    table = np.concatenate([G.cayley, 8 + G.cayley], axis=1)
    blocks = action_blocks(table, 16, np.random.default_rng(3))
    assert Counter(block.name for block in blocks) == {"<1,1,2>": 4, "<1,1,2>_H": 1}
    assert np.abs(rebuild(blocks) - dense(table, 16)).max() < 1e-11


def test_several_copies_of_a_complex_module_stay_aligned(rebuild, dense):
    table = np.concatenate([group("C3").cayley, 3 + group("C3").cayley], axis=1)
    blocks = action_blocks(table, 6, np.random.default_rng(3))
    assert Counter(block.name for block in blocks) == {"<1,1,2>": 1, "<1,1,2>_C": 1}
    assert np.abs(rebuild(blocks) - dense(table, 6)).max() < 1e-11


def test_the_first_row_need_not_be_the_identity(rebuild, dense):
    rng = np.random.default_rng(5)
    table = rng.permutation(6)[group("S3").cayley][rng.permutation(6)]
    blocks = action_blocks(table, 6, rng)
    assert np.abs(rebuild(blocks) - dense(table, 6)).max() < 1e-11


@pytest.mark.parametrize("name", ["S4", "C3", "Q8", "SL(2,3)", "M5(2)"])
def test_swapped_inputs_give_the_transposed_tensor(name, rebuild, dense):
    G = group(name)
    table = word_table("b*a*b^-1", G)
    blocks = action_blocks(np.ascontiguousarray(table.T), G.order, np.random.default_rng(1))
    swapped = [swap_inputs(block) for block in blocks]
    assert np.abs(rebuild(swapped) - dense(table, G.order)).max() < 1e-11


@pytest.mark.parametrize("division, d", [("R", 1), ("C", 2), ("H", 4)])
def test_swapping_twice_changes_nothing(division, d):
    maps = (np.eye(6 * d), np.eye(3 * d), np.eye(2 * d))
    block = matrix_block((2, 3, 1), division, maps)
    swapped = swap_inputs(block)
    assert swapped.sizes == (1, 3, 2)
    again = swap_inputs(swapped)
    assert again.sizes == block.sizes
    for left, right in zip(again.maps, block.maps, strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("name", ["S4", "C3", "Q8", "SL(2,3)", "M5(2)"])
def test_every_mode_of_a_latin_square_acts(name, rebuild, dense):
    G = group(name)
    rng = np.random.default_rng(6)
    table = rng.permutation(G.order)[G.cayley][rng.permutation(G.order)]
    found = dict(actions.actions(table, G.order, rng))
    assert list(found) == ["a", "b", "c"]
    for blocks in found.values():
        assert Counter(block.name for block in blocks) == Counter(
            block.name for block in found["a"]
        )
        assert np.abs(rebuild(blocks) - dense(table, G.order)).max() < 1e-11


@pytest.mark.parametrize("division, d", [("R", 1), ("C", 2), ("H", 4)])
def test_rotating_three_times_changes_nothing(division, d):
    block = matrix_block((2, 3, 1), division, (np.eye(6 * d), np.eye(3 * d), np.eye(2 * d)))
    rotated = rotate_inputs(block)
    assert rotated.sizes == (3, 1, 2)
    again = rotate_inputs(rotate_inputs(rotated))
    assert again.sizes == block.sizes
    for left, right in zip(again.maps, block.maps, strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("name", ["C3", "Q8", "S3", "SL(2,3)"])
def test_rows_may_act_onto_disjoint_sets_of_values(name, rebuild, dense):
    G = group(name)
    n = G.order
    rng = np.random.default_rng(8)
    # Two copies of G as values, one of which is reached by some of the rows only.
    table = rng.permutation(2 * n)[np.concatenate([G.cayley, n + G.cayley[: n // 2 + 1]])]
    table = table[rng.permutation(len(table))]
    blocks = action_blocks(table, 2 * n, rng)
    regular = action_blocks(G.cayley, n, rng)
    assert sorted(block.sizes for block in blocks) == sorted(
        (2 * size, size, copies) for size, _, copies in (block.sizes for block in regular)
    )
    assert np.abs(rebuild(blocks) - dense(table, 2 * n)).max() < 1e-11


def test_sets_of_values_that_overlap_are_refused():
    table = np.array([[0, 1], [1, 2], [2, 3]])
    assert action_blocks(table, 4, np.random.default_rng(0)) is None


def test_rows_that_are_no_bijections_are_refused():
    assert action_blocks(word_table("a*b^2", group("S3")), 6, np.random.default_rng(0)) is None
    assert action_blocks(np.array([[0, 1]]), 3, np.random.default_rng(0)) is None


def test_large_actions_are_refused(monkeypatch):
    monkeypatch.setattr(actions, "MAX_POINTS", 5)
    assert action_blocks(group("S3").cayley, 6, np.random.default_rng(0)) is None


def test_maps_of_a_block_cannot_be_changed():
    block = action_blocks(group("C3").cayley, 3, np.random.default_rng(0))[0]
    with pytest.raises(ValueError, match="read-only"):
        block.maps[0][0, 0] = 2.0


def largest_slice_error(text, name, slices):
    found = plan(text, name)
    route = next(each for each in found.routes if each.name.startswith("action"))
    table = word_table(text, name)
    parts = [
        embed(block.maps, solve(block, assessment).factors)
        for block, assessment in zip(route.blocks, route.assessments, strict=True)
    ]
    U, V, W = (np.hstack([part[mode] for part in parts]) for mode in range(3))
    errors = []
    for a in slices:
        error = (V * U[a]) @ W.T
        error[np.arange(len(table)), table[a]] -= 1.0
        errors.append(np.abs(error).max())
    return max(errors)


@pytest.mark.parametrize("text, name", [("a^2*b", "C302"), ("a^2*b", "D101"), ("b*a*b^-1", "A5")])
def test_many_modules_are_separated_to_rounding(text, name):
    assert largest_slice_error(text, name, (0, 1, 7)) < 2e-13


def test_an_action_that_takes_as_many_terms_as_entries_is_left_out():
    # The rows of a random table of permutations generate all of them: <8,8,1> and <1,1,1>.
    rng = np.random.default_rng(0)
    table = np.stack([rng.permutation(9) for _ in range(4)])
    assert action_blocks(table, 9, rng) is None


def test_an_action_that_does_not_fit_into_memory_is_left_out():
    table = group("A5").cayley.astype(np.int64)
    with memory_limit(1e-5):
        assert action_blocks(table, 60, np.random.default_rng(0)) is None
    assert action_blocks(table, 60, np.random.default_rng(0))


@pytest.mark.parametrize("text, name, routes", [
    ("b*a*b^-1", "S4", {"action of b", "slices"}),  # a direct sum of products
    ("b^-1*a*b^-1*a^-2", "D4^2", {"action of b", "slices"}),  # no direct sum, but optimal
    ("(a^2*b)^400", "C400", {"slices"}),  # constant
])  # fmt: skip
def test_routes_that_cannot_take_fewer_terms_are_not_tried(text, name, routes):
    found = plan(text, name)
    assert {route.name for route in found.routes} == routes
    assert decompose(text, name).rank == found.upper
