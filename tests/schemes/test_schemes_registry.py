"""The registry: valid everywhere up to 16, never better than known, immutable."""

import csv
import subprocess
import sys
from importlib.resources import files
from itertools import combinations_with_replacement, permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor._text import product_name
from wordtensor.errors import SchemeError
from wordtensor.schemes import (
    Registry,
    Scheme,
    best_rank,
    best_scheme,
    construction,
    default_registry,
    ingredients,
    permuted,
    standard_scheme,
)
from wordtensor.schemes._constructions import computed_table, packed_tables
from wordtensor.schemes._large_sizes import constructions_for
from wordtensor.schemes.registry import constructions, outers, stored_products

KNOWN = Path(__file__).resolve().parents[3] / "shared/reference/fast_matmul/best_known_ranks.csv"


def multiply(s, X, Y):
    """Apply a scheme over R to integer matrices, exactly (Python integers)."""
    U, V, W = (f.astype(object) for f in (s.U, s.V, s.W))
    z = W @ ((U.T @ X.ravel().astype(object)) * (V.T @ Y.ravel().astype(object)))
    scale = s.denominators[0] * s.denominators[1] * s.denominators[2]
    return z.reshape(s.n, s.p), scale


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.integers(1, 16)] * 3), st.integers(0, 2**32 - 1))
def test_schemes_multiply_integer_matrices(sizes, seed):
    n, m, p = sizes
    rng = np.random.default_rng(seed)
    s = best_scheme(n, m, p)
    X, Y = rng.integers(-99, 100, (n, m)), rng.integers(-99, 100, (m, p))
    product, scale = multiply(s, X, Y)
    assert s.shape == sizes
    assert (product == scale * (X @ Y).astype(object)).all()  # scales may pass 64 bits


@pytest.mark.parametrize("sizes", list(combinations_with_replacement(range(1, 7), 3)))
def test_small_schemes_are_exact_and_have_the_rank_promised(sizes):
    s = best_scheme(*sizes).check()
    assert s.rank == best_rank(*sizes)


@pytest.mark.parametrize("sizes", [(20, 3, 18), (17, 2, 5), (1, 40, 3), (2, 70, 2)])
def test_larger_sizes_on_demand(sizes):
    s = best_scheme(*sizes).check()
    assert s.shape == sizes and s.rank == best_rank(*sizes)
    assert s.rank <= sizes[0] * sizes[1] * sizes[2]


@pytest.mark.parametrize("division", "CH")
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 3, 2), (2, 2, 2), (3, 2, 4), (3, 3, 3)])
def test_division_algebras(sizes, division):
    s = best_scheme(*sizes, division).check()
    assert s.rank == best_rank(*sizes, division)
    assert s.rank <= best_rank(*sizes) * {"C": 3, "H": 8}[division]


def test_known_values():
    assert [best_rank(2, 2, n) for n in (2, 3, 4, 5)] == [7, 11, 14, 18]
    assert best_rank(2, 3, 3) == 15 and best_rank(3, 3, 3) == 23
    assert best_rank(4, 4, 4) <= 49
    assert best_rank(1, 7, 5) == 35 and best_rank(1, 1, 1, "H") == 8
    assert best_rank(2, 2, 2, "C") <= 21


def test_ranks_do_not_depend_on_the_order_of_sizes():
    assert len({best_rank(*t) for t in [(2, 4, 5), (4, 2, 5), (5, 4, 2)]}) == 1


def test_ranks_grow_with_the_sizes():
    for n, m, p in combinations_with_replacement(range(1, 16), 3):
        assert best_rank(n, m, p) <= best_rank(n, m, p + 1)


def known_ranks():
    if not KNOWN.exists():
        pytest.skip(f"no table of best known ranks at {KNOWN}")
    with KNOWN.open() as stream:
        return {
            (int(row["n"]), int(row["m"]), int(row["p"])): int(row["rank_Q"])
            for row in csv.DictReader(stream)
            if row["rank_Q"].isdigit()
        }


def test_never_below_the_best_known_rank_over_the_rationals():
    known = known_ranks()
    ours = {sizes: best_rank(*sizes) for sizes in known}
    # <5,16,16> in 866 is shorter than the table's 868 of July 2026; any other is looked at first.
    shorter = {sizes: ours[sizes] for sizes in known if ours[sizes] < known[sizes]}
    assert shorter.items() <= {(5, 16, 16): 866}.items()
    for sizes, rank in shorter.items():
        assert best_scheme(*sizes).check().rank == rank
    small = [sizes for sizes in known if max(sizes) <= 3]
    assert all(ours[sizes] == known[sizes] for sizes in small)


def test_ours_stay_near_the_best_known_up_to_five():
    known = known_ranks()
    gaps = {t: best_rank(*t) - r for t, r in known.items() if max(t) <= 5}
    assert max(gaps.values()) <= 8, gaps


def test_with_scheme_returns_a_new_registry():
    small = Registry(())
    larger = small.with_scheme(best_scheme(2, 2, 2))
    assert not small.schemes
    assert best_rank(2, 2, 2, registry=small) == 8
    assert best_rank(2, 2, 2, registry=larger) == 7
    assert best_scheme(4, 2, 2, registry=larger).check().rank == 14
    assert default_registry() is default_registry()
    with pytest.raises(AttributeError):
        larger.schemes = ()


def test_with_scheme_refuses_a_wrong_scheme():
    s = best_scheme(2, 2, 2)
    with pytest.raises(SchemeError, match="fails the equation"):
        Registry(()).with_scheme(Scheme((2, 2, 2), s.U, s.V, 2 * s.W))


def test_a_scheme_over_an_algebra_can_be_registered():
    direct = standard_scheme(2, 1, 1, "C")
    registry = Registry(()).with_scheme(direct)
    assert best_rank(2, 1, 1, "C", registry=registry) == 8
    assert best_rank(1, 1, 1, "C", registry=registry) == 4


# shared/cases/README.md: four pairs (u, h), and the phases c of the maps x -> c u Re(c h^T x).
PAIRS = [
    ((1 - 1j, 0), (1, 0), (1, 1j, 1 + 1j)),
    ((0, -1 - 1j), (0, 1), (1, 1j, 1 + 1j)),
    ((1, 1j), (1, -1j), (1, 1j, 1 + 1j)),
    ((1j, 1j), (1, 1), (1, 1 + 1j)),
]


def test_the_stored_complex_matrix_times_a_vector_is_the_one_of_four_pairs():
    (stored,) = (s for s in default_registry().schemes if s.shape == (1, 2, 2))
    s = permuted(stored, 2, 2, 1)
    maps = set()
    for u, h, phases in PAIRS:
        for c in phases:
            left = np.array([part for x in c * np.array(u) for part in (x.real, x.imag)])
            right = np.array([part for x in c * np.array(h) for part in (x.real, -x.imag)])
            maps.add(tuple(np.outer(left, right).ravel().astype(int)))
    assert maps == {tuple(np.outer(w, v).ravel()) for v, w in zip(s.V.T, s.W.T, strict=True)}


@pytest.mark.parametrize(
    ("sizes", "rank"), [((1, 2, 2), 11), ((1, 2, 3), 17), ((1, 3, 3), 26), ((1, 4, 4), 44),
                        ((2, 2, 2), 21), ((2, 2, 3), 32), ((1, 17, 2), 94), ((2, 33, 2), 347)]
)  # fmt: skip
def test_complex_products_are_built_from_stored_ones_of_any_sizes(sizes, rank):
    for turned in permutations(sizes):
        assert best_rank(*turned, "C") == rank
    s = best_scheme(*sizes, "C").check()
    assert (s.shape, s.division, s.rank) == (sizes, "C", rank)
    assert construction(*sizes, "C").startswith(product_name(tuple(sorted(sizes)), "C"))


def test_complex_products_name_all_that_they_are_built_from():
    assert construction(2, 3, 2, "C") == "<2,2,3>_C:32 = <2,2,1>_C:11 + <2,2,2>_C:21"
    parts = ingredients(2, 3, 2, "C")
    assert {(s.shape, s.division) for s in parts} == {
        ((2, 2, 2), "R"), ((1, 2, 2), "C"), ((1, 1, 1), "C")
    }  # fmt: skip
    bare = Registry(tuple(s for s in parts if s.shape == (1, 2, 2)))
    assert construction(1, 4, 4, "C", registry=bare) == (
        "<1,4,4>_C:44 = <1,2,4>_C:22 + <1,2,4>_C:22"
    )


def test_a_restriction_is_used():
    registry = Registry(()).with_scheme(best_scheme(3, 3, 3))
    assert best_rank(2, 3, 3, registry=registry) == 18
    cheap = Registry((Scheme((2, 2, 3), *(np.zeros((k, 7), int) for k in (4, 6, 6))),))
    made = constructions(cheap, ("R", (2, 2, 2)))["R", (2, 2, 2)]
    assert (made.kind, made.rank) == ("restricted", 7)
    assert best_rank(2, 2, 2, registry=cheap) == 0  # the terms of that impostor are all zero
    assert construction(2, 2, 2, registry=cheap) == "<2,2,2>:0 = restricted <3,2,2>:7"


def test_construction_names_its_parts():
    registry = Registry(()).with_scheme(best_scheme(2, 2, 2))
    assert construction(4, 4, 4, registry=registry) == "<4,4,4>:49 = <2,2,2>:7 x <2,2,2>:7"
    assert best_scheme(4, 4, 4, registry=registry).provenance == construction(
        4, 4, 4, registry=registry
    )


@pytest.mark.parametrize(
    ("arguments", "message"), [((0, 1, 1), "positive"), ((1, 1, 1, "X"), "'R', 'C' or 'H'")]
)
def test_refusals(arguments, message):
    for function in (best_rank, best_scheme):
        with pytest.raises(SchemeError, match=message):
            function(*arguments)


def test_the_tables_of_the_package_are_those_that_its_schemes_give():
    # They are data, so that no process computes them: scripts/pack_schemes.py writes them.
    kept = files("wordtensor.schemes").joinpath("data").joinpath("constructions.json").read_text()
    registry = default_registry()
    assert kept == packed_tables(stored_products(registry), outers(registry))


@pytest.mark.parametrize("division", ["R", "C", "H"])
def test_tables_are_the_same_read_and_computed(division):
    stored, outer = stored_products(default_registry()), outers(default_registry())
    read = constructions_for(stored, (division, (2, 2, 2)), outer)
    assert dict(read) == dict(computed_table(stored, division, outer))


def test_tables_of_other_schemes_are_computed():
    few = stored_products(Registry((best_scheme(2, 2, 2),)))
    assert constructions_for(few, ("R", (3, 3, 3)))["R", (3, 3, 3)].rank == 26
    assert constructions_for((), ("R", (2, 2, 2)))["R", (2, 2, 2)].rank == 8


def test_a_decomposition_imports_no_search_and_no_optimiser():
    code = (
        "import sys\n"
        "import wordtensor.cli.app, wordtensor.rank, wordtensor.cores\n"
        "heavy = 'numba scipy.optimize scipy.sparse rich.console torch wordtensor.margins '\n"
        "heavy += 'wordtensor.schemes.formats wordtensor.schemes.searching'\n"
        "print([name for name in heavy.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("sizes", [(2.5, 2, 2), ("2", 2, 2), (0, 1, 1), (None, 1, 1)])
def test_sizes_that_are_none_are_refused(sizes):
    with pytest.raises(SchemeError, match="Sizes must be positive integers"):
        best_rank(*sizes)
