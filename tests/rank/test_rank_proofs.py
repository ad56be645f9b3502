"""Bounds by substitution in plans, decompositions, files and verification."""

import json
import logging
from dataclasses import replace

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.bounds import Bound, LocusBound, locus_bound
from wordtensor.cores import ProvedCore, Store, canonical_core, user_store
from wordtensor.groups import Group


def proved(word, group, rank, field="real"):
    core = canonical_core(word, group)
    data = locus_bound(core.to_dense(), field, upper=rank)
    return ProvedCore.of(core, field, data.bound, data.to_dict())


def relabelled(group, seed):
    rng = np.random.default_rng(seed)
    G = wt.group(group)
    p = rng.permutation(G.order)
    table = np.empty_like(G.cayley)
    table[np.ix_(p, p)] = p[G.cayley]
    return Group.from_cayley(table, f"{group} relabelled")


def of_locus(d):
    return [bound for bound in d.bounds if isinstance(bound.data, LocusBound)]


@pytest.mark.parametrize(
    ("word", "group", "rank"),
    [("a^2*b*a^2*b", "S3", 5), ("a^3*b*a*b", "S3", 8), ("a*b*a", "S3", 8)],
)
def test_a_stored_bound_is_used_over_any_numbering_and_verified(word, group, rank):
    without = wt.plan(word, group, store=Store())
    store = Store().with_proved(proved(word, group, rank))
    for G in (group, relabelled(group, 1), relabelled(group, 2)):
        planned = wt.plan(word, G, store=store)
        if without.lower_bound == rank:  # nothing was left to prove
            assert planned.bounds == without.bounds
            continue
        assert planned.lower_bound == rank > without.lower_bound
        assert planned.bounds[1:] == without.bounds
        d = wt.decompose(word, G, store=store)
        assert d.lower_bound == rank and of_locus(d) == [d.bounds[0]]
        checked = wt.verify(d)
        assert checked.ok
        assert any("computed again (substitution" in str(line) for line in checked.checks)


def test_a_file_keeps_what_proves_it(tmp_path):
    store = Store().with_proved(proved("a^2*b*a^2*b", "S3", 5))
    d = wt.decompose("a^2*b*a^2*b", "S3", store=store)
    d.save(tmp_path / "d.npz")
    again = wt.load(tmp_path / "d.npz")
    assert of_locus(again)[0].data == of_locus(d)[0].data and wt.verify(again).ok


@pytest.mark.parametrize(
    "change",
    [
        lambda data: replace(data, rank=data.rank + 1),
        lambda data: replace(data, elements=((0, 1), *data.elements[1:])),
        lambda data: replace(data, elements=((99, *data.elements[0][1:]), *data.elements[1:])),
        lambda data: replace(data, identities=()),
    ],
)
def test_verification_refuses_what_was_changed(change):
    d = wt.decompose("a^2*b*a^2*b", "S3", store=Store().with_proved(proved("a^2*b*a^2*b", "S3", 5)))
    forged = Bound.of(change(of_locus(d)[0].data))
    others = [bound for bound in d.bounds if not isinstance(bound.data, LocusBound)]
    bounds = tuple(sorted([forged, *others], key=lambda bound: -bound.value))
    assert not wt.verify(replace(d, bounds=bounds)).ok


def test_a_real_bound_says_nothing_about_complex_terms():
    store = Store().with_proved(proved("a*b", "C3", 4))
    assert store.proofs.find(canonical_core("a*b", "C3"), "complex") is None
    over_c = proved("a*b*a^-2*b*a", "S3", 5, "complex")
    store = Store().with_proved(over_c)
    assert wt.plan("a*b*a^-2*b*a", "S3", store=store).lower_bound == 5
    assert wt.plan("a*b*a^-2*b*a", "S3", store=store, field="complex").lower_bound == 5


@pytest.mark.parametrize("change", [{"rank": 7}, {"identities": []}, {"mode": "first"}, {}])
def test_a_stored_bound_that_proves_nothing_is_left_out(change, caplog):
    good = proved("a^2*b*a^2*b", "S3", 5)
    data = json.loads(good.data) | change
    wrong = replace(good, data=json.dumps(data), value=5 if change else 6)
    with caplog.at_level(logging.WARNING):
        planned = wt.plan("a^2*b*a^2*b", "S3", store=Store().with_proved(wrong))
    assert planned.lower_bound == 4 and "left out a stored bound" in caplog.text
    both = Store().with_proved(good).with_proved(wrong)
    assert wt.plan("a^2*b*a^2*b", "S3", store=both).lower_bound == 5


def test_a_search_proves_and_keeps_what_it_proved(tmp_path, monkeypatch):
    monkeypatch.setenv("WORDTENSOR_CORES", str(tmp_path))
    monkeypatch.setattr("wordtensor.cores._store.package_proofs", lambda: Store().proofs)
    from wordtensor.cores._store import default_store

    default_store.cache_clear()
    try:
        before = wt.plan("a^2*b*a^2*b", "S3")
        assert before.lower_bound == 4
        d = wt.decompose("a^2*b*a^2*b", "S3", effort="search", time_limit=5)
        assert d.lower_bound == 5 == d.rank and wt.verify(d).ok
        assert [p.suffix for p in tmp_path.iterdir() if p.name[0] != "."].count(".json") == 1
        assert wt.plan("a^2*b*a^2*b", "S3").lower_bound == 5
        assert len(user_store().proofs) == 1
    finally:
        default_store.cache_clear()


def test_an_interrupted_proof_returns_what_there_is(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("wordtensor.rank._bounds.substitution_bound", interrupted)
    d = wt.decompose("a^2*b*a^2*b", "S3", effort="search", time_limit=5, store=Store())
    assert d.interrupted and wt.verify(d).ok
