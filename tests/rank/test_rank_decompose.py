"""`decompose` and `plan`: arguments, determinism, interruption, exactness, triplets."""

import json
import logging
import sys
from dataclasses import replace

import numpy as np
import pytest

from wordtensor import memory_limit
from wordtensor.cores import Store
from wordtensor.errors import MemoryLimitError, WordTensorError
from wordtensor.groups import group
from wordtensor.rank import Block, decompose, plan, support, verify
from wordtensor.rank._exact import terms_of_table
from wordtensor.solver import reconstruct
from wordtensor.words import word_table, word_tensor

METHODS = ["product", "action", "substitution", "direct sum", "slices", "boxes"]


@pytest.mark.parametrize("arguments, match", [
    ({"field": "rational"}, "'field'"),
    ({"effort": "heroic"}, "'effort'"),
    ({"method": "magic"}, "'method'"),
    ({"effort": "search", "time_limit": 0.0}, "time_limit"),
    ({"effort": "search", "time_limit": -1}, "time_limit"),
    ({"effort": "search", "time_limit": float("nan")}, "time_limit"),
    ({"time_limit": 5.0}, "search"),
    ({"seed": -1}, "'seed'"),
    ({"seed": 1.5}, "'seed'"),
    ({"seed": True}, "'seed'"),
])  # fmt: skip
def test_wrong_arguments_are_refused(arguments, match):
    with pytest.raises(WordTensorError, match=match):
        decompose("a*b", "C3", **arguments)


@pytest.mark.parametrize("text, name", [("", "C3"), ("a*(b", "C3"), ("a*b*c", "C3"), ("a*b", "K9")])
def test_wrong_words_and_groups_are_refused(text, name):
    for function in (decompose, plan):
        with pytest.raises(WordTensorError):
            function(text, name)


def test_a_method_that_does_not_apply_says_so():
    with pytest.raises(WordTensorError, match=r"does not apply.*auto"):
        decompose("a*b*a", "S3", method="product")


def test_large_groups_without_structure_are_refused():
    with pytest.raises(MemoryLimitError, match="No structure"):
        plan("[a,b]", "S6")


def test_a_large_group_whose_word_takes_few_values_is_written_out():
    # [a,b] over D200 sees D200 without its centre only, and takes 100 values.
    found = plan("[a,b]", "D200")
    assert found.routes[0].name == "slices"
    assert "large group" in found.notes[0]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_right_where_it_applies(method):
    text, name = ("a*b*a*b", "S3") if method == "substitution" else ("a^2*b", "S3")
    d = decompose(text, name, method=method)
    assert d.method == method
    assert verify(d).ok
    assert d.rank >= decompose(text, name).lower_bound


@pytest.mark.parametrize("text", ["1", "a", "b", "b^-2", "a^6", "a*b"])
@pytest.mark.parametrize("name", ["C1", "C3", "Q8"])
def test_words_of_one_letter_or_none(text, name):
    d = decompose(text, name)
    values = np.unique(word_table(text, d.group)).size
    assert d.rank >= values
    if "a*b" not in text:
        assert (d.rank, d.lower_bound) == (values, values)
    assert verify(d).ok


@pytest.mark.parametrize("text, name", [("a*b*a", "S3"), ("a*b*a", "Q8"), ("a*b*a^-1", "A4")])
def test_the_same_seed_gives_the_same_bits(text, name):
    first, second = (decompose(text, name, seed=5) for _ in range(2))
    for left, right in zip(first.factors, second.factors, strict=True):
        assert left.tobytes() == right.tobytes()
    assert first.blocks == second.blocks


def test_factors_mean_what_they_say():
    d = decompose("a*b*a", "Q8")
    assert np.abs(reconstruct(d.factors) - word_tensor("a*b*a", "Q8").to_dense()).max() < 1e-9
    weights, factors = d
    assert weights.tolist() == [1.0] * d.rank
    assert [f.shape for f in factors] == [(8, d.rank)] * 3
    assert not any(f.flags.writeable for f in d.factors)
    assert d.residual < 1e-9


def test_blocks_account_for_all_terms():
    d = decompose("a*b*a^-1", "S4")
    assert sum(block.rank for block in d.blocks) == d.rank
    stops = [0]
    for block in d.blocks:
        assert block.columns[0] == stops[-1]
        assert block.columns[1] - block.columns[0] == block.rank
        stops.append(block.columns[1])
    assert stops[-1] == d.rank


def test_both_actors_are_found():
    first, second = decompose("a*b*a^-1", "S4"), decompose("b*a*b^-1", "S4")
    assert (first.rank, first.route) == (47, "action of a")
    assert (second.rank, second.route) == (47, "action of b")
    assert (first.status, second.status) == ("exact", "exact")


def test_everything_can_be_written_as_json():
    for method in ("auto", *METHODS[1:]):
        text = "a*b*a*b" if method == "substitution" else "a^2*b"
        d = decompose(text, "S3", method=method)
        assert json.loads(json.dumps(d.to_dict()))["rank"] == d.rank
        assert json.loads(json.dumps(plan(text, "S3", method=method).to_dict()))["routes"]


@pytest.mark.parametrize("text, name", [("a*b", "V4"), ("a*b", "C2^3"), ("a^2", "C4"), ("1", "S3")])
def test_small_rational_factors_are_exact(text, name):
    d = decompose(text, name)
    assert d.status == "exact"
    table = word_table(text, d.group)
    expected = (table[:, :, None] == np.arange(d.group.order)).astype(float)
    np.testing.assert_allclose(reconstruct(d.factors), expected, atol=1e-15)


def test_slices_are_exact():
    d = decompose("a*b*a", "Q8", method="slices")
    assert d.status == "exact"
    assert set(np.unique(np.concatenate([f.ravel() for f in d.factors]))) <= {0.0, 1.0}
    assert d.residual == 0.0


def test_irrational_factors_are_not_called_exact():
    assert decompose("a*b", "C7").status == "structural"


def test_rational_factors_are_recognised_after_any_scaling():
    d = decompose("a*b", "V4", method="slices")
    scale = np.random.default_rng(0).uniform(0.5, 2.0, size=(3, d.rank))
    scale[2] = 1.0 / (scale[0] * scale[1])
    scaled = tuple(f * s for f, s in zip(d.factors, scale, strict=True))
    table = word_table("a*b", d.group)
    found = terms_of_table(scaled, table).as_float()
    np.testing.assert_array_equal(reconstruct(found), word_tensor("a*b", "V4").to_dense())
    wrong = table.copy()
    wrong[1, 2] = wrong[1, 3]
    assert terms_of_table(scaled, wrong) is None


def test_a_term_that_is_zero_does_no_harm():
    d = decompose("a*b", "V4", method="slices")
    padded = tuple(np.column_stack([f, np.zeros(4)]) for f in d.factors)
    found = terms_of_table(padded, word_table("a*b", d.group))
    assert found is not None and found.rank == d.rank + 1


@pytest.mark.parametrize("name", ["C3", "S3", "Q8"])
def test_triplets_of_multiplication_are_diagonal(name):
    d = decompose("a*b", name)
    found = sorted(t for block in d.blocks for t in block.triplets)
    assert found == [(k, k, k) for k in range(len(d.blocks))]


@pytest.mark.parametrize("text, name", [("a*b*a", "S3"), ("a^2*b", "S3"), ("a*b*a^-1", "Q8"),
                                        ("a*b*a", "C3"), ("[a,b]", "D4")])  # fmt: skip
def test_the_blocks_touch_the_support(text, name):
    d = decompose(text, name)
    assert {t for block in d.blocks for t in block.triplets} == support(text, name)


def test_callbacks_see_every_start():
    seen = []
    d = decompose("a*b*a", "S3", callback=seen.append, store=Store())
    assert seen
    assert min(a.best for a in seen) <= d.rank
    assert not d.interrupted


def test_ctrl_c_keeps_the_best_so_far():
    def stop(attempt):
        raise KeyboardInterrupt

    d = decompose("a*b*a", "S3", callback=stop, store=Store())
    assert d.interrupted
    assert verify(d).ok
    assert d.lower_bound <= d.rank
    assert "interrupted" in str(d)
    assert decompose("a*b*a", "S3").rank <= d.rank


def test_ctrl_c_later_keeps_what_was_found():
    seen = []

    def stop(attempt):
        seen.append(attempt)
        if attempt.residual < 1e-10:
            raise KeyboardInterrupt

    d = decompose("a*b*a", "Q8", callback=stop, store=Store())
    assert verify(d).ok
    assert d.interrupted == any(a.residual < 1e-10 for a in seen)


def test_searching_longer_never_gives_more_terms():
    fast = decompose("a*b*a", "S3", store=Store())
    searched = decompose("a*b*a", "S3", effort="search", time_limit=0.01, store=Store())
    assert searched.rank <= fast.rank


@pytest.mark.parametrize("field", ["real", "complex"])
@pytest.mark.parametrize(
    "word, name", [("a*b*a", "C3"), ("a*b*a", "Q8"), ("a*b*a", "S3"), ("[a,b]", "D4")]
)
def test_a_search_begins_where_a_fast_answer_ends(word, name, field):
    """The longest way to go wrong: no time is left, or Ctrl-C comes at the first start after it."""
    starts = []
    fast = decompose(word, name, field, store=Store(), callback=starts.append)
    hurried = decompose(word, name, field, "search", time_limit=1e-6, store=Store())
    assert hurried.rank <= fast.rank
    seen = []

    def stop(attempt):
        seen.append(attempt)
        if len(seen) > len(starts):
            raise KeyboardInterrupt

    stopped = decompose(word, name, field, "search", time_limit=60, store=Store(), callback=stop)
    assert stopped.rank <= fast.rank and verify(stopped).ok
    assert stopped.interrupted == (len(seen) > len(starts))


def test_a_plan_searches_nothing(monkeypatch):
    def searched(*arguments, **options):
        raise AssertionError("the solver was started")

    monkeypatch.setattr(sys.modules["wordtensor.solver.cp"], "fit", searched)
    monkeypatch.setattr(sys.modules["wordtensor.solver.descent"], "fit_many", searched)
    p = plan("a*b*a*b^2", "S3", store=Store())
    text = str(p)
    assert text.startswith("a*b*a*b^2 over S3 (order 6), real terms")
    assert "lower bound" in text
    assert "some blocks go to the solver" in text
    with pytest.raises(AssertionError, match="solver was started"):
        decompose("a*b*a*b^2", "S3", store=Store())


@pytest.mark.parametrize("text, name", [("a*b", "Q8"), ("a*b*a^-1", "S4"), ("a*b*a", "C3")])
def test_plans_keep_their_promise(text, name):
    p, d = plan(text, name), decompose(text, name)
    assert d.rank <= p.upper
    assert d.lower_bound == p.lower_bound
    assert [route.upper for route in p.routes] == sorted(route.upper for route in p.routes)


def test_progress_goes_to_standard_error(capsys, caplog):
    caplog.set_level(logging.WARNING)
    decompose("a*b*a", "S3", progress=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text, name", [("a*b*a*b", "A4"), ("a^2*b", "Dic3"), ("a^-2*b*a*b", "D6")])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_factorisation_that_fails_is_a_step_that_is_rejected(text, name, seed, relabelled):
    G = group(name)
    order = np.random.default_rng(seed).permutation(G.order) if seed else np.arange(G.order)
    d = decompose(text, relabelled(name, order), seed=seed)
    assert verify(d).ok and d.lower_bound <= d.rank < G.order**2 // 4


def test_values_leave_the_arrays_of_their_caller_alone():
    d = decompose("a*b", "S3")
    factors = tuple(np.array(F) for F in d.factors)
    maps = tuple(np.array(A) for A in d.blocks[2].maps)
    block = Block("matrix product", (4, 4, 4), maps, sizes=(2, 2, 2))
    for mine, value in ((factors, replace(d, factors=factors).factors), (maps, block.maps),
                        (maps, replace(d.blocks[2], maps=maps).maps)):  # fmt: skip
        for array, kept in zip(mine, value, strict=True):
            assert array.flags.writeable
            assert not kept.flags.writeable
            assert not np.shares_memory(array, kept)


def test_what_does_not_fit_into_memory_is_refused_before_it_is_made():
    with memory_limit(0.01), pytest.raises(MemoryLimitError, match=r"irreps|Irreps"):
        decompose("a*b", "D250")
    # The schemes of large products take most: <25,25,2> and larger ones.
    with memory_limit(0.02), pytest.raises(MemoryLimitError, match=r"terms of .* over S5"):
        decompose("a*b*a", "S5", method="action")


def test_stages_are_told(caplog):
    caplog.set_level("INFO", logger="wordtensor.stages")
    decompose("a*b", "D8")
    told = [record.getMessage() for record in caplog.records]
    assert "structure of a*b over D8" in told and "irreps of D8" in told
