"""The word tensor in its forms: table, coordinates, dense array and unfoldings."""

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.errors import MemoryLimitError, WordTensorError
from wordtensor.groups import group
from wordtensor.words import WordTensor, concise_core, word, word_tensor
from wordtensor.words.core import merge_table


@pytest.fixture(params=["C3", "Q8", "A4"])
def tensor(request):
    return word_tensor("a^2*b*a", request.param)


def test_forms_agree(tensor):
    n = tensor.order
    dense = tensor.to_dense()
    assert dense.shape == tensor.shape == (n, n, n)
    assert dense.dtype == np.float64
    assert dense.sum() == tensor.nnz == n * n
    for a in range(n):
        for b in range(n):
            assert dense[a, b, tensor.table[a, b]] == 1
    from_coords = np.zeros_like(dense)
    from_coords[tuple(tensor.coords)] = 1
    np.testing.assert_array_equal(from_coords, dense)
    for mode in range(3):
        unfolding = tensor.unfolding(mode)
        assert unfolding.shape == (n, n * n)
        expected = np.moveaxis(dense, mode, 0).reshape(n, n * n)
        np.testing.assert_array_equal(unfolding.toarray(), expected)


def test_values_cannot_be_changed(tensor):
    with pytest.raises(ValueError, match="read-only"):
        tensor.table[0, 0] = 1
    with pytest.raises(AttributeError):
        tensor.table = None
    tensor.coords[:] = 0
    tensor.to_dense()[:] = 0
    assert tensor.to_dense().sum() == tensor.nnz


def test_callers_table_is_copied():
    G = group("C3")
    table = G.cayley.copy()
    T = WordTensor(word("a*b"), G, table)
    table[:] = 0
    np.testing.assert_array_equal(T.table, G.cayley)


def test_accepts_values_and_names():
    from_names = word_tensor("abA", "S3")
    from_values = word_tensor(word("abA"), group("S3"))
    np.testing.assert_array_equal(from_names.table, from_values.table)
    assert repr(from_names) == "WordTensor(word='a*b*a^-1', group='S3', shape=(6, 6, 6), nnz=36)"


def test_dense_type_can_be_chosen():
    dense = word_tensor("a*b", "Q8").to_dense(np.int8)
    assert dense.dtype == np.int8
    assert dense.sum() == 64


def test_large_dense_arrays_are_refused():
    expected = r"720 x 720 x 720 .* 2\.78 GiB.*coords.*unfolding"
    with wt.memory_limit(2), pytest.raises(MemoryLimitError, match=expected):
        word_tensor("a*b", "S6").to_dense()


def test_wrong_arguments_are_refused():
    T = word_tensor("a*b", "C3")
    with pytest.raises(WordTensorError, match="must be 0, 1 or 2, not 3"):
        T.unfolding(3)
    with pytest.raises(WordTensorError, match=r"shape \(3, 3\)"):
        WordTensor(word("a*b"), group("C3"), np.zeros((2, 2), dtype=np.int32))


def test_equal_rows_merge_and_unused_values_are_dropped():
    assert merge_table(np.array([[1, 2], [1, 2]]), order=3).shape == (1, 2, 2)


@pytest.mark.parametrize("table", [
    None, 5, "x", np.zeros((6, 6)), np.full((6, 6), np.nan), np.full((6, 6), 6),
    np.full((6, 6), -1), np.zeros((5, 6), int), np.zeros((6, 6, 6), int), [[0], [0, 1]],
    np.ma.masked_equal(np.zeros((6, 6), int), 0),
])  # fmt: skip
def test_tables_that_are_none_are_refused(table):
    with pytest.raises(WordTensorError):
        WordTensor(word("a*b"), group("S3"), table)


@pytest.mark.parametrize("table", [
    None, np.zeros((2, 2)), np.zeros((2, 2, 2), int), np.zeros((0, 0), int), np.full((2, 2), -1),
    np.full((2, 2), 2), np.ma.masked_equal(np.zeros((2, 2), int), 0),
])  # fmt: skip
def test_cores_of_what_is_no_table_are_refused(table):
    with pytest.raises(WordTensorError):
        concise_core(table, 2)
    for order in ("x", -3, 0, 10**12, True, 1.5):
        with pytest.raises(WordTensorError):
            concise_core(np.array([[0, 1], [1, 1]]), order)


def test_a_table_need_not_be_square():
    rng = np.random.default_rng(0)
    table = rng.integers(0, 5, (3, 8))
    core = concise_core(table, 5)
    rebuilt = np.einsum("ijk,ai,bj,ck->abc", core.tensor, *core.maps, optimize=True)
    np.testing.assert_allclose(rebuilt, table[:, :, None] == np.arange(5), atol=1e-12)


def test_types_that_are_no_numbers_are_refused():
    tensor = word_tensor("a*b", "C3")
    for dtype in ("xx", object, "U5", "datetime64[s]"):
        with pytest.raises(WordTensorError, match="'dtype'"):
            tensor.to_dense(dtype)
    for mode in ("a", None, 1.0, 3, np.array([1, 2])):
        with pytest.raises(WordTensorError, match="'mode'"):
            tensor.unfolding(mode)
