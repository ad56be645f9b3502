"""`verify` catches what is wrong, whatever the decomposition says about itself."""

from dataclasses import replace

import numpy as np
import pytest

from wordtensor.bounds import Bound
from wordtensor.cores import Store
from wordtensor.groups import Group, group
from wordtensor.rank import _accuracy, decompose, verify
from wordtensor.rank._accuracy import largest_error
from wordtensor.rank.verification import word_table_by_loops
from wordtensor.words import word, word_table


@pytest.fixture(scope="module")
def decomposition():
    return decompose("a*b*a^-1", "Q8")


def changed(d, mode, entry, value):
    factors = [np.array(f) for f in d.factors]
    factors[mode][entry] = value
    return replace(d, factors=tuple(factors))


def test_a_right_one_is_verified(decomposition):
    found = verify(decomposition)
    assert found
    assert found.max_error < 1e-12
    assert "all 8^3 entries" in found.method
    assert str(found).startswith("verified")
    assert found.to_dict()["ok"] is True


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_one_changed_entry_is_caught(mode, decomposition):
    place = tuple(int(i[0]) for i in np.nonzero(np.abs(decomposition.factors[mode]) > 0.1))
    found = verify(changed(decomposition, mode, place,
                           decomposition.factors[mode][place] + 1e-6))  # fmt: skip
    assert not found
    assert 1e-9 < found.max_error < 1e-3
    assert str(found).startswith("NOT VERIFIED")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_entries_that_are_not_finite_are_caught(value, decomposition):
    found = verify(changed(decomposition, 1, (0, 0), value))
    assert not found
    assert "not finite" in found.method


def test_a_lower_bound_above_the_rank_is_caught(decomposition):
    assert not verify(replace(decomposition, bounds=(Bound(decomposition.rank + 1, "x"),)))


def test_a_wrong_word_or_group_is_caught(decomposition):
    assert not verify(replace(decomposition, word=word("a*b")))
    assert not verify(replace(decomposition, group=group("C8")))


def test_a_residual_that_lies_does_not_help(decomposition):
    broken = changed(decomposition, 0, (0, 0), 17.0)
    assert not verify(replace(broken, residual=0.0))


def test_blocks_that_do_not_add_up_are_caught(decomposition):
    assert not verify(replace(decomposition, blocks=decomposition.blocks[:-1]))
    assert not verify(replace(decomposition, blocks=decomposition.blocks * 2))


def test_a_missing_term_is_caught(decomposition):
    shorter = tuple(f[:, 1:].copy() for f in decomposition.factors)
    assert not verify(replace(decomposition, factors=shorter, bounds=(Bound(1, "x"),)))


@pytest.mark.parametrize("text", ["a*b", "a^-3*b^5*a", "[a,b]^2", "1", "b^-1"])
@pytest.mark.parametrize("name", ["C3", "Q8", "A4"])
def test_the_table_by_loops_agrees_with_the_kernel(text, name):
    G = group(name)
    np.testing.assert_array_equal(word_table_by_loops(word(text), G), word_table(text, G))


def test_random_contractions_decide_for_large_groups(decomposition, monkeypatch):
    monkeypatch.setattr(_accuracy, "FULL_WORK", 1.0)
    found = verify(decomposition)
    assert found.ok
    assert "random contractions" in found.method
    broken = changed(decomposition, 2, (3, 2), 0.7)
    true = largest_error(broken.factors, word_table_by_loops(broken.word, broken.group))[0]
    found = verify(broken)
    assert not found.ok
    assert true > 1e-3


def test_random_contractions_estimate_the_norm_of_the_error(decomposition, monkeypatch):
    broken = changed(decomposition, 2, (3, 2), 0.7)
    table = word_table("a*b*a^-1", group("Q8"))
    U, V, W = broken.factors
    error = np.einsum("ar,br,cr->abc", U, V, W) - (table[:, :, None] == np.arange(8))
    monkeypatch.setattr(_accuracy, "FULL_WORK", 1.0)
    estimate, _ = largest_error(broken.factors, table)
    norm = np.linalg.norm(error)
    assert 0.5 * norm < estimate < 2.0 * norm


def test_the_largest_error_is_exact(decomposition):
    factors = changed(decomposition, 0, (2, 1), 3.0).factors
    table = word_table("a*b*a^-1", group("Q8"))
    error = np.einsum("ar,br,cr->abc", *factors) - (table[:, :, None] == np.arange(8))
    assert largest_error(factors, table)[0] == pytest.approx(np.abs(error).max(), abs=1e-14)


def test_schemes_are_checked_in_integers():
    checks = verify(decompose("a*b", "Q8")).checks
    assert any(line.startswith("<1,1,1>_H") and "Brent's equations" in line for line in checks)


def with_block(d, number, **changes):
    blocks = list(d.blocks)
    blocks[number] = replace(blocks[number], **changes)
    return replace(d, blocks=tuple(blocks))


def test_blocks_are_held_against_their_coordinates(decomposition):
    assert "adds up" not in str(verify(decomposition))
    assert any("lie in its spaces and add up" in line for line in verify(decomposition).checks)
    for number, block in enumerate(decomposition.blocks):
        A, B, C = block.maps
        scaled = verify(with_block(decomposition, number, maps=(A, 2 * B, C)))
        assert not scaled.ok
        assert any("do not add up" in line for line in scaled.checks)
        moved = verify(with_block(decomposition, number, maps=(A, B, np.roll(C, 1, axis=0) + 0.1)))
        assert not moved.ok
        assert any(f"block {number}" in line for line in moved.checks)
        other = verify(with_block(decomposition, number, maps=(A[1:], B[1:], C[1:])))
        assert any("another group" in line for line in other.checks)


def test_terms_outside_of_their_block_are_caught(decomposition):
    # The whole still holds: two blocks change their names.
    first, second = [b for b in decomposition.blocks if b.name == "<1,1,1>"][:2]
    changed = [
        replace(b, maps=(second if b is first else first).maps) if b in (first, second) else b
        for b in decomposition.blocks
    ]
    found = verify(replace(decomposition, blocks=tuple(changed)))
    assert not found.ok
    assert any("leave the spaces" in line for line in found.checks)


def test_columns_that_overlap_are_caught(decomposition):
    first, *rest = decomposition.blocks
    overlapping = (replace(rest[0], columns=(0, rest[0].rank)), *rest[1:], first)
    assert not verify(replace(decomposition, blocks=overlapping))


@pytest.mark.parametrize("text, name, method", [
    ("[a,b]", "S3", "auto"), ("a*b*a*b", "S3", "substitution"), ("a*b", "Q8", "auto"),
    ("a*b*a^-1", "S3", "boxes"), ("a*b*a^-1", "S3", "slices"), ("a^2*b", "D4", "direct sum"),
])  # fmt: skip
@pytest.mark.parametrize("field", ["real", "complex"])
def test_every_route_keeps_its_coordinates(text, name, method, field):
    d = decompose(text, name, method=method, field=field)
    assert all(block.maps is not None for block in d.blocks)
    assert verify(d).ok


@pytest.mark.parametrize("name", ["C3", "S3", "Q8", "Dic3"])
def test_a_named_group_in_another_order_is_verified(name):
    G = group(name)
    order = np.roll(np.arange(G.order), 1)  # the identity is elsewhere
    table = np.argsort(order)[G.cayley[np.ix_(order, order)]]
    found = verify(decompose("a*b", Group.from_cayley(table, name)))
    assert found.ok
    assert any("elements in another order" in line for line in found.checks)
    assert "labels" in found.not_checked


@pytest.mark.parametrize("text, name, method", [
    ("b*a", "D4", "action"), ("a*b^3", "Q8", "action"), ("a^2*b", "C7:C3", "action"),
    ("1", "D6", "direct sum"),
    ("a*b*a", "C4", "direct sum"), ("[a,b]", "C3", "direct sum"), ("a^6", "D5", "product"),
    ("(a*b)^2", "C2^2", "substitution"), ("[a,b]^2", "C3^2", "substitution"),
    ("(a*b)^6", "C6", "substitution"),
])  # fmt: skip
@pytest.mark.parametrize("field", ["real", "complex"])
def test_a_method_that_was_asked_for_is_found_again(text, name, method, field):
    d = decompose(text, name, method=method, field=field, store=Store())
    assert verify(d).ok, str(verify(d))
    if method == "substitution":  # constant: the blocks of which nothing is left are not counted
        assert d.rank == 1
