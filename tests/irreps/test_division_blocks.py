"""Real block matrices of complex and quaternion matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wordtensor.errors import IrrepError
from wordtensor.irreps import from_blocks, to_blocks
from wordtensor.irreps.division import division_units

sizes = st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from([1, 2, 4]))
coordinates = sizes.flatmap(
    lambda shape: arrays(np.float64, (2, *shape), elements=st.floats(-10, 10))
)


@settings(max_examples=50, deadline=None)
@given(coordinates)
def test_round_trip(given_coordinates):
    blocks = to_blocks(given_coordinates)
    endo = given_coordinates.shape[-1]
    assert np.allclose(from_blocks(blocks, endo), given_coordinates, atol=1e-12)


def test_quaternions_multiply_as_hamilton_wrote():
    one, i, j, k = (to_blocks(unit[None, None]) for unit in np.eye(4))
    for unit in (i, j, k):
        assert np.array_equal(unit @ unit, -one)
    assert np.array_equal(i @ j, k)
    assert np.array_equal(j @ k, i)
    assert np.array_equal(k @ i, j)
    # The first column holds the coordinates: left multiplication sends 1 to q.
    assert np.array_equal(k[:, 0], [0, 0, 0, 1])


def test_complex_matrices():
    z = np.array([[1 + 2j, 3j], [0, -1]])
    w = np.array([[2, 1j], [1 - 1j, 5]])

    def expand(matrix):
        return to_blocks(np.stack([matrix.real, matrix.imag], axis=-1))

    assert np.array_equal(expand(z) @ expand(w), expand(z @ w))
    assert np.array_equal(expand(z)[:2, :2], [[1, -2], [2, 1]])


def test_wrong_sizes():
    with pytest.raises(IrrepError, match="1, 2 or 4"):
        to_blocks(np.zeros((1, 1, 3)))
    with pytest.raises(IrrepError, match="blocks of 4"):
        from_blocks(np.zeros((6, 6)), 4)


def test_the_unit_i_turns_the_plane():
    assert division_units(2)[1].tolist() == [[0.0, -1.0], [1.0, 0.0]]
