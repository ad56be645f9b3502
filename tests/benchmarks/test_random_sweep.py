"""Whatever is decomposed ends: verified, or refused with a sentence."""

import importlib
import sys
from pathlib import Path

import pytest

import wordtensor as wt

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
random_sweep = importlib.import_module("random_sweep")


def test_cases_are_drawn_from_all_families_and_repeat():
    drawn = list(random_sweep.cases(200, 120, 8, 1))
    assert drawn == list(random_sweep.cases(200, 120, 8, 1))
    orders = [wt.group(name).order for _, name in drawn]
    assert max(orders) <= 120 and sum(order > 63 for order in orders) > 60
    assert len({name for _, name in drawn}) > 100
    assert len({text for text, _ in drawn}) > 150


@pytest.mark.parametrize("seed", range(3))
def test_a_few_small_cases(seed):
    for text, name in random_sweep.cases(6, 16, 6, seed):
        case = random_sweep.run_case(text, name)
        assert case.is_right, str(case)


@pytest.mark.parametrize("text, name", [
    ("b^2*a*b^-1*a", "C53 x C2"),  # a merged table that is not square
    ("b^-1*a*b^-1*a^-2", "D4^2"),  # an action that reaches a bound
    ("a^-1*b*a", "A4 x C8"),  # many equal orbits
    ("b^-1*a^-1*b*a*b", "Q8 x C11"),
    ("a^-1*b^-1*a^2*b", "Dic14 x C2"),
])  # fmt: skip
def test_cases_that_crashed_or_took_for_ever(text, name):
    case = random_sweep.run_case(text, name)
    assert case.outcome == "verified", str(case)


def test_what_is_refused_and_what_crashes_are_told_apart(monkeypatch):
    assert random_sweep.run_case("a*b", "no such group").outcome == "refused"
    monkeypatch.setattr(random_sweep.wt, "decompose", lambda *_, **__: 1 / 0)
    case = random_sweep.run_case("a*b", "C3")
    assert case.outcome == "crashed" and "ZeroDivisionError" in case.said


@pytest.mark.slow
def test_the_whole_sweep():
    found = random_sweep.sweep(300, 120, 8, 0, 60.0)
    assert len(found) == 300
    assert not [str(case) for case in found if not case.is_right]


@pytest.mark.slow
def test_a_case_that_takes_too_long_is_ended_and_the_next_one_runs():
    with random_sweep.Child(1.0) as child:
        assert child.ask("a^-1*b^-1*a*b*a*b^2", "S4").outcome == "too long"
        assert child.ask("a*b", "C3").outcome == "verified"
