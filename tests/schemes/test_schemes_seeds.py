"""Searches over seeds: the same here and in other processes, the best first, cut off by Ctrl-C."""

import os
from functools import partial

import pytest

from wordtensor._workers import worker_pool
from wordtensor.errors import SchemeError
from wordtensor.schemes import (
    FlipOptions,
    Registry,
    SymmetricOptions,
    search_scheme,
    search_seeds,
    symmetric_search,
)

pytestmark = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="needs compiled kernels"
)

WALK = partial(search_scheme, 2, 2, 3, flips=30_000, registry=Registry(()))
SHORT = FlipOptions(start="standard", steps=10_000)


def told(results):
    return [
        (r.seed, r.scheme and (r.scheme.rank, r.scheme.U.tobytes()), r.rank_in_ring, r.flips)
        for r in results
    ]


@pytest.fixture(scope="module")
def pool():
    with worker_pool(2) as executor:
        yield executor


@pytest.mark.parametrize("rank", [None, 11])
def test_seeds_find_the_same_in_processes(pool, rank):
    here = search_seeds(WALK, SHORT, range(5), rank)
    assert told(here) == told(search_seeds(WALK, SHORT, range(5), rank, executor=pool))
    ranks = [result.scheme.rank for result in here]
    assert ranks == sorted(ranks)
    for result in here:
        alone = WALK(rank, options=FlipOptions(start="standard", steps=10_000, seed=result.seed))
        assert told([result]) == told([alone])


def test_no_seed_follows_one_that_reached_the_rank():
    first = search_seeds(WALK, SHORT, [4, 2, 0], 12)
    assert [result.seed for result in first] == [4]
    assert len(search_seeds(WALK, SHORT, [4, 2, 0], 10)) == 3


def test_symmetric_searches():
    walk = partial(symmetric_search, 2, flips=10_000)
    found = search_seeds(walk, SymmetricOptions(), range(2), 7)
    assert found[0].scheme.rank == 7


def test_each_seed_has_its_checkpoint(tmp_path):
    path = tmp_path / "walk.npz"
    first = search_seeds(WALK, SHORT, range(2), checkpoint=path)
    assert {each.name for each in tmp_path.glob("*.npz")} == {"walk-seed0.npz", "walk-seed1.npz"}
    longer = partial(search_scheme, 2, 2, 3, flips=60_000, registry=Registry(()))
    again = search_seeds(longer, SHORT, range(2), checkpoint=path)
    assert [result.resumed for result in again] == [1, 1]
    assert told(again) == told(search_seeds(longer, SHORT, range(2)))
    assert all(result.flips < 60_000 for result in first)


def test_what_was_found_before_a_stop_is_given(pool):
    def stop(result):
        raise KeyboardInterrupt

    for executor in (None, pool):
        assert len(search_seeds(WALK, SHORT, range(4), executor=executor, callback=stop)) == 1


@pytest.mark.parametrize("seeds", [[], [1, 1]])
def test_seeds_that_are_none(seeds):
    with pytest.raises(SchemeError, match="different numbers"):
        search_seeds(WALK, SHORT, seeds)
