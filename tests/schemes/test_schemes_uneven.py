"""Uneven products and paired schemes: exact over every ring, as short as promised, named."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import SchemeError
from wordtensor.schemes import Registry, best_rank, best_scheme, construction, default_registry
from wordtensor.schemes._constructions import Outers
from wordtensor.schemes._large_sizes import constructions_for
from wordtensor.schemes._pairs import paired_scheme
from wordtensor.schemes._uneven import filled, outer_for, pattern_of, uneven_product
from wordtensor.schemes.registry import constructions, stored_products

OUTERS = [s for s in default_registry().schemes if s.division == "R" and s.rank <= 60]


def test_strassen_on_blocks_of_four_and_three():
    # 250 for 7 x 7 matrices is what Drevet, Islam and Schost (2011) get in this way.
    strassen = best_scheme(2, 2, 2)
    s = uneven_product(strassen, ((4, 3), (4, 3), (4, 3)), 0, lambda size: best_scheme(*size))
    assert (s.check().shape, s.rank) == ((7, 7, 7), 250)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(OUTERS), st.data(), st.sampled_from(["Q", "ZT", "F2"]))
def test_uneven_products_are_exact_for_any_blocks_groups_and_rings(outer, data, ring):
    registry = default_registry().over(ring)
    stored = [s for s in registry.schemes if s.division == "R" and s.shape == outer.shape]
    if not stored:
        return
    blocks = tuple(
        tuple(data.draw(st.lists(st.integers(0, 3), min_size=k, max_size=k).filter(any)))
        for k in outer.shape
    )
    turned, signs = outer_for(stored[0], blocks), ring == "ZT"
    ways = pattern_of(turned, signs).groupings
    way = data.draw(st.integers(0, len(ways) - 1))
    division = data.draw(st.sampled_from("RC")) if ring == "Q" else "R"

    def inner(size):
        return best_scheme(*size, division, registry=registry)

    s = uneven_product(turned, filled(blocks), way, inner, signs).check()
    assert s.shape == tuple(map(sum, blocks))
    sizes = pattern_of(turned, signs).sizes(filled(blocks), way)
    assert s.rank <= sum(inner(size).rank for size in sizes)
    assert ring != "ZT" or s.has_signs_only
    assert sorted(t for _, terms in ways[way] for t in terms) == list(range(turned.rank))


def test_terms_with_a_common_factor_are_one_product():
    # Eight products of the standard scheme share their first factors in pairs: <2,2,2> in four
    # products <1,1,2>, which with blocks 3 x 2 are <3,2,6> in 30.
    standard = Registry((), ring="Q")
    s = best_scheme(2, 2, 2, registry=standard)
    first = pattern_of(s).groupings[1]
    assert [len(terms) for _, terms in first] == [2, 2, 2, 2]
    sizes = pattern_of(s).sizes(((3, 3), (2, 2), (3, 3)), 1)
    assert sizes == [(3, 2, 6)] * 4


@pytest.mark.parametrize("n", range(2, 17))
def test_paired_schemes_have_the_rank_of_hopcroft_and_kerr(n):
    s = paired_scheme(n).check()
    assert (s.shape, s.rank) == ((n, 2, n), (3 * n * n + n) // 2)
    assert best_rank(n, 2, n) <= s.rank


@pytest.mark.parametrize(
    ("n", "p"), [(3, 4), (5, 6), (6, 8), (7, 8), (7, 10), (9, 12), (5, 11), (4, 9), (15, 16)]
)
def test_paired_schemes_of_more_columns_reach_it_too(n, p):
    # ceil((3 n p + p) / 2), where the rows beyond those of the last columns pair up.
    s = paired_scheme(n, p).check()
    assert (s.shape, s.rank) == ((n, 2, p), (3 * n * p + p + 1) // 2)
    assert best_rank(n, 2, p) <= s.rank


@pytest.mark.parametrize(("n", "p"), [(0, 0), (5, 4), (-1, 3)])
def test_paired_schemes_refuse_what_they_cannot_do(n, p):
    with pytest.raises(SchemeError, match="1 <= n <= p"):
        paired_scheme(n, p)


def test_paired_schemes_of_any_sizes_are_exact_and_close_to_it():
    for n, p in combinations_with_replacement(range(2, 10), 2):
        s = paired_scheme(n, p).check()
        assert 0 <= s.rank - (3 * n * p + p) / 2 <= p % n * (n - p % n) / 2


@pytest.mark.parametrize(
    ("sizes", "rank"), [((7, 7, 7), 250), ((4, 7, 7), 147), ((5, 7, 8), 206), ((7, 7, 8), 279)]
)
def test_sizes_that_uneven_products_make_shorter(sizes, rank):
    assert best_rank(*sizes) <= rank
    s = best_scheme(*sizes).check()
    assert s.rank == best_rank(*sizes)


def test_a_construction_names_blocks_and_parts():
    bare = default_registry().over("Z")
    text = construction(7, 7, 7, registry=bare)
    assert text.startswith("<7,7,7>:250 = <2,2,2>:7 on blocks ")
    assert "3 <3,3,4>:29" in text and "3 <3,4,4>:38" in text
    assert best_scheme(7, 7, 7, registry=bare).provenance == text


@pytest.mark.parametrize("ring", ["Q", "Z", "ZT", "F2"])
def test_rings(ring):
    for sizes in [(2, 2, 2), (3, 4, 5), (4, 5, 6), (5, 5, 6), (7, 7, 7)]:
        s = best_scheme(*sizes, ring=ring).check()
        assert s.rank == best_rank(*sizes, ring=ring) >= best_rank(*sizes) * (ring != "F2")
        assert {"Q": True, "Z": s.ring == "Z", "ZT": s.has_signs_only, "F2": s.ring == "F2"}[ring]


def test_ranks_rise_from_q_to_z_to_signs():
    for sizes in combinations_with_replacement(range(1, 9), 3):
        q, z, signs = (best_rank(*sizes, ring=ring) for ring in ("Q", "Z", "ZT"))
        assert q <= z <= signs


def test_a_scheme_modulo_2_counts_modulo_2_only():
    s = best_scheme(4, 4, 4, ring="F2")
    registry = default_registry().over("F2")
    assert registry.with_scheme(s).ring == "F2"
    with pytest.raises(SchemeError, match="modulo 2 only"):
        default_registry().with_scheme(s)
    with pytest.raises(SchemeError, match="no scheme over 'ZT'"):
        Registry((best_scheme(2, 6, 6),), ring="ZT")


def test_refusals():
    for function in (best_rank, best_scheme, construction):
        with pytest.raises(SchemeError, match="'Q', 'Z', 'ZT' or 'F2', not 'R'"):
            function(2, 2, 2, ring="R")


def test_what_is_kept_is_what_the_blocks_give():
    # Every uneven product of the package's table, over its algebra, is as short as it says.
    registry = default_registry()
    for division in "RCH":
        known = constructions(registry, (division, (2, 2, 2)))
        for (algebra, sizes), made in known.items():
            if made.uneven:
                outer = outer_for(registry.schemes[made.uneven.number], made.uneven.blocks)
                cut = pattern_of(outer).sizes(filled(made.uneven.blocks), made.uneven.way)
                total = sum(known[algebra, tuple(sorted(size))].rank for size in cut)
                assert (total, made.uneven.sizes) == (made.rank, sizes)


def test_without_outer_schemes_nothing_is_uneven():
    stored = stored_products(default_registry())
    few = constructions_for(stored, ("R", (7, 7, 7)))
    assert not any(made.uneven for made in few.values())
    assert Outers((), ()).options == ()
    assert np.all([made.rank > 0 for made in few.values()])


@pytest.mark.parametrize("sizes", [(7, 7, 8), (5, 14, 14), (10, 11, 11), (15, 15, 16), (7, 8, 17)])
def test_over_signs_the_terms_that_vanish_are_not_counted(sizes):
    # 286 and 2232 for the first and the fourth, where the parts add up to 287 and 2235.
    s = best_scheme(*sizes, ring="ZT").check()
    assert s.has_signs_only and s.rank == best_rank(*sizes, ring="ZT")
    assert s.provenance == construction(*sizes, ring="ZT")
    assert f":{s.rank} = " in s.provenance


@pytest.mark.parametrize("division", ["R", "C", "H"])
def test_beyond_the_table_a_larger_product_is_not_shorter(division):
    # <32,32,32> was 16807 where <31,31,31> was 17176, as only the larger one was cut in halves.
    for sizes in [(17, 17, 17), (19, 23, 31), (16, 16, 16), (31, 31, 31), (3, 18, 35)]:
        rank = best_rank(*sizes, division)
        for axis in range(3):
            larger = [size + (k == axis) for k, size in enumerate(sizes)]
            assert rank <= best_rank(*larger, division), (sizes, larger)
        assert rank <= best_rank(32, 32, 37, division)


def test_halves_are_exact_and_as_short_as_they_say():
    for sizes, division, ring in [
        ((17, 17, 17), "R", "Q"),
        ((17, 18, 19), "R", "F2"),
        ((17, 17, 18), "R", "ZT"),
        ((7, 9, 17), "C", "Q"),
    ]:
        s = best_scheme(*sizes, division, ring=ring)
        assert s.check().rank == best_rank(*sizes, division, ring=ring)
    assert "on blocks 9+8,9+8,9+8" in best_scheme(17, 17, 17).provenance


@pytest.mark.slow
@pytest.mark.parametrize("ring", ["Q", "Z", "ZT", "F2"])
def test_all_sizes_to_16_are_exact(ring):
    for sizes in combinations_with_replacement(range(1, 17), 3):
        s = best_scheme(*sizes, ring=ring)
        assert s.check().rank == best_rank(*sizes, ring=ring), sizes
