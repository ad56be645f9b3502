"""What is inside the room compare: small examples of functions that are not for users."""

import numpy as np

import wordtensor as wt
from wordtensor.compare._losses import accuracy, cross_entropies
from wordtensor.compare.matching._assignment import assignment
from wordtensor.compare.matching._invariants import pair_features
from wordtensor.compare.matching._refinement import correspondences
from wordtensor.compare.matching._standard import standard_blocks
from wordtensor.compare.matching._terms import (
    merged_terms,
    term_errors,
    term_inner_products,
    term_norms,
)
from wordtensor.compare.similarity import quotient_sums


def test_compare_losses_cross_entropies():
    assert cross_entropies(np.array([[50.0, 0.0], [0.0, 0.0]]), np.array([0, 0])).tolist() == [
        1.9287498479639178e-22,
        0.6931471805599453,
    ]


def test_compare_losses_accuracy():
    assert accuracy(np.array([[1.0, 0.0], [1.0, 1.0]]), [0, 0]) == 0.75


def test_compare_matching_assignment_assignment():
    d = wt.decompose("a*b", "S3")
    assert assignment(d.factors, d).block.tolist() == [0, 1, 2, 2, 2, 2, 2, 2, 2]


def test_compare_matching_invariants_pair_features():
    one = np.ones((2, 1, 1))
    assert pair_features((one, one, one))[0, 1, :4].tolist() == [1.0, 1.0, 1.0, 1.0]


def test_compare_matching_refinement_correspondences():
    signals = np.array([[[1.0, 0.0], [0.0, 2.0]]])
    assert [
        order.tolist() for order in correspondences(signals, signals[:, ::-1, ::-1], 1e-06)
    ] == [[1, 0]]


def test_compare_matching_standard_standard_blocks():
    assert [block.sizes for block in standard_blocks(wt.decompose("a*b", "S3"))] == [
        (1, 1, 1),
        (1, 1, 1),
        (2, 2, 2),
    ]


def test_compare_matching_terms_term_norms():
    assert term_norms((np.full((1, 1), 2.0), np.full((1, 1), 3.0), np.ones((4, 1)))).tolist() == [
        12.0
    ]


def test_compare_matching_terms_term_inner_products():
    one = np.array([[1.0]])
    assert term_inner_products((one, one, one), (one, 2 * one, 3 * one)).tolist() == [[6.0]]


def test_compare_matching_terms_term_errors():
    one = np.array([[1.0]])
    assert (
        term_errors((4 * one, one / 2, one), (one, 2 * one, one)) * 1000000000000.0
    ).round().tolist() == [0.0]


def test_compare_matching_terms_merged_terms():
    two = np.array([[1.0, 3.0]])
    merged, classes = merged_terms((two, two, two))
    assert (merged[2].round(9).tolist(), classes) == ([[28.0]], ((0, 1),))


def test_compare_similarity_quotient_sums():
    G = wt.group("C3")
    sums, square = quotient_sums(G, np.eye(3), [0, 1, 2])
    assert (sums.round(6).tolist(), round(square, 6)) == ([2.0, -1.0, -1.0], 2.0)


def test_compare_values_leave_the_arrays_of_their_caller_alone():
    A = np.eye(2)
    made = wt.compare.Sandwich("R", A, A, A)
    assert A.flags.writeable
    assert not made.A.flags.writeable
