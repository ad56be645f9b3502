"""Whether a width is enough: below the bound it is not, from the rank on it is."""

import pytest

import wordtensor as wt
from wordtensor.errors import DecompositionError
from wordtensor.rank import judge_width


@pytest.mark.parametrize(
    ("word", "name"), [("a*b", "C3"), ("a*b", "Q8"), ("a*b*a", "D5"), ("a*b", "A4")]
)
def test_every_width_has_one_answer(word, name):
    d = wt.decompose(word, name)
    answers = [judge_width(d, k).answer for k in range(1, d.rank + 2)]
    below, between = d.lower_bound - 1, d.rank - d.lower_bound
    assert answers == ["impossible"] * below + ["undecided"] * between + ["enough"] * 2
    texts = [str(judge_width(d, k)) for k in range(1, d.rank + 2)]
    assert all(d.bounds[0].reason in text for text in texts[: d.rank - 1])
    assert texts[-1].startswith(f"Yes: {d.rank + 1} neurons that multiply, W^T (U[a] * V[b])")
    assert all("W^T (U[a] * V[b])" in text and "relu" in text for text in texts)
    assert "1 may be zero" in texts[-1]


def test_numerical_terms_are_called_so():
    d = wt.decompose("a*b*a*b^2", "D5", store=wt.cores.Store())
    assert d.status == "numerical"
    verdict = judge_width(d, d.rank)
    assert verdict.answer == "enough, numerically" and f"to {d.residual:.0e}" in str(verdict)


@pytest.mark.parametrize(
    ("word", "name", "measured"),
    [("a*b", "S3", True), ("a*b", "A4", True), ("b*a", "S3", False), ("a*b", "Q8", False)],
)
def test_what_was_measured_is_said_only_of_its_word_and_group(word, name, measured):
    said = str(judge_width(wt.decompose(word, name), 9))
    assert ("from width" in said, f"over {name} had" in said) == (measured, measured)
    assert "the right answer on top can take fewer" in said and "S4" not in said


@pytest.mark.parametrize("width", [0, -1, 2.0, True, "9"])
def test_what_is_no_width_is_refused(width):
    with pytest.raises(DecompositionError, match="whole number of neurons"):
        judge_width(wt.decompose("a*b", "C3"), width)


@pytest.mark.parametrize(
    ("word", "group", "command"),
    [
        ("a*b", "S4", "schemes search 3 3 3 --rank 22"),
        ("a*b*a", "S4", 'decompose "a*b*a" "S4" --effort search'),
        ("a*b", "C7:C3", "schemes search 3 3 3 --division C --rank 68"),
        ("a*b*a^-1", "S4", "schemes search 3 3 2 --rank 14"),
    ],
)
def test_an_open_width_names_the_search_that_can_help(word, group, command):
    d = wt.decompose(word, group)
    verdict = judge_width(d, d.rank - 1)
    assert verdict.answer == "undecided"
    assert command in str(verdict)


def test_one_neuron_is_enough_for_the_trivial_group():
    d = wt.decompose("a*b", "C1")
    one, two = (str(judge_width(d, width)) for width in (1, 2))
    form = "W^T (U[a] * V[b]),"
    assert one.startswith(f"Yes: 1 neuron that multiplies, {form} is enough for logits")
    assert "; it is needed." in one
    assert (
        two.startswith(f"Yes: 2 neurons that multiply, {form} are enough")
        and "; 1 is, and 1 may be zero." in two
    )
