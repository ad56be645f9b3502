"""The schemes of the package against the best known ranks, and against the plain facts."""

import csv
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from wordtensor.schemes import best_rank, best_scheme, default_registry, load_schemes

KNOWN = Path(__file__).parents[3] / "shared" / "reference" / "fast_matmul" / "best_known_ranks.csv"
OURS = default_registry()


@pytest.fixture(scope="module")
def known():
    if not KNOWN.exists():
        pytest.skip("the table of best known ranks is not part of a user's clone")
    with KNOWN.open() as stream:
        return {
            tuple(int(row[size]) for size in "nmp"): int(row["rank_Q"])
            for row in csv.DictReader(stream)
        }


def test_every_scheme_of_the_package_is_exact():
    for s in load_schemes():
        assert s.check().ring in ("Z", "Q")
        assert s.provenance


def test_most_sizes_to_5_are_as_short_as_any_known(known):
    sizes = list(combinations_with_replacement(range(2, 6), 3))
    equal = [key for key in sizes if best_rank(*key, registry=OURS) == known[key]]
    assert len(sizes) == 20
    assert len(equal) >= 0.8 * len(sizes), set(sizes) - set(equal)


def test_no_rank_is_below_the_best_known(known):
    # Below would be a discovery: more likely an error here or in the table.
    for key, rank in known.items():
        if max(key) <= 8:
            assert best_rank(*key, registry=OURS) >= rank


@pytest.mark.parametrize(
    "sizes", [(3, 5, 5), (4, 5, 5), (5, 5, 5), (5, 4, 5), (6, 5, 4), (7, 8, 9)]
)
def test_what_is_promised_is_built(sizes):
    s = best_scheme(*sizes, registry=OURS)
    assert s.shape == sizes
    assert s.check().rank == best_rank(*sizes, registry=OURS)


@pytest.mark.parametrize(("division", "d"), [("C", 3), ("H", 8)])
def test_over_c_and_h(division, d):
    for sizes in [(1, 1, 1), (2, 2, 2), (2, 3, 3), (3, 3, 3)]:
        s = best_scheme(*sizes, division, registry=OURS)
        assert s.check().rank == best_rank(*sizes, division, registry=OURS)
        assert s.rank <= d * best_rank(*sizes, registry=OURS)


def test_5x5_in_93():
    assert best_rank(5, 5, 5, registry=OURS) == 93
