"""What is inside the room margins: small examples of functions that are not for users."""

import numpy as np

from wordtensor.irreps import irrep_at, real_characters
from wordtensor.margins._face import narrowest, share_ranges
from wordtensor.margins.certificate import pair_margins
from wordtensor.margins.game import equaliser, equaliser_condition, payoffs, solve_programme
from wordtensor.margins.neurons import irrep_neurons


def test_margins_face_share_ranges():
    A = np.array([[1.0, 2.0], [1.0, 2.0], [0.5, 0.5]])
    least, largest = share_ranges(A, solve_programme(A))
    assert (least.tolist(), largest.tolist()) == ([0.0, 0.0, 0.0], [1.0, 1.0, 0.0])


def test_margins_face_narrowest():
    A = np.array([[1.0, 3.0], [3.0, 1.0], [2.0, 2.0]])
    assert narrowest(A, solve_programme(A), np.array([4, 4, 9])).shares.tolist() == [0.5, 0.5, 0.0]


def test_margins_game_payoffs():
    A = payoffs(real_characters("S3"))
    assert np.round(A * np.sqrt(27) * 6**1.5, 3).tolist() == [[4.0, 0.0], [1.414, 2.121]]


def test_margins_game_equaliser_condition():
    assert round(equaliser_condition(real_characters("A5")), 3) == 0.788


def test_margins_game_equaliser():
    assert equaliser(real_characters("C5")).shares.tolist() == [0.5, 0.5]
    assert equaliser(real_characters("A5")) is None


def test_margins_game_solve_programme():
    play = solve_programme(payoffs(real_characters("A5")))
    assert (np.round(play.shares, 4).tolist(), bool(abs(play.gap) < 1e-12)) == (
        [0.361, 0.361, 0.2779, 0.0],
        True,
    )


def test_margins_neurons_irrep_neurons():
    U, V, W = irrep_neurons(irrep_at("Q8", 4), 1.0)
    assert (U.shape, float(round(((U**2 + V**2 + W**2).sum(axis=0) ** 1.5).sum(), 12))) == (
        (8, 32),
        1.0,
    )


def test_margins_certificate_pair_margins():
    assert pair_margins(np.array([[1.0, 3.0, 2.0]]), np.array([2], dtype=np.int32)).tolist() == [
        -1.0
    ]
