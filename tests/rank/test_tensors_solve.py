"""`solve` on tensors of no word: known ranks, and answers that do not depend on labels."""

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.errors import DecompositionError, WordTensorError
from wordtensor.rank import plan_tensor, tensor
from wordtensor.schemes.matrix_product import dense_product_tensor
from wordtensor.solver import reconstruct

W_STATE = np.array([[[0, 1], [1, 0]], [[1, 0], [0, 0]]])
UNIT = np.einsum("ir,jr,kr->ijk", *[np.eye(4)] * 3)
KNOWN = {
    "zero": (np.zeros((2, 3, 4)), 0, 0, 0),
    "unit": (UNIT, 4, 4, 4),
    "W state": (W_STATE, 3, 3, 3),
    "complex product": (dense_product_tensor(1, 1, 1, "C"), 3, 3, 2),
    "quaternions": (dense_product_tensor(1, 1, 1, "H"), 8, 8, 7),
    "<2,2,2>": (dense_product_tensor(2, 2, 2), 7, 7, 7),
    "<2,2,3>": (dense_product_tensor(2, 2, 3), 11, 10, 11),
    "<3,3,3>": (dense_product_tensor(3, 3, 3), 23, 19, 23),
    "matrix": (np.arange(12).reshape(3, 1, 4), 2, 2, 2),
    # z^2 = 0: a Jordan block of size two, as the W state, beside a number
    "local algebra": (np.array([[[1, 0], [0, 1]], [[0, 1], [0, 0]]]), 3, 3, 3),
}


def checked(d, given):
    """Say that a decomposition is right: by its factors alone, and by verify."""
    error = np.einsum("ir,jr,kr->ijk", *d.factors) - given
    assert np.abs(error).max() <= 1e-9 * max(1, np.abs(given).max())
    verified = wt.verify(d)
    assert verified.ok, str(verified)
    return d


@pytest.mark.parametrize("name", KNOWN)
def test_ranks_that_are_known(name):
    given, rank, lower, _ = KNOWN[name]
    d = checked(wt.solve(given, name=name), given)
    assert (d.rank, d.lower_bound, d.status) == (rank, lower, "exact")
    if rank:
        assert d.exact_terms().rank == rank
    assert f"the rank is {'' if rank == lower else 'at most '}{rank}" in str(d)


@pytest.mark.parametrize("name", KNOWN)
def test_complex_ranks_that_are_known(name):
    given, _, _, rank = KNOWN[name]
    assert checked(wt.solve(given, field="complex"), given).rank == rank


@pytest.mark.parametrize(
    ("group", "real"), [("C3", 4), ("C4", 5), ("C5", 7), ("C8", 11), ("S3", 9), ("Q8", 12)]
)
def test_the_table_of_a_group_needs_no_group(group, real):
    # Cyclic convolution: 2n - (number of real irreps) terms, and n over the complex numbers.
    table = wt.group(group).cayley
    given = wt.word_tensor("a*b", group).to_dense()
    d = checked(wt.solve(SimpleNamespace(values=table, size=len(table))), given)
    assert (d.rank, d.lower_bound) == (real, wt.decompose("a*b", group).lower_bound)
    if group.startswith("C"):
        found = checked(wt.solve(given, field="complex"), given)
        assert (found.rank, found.lower_bound) == (len(table), len(table))


def test_a_quasigroup_that_is_no_group():
    i, j = np.indices((5, 5))
    given = SimpleNamespace(values=(2 * i + 3 * j) % 5, size=5)
    assert wt.solve(given).rank == 7  # isotopic to the group of order 5
    assert plan_tensor(given).parts[0].routes[0].name.startswith(("action", "direct"))


@pytest.mark.parametrize("word", ["[a,b]", "a*b*a^-1"])
def test_what_is_stored_about_words_is_found_for_their_tensors(word):
    d = wt.decompose(word, "A4")
    found = checked(wt.solve(wt.word_tensor(word, "A4")), wt.word_tensor(word, "A4").to_dense())
    assert (found.rank, found.lower_bound) == (d.rank, d.lower_bound)


def relabelled(given, rng):
    """Reorder slices and modes, repeat a slice, and put empty ones between."""
    moved = given[tuple(np.ix_(*map(rng.permutation, given.shape)))]
    moved = np.concatenate([moved, moved[:1]])
    moved = np.pad(moved, [(1, 0), (0, 2), (1, 1)])
    return moved.transpose(rng.permutation(3))


@pytest.mark.parametrize("name", sorted({*KNOWN} - {"zero", "<3,3,3>"}))
@pytest.mark.parametrize("scale", [1, -3, 0.125])
def test_the_answer_is_a_property_of_the_question(name, scale):
    given, rank, lower, _ = KNOWN[name]
    rng = np.random.default_rng(abs(hash(str(scale))) % 7 + len(name))
    copy = relabelled(given, rng) * scale
    d = checked(wt.solve(copy), copy)
    assert (d.rank, d.lower_bound, d.status) == (rank, lower, "exact")
    first = wt.solve(given)
    assert sorted(b.value for b in d.bounds) == sorted(b.value for b in first.bounds)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_random_integers_in_another_order_are_as_many_terms(seed):
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 4, 3)
    given = rng.integers(-1, 2, shape)
    if not given.any():
        return
    copy = relabelled(given, rng)
    here, there = wt.solve(given), wt.solve(copy)
    checked(here, given), checked(there, copy)
    assert (here.rank, here.lower_bound) == (there.rank, there.lower_bound)
    assert sorted(plan_tensor(given).multilinear_ranks) == sorted(
        plan_tensor(copy).multilinear_ranks
    )


@pytest.mark.parametrize(("shape", "rank"), [((5, 4, 6), 5), ((3, 3, 3), 4), ((8, 2, 5), 6)])
@pytest.mark.parametrize("field", ["real", "complex"])
def test_planted_terms_are_found(shape, rank, field):
    rng = np.random.default_rng(sum(shape))
    factors = [rng.standard_normal((size, rank)) for size in shape]
    if field == "complex":
        factors = [f + 1j * rng.standard_normal(f.shape) for f in factors]
    given = reconstruct(tuple(factors))
    d = checked(wt.solve(given, field=field), given)
    assert d.rank <= rank
    assert d.field == field
    assert "to rounding" in d.bounds[-1].reason


def test_symmetric_planted_terms_are_exact():
    rng = np.random.default_rng(4)
    u = rng.integers(-2, 3, (5, 4)).astype(float)
    given = reconstruct((u, u, u))
    d = checked(wt.solve(given), given)
    assert (d.rank, d.lower_bound, d.status) == (4, 4, "exact")


def test_a_number_of_terms_can_be_asked_for():
    product = dense_product_tensor(2, 2, 2)
    assert wt.solve(product, 7).rank == 7
    assert wt.solve(product, 8).rank <= 8
    with pytest.raises(DecompositionError, match="at least 7 are needed"):
        wt.solve(product, 6)
    # Of generic real tensors of this shape none needs fewer than 5 terms.
    generic = np.random.default_rng(0).normal(size=(3, 3, 3))
    with pytest.raises(DecompositionError, match=r"No sum of 4 terms .* 5 starts .* 5 terms"):
        wt.solve(generic, 4, starts=5)
    assert wt.solve(generic, 5).rank == 5
    assert wt.solve(generic, 9).rank <= 9
    for wrong in (-1, 2.5, True):
        with pytest.raises(DecompositionError, match="rank"):
            wt.solve(product, wrong)


def test_a_direct_sum_has_a_block_for_each_summand():
    given = np.zeros((6, 6, 6))
    given[:4, :4, :4] = dense_product_tensor(2, 2, 2)
    given[4:, 4:, 4:] = 2 * W_STATE
    d = checked(wt.solve(given), given)
    assert sorted(b.rank for b in d.blocks) == [3, 7]
    assert (d.rank, d.lower_bound) == (10, 10)


def test_a_sum_that_is_hidden_by_a_change_of_basis_is_found():
    rng = np.random.default_rng(1)
    parts = np.zeros((4, 4, 4))
    parts[:2, :2, :2], parts[2:, 2:, 2:] = W_STATE, dense_product_tensor(1, 1, 1, "C")
    changes = [rng.integers(-2, 3, (4, 4)) + 4 * np.eye(4) for _ in range(3)]
    given = np.einsum("ijk,ai,bj,ck->abc", parts, *changes)
    d = checked(wt.solve(given), given)
    assert (d.rank, d.lower_bound) == (6, 6)
    assert sorted(b.shape for b in d.blocks) == [(2, 2, 2), (2, 2, 2)]


def skewed(given, rng):
    """Change all bases by rational matrices."""
    changes = [rng.integers(-2, 3, (size, size)) + 4.0 * np.eye(size) for size in given.shape]
    return np.einsum("ijk,ai,bj,ck->abc", given, *changes, optimize=True)


@pytest.mark.parametrize(
    ("sizes", "division", "rank"),
    [
        ((2, 2, 2), "R", 7),
        ((2, 2, 3), "R", 11),
        ((3, 3, 3), "R", 23),
        ((1, 2, 3), "R", 6),
        ((1, 1, 1), "H", 8),
        ((2, 2, 2), "C", 21),
    ],
)
def test_a_matrix_product_is_recognised_in_any_coordinates(sizes, division, rank):
    given = skewed(dense_product_tensor(*sizes, division), np.random.default_rng(5))
    d = checked(wt.solve(given), given)
    assert d.rank == rank
    assert d.lower_bound == plan_tensor(dense_product_tensor(*sizes, division)).lower_bound
    if sizes == (2, 2, 2) and division == "R":
        assert d.status == "exact"


@pytest.mark.parametrize("name", ["S3", "Q8", "C7:C3"])
def test_an_algebra_is_taken_apart_without_its_group(name):
    table = wt.word_tensor("a*b", name).to_dense()
    d = wt.decompose("a*b", name)
    given = skewed(table, np.random.default_rng(1))
    found = checked(wt.solve(given), given)
    assert (found.rank, found.lower_bound) == (d.rank, d.lower_bound)


def test_it_may_come_in_any_form():
    coords = np.nonzero(W_STATE)
    sparse = SimpleNamespace(coords=coords, data=np.ones(3), shape=(2, 2, 2))
    halves = [[[Fraction(int(x), 2) for x in row] for row in rows] for rows in W_STATE]
    terms = wt.solve(W_STATE)
    cp = SimpleNamespace(weights=np.full(3, 2.0), factors=[np.array(f) for f in terms.factors])
    for form in (W_STATE, W_STATE.tolist(), sparse, halves, cp, W_STATE.astype(bool), terms.tensor):
        assert wt.solve(form).rank == 3
    assert tensor(halves).exact.texts()[0][0] == ["0", "1/2"]
    assert np.array_equal(np.asarray(tensor(cp)), 2 * W_STATE)
    assert wt.solve(wt.word_tensor("a*b", "C3")).rank == 4
    if hasattr(scipy.sparse, "coo_array"):
        try:
            many = scipy.sparse.coo_array((np.ones(3), coords), shape=(2, 2, 2))
        except ValueError:  # before scipy 1.15 there were two axes only
            return
        assert wt.solve(many).rank == 3


def test_tensorly_gives_and_takes():
    tensorly = pytest.importorskip("tensorly")
    d = wt.solve(W_STATE)
    assert np.allclose(tensorly.cp_to_tensor(d.to_tensorly()), W_STATE)
    assert wt.solve(d.to_tensorly()).rank == 3
    assert wt.solve(tensorly.tensor(W_STATE)).rank == 3
    weights, factors = d
    assert np.allclose(tensorly.cp_to_tensor((weights, factors)), W_STATE)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (np.eye(2), "three axes"),
        ([[[1], [1, 2]]], "array of numbers"),
        ([[["a"]]], "no number"),
        ([[[None]]], "no number"),
        (np.full((1, 1, 1), np.inf), "not finite"),
        (np.zeros((0, 1, 1)), "none of length 0"),
        (5, "three axes"),
        (b"abc", "array of numbers"),
        (np.ma.masked_all((2, 2, 2)), "Masked"),
        (SimpleNamespace(values=np.array([[5]]), size=3), "from 0 to 2"),
        (SimpleNamespace(coords=[[5], [0], [0]], data=[1], shape=(2, 2, 2)), "outside of the"),
        (SimpleNamespace(weights=None, factors=[np.eye(2)] * 2), "three factors"),
        (np.full((1, 1, 1), 1j), "complex"),
    ],
)  # fmt: skip
def test_what_is_no_tensor_is_refused(form, said):
    with pytest.raises(WordTensorError, match=said):
        wt.solve(form)


def test_a_file_that_was_saved_is_read_and_forgeries_are_seen(tmp_path):
    path = tmp_path / "d.npz"
    for each in (W_STATE, W_STATE / 3, np.random.default_rng(0).normal(size=(2, 3, 3))):
        d = wt.solve(each)
        d.save(path)
        assert wt.load(path) == d
        assert wt.verify(path).ok
    # Without recognised blocks: its bounds have data.
    given = np.random.default_rng(7).integers(-1, 2, (4, 4, 4))
    d = wt.solve(given)
    bound = d.bounds[0]
    assert bound.data is not None
    forged = [
        replace(d, status="structural" if d.status != "structural" else "exact"),
        replace(d, residual=0.5),
        replace(d, factors=tuple(np.array(f) + (m == 1) for m, f in enumerate(d.factors))),
        replace(d, bounds=(replace(bound, value=d.rank), *d.bounds[1:])),
        replace(d, bounds=(wt.bounds.Bound(d.rank, "because"), *d.bounds)),
        replace(d, tensor=tensor(3 * given)),
    ]
    for each in forged:
        assert not wt.verify(each).ok


@pytest.mark.slow
def test_a_search_is_not_worse_and_ends():
    given = np.random.default_rng(5).integers(-1, 2, (4, 4, 4))
    fast = wt.solve(given)
    found = checked(wt.solve(given, effort="search", time_limit=4), given)
    assert found.rank <= fast.rank
    assert found.lower_bound >= fast.lower_bound


def test_ctrl_c_keeps_what_there_is():
    given = np.zeros((8, 8, 8))
    given[:4, :4, :4] = given[4:, 4:, 4:] = np.random.default_rng(7).integers(-1, 2, (4, 4, 4))

    def interrupt(attempt):
        raise KeyboardInterrupt

    d = checked(wt.solve(given, callback=interrupt), given)
    assert d.interrupted
    assert 14 <= d.rank <= 32
    assert "interrupted: the best found until then" in str(d)


def test_progress_is_shown_if_asked(capsys):
    wt.solve(np.random.default_rng(0).normal(size=(3, 3, 3)), progress=True, name="mine")
    assert "mine: reading its structure" in capsys.readouterr().err
