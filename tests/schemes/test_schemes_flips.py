"""Walks in the flip graph: they keep the tensor, repeat by seed, and find the small schemes."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor._devices import check_device
from wordtensor.errors import SchemeError
from wordtensor.schemes import (
    FlipOptions,
    Registry,
    best_scheme,
    standard_scheme,
)
from wordtensor.schemes.flips._packed import PackedTerms, walk
from wordtensor.schemes.flips._starts import starting_schemes, starting_terms
from wordtensor.schemes.flips._state import WalkOptions, begun, stepped
from wordtensor.schemes.flips._walkers import walk_many, walk_to_ends, walking
from wordtensor.schemes.searching.schemes import _Task

EMPTY = Registry(())

# A search is millions of flips: hopeless in plain Python.
compiled = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="needs compiled kernels"
)


def packed(s, ring):
    return PackedTerms.from_factors(s.U, s.V, s.W, ring)


def tensor(terms, rows):
    T = np.einsum("ir,jr,kr->ijk", *terms.factors(rows))
    return T % 2 if terms.ring == "F2" else T


@pytest.mark.parametrize("ring", ["F2", "Z"])
@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 3, 3), (1, 2, 3)])
@pytest.mark.parametrize(("plus_after", "margin"), [(1, 3), (50, 2), (10**9, 1)])
def test_walks_keep_the_tensor(ring, sizes, plus_after, margin):
    s = standard_scheme(*sizes)
    start, rows = packed(s, ring), (len(s.U), len(s.V), len(s.W))
    want = tensor(start, rows)
    for seed in range(5):
        result = walk(start, 3000, plus_after=plus_after, margin=margin, seed=seed)
        assert result.best.rank <= start.rank
        assert result.last.rank <= start.rank + margin
        for terms in (result.best, result.last):
            assert (terms.words != 0).all()
            assert (tensor(terms, rows) == want).all()


@compiled
@pytest.mark.parametrize("ring", ["F2", "Z"])
@pytest.mark.parametrize("sizes", [(4, 4, 4), (5, 5, 5)])
def test_long_walks_keep_large_tensors(ring, sizes):
    # Long enough for the tables of factors to be made anew many times.
    s = standard_scheme(*sizes)
    start, rows = packed(s, ring), (len(s.U), len(s.V), len(s.W))
    result = walk(start, 400_000, plus_after=1000, margin=3, seed=1)
    assert result.flips > 100_000 and result.pluses > 10
    for terms in (result.best, result.last):
        assert (tensor(terms, rows) == tensor(start, rows)).all()


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_walks_keep_any_sum_of_terms(data):
    ring = data.draw(st.sampled_from(["F2", "Z"]))
    rows = tuple(data.draw(st.integers(1, 32)) for _ in range(3))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    rank = data.draw(st.integers(1, 12))
    # Factors from a small choice, so that some are equal and flips exist.
    choices = [rng.integers(-1, 2, (n, 3)) for n in rows]
    factors = [choice[:, rng.integers(0, 3, rank)] for choice in choices]
    start = PackedTerms.from_factors(*factors, ring)
    if start.rank == 0:
        return
    want = tensor(start, rows)
    exact = np.einsum("ir,jr,kr->ijk", *factors)
    assert (want == (exact % 2 if ring == "F2" else exact)).all()
    result = walk(start, 400, plus_after=20, margin=2, seed=data.draw(st.integers(0, 99)))
    assert (tensor(result.best, rows) == want).all()
    assert (tensor(result.last, rows) == want).all()


def test_the_longest_factors_are_walked():
    rows = (64, 64, 64)
    U = np.zeros((64, 2), dtype=np.int64)
    U[63] = 1
    V, W = np.zeros_like(U), np.zeros_like(U)
    V[[63, 0], [0, 1]] = 1
    W[[62, 63], [0, 1]] = 1
    start = PackedTerms.from_factors(U, V, W, "F2")
    result = walk(start, 50, plus_after=10, margin=2, seed=0)
    assert (tensor(result.last, rows) == tensor(start, rows)).all()


@pytest.mark.parametrize("ring", ["F2", "Z"])
def test_a_walk_repeats_by_its_seed(ring):
    start = packed(standard_scheme(3, 3, 3), ring)
    first, second, other = (
        walk(start, 2000, plus_after=100, margin=2, seed=s).last for s in (7, 7, 8)
    )
    assert first.rank == second.rank and (first.words == second.words).all()
    assert (first.signs == second.signs).all()
    assert first.rank != other.rank or (first.words != other.words).any()


def test_factors_round_trip():
    s = best_scheme(2, 3, 3)
    U, V, W = packed(s, "Z").factors((len(s.U), len(s.V), len(s.W)))
    assert (U == s.U).all() and (V == s.V).all() and (W == s.W).all()


def test_terms_refuse_what_does_not_fit():
    one = np.ones((33, 1), dtype=np.int64)
    with pytest.raises(SchemeError, match="at most 32; try F2"):
        PackedTerms.from_factors(one, one, one, "Z")
    with pytest.raises(SchemeError, match="at most 64"):
        PackedTerms.from_factors(np.ones((65, 1), dtype=np.int64), one, one, "F2")
    with pytest.raises(SchemeError, match="other than -1, 0, 1"):
        PackedTerms.from_factors(2 * one[:2], one, one, "Z")
    with pytest.raises(SchemeError, match="'ring'"):
        PackedTerms.from_factors(one, one, one, "F5")


def test_starting_schemes():
    found = starting_schemes(2, 2, 3, "R", "auto", EMPTY)
    assert {s.check().shape for s in found} == {(2, 2, 3)}
    extended = starting_schemes(2, 2, 3, "R", "extend", EMPTY.with_scheme(best_scheme(2, 2, 2)))
    assert min(s.rank for s in extended) == 11
    with pytest.raises(SchemeError, match="'start'"):
        starting_schemes(2, 2, 3, "R", "elsewhere", EMPTY)


def test_projections_are_exact_and_short():
    registry = EMPTY.with_scheme(best_scheme(2, 3, 3)).with_scheme(best_scheme(2, 2, 2))
    found = starting_schemes(2, 2, 3, "R", "project", registry)
    assert found
    assert {s.check().shape for s in found} == {(2, 2, 3)}


@pytest.mark.parametrize("ring", ["F2", "Z"])
def test_extensions_of_wandering_schemes_are_right(ring):
    s = standard_scheme(2, 2, 3)
    rows = (len(s.U), len(s.V), len(s.W))
    want = tensor(packed(s, ring), rows)
    found = starting_terms(2, 2, 3, "R", "extend", EMPTY.with_scheme(best_scheme(2, 2, 2)), ring, 5)
    assert len(found) > 8
    for terms in found:
        assert (tensor(terms, rows) == want).all()


def test_too_large_for_the_ring():
    with pytest.raises(SchemeError, match=r"at most 32 .* <6,6,6>_R have up to 36"):
        starting_terms(6, 6, 6, "R", "standard", EMPTY, "Z", 0)


def searched(options, exact, seed=0, start=(2, 2, 2), batches=None):
    """Step until the target is found, or so many batches of walks are done and entered."""
    state = begun([packed(standard_scheme(*start), "F2")], seed)
    with walking(options.walkers) as walks:
        while not (state.settled and (state.has(options.target) or batches == 0)):
            batches = batches - 1 if state.settled and batches is not None else batches
            state = stepped(state, options, exact, walks)
    return state


@compiled
def test_the_search_keeps_a_pool_and_stops_at_the_target():
    state = searched(WalkOptions(target=7, steps=2000), lambda terms, trial: terms)
    now = state.progress()
    assert state.found.rank == now.best == now.found == 7
    assert {terms.rank for terms in state.pool} == {7}
    assert state.flips == now.flips > 0


@compiled
def test_an_unliftable_rank_does_not_stop_the_search():
    # "Exact" only for one term more than the shortest: the search must go on, and keep that value.
    def exact(terms, trial):
        return terms if terms.rank == 8 else None

    state = searched(WalkOptions(target=5, steps=500), exact, batches=30)
    assert state.reached == 7
    assert not state.has(5)
    assert state.lifts > 5


@compiled
def test_the_pool_does_not_sink_below_the_target():
    # Nothing is ever exact here: the search must stay at the rank that was asked for.
    options = WalkOptions(target=25, steps=20_000)
    state = searched(options, lambda terms, trial: None, start=(3, 3, 3), batches=300)
    assert state.reached == 25
    assert {terms.rank for terms in state.pool} == {25}
    assert state.lifts > 20


@compiled
def test_a_step_that_is_interrupted_leaves_no_trace():
    def interrupted(terms, trial):
        raise KeyboardInterrupt

    options = WalkOptions(target=7, steps=500, walkers=5)
    first = begun([packed(standard_scheme(2, 2, 2), "F2")], 0)
    with walking(5) as walks:
        state = stepped(first, options, interrupted, walks)
        before = {field.name: getattr(state, field.name) for field in fields(state)}
        assert state.pending is not None and len(state.ends) == 4 and first.flips == 0
        with pytest.raises(KeyboardInterrupt):
            stepped(state, options, interrupted, walks)
    assert all(getattr(state, name) is value for name, value in before.items())


@compiled
def test_ends_of_walks_wait_while_one_is_made_exact():
    tried = []

    def exact(terms, trial):
        tried.append(trial)
        return None

    options = WalkOptions(target=7, steps=500, walkers=5)
    state = begun([packed(standard_scheme(2, 2, 2), "F2")], 3)
    waiting = []
    with walking(5) as walks:
        while not waiting or not state.settled:
            state = stepped(state, options, exact, walks)
            waiting.append(len(state.ends))
    assert waiting == [4, 3, 2, 1, 0, 0] and tried == [1, 2, 3, 4, 5]
    assert state.spent == 5 * 10_000 and state.reached == 7


@compiled
def test_batches_do_not_depend_on_threads():
    options = WalkOptions(target=1, steps=20_000, walkers=3)
    with ThreadPoolExecutor(2) as executor:
        alone = together = begun([packed(standard_scheme(3, 3, 3), "F2")], 5)
        for _ in range(20):
            alone = stepped(alone, options, lambda terms, trial: terms, walk_to_ends)
            threads = partial(walk_to_ends, executor=executor)
            together = stepped(together, options, lambda terms, trial: terms, threads)
            one, two = alone.progress(), together.progress()
            assert (one.best, one.found, one.pool, one.flips) == (
                two.best,
                two.found,
                two.pool,
                two.flips,
            )


@compiled
def test_a_state_on_disk_goes_on_as_if_nothing_had_happened(tmp_path):
    # Written while ends of walks wait, each state goes on from its file to the same end.
    options = FlipOptions(walkers=5, steps=500, seed=3)
    task = _Task((2, 2, 2), options, WalkOptions(target=7, steps=500, walkers=5))
    file, exact = task.checkpoint(tmp_path / "point"), lambda terms, trial: None
    whole = parts = begun([packed(standard_scheme(2, 2, 2), "F2")], 3)
    with walking(5) as walks:
        for _ in range(20):
            whole = stepped(whole, task.walk, exact, walks)
            file.save(stepped(parts, task.walk, exact, walks))
            parts = file.load()
            assert (parts.random, parts.progress()) == (whole.random, whole.progress())
            assert len(parts.ends) == len(whole.ends) and parts.lifts == whole.lifts
    for one, two in zip(parts.pool, whole.pool, strict=True):
        assert (one.words == two.words).all() and (one.signs == two.signs).all()


@pytest.mark.parametrize("bad", [{"steps": 0}, {"walkers": 0}, {"pool": 0}])
def test_options_out_of_range(bad):
    with pytest.raises(SchemeError, match=next(iter(bad))):
        WalkOptions(**bad)


def test_a_negative_seed_is_refused():
    with pytest.raises(SchemeError, match="seed"):
        FlipOptions(seed=-1)


def test_a_search_needs_a_start():
    with pytest.raises(SchemeError, match="at least one"):
        begun([], 0)


def test_the_standard_scheme_is_a_start():
    (start,) = starting_schemes(2, 2, 2, "R", "standard", EMPTY)
    assert repr(start) == "Scheme(<2,2,2>, rank=8, ring='Z')"


def test_packed_terms_unpack_to_their_factors():
    one = np.array([[1, 0], [-1, 1]])
    terms = PackedTerms.from_factors(one, one, one, "Z")
    assert repr(terms) == "PackedTerms(2 terms, ring='Z')"
    assert terms.factors((2, 2, 2))[1].tolist() == [[1, 0], [-1, 1]]


def test_a_walk_joins_two_terms_that_differ_in_one_factor():
    one, other = np.array([[1, 1]]), np.array([[1, 0], [0, 1]])
    start = PackedTerms.from_factors(one, one, other, "F2")
    assert repr(walk(start, 9, plus_after=9, margin=1).best) == "PackedTerms(1 terms, ring='F2')"


def test_the_cpu_is_always_there():
    check_device("cpu")


def test_many_walks_join_two_terms_each():
    one, other = np.array([[1, 1]]), np.array([[1, 0], [0, 1]])
    start = PackedTerms.from_factors(one, one, other, "F2")
    results = walk_many([start] * 2, 9, plus_after=9, margin=1, seeds=[0, 1])
    assert [repr(r.best) for r in results] == ["PackedTerms(1 terms, ring='F2')"] * 2
