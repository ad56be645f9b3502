"""Verdicts: a released net, one at chance, one in another order, an exact one, a wide one."""

from pathlib import Path

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.compare import compare
from wordtensor.nets import suggested, train

RELEASED = Path(__file__).parents[3] / "shared" / "reference" / "released_nets"


def exact(word, name):
    d = wt.decompose(word, name)
    return compare(d.factors, word, name, decomposition=d)


def test_an_exact_net_is_named_with_its_algorithm():
    said = exact("a*b", "S3").verdict()
    assert said[0] == "It computes a*b over S3: its largest logit is right on all 36 pairs."
    assert "standard (0.89) and sign (0.45)" in said[1]
    assert "whose logits are the word tensor itself; that takes 9." in said[2]
    assert said[3] == "It uses Strassen's algorithm for <2,2,2>, 7 products in place of 8."
    assert "eight real products for a product of quaternions" in exact("a*b", "Q8").verdict()[3]
    assert "three real products for a complex one" in exact("a*b", "C5").verdict()[3]


@pytest.mark.parametrize(
    ("word", "name"),
    [("a*b", "C3"), ("[a,b]", "S3"), ("a^2", "Q8"), ("a*b", "C1"), ("a*b", "C7:C3")],
)
def test_verdicts_are_whole_sentences(word, name):
    said = exact(word, name).verdict()
    assert 2 <= len(said) <= 5
    assert all(each[0].isupper() and each.endswith(".") for each in said)


def test_at_chance_another_order_is_suspected_and_nothing_else_is_said():
    d = wt.decompose("a*b", "S4")
    place = np.random.default_rng(0).permutation(24)
    U, V, W = d.factors
    c = compare((U[place], V[place], W[place]), "a*b", "S4", decomposition=d)
    said = c.verdict()
    assert len(said) == 2
    assert "as chance is (4.17 %)" in said[0] and "another order" in said[1]
    assert str(c).index("another order") < str(c).index("width and rank")


def test_the_other_way_round_is_recognised():
    d = wt.decompose("a*b", "S4")
    U, V, W = d.factors
    said = compare((V, U, W), "a*b", "S4", decomposition=d).verdict()
    assert "With a and b exchanged it is right on 100.00 % of the pairs" in said[1]


def test_what_was_memorised_is_told_from_what_was_learned():
    run = train(suggested("a*b", "S4").replace(steps=60, stop_accuracy=None))
    mask = run.tasks[0].train_mask()
    c = compare(run.model, "a*b", "S4", train_mask=mask)
    right = c.network.logits().argmax(axis=2) == wt.word_tensor("a*b", "S4").table
    shares = [f"{100 * right[part].mean():.2f} %" for part in (mask, ~mask)]
    assert right[mask].mean() > right[~mask].mean()
    assert (
        f"on {shares[0]} of its 288 training pairs and on {shares[1]} of the 288 others"
        in c.verdict()[0]
    )
    alone = compare(run.model, "a*b", "S4").verdict()
    assert "--train-mask" in alone[-1] or "the rest is what it memorised" in alone[-1]


def test_a_wide_net_is_told_how_many_neurons_it_needs():
    run = train(
        suggested("a*b", "S3").replace(width=40, steps=1500, fraction=1.0, stop_accuracy=None)
    )
    c = compare(run.model, "a*b", "S3")
    assert f"Of its 40 neurons, {c.pruning.effective_width} are needed" in c.verdict()[2]


@pytest.mark.skipif(not RELEASED.exists(), reason="needs ../shared/reference/released_nets")
def test_a_released_net():
    with np.load(RELEASED / "group_S5.npz") as archive:
        G = wt.Group.from_cayley(archive["cayley"], "S5")
    d = wt.decompose("a*b", G)
    said = compare(RELEASED / "S5_MLP_seed2.npz", "a*b", G, decomposition=d).verdict()
    assert said[0] == "It computes a*b over S5: its largest logit is right on all 14400 pairs."
    assert "sign" in said[1] or "standard" in said[1]
    assert "238 to 447" in said[2] and "the largest entry alone can take fewer" in said[2]
