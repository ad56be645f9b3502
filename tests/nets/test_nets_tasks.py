"""Tasks: splits, batches, parities and tensors."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import NetworkError, WordTensorError
from wordtensor.groups import group
from wordtensor.nets import TensorTask, parity_task, word_task
from wordtensor.words import word_tensor

ONCE = {"derandomize": True, "deadline": None}
GROUPS = ["C1", "C3", "C4", "S3", "Q8", "D4"]


@settings(max_examples=60, **ONCE)
@given(st.sampled_from(GROUPS), st.integers(1, 100), st.integers(0, 2**62))
def test_a_split_takes_every_pair_once(name, percent, seed):
    n = group(name).order
    if percent * n * n < 100:
        with pytest.raises(NetworkError, match=f"at least 1/{n * n}"):
            word_task("a*b", name, percent / 100, seed)
        return
    task = word_task("a*b*a^-1", name, percent / 100, seed)
    # Of hundredths, so that the product is exact.
    assert len(task.train) == percent * n * n // 100
    assert sorted([*task.train, *task.test]) == list(range(n * n))
    assert (task.labels == word_tensor("a*b*a^-1", name).table.reshape(-1)).all()
    mask = task.train_mask()
    assert mask.shape == (n, n)
    assert set(np.flatnonzero(mask)) == set(task.train)
    assert not task.train.flags.writeable and not task.labels.flags.writeable


def test_a_product_just_below_a_whole_number_is_that_number():
    assert int(0.29 * 100) == 28
    assert len(word_task("a*b", "C10", 0.29).train) == 29
    assert len(word_task("a*b", "C3", 0.999).train) == 8


def test_splits_are_those_of_the_authors():
    with torch.random.fork_rng():
        torch.manual_seed(5)
        order = torch.randperm(64).tolist()
    task = word_task("a*b", "Q8", 0.4, seed=5)
    assert [*task.train] == order[:25]
    assert [*task.test] == order[25:]


def test_seeds_decide():
    first, again, other = (word_task("a*b", "Q8", 0.5, seed) for seed in (1, 1, 2))
    assert (first.train == again.train).all()
    assert set(first.train) != set(other.train)
    for number in (0, 1):
        assert (first.epoch(number) == again.epoch(number)).all()
        assert list(first.epoch(number)) != list(other.epoch(number))


@pytest.mark.parametrize("name", ["C3", "Q8", "S3"])
def test_epochs_cover_every_training_pair_once(name):
    task = word_task("a*b^2", name, 0.8, seed=3)
    n, seen = task.order, []
    for number in range(2):
        pairs = task.epoch(number)
        seen.append(pairs)
        assert (task.labels[pairs] == word_tensor("a*b^2", name).table[pairs // n, pairs % n]).all()
        assert sorted(pairs) == sorted(task.train)
    assert list(seen[0]) != list(seen[1])


def test_epochs_do_not_repeat():
    task = word_task("a*b", "C3", 1.0, seed=0)
    orders = {tuple(task.epoch(number)) for number in range(100)}
    assert len(orders) == 100


def test_large_seeds():
    task = word_task("a*b", "C3", 0.5, seed=2**63 - 1)
    assert sorted(task.epoch(2**40)) == sorted(task.train)
    with pytest.raises(NetworkError, match="64 bits"):
        word_task("a*b", "C3", 0.5, seed=2**64)


@pytest.mark.parametrize("fraction", [0.0, -0.5, 1.1, 0.05, float("nan"), float("inf")])
def test_impossible_fractions(fraction):
    with pytest.raises(NetworkError, match="'fraction' must be at least 1/9"):
        word_task("a*b", "C3", fraction)


def test_impossible_words_and_groups():
    with pytest.raises(WordTensorError):
        word_task("a*(b", "C3")
    with pytest.raises(WordTensorError):
        word_task("a*b", "Nowhere")


def test_a_task_takes_any_group():
    G = group("Q8")
    task = word_task("a*b", G)
    assert task.group is G
    assert repr(task) == "WordTask('a*b', 'Q8', train=64, test=0)"


@pytest.mark.parametrize(("bits", "relevant"), [(1, 1), (3, 2), (5, 5), (6, 1)])
def test_parities(bits, relevant):
    task = parity_task(bits, relevant)
    assert {tuple(row) for row in task.inputs} == set(itertools.product((1.0, -1.0), repeat=bits))
    assert len(task.inputs) == len(task.labels) == 2**bits
    for row, label in zip(task.inputs, task.labels, strict=True):
        assert label == int((row[:relevant] < 0).sum() % 2)
    assert not task.inputs.flags.writeable
    assert repr(task) == f"ParityTask({bits}, {relevant})"


@pytest.mark.parametrize(("bits", "relevant"), [(0, 0), (3, 0), (3, 4), (21, 2), (3, -1)])
def test_impossible_parities(bits, relevant):
    with pytest.raises(NetworkError, match="1 <= k <= n <= 20"):
        parity_task(bits, relevant)


def test_tensors():
    given = np.arange(24).reshape(2, 3, 4)
    task = TensorTask(given, "count")
    given[:] = 0
    assert task.target[1, 2, 3] == 23
    assert task.target.dtype == np.float64 and not task.target.flags.writeable
    assert repr(task) == "TensorTask('count', shape=(2, 3, 4))"
    assert TensorTask([[[True]]]).target.tolist() == [[[1.0]]]


@pytest.mark.parametrize("target", [
    np.zeros((2, 2, 2)), np.ones((2, 2)), np.full((1, 1, 1), np.nan), np.ones((2, 0, 2)), 3.0,
    [[["x"]]], np.ones((1, 1, 1)) * 1j, [[[None]]],
])  # fmt: skip
def test_impossible_tensors(target):
    with pytest.raises(NetworkError, match="A tensor to learn must have"):
        TensorTask(target)
    with pytest.raises(NetworkError, match="A tensor to learn must have"):
        TensorTask(np.asarray(target))


def test_tasks_leave_the_arrays_that_they_are_made_of_alone():
    whole = word_task("a*b", "C3", 0.5)
    train = whole.train.copy()
    task = dataclasses.replace(whole, train=train)
    train[:] = 0
    assert (task.train == whole.train).all() and not task.train.flags.writeable
    assert train.flags.writeable
