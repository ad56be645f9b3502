"""Blocks in canonical coordinates, and what the store of solved cores says about them."""

from dataclasses import replace

import numpy as np
import pytest

from wordtensor.cores import (
    SolvedCore,
    Store,
    canonical_core,
    canonical_form,
    compress,
    default_store,
    save_solved,
    user_store,
)
from wordtensor.groups import Group, group
from wordtensor.rank import decompose, plan, verify
from wordtensor.rank._exact import exact_terms
from wordtensor.rank._split import split_canonical
from wordtensor.rank._stored import stored_terms
from wordtensor.rank.routes import analyse, routes
from wordtensor.solver import descend, fit_many, reconstruct
from wordtensor.words import word_tensor


def relabelled(name, seed):
    G = group(name)
    new = np.random.default_rng(seed).permutation(G.order)
    table = np.empty_like(G.cayley)
    table[np.ix_(new, new)] = new[G.cayley]
    return Group.from_cayley(table, name=f"{name} relabelled")


def blocks_of(text, G, seed=0):
    analysis = analyse(word_tensor(text, G), seed, "direct sum")
    return [b for b in routes(analysis, "direct sum")[0].blocks if b.frame is not None]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WORDTENSOR_CORES", str(tmp_path / "cores"))
    return tmp_path / "cores"


@pytest.fixture
def alone(folder, monkeypatch):
    # As if the package knew no core, so that there is something to find.
    monkeypatch.setattr("wordtensor.cores._store.default_store", Store)
    return folder


@pytest.mark.parametrize(
    "text, name, same",
    [
        ("a*b*a", "S3", "a^-1*b^-1*a^-1"),
        ("a*b*a", "Q8", "b*a*b"),
        ("a*b*a*b", "A4", "a^-1*b*a^-1*b"),
        ("[a,b]", "A4", "[b,a]"),
        ("a*b*a", "D5", "b*a*b"),
        ("a^2*b*a", "Dic3", "a*b*a^2"),
    ],
)
def test_equal_tensors_reach_the_solver_as_equal_arrays(text, name, same):
    first = [b.frame.solver_tensor(b.tensor) for b in blocks_of(text, name)]
    assert first
    for other in (blocks_of(text, relabelled(name, 1)), blocks_of(same, relabelled(name, 2))):
        for one, block in zip(first, other, strict=True):
            np.testing.assert_array_equal(one, block.frame.solver_tensor(block.tensor))


@pytest.mark.parametrize("text, name", [("[a,b]", "A4"), ("a*b*a", "D5"), ("a^2*b*a", "Dic3")])
def test_factors_go_to_the_core_and_back(text, name):
    rng = np.random.default_rng(0)
    for block in blocks_of(text, name):
        x, y, z = block.tensor.shape
        factors = tuple(rng.standard_normal((size, 5)) for size in (x, y, z))
        back = block.frame.taken(block.frame.core_factors(factors))
        for one, other in zip(factors, back, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-12)
        moved = block.frame.block_factors(
            tuple(
                R @ factors[mode]
                for R, mode in zip(block.frame.triangles, block.frame.modes, strict=True)
            )
        )
        np.testing.assert_allclose(reconstruct(moved), reconstruct(factors), atol=1e-9)
        strange = tuple(np.ones((len(span), 5)) + np.eye(len(span), 5) * 7 for span in
                        block.frame.spans)  # fmt: skip
        if any(len(span) > span.shape[1] for span in block.frame.spans):
            assert block.frame.taken(strange) is None


def test_a_search_is_kept_and_used_under_other_names(alone):
    found = decompose("a*b*a*b^2", "S3", effort="search", time_limit=0.2)
    assert (found.rank, found.status) == (9, "exact")
    assert len(list(alone.glob("*.npz"))) == 1
    for text, G in (
        ("a*b*a*b^2", "S3"),
        ("b*a*b*a^2", relabelled("S3", 5)),
        ("a^-1*b^-1*a^-1*b^-2", "S3"),
    ):
        again = decompose(text, G)
        assert [block.strategy for block in again.blocks] == ["store"]
        assert (again.rank, again.status) == (9, "exact")
        assert "found by wordtensor decompose" in again.blocks[0].note
        assert verify(again).ok
        assert plan(text, G).upper == 9
    fresh = decompose("a*b*a*b^2", "S3", store=Store())
    assert [block.strategy for block in fresh.blocks] == ["solver"]


def test_what_is_kept_is_told_and_nothing_else(alone):
    told = []
    how = {"time_limit": 0.2, "on_kept": told.append}
    decompose("a*b*a*b^2", "S3", on_kept=told.append)
    decompose("a*b*a*b^2", "S3", effort="search", store=Store(), **how)
    assert not told and not list(alone.glob("*.npz"))
    decompose("a*b*a*b^2", "S3", effort="search", **how)
    assert told == list(alone.glob("*.npz"))


def test_starts_in_vain_are_added_up(folder):
    key = canonical_core("a*b*a", "A4")
    tried = []
    for _ in range(2):
        decompose("a*b*a", "A4", effort="search", time_limit=0.2)
        ((rank, starts),) = user_store().find(key).failed
        assert rank == 21
        tried.append(starts)
    assert tried[1] > tried[0] > 0


@pytest.mark.parametrize("text, name", [("a*b*a", "S3"), ("[a,b]", "A4"), ("a*b*a", "A4")])
def test_stored_terms_that_are_wrong_are_not_used(text, name, folder):
    core = canonical_core(text, name)
    rng = np.random.default_rng(0)
    U, V, W = (rng.integers(-1, 2, size=(size, 4)).astype(float) for size in core.shape)
    wrong = SolvedCore.of(core, (U, V, W), summands=(4,), radicand=1)
    d = decompose(text, name, store=Store().with_solved(wrong))
    assert verify(d).ok
    assert d.rank == decompose(text, name, store=Store()).rank
    assert all(block.strategy != "store" for block in d.blocks)


@pytest.mark.parametrize("text, name", [("a*b*a", "S3"), ("a*b*a*b", "A4"), ("a*b*a", "Q8")])
def test_stored_terms_that_are_wrong_hide_no_right_ones(text, name, folder):
    core = canonical_core(text, name)
    right = decompose(text, name)
    save_solved(SolvedCore.of(core, tuple(np.ones((n, 1)) for n in core.shape), summands=(1,)))
    for field in ("real", "complex"):
        d = decompose(text, name, field=field)
        assert verify(d).ok
        assert d.rank <= right.rank
    d = decompose(text, name)
    assert (d.rank, d.status) == (right.rank, right.status)
    assert [block.strategy for block in d.blocks] == [block.strategy for block in right.blocks]


@pytest.mark.parametrize(
    "text, name", [("a*b*a*b^2", "S3"), ("a*b*a*b^2", "D5"), ("a^2*b*a", "Dic3")]
)
def test_what_cannot_be_kept_is_not_lost(text, name, tmp_path, monkeypatch, caplog):
    blocked = tmp_path / "cores"
    blocked.write_text("a file")
    monkeypatch.setenv("WORDTENSOR_CORES", str(blocked))
    monkeypatch.setattr("wordtensor.rank._plan.user_store", Store)
    d = decompose(text, name, effort="search", time_limit=0.2)
    assert any(block.strategy == "solver" for block in d.blocks)
    assert verify(d).ok
    assert "is not kept among the solved cores" in caplog.text
    assert blocked.read_text() == "a file"


def test_stored_terms_that_are_not_as_exact_as_they_say():
    (block,) = blocks_of("a*b*a", "S3")
    tensor = block.frame.solver_tensor(block.tensor)
    fitted = next(r for r in fit_many(tensor, 8, range(20)) if r.status == "converged")
    terms = block.frame.core_factors(block.frame.block_factors(fitted.factors))
    claimed = SolvedCore.of(canonical_core("a*b*a", "S3"), terms, summands=(8,), radicand=1)
    d = decompose("a*b*a", "S3", store=Store().with_solved(claimed))
    assert (d.rank, d.blocks[0].status, d.blocks[0].strategy) == (8, "numerical", "store")
    assert verify(d).ok


def test_complex_terms_are_not_more_than_real_ones():
    real = decompose("a*b*a", "D5", store=Store())
    over_c = decompose("a*b*a", "D5", field="complex", store=Store())
    assert over_c.rank <= real.rank
    assert verify(over_c).ok


@pytest.mark.parametrize("entry", list(default_store()), ids=lambda entry: entry.key[:8])
def test_what_the_package_ships_adds_up_and_is_as_exact_as_it_says(entry):
    canonical = canonical_form(entry.shape, entry.coords)
    x, y, z = canonical.shape
    dense = canonical.to_dense().astype(float)
    core = compress(dense, (np.eye(x), np.eye(y), np.eye(z)))
    blocks = [b for b in split_canonical(canonical, core, 0) if b.frame is not None]
    found = [stored_terms(block, [user_store().find(canonical)]) for block in blocks]
    ranks = [terms.rank for terms in found if terms is not None]
    assert sum(ranks) == entry.rank
    assert entry.command and entry.seconds > 0
    if entry.radicand:
        for block, terms in zip(blocks, found, strict=True):
            if terms is not None:
                assert exact_terms(block.tensor, terms.factors, terms.radicand) is not None


@pytest.mark.parametrize("text, name", [("a*b*a", "A4"), ("a*b*a*b", "D5")])
def test_a_search_has_symmetric_starts_and_a_fast_answer_has_none(text, name, monkeypatch):
    asked = []

    def watched(*arguments, **options):
        asked.append(options["symmetries"])
        return descend(*arguments, **options)

    monkeypatch.setattr("wordtensor.rank._numerical.descend", watched)
    decompose(text, name, store=Store())
    assert asked == [()]
    decompose(text, name, effort="search", time_limit=0.1, store=Store())
    # A search does what a fast answer does, and goes on.
    assert asked[:2] == [(), ()] and len(asked) == 3
    assert all(len(group) > 1 for group in asked[2]) and asked[2]


@pytest.mark.parametrize("kind", ["empty", "cut", "folder", "link", "other"])
@pytest.mark.parametrize("text, name", [("a*b*a", "C3"), ("a*b*a", "Q8"), ("a^2*b", "S3")])
def test_a_bad_file_in_the_users_folder_is_named_and_left_out(text, name, kind, folder, caplog):
    core = canonical_core(text, name)
    units = tuple(np.eye(n)[:, place] for n, place in zip(core.shape, core.coords, strict=True))
    path = save_solved(SolvedCore.of(core, units, summands=(units[0].shape[1],)))
    content = path.read_bytes()
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(folder / "nowhere")
    else:
        bad = {"empty": b"", "cut": content[:-40], "other": b"PK\x03\x04" + bytes(100)}
        path.write_bytes(bad[kind])
    expected = decompose(text, name, store=Store())
    assert decompose(text, name).rank <= expected.rank
    user_store().find(core)
    assert path.name in caplog.text


def test_a_search_in_vain_does_not_claim_terms_that_were_known(folder):
    before = decompose("[a,b]", "A4")
    after = decompose("[a,b]", "A4", effort="search", time_limit=0.2)
    assert after.rank == before.rank
    ((_, read),) = user_store(folder).listed[len(default_store()) :]
    known = default_store().find(canonical_core("[a,b]", "A4"))
    assert read().command == known.command
    assert read().failed != known.failed


def test_terms_that_a_search_makes_exact_are_kept_even_if_nothing_was_searched(alone):
    # Eight terms are proved to be necessary, so that the solver is not asked for fewer.
    known = decompose("a*b*a", "S3", effort="search", time_limit=0.2, method="direct sum")
    assert (known.rank, known.lower_bound, known.status) == (8, 8, "exact")
    (path,) = alone.glob("*.npz")
    core = canonical_core("a*b*a", "S3")
    entry = user_store().find(core)
    path.unlink()
    rng = np.random.default_rng(1)
    numerical = next(
        fit.factors
        for fit in fit_many(core.to_dense().astype(float), 8, rng.spawn(20))
        if fit.status == "converged"
    )
    save_solved(replace(entry, terms=numerical, radicand=0))
    assert decompose("a*b*a", "S3", method="direct sum").status == "numerical"
    again = decompose("a*b*a", "S3", effort="search", time_limit=2.0, method="direct sum")
    assert (again.rank, again.status) == (8, "exact")
    assert decompose("a*b*a", "S3").status == "exact"
