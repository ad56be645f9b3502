"""The constructors behind the names, and the numbers that they need."""

import pytest

from wordtensor.groups._catalogue import small_group_count, small_group_name
from wordtensor.groups._generated import alternating, heisenberg, linear, linear_order, symmetric
from wordtensor.groups._primes import is_prime, prime_divisors
from wordtensor.groups.families import (
    cyclic,
    dicyclic,
    dihedral,
    klein,
    metacyclic,
    modular,
    quaternion,
    semidihedral,
)


@pytest.mark.parametrize("make, numbers, shown", [
    (symmetric, (4,), "Group('S4', order=24)"),
    (alternating, (5,), "Group('A5', order=60)"),
    (linear, ("PSL", 7), "Group('PSL(2,7)', order=168)"),
    (heisenberg, (3,), "Group('Heis(3)', order=27)"),
    (dicyclic, (3,), "Group('Dic3', order=12)"),
    (semidihedral, (16,), "Group('SD16', order=16)"),
    (modular, (5, 2), "Group('M5(2)', order=32)"),
])  # fmt: skip
def test_a_constructor_gives_name_and_order(make, numbers, shown):
    assert repr(make(*numbers)) == shown


@pytest.mark.parametrize("G, labels", [
    (cyclic(3), ("1", "x", "x^2")),
    (dihedral(3), ("1", "r", "r^2", "s", "r*s", "r^2*s")),
    (quaternion(), ("1", "i", "-1", "-i", "j", "k", "-j", "-k")),
    (klein(), ("1", "a", "b", "a*b")),
])  # fmt: skip
def test_labels_of_elements(G, labels):
    assert G.labels == labels


def test_a_metacyclic_group_of_order_21():
    assert metacyclic(7, 3, 2, 0, "Frobenius").order == 21


def test_orders_of_linear_groups_are_known_before_they_are_made():
    assert [linear_order(kind, 7) for kind in ("SL", "GL", "PSL", "PGL")] == [336, 2016, 168, 336]


def test_our_names_of_small_groups():
    assert small_group_name(21, 1) == "C7:C3"
    assert small_group_name(16, 3) is None


def test_the_number_of_groups_of_an_order():
    assert small_group_count(32) == 51


def test_primes_below_30():
    assert [n for n in range(-1, 30) if is_prime(n)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]


def test_prime_divisors():
    assert [prime_divisors(n) for n in (1, 2, 12, 49, 5040)] == [[], [2], [2, 3], [7], [2, 3, 5, 7]]
