"""One search over all formats: from nothing to what is known, killed, resumed and refused."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import combinations_with_replacement, product

import numpy as np
import pytest

from wordtensor._workers import results_on_demand, worker_pool
from wordtensor.errors import FileFormatError, SchemeError
from wordtensor.schemes import (
    Registry,
    best_rank,
    best_scheme,
    default_registry,
    read_schemes,
    scheme_campaign,
    standard_scheme,
)
from wordtensor.schemes.campaigns._choice import constructed
from wordtensor.schemes.campaigns._formats import (
    Format,
    invariant,
    load_format,
    save_format,
)
from wordtensor.schemes.campaigns._formats import scheme_of as scheme_modulo_2
from wordtensor.schemes.flips._packed import PackedTerms
from wordtensor.schemes.flips._reduced import matrix_ranks, reduced
from wordtensor.schemes.flips._starts import packed
from wordtensor.schemes.projection import projections, shortest_projection
from wordtensor.schemes.scheme import Scheme

# Strassen 1969, Hopcroft and Kerr 1971, Laderman 1976.
KNOWN = {(2, 2, 2): 7, (2, 2, 3): 11, (2, 3, 3): 15, (3, 3, 3): 23}
BEYOND = {(2, 2, 2): 6}  # never reached
NOTHING = Registry(())

# Writes for ever, and says after each task how many there were and which ranks are known.
ENDLESS = """
import sys, os, time
from wordtensor.schemes import Registry, scheme_campaign
if sys.argv[2] == "slow":  # most of the time is spent inside a write
    sync = os.fsync
    os.fsync = lambda number: (time.sleep(0.01), sync(number), time.sleep(0.01))
def told(now):
    print(now.tasks, *(row.rank for row in now.rows), flush=True)
scheme_campaign(4, sys.argv[1], registry=Registry(()), seconds=1e6, callback=told)
"""


def dense(terms, rows=(8, 8, 8)):
    U, V, W = terms.factors(rows)
    return np.einsum("ir,jr,kr->ijk", U, V, W) % 2


def modulo_2(scheme):
    return Scheme(scheme.shape, scheme.U, scheme.V, scheme.W, characteristic=2)


def test_from_nothing_to_the_known_ranks_of_small_formats(tmp_path):
    met = []
    end = scheme_campaign(
        3, tmp_path, goals=KNOWN, tasks=60, registry=NOTHING, on_scheme=met.append
    )
    ranks = {row.sizes: row.rank for row in end.rows}
    assert KNOWN.items() <= ranks.items()
    assert not end.interrupted
    kept = [s for path in (tmp_path / "schemes").iterdir() for s in read_schemes(path)]
    assert len(kept) == len(met) > 0
    rng = np.random.default_rng(0)
    for s in kept:
        assert s.characteristic == 0
        A, B = rng.integers(-9, 9, s.shape[:2]), rng.integers(-9, 9, s.shape[1:])
        assert (s.apply(A, B) == A @ B).all()
        assert "schemes campaign --max 3 --seed 0, task" in s.provenance
        assert " s of a core" in s.provenance


def test_a_reached_campaign_does_nothing_more(tmp_path):
    for _ in range(2):
        end = scheme_campaign(2, tmp_path, goals=KNOWN, tasks=30, registry=NOTHING)
        assert [row.rank for row in end.rows] == [1, 2, 4, 7]
    assert end.tasks == 0


def test_the_same_tasks_come_to_the_same(tmp_path):
    ends = [scheme_campaign(3, tmp_path / name, tasks=4, registry=NOTHING, seed=5) for name in "ab"]
    assert ends[0].rows == ends[1].rows
    assert ends[0].flips == ends[1].flips > 0


def test_a_campaign_in_pieces_forgets_nothing(tmp_path):
    flips = 0
    for _ in range(3):
        end = scheme_campaign(2, tmp_path, tasks=2, goals=BEYOND, registry=NOTHING)
        flips += end.flips
        assert end.tasks == 2
        assert sum(row.flips for row in end.rows) == flips
        assert {row.sizes: row.before for row in end.rows}[2, 2, 2] == 8


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL to send")
@pytest.mark.parametrize("how", ["fast", "slow"])
def test_killed_at_any_moment_it_goes_on(how, tmp_path, monkeypatch):
    ranks = []
    for pause in (0.0, 0.4):
        child = subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(tmp_path), how], stdout=subprocess.PIPE, text=True
        )
        try:
            first = child.stdout.readline()
            time.sleep(pause)
        finally:
            child.send_signal(signal.SIGKILL)
            rest, _ = child.communicate()
        lines = (first + rest).splitlines()
        told = [[int(word) for word in line.split()] for line in lines if line.count(" ") == 20]
        assert told
        # What one process has told, the next one knows.
        if ranks:
            assert all(now <= before for now, before in zip(told[0][1:], ranks, strict=True))
        ranks = told[-1][1:]
    end = scheme_campaign(4, tmp_path, tasks=1, registry=NOTHING)
    assert all(row.rank <= rank for row, rank in zip(end.rows, ranks, strict=True))
    assert all(row.rank == best_of(tmp_path, row.sizes) for row in end.rows)


def best_of(folder, sizes):
    """Return the rank that follows from the schemes in the folder of a campaign."""
    paths = sorted((folder / "schemes").glob("*.npz"))
    found = Registry(tuple(s.check() for path in paths for s in read_schemes(path)))
    return best_rank(*sizes, registry=found)


def test_a_worker_that_is_killed_loses_nothing(tmp_path, caplog):
    killed, others = [], set(multiprocessing.active_children())

    def kill(now):
        if not killed:
            child = next(iter(set(multiprocessing.active_children()) - others))
            os.kill(child.pid, signal.SIGKILL)
            killed.append(child.pid)
            # The pool looks for dead processes when it has nothing else to do: with tasks as short
            # as these the other worker might have done them all by then.
            with pytest.raises(BrokenProcessPool):
                for _ in range(600):
                    executor.submit(square, 1)
                    time.sleep(0.05)

    with worker_pool(2) as executor:
        end = scheme_campaign(
            2, tmp_path, tasks=12, goals=BEYOND, registry=NOTHING, executor=executor, callback=kill
        )
    assert killed
    assert end.tasks == 12
    assert "a worker process has died" in caplog.text
    assert json.loads((tmp_path / "campaign.json").read_bytes())["tasks"] == 12


def square(number):
    return number * number


def test_tasks_are_made_when_there_is_room_for_them():
    made, met = [], []

    def tasks():
        for number in range(9):
            made.append(number)
            yield number

    with worker_pool(2) as executor, results_on_demand(square, tasks(), executor) as results:
        for task, result in results:
            met.append((task, result))
            assert len(made) <= len(met) + 4
    assert sorted(met) == [(k, k * k) for k in range(9)]


def test_schemes_with_even_denominators_begin_with_others_modulo_2(tmp_path):
    found = best_scheme(2, 6, 6)
    assert any(d % 2 == 0 for d in found.denominators)
    reached = {s: best_rank(*s) for s in combinations_with_replacement(range(1, 7), 3)}
    end = scheme_campaign(6, tmp_path, goals=reached, tasks=1)
    row = next(row for row in end.rows if row.sizes == (2, 6, 6))
    assert (row.rank, row.least) == (found.rank, best_rank(2, 6, 6, ring="F2"))


def test_what_was_in_vain_is_not_forgotten(tmp_path):
    scheme_campaign(2, tmp_path, goals=BEYOND, tasks=2)
    fresh = Format(sizes=(2, 2, 2), exact=8, goal=6)
    before = load_format(tmp_path / "formats", fresh)
    scheme_campaign(2, tmp_path, goals=BEYOND, tasks=1)
    after = load_format(tmp_path / "formats", fresh)
    assert after.idle > before.idle > 0
    assert before.exact == after.exact == 7


def test_a_header_of_another_version_is_refused_as_such(tmp_path):
    scheme_campaign(2, tmp_path, goals=BEYOND, tasks=1)
    header = json.loads((tmp_path / "campaign.json").read_text())
    (tmp_path / "campaign.json").write_text(json.dumps({**header, "version": 2}))
    with pytest.raises(FileFormatError, match="is not of a campaign of this version"):
        scheme_campaign(2, tmp_path, goals=BEYOND, tasks=1)


def test_a_header_that_lacks_a_format_is_damage(tmp_path):
    scheme_campaign(2, tmp_path, goals=BEYOND, tasks=1)
    header = json.loads((tmp_path / "campaign.json").read_text())
    header["before"] = header["before"][:-1]
    (tmp_path / "campaign.json").write_text(json.dumps(header))
    with pytest.raises(FileFormatError, match="it is damaged, or not of a campaign"):
        scheme_campaign(2, tmp_path, goals=BEYOND, tasks=1)


def test_another_campaign_in_the_folder_is_refused(tmp_path):
    scheme_campaign(2, tmp_path, tasks=1, registry=NOTHING)
    with pytest.raises(FileFormatError, match="--max 2 --seed 0, not --max 3 --seed 0"):
        scheme_campaign(3, tmp_path, tasks=1, registry=NOTHING)
    with pytest.raises(SchemeError, match="from 1 to 8, not 9"):
        scheme_campaign(9, tmp_path, tasks=1)


def test_terms_that_are_no_scheme_are_damage(tmp_path):
    folder = tmp_path / "formats"
    scheme_campaign(2, tmp_path, tasks=1, registry=NOTHING)
    fresh = Format(sizes=(2, 2, 2), exact=8, goal=7)
    assert load_format(folder, fresh).flips > 0
    written = (folder / "2x2x2.npz").read_bytes()
    (tmp_path / "1x2x2.npz").write_bytes(written)
    with pytest.raises(FileFormatError, match="is not of a campaign"):
        load_format(tmp_path, Format(sizes=(1, 2, 2), exact=4, goal=4))
    pool = load_format(folder, fresh).pool
    wrong = [PackedTerms(pool[0].words[:, 1:], pool[0].signs[1:], "F2")]
    save_format(tmp_path, replace(fresh, pool=tuple(wrong)))
    with pytest.raises(FileFormatError, match="are no scheme"):
        load_format(tmp_path, fresh)
    (folder / "2x2x2.npz").write_bytes(written[:-30])
    with pytest.raises(FileFormatError, match="it is damaged"):
        scheme_campaign(2, tmp_path, tasks=1, registry=NOTHING)


def test_reductions_keep_the_tensor_and_find_dependent_factors():
    rng = np.random.default_rng(1)
    for _ in range(100):
        words = rng.integers(1, 8, (3, 20)).astype(np.uint64)
        terms = PackedTerms(words, np.zeros(20, dtype=np.uint64), "F2")
        fewer = reduced(terms)
        assert (dense(fewer) == dense(terms)).all()
        # Three factors of each mode are enough for one that is shared.
        for mode, (one, other) in enumerate([(1, 2), (0, 2), (0, 1)]):
            for value in np.unique(fewer.words[mode]):
                shared = fewer.words[:, fewer.words[mode] == value]
                for place in (one, other):
                    assert rank_modulo_2(shared[place], 8) == shared.shape[1]


def rank_modulo_2(values, bits):
    """Count by brute force: the sums of independent vectors are all different."""
    sums = {0}
    for value in values:
        sums |= {total ^ int(value) for total in sums}
    return len(sums).bit_length() - 1


def test_ranks_of_factors_are_those_of_all_combinations():
    rng = np.random.default_rng(2)
    words = rng.integers(0, 2**12, (3, 50)).astype(np.uint64)
    shapes = np.array([[3, 4], [4, 3], [2, 6]])
    found = matrix_ranks(words, shapes)
    for (mode, place), rank in np.ndenumerate(found):
        rows, columns = shapes[mode]
        lines = [
            int(words[mode, place]) >> row * columns & (1 << columns) - 1 for row in range(rows)
        ]
        assert rank == rank_modulo_2(lines, columns)


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 3, 3), (3, 3, 3)])
def test_the_shortest_projection_is_the_best_of_all_pairs_of_lines(sizes):
    rng = np.random.default_rng(3)
    s = modulo_2(best_scheme(*sizes))
    for axis in "nmp":
        short = shortest_projection(s, axis, rng).check()
        assert short.rank <= projections(s, axis)[0].rank
        assert short.rank == best_pair(s, axis)


def best_pair(s, axis):
    """Try all changes of bases of one size: the fewest terms that are left."""
    size = s.shape["nmp".index(axis)]
    least = s.rank
    for rows in product(range(1, 1 << size), repeat=size):
        P = np.array([[row >> k & 1 for k in range(size)] for row in rows])
        if round(np.linalg.det(P)) % 2 == 0:
            continue
        inverse = np.rint(np.linalg.inv(P) * round(np.linalg.det(P))).astype(int) % 2
        least = min(least, left(s, axis, P, inverse.T))
    return least


def left(s, axis, P, Q):
    """Count the terms that are left when the last coordinate after a change of bases is zero."""
    n, m, p = s.shape
    U, V, W = s.U.reshape(n, m, -1), s.V.reshape(m, p, -1), s.W.reshape(n, p, -1)
    first, second = {
        "n": (U, W), "m": (U.swapaxes(0, 1), V), "p": (V.swapaxes(0, 1), W.swapaxes(0, 1))
    }[axis]  # fmt: skip
    kept = [
        (np.tensordot(matrix[:-1], factor, axes=1) % 2).any(axis=(0, 1))
        for matrix, factor in ((P, first), (Q, second))
    ]
    return int((kept[0] & kept[1]).sum())


def test_ranks_follow_as_in_the_registry():
    sizes = list(combinations_with_replacement(range(1, 6), 3))
    stored = {s: s[0] * s[1] * s[2] for s in sizes}
    for s in default_registry().schemes:
        key = tuple(sorted(s.shape))
        if s.division == "R" and key in stored:
            stored[key] = min(stored[key], s.rank)
    follow = constructed(stored)
    assert follow == {s: best_rank(*s) for s in sizes}
    assert follow != stored


def test_a_pool_keeps_each_once_and_the_shortest_longest():
    rng = np.random.default_rng(4)
    sizes = (2, 2, 2)
    schemes = best_scheme(*sizes), standard_scheme(*sizes)
    strassen, standard = (packed(s, "F2") for s in schemes)
    known = Format(sizes=sizes, exact=8, goal=7).entered([standard, standard], rng)
    assert [terms.rank for terms in known.pool] == [8]
    known = known.entered([strassen, strassen, standard], rng)
    assert [terms.rank for terms in known.pool] == [7, 8]
    assert invariant(strassen, sizes) != invariant(standard, sizes)
    assert scheme_modulo_2(sizes, known.pool[0]).check().rank == 7
