"""Names of irreps, against characters that the books have."""

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.irreps import irrep_names, real_characters


def fixed_points(G):
    """Return how many points each element of a symmetric group leaves where they are."""
    n = int(G.name[1:])
    moved = [len(label.replace("(", " ").replace(")", " ").split()) for label in G.labels]
    return n - np.array(moved)


@pytest.mark.parametrize("name", ["S3", "S4", "S5", "S6"])
def test_the_standard_irrep_of_a_symmetric_group_counts_fixed_points(name):
    G = wt.group(name)
    table = real_characters(G)
    names = irrep_names(table)
    found = table.character(names.index("standard"))
    if name == "S6":  # up to its outer automorphism
        assert sorted(found.round()) == sorted(fixed_points(G) - 1)
    else:
        assert np.abs(found - (fixed_points(G) - 1)).max() < 1e-9
    sign = table.character(names.index("sign"))
    assert sorted(set(sign.round())) == [-1, 1]
    assert ("standard x sign" in names) == (name != "S3")
    assert names[0] == "trivial" and len(set(names)) == len(names)


@pytest.mark.parametrize(
    "name", ["C3", "Q8", "D4", "A4", "SL(2,3)", "A4 x C2", "C7:C3", "C24", "SL(2,5)"]
)
def test_other_groups_have_no_standard_irrep(name):
    names = irrep_names(real_characters(name))
    assert names[0] == "trivial" and not any("standard" in each for each in names)
    assert len(set(names)) == len(names)
    assert ("sign" in names) == (name in ("A4 x C2", "C24"))
