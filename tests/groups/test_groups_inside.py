"""What is inside the room groups: small examples of functions that are not for users."""

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


def test_groups_catalogue_small_group_name():
    assert small_group_name(21, 1) == "C7:C3"
    assert small_group_name(16, 3) is None


def test_groups_catalogue_small_group_count():
    assert small_group_count(32) == 51


def test_groups_generated_symmetric():
    assert repr(symmetric(4)) == "Group('S4', order=24)"


def test_groups_generated_alternating():
    assert repr(alternating(5)) == "Group('A5', order=60)"


def test_groups_generated_linear_order():
    assert [linear_order(kind, 7) for kind in ("SL", "GL", "PSL", "PGL")] == [336, 2016, 168, 336]


def test_groups_generated_linear():
    assert repr(linear("PSL", 7)) == "Group('PSL(2,7)', order=168)"


def test_groups_generated_heisenberg():
    assert repr(heisenberg(3)) == "Group('Heis(3)', order=27)"


def test_groups_families_metacyclic():
    assert metacyclic(7, 3, 2, 0, "Frobenius").order == 21


def test_groups_families_cyclic():
    assert cyclic(3).labels == ("1", "x", "x^2")


def test_groups_families_dihedral():
    assert dihedral(3).labels == ("1", "r", "r^2", "s", "r*s", "r^2*s")


def test_groups_families_dicyclic():
    assert repr(dicyclic(3)) == "Group('Dic3', order=12)"


def test_groups_families_quaternion():
    assert quaternion().labels == ("1", "i", "-1", "-i", "j", "k", "-j", "-k")


def test_groups_families_semidihedral():
    assert repr(semidihedral(16)) == "Group('SD16', order=16)"


def test_groups_families_modular():
    assert repr(modular(5, 2)) == "Group('M5(2)', order=32)"


def test_groups_families_klein():
    assert klein().labels == ("1", "a", "b", "a*b")


def test_groups_primes_is_prime():
    assert [n for n in range(-1, 30) if is_prime(n)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]


def test_groups_primes_prime_divisors():
    assert [prime_divisors(n) for n in (1, 2, 12, 49, 5040)] == [[], [2], [2, 3], [7], [2, 3, 5, 7]]
