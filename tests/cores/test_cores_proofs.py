"""Proved bounds in the store: kept, found again in any order, and refused when damaged."""

import json
import logging
from dataclasses import replace

import numpy as np
import pytest

from wordtensor.bounds import LocusBound, locus_bound
from wordtensor.cores import (
    ProvedCore,
    Store,
    canonical_core,
    default_store,
    save_proved,
    user_store,
    write_proofs,
)
from wordtensor.cores._names import parse_name
from wordtensor.cores._proved import read_proved


def proved(word="a^2*b*a^2*b", group="S3", rank=5, field="real"):
    core = canonical_core(word, group)
    data = locus_bound(core.to_dense(), field, upper=rank)
    return ProvedCore.of(core, field, data.bound, data.to_dict())


def shuffled(found, seed):
    """Return the same proof as another igraph might have written it."""
    rng = np.random.default_rng(seed)
    modes = rng.permutation(3).tolist()
    rows = [rng.permutation(size) for size in found.shape]
    coords = np.empty_like(found.coords)
    for mode, where in enumerate(modes):
        coords[where] = rows[mode][found.coords[mode]]
    shape = tuple(found.shape[modes.index(mode)] for mode in range(3))
    data = LocusBound.from_dict(json.loads(found.data)).lifted(modes, rows)
    from wordtensor.cores._canonical import core_key

    return replace(
        found,
        key=core_key(shape, coords),
        shape=shape,
        coords=coords,
        data=json.dumps(data.to_dict()),
        igraph="0.0.0",
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("word, group, rank", [("a^2*b*a^2*b", "S3", 5), ("a*b", "C3", 4)])
def test_another_igraph_may_have_ordered_the_core_otherwise(word, group, rank, seed):
    core = canonical_core(word, group)
    store = Store().with_proved(shuffled(proved(word, group, rank), seed))
    found = store.proofs.find(core)
    assert found.value == rank and found.key == core.key
    assert LocusBound.from_dict(json.loads(found.data)).holds(core.to_dense())
    assert store.proofs.find(canonical_core("a*b", "C4")) is None


def test_it_is_written_and_read_as_it_was():
    found = proved()
    again = read_proved(found.to_json().encode(), "proof")
    assert again.to_json() == found.to_json() and again.name == found.name
    assert parse_name(f"{found.name}.json", ".json") == found.name


@pytest.mark.parametrize(
    "change",
    [
        {"key": "0" * 64},
        {"coords": [[0], [0], [9]]},
        {"coords": [[0], [0], [-1]]},
        {"coords": []},
        {"shape": [3, 3]},
        {"field": "rational"},
        {"value": "5"},
        {"value": 5.0},
        {"format_version": 2},
        {"format": "wordtensor-cores"},
        {"more": 1},
    ],
)
def test_a_damaged_file_is_named_and_left_out(change, tmp_path, caplog):
    found = proved()
    path = save_proved(found, tmp_path)
    assert user_store(tmp_path).proofs.find(canonical_core("a^2*b*a^2*b", "S3")).value == 5
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    store = user_store(tmp_path)
    known = [p for p in store.proofs.listed[len(default_store().proofs) :]]
    assert len(known) == 1
    with caplog.at_level(logging.WARNING):
        assert known[0][1]() is None
    assert path.name in caplog.text


def test_only_a_better_bound_replaces_one(tmp_path):
    found = proved()
    assert save_proved(found, tmp_path) is not None
    assert save_proved(found, tmp_path) is None
    assert save_proved(replace(found, value=4), tmp_path) is None
    assert save_proved(replace(found, value=6), tmp_path) is not None


def test_those_of_the_package_are_the_same_bytes_each_time_and_hold(tmp_path):
    write_proofs([proved(), proved("a*b", "C3", 4)], tmp_path / "a.zip")
    write_proofs([proved("a*b", "C3", 4), proved()], tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    for number, each in enumerate(default_store().proofs):
        if number % 20 == 0:
            dense = np.zeros(each.shape, dtype=int)
            dense[tuple(each.coords)] = 1
            data = LocusBound.from_dict(json.loads(each.data))
            assert data.bound == each.value and data.holds(dense)
