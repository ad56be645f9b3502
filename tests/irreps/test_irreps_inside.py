"""What is inside the room irreps: small examples of functions that are not for users."""

from wordtensor.groups import group
from wordtensor.irreps._center import central_idempotents, symmetric_classes
from wordtensor.irreps.division import division_units


def test_irreps_center_symmetric_classes():
    assert symmetric_classes(group("C5")).sizes.tolist() == [1, 2, 2]


def test_irreps_center_central_idempotents():
    _, idempotents = central_idempotents(group("C3"))
    assert sorted(float(round(3 * e[0], 9)) for e in idempotents) == [1.0, 2.0]


def test_irreps_division_division_units():
    assert division_units(2)[1].tolist() == [[0.0, -1.0], [1.0, 0.0]]
