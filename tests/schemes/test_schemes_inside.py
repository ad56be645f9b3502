"""What is inside the room schemes: small examples of functions that are not for users."""

from fractions import Fraction

import numpy as np

from wordtensor.schemes import Registry
from wordtensor.schemes._rational import common_numerators, rounded
from wordtensor.schemes.flips._starts import starting_schemes
from wordtensor.schemes.flips._terms import Terms, reduced, walk
from wordtensor.schemes.flips._walkers import check_device, walk_many
from wordtensor.schemes.lifting.lift import lift_terms
from wordtensor.schemes.numerical._brent import brent_system
from wordtensor.schemes.tensor_search import fibre_terms


def test_schemes_flips_starts_starting_schemes():
    assert (
        repr(starting_schemes(2, 2, 2, "R", "standard", Registry(())))
        == "[Scheme(<2,2,2>, rank=8, ring='Z')]"
    )


def test_schemes_flips_terms_terms():
    one = np.array([[1, 0], [-1, 1]])
    assert repr(Terms.from_factors(one, one, one, "Z")) == "Terms(2 terms, ring='Z')"
    assert Terms.from_factors(one, one, one, "Z").factors((2, 2, 2))[1].tolist() == [
        [1, 0],
        [-1, 1],
    ]


def test_schemes_flips_terms_reduced():
    assert reduced(np.array([-2, 3, 5]), "F3").tolist() == [1, 0, -1]


def test_schemes_flips_terms_walk():
    one, other = (np.array([[1, 1]]), np.array([[1, 0], [0, 1]]))
    assert (
        repr(walk(Terms.from_factors(one, one, other, "F2"), 9, plus_after=9, margin=1).best)
        == "Terms(1 terms, ring='F2')"
    )


def test_schemes_flips_walkers_check_device():
    check_device("cpu")


def test_schemes_flips_walkers_walk_many():
    one, other = (np.array([[1, 1]]), np.array([[1, 0], [0, 1]]))
    start = Terms.from_factors(one, one, other, "F2")
    assert (
        repr([r.best for r in walk_many([start] * 2, 9, plus_after=9, margin=1, seeds=[0, 1])])
        == "[Terms(1 terms, ring='F2'), Terms(1 terms, ring='F2')]"
    )


def test_schemes_rational_common_numerators():
    assert (
        " ".join(
            repr(common_numerators([Fraction(1, 2), Fraction(1, 3)], np.array([[0, 1]]))).split()
        )
        == "(array([[3, 2]]), 6)"
    )


def test_schemes_rational_rounded():
    assert repr(rounded(np.array([[0.5, 1 / 3]]), 10)) == "(array([[3, 2]]), 6)"


def test_schemes_lifting_lift_lift_terms():
    one = np.array([[1, 1]])
    assert lift_terms((one, one, np.array([[1, 0], [0, 1]])), np.array([[[1, -1]]]))[0][
        0
    ].tolist() == [[1, -1]]


def test_schemes_numerical_brent_brent_system():
    system = brent_system((2, 2, 2), 7)
    assert (system.total, system.edges[3]) == (8.0, 84)


def test_schemes_tensor_search_fibre_terms():
    tensor = np.array([[[2, -1], [0, 1]]])
    assert (
        repr((fibre_terms(tensor, 2, "Z"), fibre_terms(tensor, 2, "F2")))
        == "(Terms(3 terms, ring='Z'), Terms(2 terms, ring='F2'))"
    )
