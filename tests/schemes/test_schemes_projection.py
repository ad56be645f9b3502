"""Projections along hyperplanes modulo 2: right for every size, and shorter than plain ones."""

from dataclasses import replace

import numpy as np
import pytest

from wordtensor.errors import SchemeError
from wordtensor.schemes import Registry, best_scheme, restricted, standard_scheme
from wordtensor.schemes.flips._starts import starting_terms
from wordtensor.schemes.projection import projections


def modulo_2(*sizes):
    return replace(best_scheme(*sizes), denominators=(1, 1, 1), characteristic=2)


@pytest.mark.parametrize("sizes", [(2, 3, 4), (3, 3, 3), (4, 2, 3), (2, 5, 2)])
@pytest.mark.parametrize("axis", ["n", "m", "p"])
def test_projections_are_schemes(sizes, axis):
    found = projections(modulo_2(*sizes), axis)
    place = "nmp".index(axis)
    small = tuple(size - (axis == name) for name, size in zip("nmp", sizes, strict=True))
    assert len(found) == 2 * (2 ** sizes[place] - 1)
    assert {s.check().shape for s in found} == {small}
    assert [s.rank for s in found] == sorted(s.rank for s in found)


def test_no_plain_projection_is_shorter():
    s = modulo_2(3, 3, 3)
    plain = min(
        restricted(s, 2, 3, 3, keep=(rows, (0, 1, 2), (0, 1, 2))).rank
        for rows in ((0, 1), (0, 2), (1, 2))
    )
    assert projections(s, "n")[0].rank <= plain < 23


def test_wrong_arguments():
    with pytest.raises(SchemeError, match="over F_2"):
        projections(best_scheme(2, 2, 2), "n")
    with pytest.raises(SchemeError, match="'axis'"):
        projections(modulo_2(2, 2, 2), "k")
    with pytest.raises(SchemeError, match="from 2 to 10"):
        projections(modulo_2(1, 2, 2), "n")


def test_a_search_starts_from_projections():
    registry = Registry((best_scheme(3, 3, 3), best_scheme(2, 2, 2)))
    starts = starting_terms(2, 3, 3, "R", "project", registry, "F2", 0)
    s = standard_scheme(2, 3, 3)
    want = np.einsum("ir,jr,kr->ijk", s.U, s.V, s.W)
    assert starts
    for terms in starts:
        assert (np.einsum("ir,jr,kr->ijk", *terms.factors(want.shape)) % 2 == want).all()
    assert min(terms.rank for terms in starts) <= 18
