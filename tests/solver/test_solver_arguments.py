"""Whatever the solver cannot work with is refused with one sentence, before any work."""

import numpy as np
import pytest

from wordtensor.errors import WordTensorError
from wordtensor.solver import (
    _steps,
    descend,
    fit,
    fit_many,
    round_terms,
    symmetric_factors,
)

UNIT = np.zeros((2, 2, 2))
UNIT[[0, 1], [0, 1], [0, 1]] = 1.0
TERMS = (np.eye(2), np.eye(2), np.eye(2))
PATIENT = {"work": 1e6}

TENSORS = [
    None, "x", 5, np.full((2, 2, 2), np.nan), np.full((2, 2, 2), -np.inf), np.zeros((2, 2, 2)),
    np.ma.masked_equal(UNIT, 1.0), 1j * UNIT, np.ones((2, 2)), np.ones((2, 0, 2)), [[1], [1, 2]],
    np.array([[["a"]]]), np.array([[[object()]]]), 1e200 * UNIT,
]  # fmt: skip
RANKS = [0, -1, 2.0, "2", None, True, float("nan"), 3000, 10**30]
NUMBERS = [-1, float("nan"), "1", None, True, np.ones(2)]


@pytest.mark.parametrize("tensor", TENSORS)
def test_tensors(tensor):
    for run in (
        lambda: fit(tensor, 2, rng=0),
        lambda: fit_many(tensor, 2, [0]),
        lambda: descend(tensor, 1, 3, np.random.default_rng(0), **PATIENT),
    ):
        with pytest.raises(WordTensorError) as error:
            run()
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "tensor", [None, "x", 5, np.ma.masked_equal(UNIT, 1.0), 1j * UNIT, UNIT[0]]
)
def test_tensors_to_be_made_exact(tensor):
    with pytest.raises(WordTensorError):
        round_terms(tensor, TERMS)


@pytest.mark.parametrize("rank", RANKS)
def test_numbers_of_terms(rank):
    with pytest.raises(WordTensorError, match="'rank'"):
        fit(UNIT, rank, rng=0)
    with pytest.raises(WordTensorError, match="'rank'"):
        fit_many(UNIT, rank, [0])


def test_as_many_terms_as_ever_needed_are_taken():
    assert fit(UNIT, 4, rng=0, iterations=3).factors[0].shape == (2, 4)


@pytest.mark.parametrize("value", NUMBERS)
def test_limits(value):
    with pytest.raises(WordTensorError, match="'iterations'"):
        fit(UNIT, 2, rng=0, iterations=value)
    with pytest.raises(WordTensorError, match="'ridge'"):
        fit(UNIT, 2, rng=0, ridge=value)
    with pytest.raises(WordTensorError, match="'work'"):
        fit_many(UNIT, 2, [0], work=value)
    with pytest.raises(WordTensorError, match="'work'"):
        descend(UNIT, 1, 3, np.random.default_rng(0), work=value)
    with pytest.raises(WordTensorError, match="'work'"):
        round_terms(UNIT, TERMS, work=value)
    with pytest.raises(WordTensorError, match="'lower'"):
        descend(UNIT, value, 3, np.random.default_rng(0))
    if value is not None:
        with pytest.raises(WordTensorError, match="'patience'"):
            fit_many(UNIT, 2, [0], patience=value)
        with pytest.raises(WordTensorError, match="'time_limit'"):
            descend(UNIT, 1, 3, np.random.default_rng(0), time_limit=value)


@pytest.mark.parametrize("rng", [-1, 1.5, "x", object()])
def test_seeds(rng):
    for run in (
        lambda: fit(UNIT, 2, rng=rng),
        lambda: fit_many(UNIT, 2, [rng]),
        lambda: descend(UNIT, 1, 3, rng),
        lambda: round_terms(UNIT, TERMS, rng=rng),
        lambda: symmetric_factors((2, 2, 2), 2, [TERMS], rng),
    ):
        with pytest.raises(WordTensorError, match="'rng'"):
            run()


def test_an_integer_is_a_seed_everywhere():
    assert descend(UNIT, 2, 3, 0).factors[0].shape == (2, 2)
    assert len(symmetric_factors((2, 2, 2), 2, [TERMS], 0)) == 3


def test_starts_and_devices():
    for start in [TERMS[:2], (*TERMS[:2], np.eye(3)), (*TERMS[:2], np.full((2, 2), np.nan))]:
        with pytest.raises(WordTensorError, match="start"):
            fit(UNIT, 2, start=start)
    for starts in (5, None, {1, 2}):
        with pytest.raises(WordTensorError, match="'starts'"):
            fit_many(UNIT, 2, starts)
    with pytest.raises(WordTensorError, match="'device'"):
        fit_many(UNIT, 2, [0], device=3)
    with pytest.raises(WordTensorError, match="'factors'"):
        round_terms(UNIT, 5)
    with pytest.raises(WordTensorError, match="identity"):
        symmetric_factors((2, 2, 2), 2, [], 0)


def test_compiling_is_told(monkeypatch, caplog):
    caplog.set_level("INFO", logger="wordtensor.stages")
    monkeypatch.setattr(_steps, "is_compiled", lambda *_: False)
    _steps._tell_compiling()
    assert "compiling" in caplog.text
    caplog.clear()
    monkeypatch.setattr(_steps, "is_compiled", lambda *_: True)
    _steps._tell_compiling()
    assert not caplog.text
