"""Symmetric flip graphs: every step keeps the tensor, and what is found is exact and symmetric."""

import importlib
import os
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from wordtensor.errors import FileFormatError, SchemeError
from wordtensor.schemes import SymmetricOptions, rotated
from wordtensor.schemes.symmetric import _state
from wordtensor.schemes.symmetric._state import begun
from wordtensor.schemes.symmetric.search import _checkpoint, symmetric_search
from wordtensor.schemes.symmetric.terms import SymmetricTerms, symmetric_kronecker, symmetric_start

compiled = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="needs compiled kernels"
)


def tensor_mod_2(terms):
    U, V, W = (masks >> np.arange(terms.n**2)[:, None] & 1 for masks in terms.masks())
    return np.einsum("ir,jr,kr->ijk", U, V, W) % 2


def product_mod_2(n):
    want = np.zeros((n * n,) * 3, dtype=np.int64)
    for i, j, k in np.ndindex(n, n, n):
        want[i * n + j, j * n + k, i * n + k] = 1
    return want


def reversed_mask(mask, n):
    return sum(1 << (n * n - 1 - bit) for bit in range(n * n) if mask >> bit & 1)


def terms_of(s):
    """Return the terms of an exact scheme as a multiset."""
    parts = np.concatenate([s.U, s.V, s.W]).T
    return Counter(row.tobytes() for row in np.ascontiguousarray(parts))


def test_compiling_is_told(monkeypatch, caplog):
    caplog.set_level("INFO", logger="wordtensor.stages")
    monkeypatch.setattr(_state, "is_compiled", lambda *_: True)
    _state._tell_compiling()
    assert not caplog.text
    monkeypatch.setattr(_state, "is_compiled", lambda *_: False)
    _state._tell_compiling()
    assert "compiling the walk of orbits" in caplog.text


@pytest.mark.parametrize("reflected", [False, True])
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_starts_are_the_matrix_product(n, reflected):
    for cubes in range(1, n + 1):
        start = symmetric_start(n, cubes, reflected=reflected)
        assert len(start.cubes) == cubes and start.rank == 3 * len(start.rows) + cubes
        assert (tensor_mod_2(start) == product_mod_2(n)).all()


def test_one_cube_for_each_entry_of_the_diagonal_gives_the_standard_scheme():
    assert symmetric_start(4, 4).rank == 64
    assert symmetric_start(3, 2).cubes.tolist() == [1 | 1 << 8, 1 << 4]


@pytest.mark.parametrize(("n", "cubes", "copies"), [(3, 2, 1), (3, 2, 2), (4, 3, 1), (4, 1, 2)])
@pytest.mark.parametrize("plus_after", [3, 60])
def test_walks_keep_the_tensor_and_the_symmetry(n, cubes, copies, plus_after):
    from wordtensor.schemes.symmetric._walk import walk

    start = symmetric_start(n, cubes, reflected=copies == 2)
    steps = 300 if compiled.args[0] else 4000
    for seed in range(4):
        rows, fixed, flips = walk(start.rows, start.cubes, copies, steps, plus_after, 12, 0, seed)
        found = SymmetricTerms(n, rows, fixed, copies)
        assert flips > 0 and found.rank <= start.rank
        assert (rows != 0).all() and len(set(fixed.tolist())) == len(fixed)
        assert (tensor_mod_2(found) == product_mod_2(n)).all()
        if copies == 2:
            for row, image in zip(rows[::2], rows[1::2], strict=True):
                assert [reversed_mask(int(a), n) for a in row] == image.tolist()


def test_walk_is_deterministic():
    from wordtensor.schemes.symmetric._walk import walk

    start = symmetric_start(4, 3)
    first, second, other = (
        walk(start.rows, start.cubes, 1, 500, 40, 6, 0, seed)[0] for seed in (5, 5, 6)
    )
    assert first.shape == second.shape and (first == second).all()
    assert first.shape != other.shape or (first != other).any()


def test_equal_factors_become_one_cube():
    from wordtensor.schemes.symmetric._walk import walk

    # a*a*b + b*a*a + a*b*a counts three, and (a+b)*a*a with its turns as well: together a*a*a.
    start = SymmetricTerms(2, np.array([[1, 1, 3], [1, 1, 2]]), np.zeros(0))
    found, cubes, _ = walk(start.rows, start.cubes, 1, 1000, 10**6, 3, 1, 1)
    assert len(found) == 0 and cubes.tolist() == [1]


@compiled
@pytest.mark.parametrize(
    ("n", "rank", "options"),
    [(2, 7, {}), (3, 23, {}), (4, 49, {}), (4, 49, {"signs_only": True}), (3, 26, {"fixed": 2})],
)
def test_known_ranks_are_found(n, rank, options):
    how = SymmetricOptions(patience=500_000, seed=1, **options)
    result = symmetric_search(n, rank, how, flips=20_000_000)
    s = result.scheme
    assert s is not None and s.check().rank <= rank and s.shape == (n, n, n)
    assert terms_of(s) == terms_of(rotated(s))
    if "signs_only" in options:
        assert max(np.abs(f).max() for f in (s.U, s.V, s.W)) == 1


@compiled
def test_reflected_search_keeps_both_symmetries():
    options = SymmetricOptions(reflected=True, patience=500_000, seed=2)
    result = symmetric_search(4, 49, options, flips=3_000_000)
    assert result.shortest.copies == 2 and result.rank_in_ring == result.shortest.rank
    assert (tensor_mod_2(result.shortest) == product_mod_2(4)).all()


@compiled
def test_search_bounded_by_flips_repeats():
    runs = [
        symmetric_search(
            4, None, SymmetricOptions(patience=100_000, plus_after=1000, seed=4), flips=400_000
        )
        for _ in range(2)
    ]
    assert runs[0].flips == runs[1].flips >= 400_000
    assert (runs[0].shortest.rows == runs[1].shortest.rows).all()
    assert runs[0].scheme is not None and runs[1].scheme is not None
    first, second = (run.scheme for run in runs)
    assert all((getattr(first, k) == getattr(second, k)).all() for k in "UVW")


@compiled
def test_what_is_found_is_told_at_once():
    seen, schemes = [], []
    result = symmetric_search(
        3, 23, SymmetricOptions(seed=1), flips=10**7, callback=seen.append, on_scheme=schemes.append
    )
    ranks = [s.rank for s in schemes]
    assert ranks == sorted(set(ranks), reverse=True) and ranks[-1] == 23
    assert (seen[-1].best, seen[-1].found, seen[-1].flips) == (23, 23, result.flips)
    assert result.scheme is not None and not result.interrupted
    assert result.scheme.provenance == schemes[-1].provenance
    assert "search 3 3 3 --method symmetric --rank 23 --fixed 2 --seed 1 " in schemes[-1].provenance


def same(first, second):
    assert (first.flips, first.rank_in_ring) == (second.flips, second.rank_in_ring)
    assert np.array_equal(first.shortest.rows, second.shortest.rows)
    assert np.array_equal(first.shortest.cubes, second.shortest.cubes)
    assert (first.scheme is None) == (second.scheme is None)
    for name in ("U", "V", "W"):
        assert np.array_equal(getattr(first.scheme, name), getattr(second.scheme, name))


OPTIONS = SymmetricOptions(patience=50_000, plus_after=1000, seed=4)
WALKS = {"options": OPTIONS}


@compiled
@pytest.mark.parametrize("reflected", [False, True])
def test_a_resumed_search_ends_as_an_uninterrupted_one(tmp_path, reflected):
    path = tmp_path / "point"
    options = {"options": replace(OPTIONS, reflected=reflected)}
    whole = symmetric_search(4, flips=1_000_000, **options)
    for flips in (1, 300_000, 600_000, 1_000_000):
        parts = symmetric_search(4, flips=flips, checkpoint=path, **options)
        assert [p.name for p in tmp_path.iterdir()] == ["point"]
    same(whole, parts)
    assert parts.seconds > 0


@compiled
@pytest.mark.parametrize("place", ["walk", "lift", "report", "keep"])
def test_ctrl_c_anywhere_loses_nothing(tmp_path, monkeypatch, place):
    whole = symmetric_search(4, flips=600_000, **WALKS)
    path, kept, calls = tmp_path / "point", [], []

    def interrupting(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(*arguments, **options)

    hooks = {"callback": lambda now: None, "on_scheme": kept.append}
    names = {"walk": "symmetric._walk.walk", "lift": "symmetric._lift.symmetric_lift"}
    if place in names:
        target = f"wordtensor.schemes.{names[place]}"
        module, _, name = target.rpartition(".")
        original = getattr(importlib.import_module(module), name)
        monkeypatch.setattr(target, interrupting)
    else:
        hook = "callback" if place == "report" else "on_scheme"
        original = hooks[hook]
        hooks[hook] = interrupting
    first = symmetric_search(4, flips=600_000, checkpoint=path, **WALKS, **hooks)
    assert first.interrupted and len(calls) == 2
    assert first.flips < whole.flips
    if place == "keep":
        assert first.scheme is not None and first.scheme.rank < kept[0].rank
    second = symmetric_search(4, flips=600_000, checkpoint=path, **WALKS)
    assert not second.interrupted
    same(whole, second)


@compiled
def test_checkpoints_of_other_searches_and_damaged_ones_are_refused(tmp_path):
    path = tmp_path / "point"
    options = replace(OPTIONS, fixed=3)
    how = {"options": options}
    symmetric_search(3, flips=200_000, checkpoint=path, **how)
    content = path.read_bytes()
    others = ({"options": replace(options, seed=5)}, {"options": replace(options, signs_only=True)})
    for other in (*others, {"options": replace(options, margin=3)}):
        with pytest.raises(FileFormatError, match="another search"):
            symmetric_search(3, flips=1, checkpoint=path, **{**how, **other})
    with pytest.raises(FileFormatError, match="another start"):
        symmetric_search(3, flips=1, checkpoint=path, options=replace(options, fixed=2))
    for damaged in (
        b"",
        content[:-30],
        content[:100],
        b"PK" + content[:-2],
        content[: -len(content)],
    ):
        path.write_bytes(damaged)
        with pytest.raises(FileFormatError, match="damaged"):
            symmetric_search(3, flips=1, checkpoint=path, **how)
        assert path.read_bytes() == damaged
    with pytest.raises(FileFormatError, match="Cannot write"):
        symmetric_search(3, flips=1, checkpoint=tmp_path / "no" / "where", **WALKS)


@compiled
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pool_rows", np.array([[1, 0, 2]])),
        ("best_rows", np.array([[1, 2, 1 << 9]])),
        ("best_cubes", np.array([-1])),
        ("start_counts", np.array([[1, 1]])),
        ("pool_counts", np.array([-1, 1])),
        ("best_rows", np.array([[1.0, 2.0, 3.0]])),
        ("U", np.ones((9, 23), dtype=np.int64)),
        ("header", np.frombuffer(b"{}", dtype=np.uint8)),
    ],
)
def test_changed_checkpoints_are_refused(tmp_path, name, value):
    path = tmp_path / "point"
    symmetric_search(3, 23, SymmetricOptions(seed=1), flips=10**7, checkpoint=path)
    with np.load(path) as archive:
        arrays = dict(archive)
    assert name in arrays
    with path.open("wb") as stream:
        np.savez(stream, **(arrays | {name: value}))
    with pytest.raises(FileFormatError, match="point"):
        symmetric_search(3, 23, SymmetricOptions(seed=1), flips=10**7, checkpoint=path)


@compiled
def test_size_8_and_unlifted_schemes_are_written(tmp_path):
    start = begun(symmetric_start(8, 8), 3)
    state = replace(start, pending=start.start, levels={512: (start.start,) * 2}, lifts={512: 1})
    file = _checkpoint(tmp_path / "point", 8, SymmetricOptions(seed=3))
    file.save(state)
    again = file.load()
    assert np.array_equal(again.pending.rows, start.start.rows)
    assert (again.kept, dict(again.lifts), again.random) == (2, {512: 1}, start.random)


def test_kronecker_products_are_the_matrix_product():
    for first, second in (((2, 1), (2, 2)), ((2, 1), (3, 2))):
        a, b = symmetric_start(*first), symmetric_start(*second)
        both = symmetric_kronecker(a, b)
        assert both.rank == a.rank * b.rank and len(both.cubes) == len(a.cubes) * len(b.cubes)
        assert (tensor_mod_2(both) == product_mod_2(both.n)).all()
    # Size 8 uses the sign bit.
    large = symmetric_kronecker(symmetric_start(2, 2), symmetric_start(4, 4))
    assert sorted(large.rows.ravel().tolist()) == sorted(
        symmetric_start(8, 8).rows.ravel().tolist()
    )
    with pytest.raises(SchemeError, match="size 9"):
        symmetric_kronecker(symmetric_start(3, 1), symmetric_start(3, 1))


@compiled
def test_search_continues_from_a_start():
    seven = symmetric_search(2, 7, SymmetricOptions(seed=1), flips=10**6).shortest
    result = symmetric_search(4, 49, start=symmetric_kronecker(seven, seven), flips=1)
    assert result.shortest.rank == 49
    with pytest.raises(SchemeError, match="size 2"):
        symmetric_search(4, 49, start=seven)


@pytest.mark.parametrize(("n", "cubes"), [(1, 1), (9, 3), (3, 0), (3, 4)])
def test_impossible_starts_are_refused(n, cubes):
    with pytest.raises(SchemeError, match=str(n)):
        symmetric_start(n, cubes)


@pytest.mark.parametrize("name", ["patience", "plus_after", "margin", "rank", "flips"])
def test_options_must_be_positive(name):
    with pytest.raises(SchemeError, match=name):
        if name in ("rank", "flips"):
            symmetric_search(3, **{name: 0})
        else:
            SymmetricOptions(**{name: 0})


@pytest.mark.parametrize("name", ["seed", "seconds"])
def test_options_must_not_be_negative(name):
    with pytest.raises(SchemeError, match=name):
        if name == "seed":
            SymmetricOptions(seed=-1)
        else:
            symmetric_search(3, seconds=-1)
