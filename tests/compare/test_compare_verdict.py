"""Verdicts: a released net, one at chance, one in another order, an exact one, a wide one."""

from pathlib import Path

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.compare import compare, compare_table, gcr_metrics
from wordtensor.compare._verdict import computes
from wordtensor.nets import suggested, train

RELEASED = Path(__file__).parents[3] / "shared" / "reference" / "released_nets"


def exact(word, name):
    d = wt.decompose(word, name)
    return compare(d.factors, word, name, decomposition=d)


def test_an_exact_net_is_named_with_its_algorithm():
    said = exact("a*b", "S3").verdict()
    assert said[0] == "It computes a*b over S3: its largest logit is right on all 36 pairs."
    assert "standard (0.89) and sign (0.45)" in said[1]
    assert said[2].startswith("Of its 9 neurons, 9 are needed for the same function and ")
    assert said[3] == "Its logits are the word tensor itself, which takes 9 multiplying neurons."
    assert said[4] == "It uses Strassen's algorithm for <2,2,2> (7 products in place of 8)."
    assert "eight real products for a product of quaternions" in exact("a*b", "Q8").verdict()[4]
    assert "three real products for a complex one" in exact("a*b", "C5").verdict()[4]


@pytest.mark.parametrize(
    ("word", "name"),
    [("a*b", "C3"), ("[a,b]", "S3"), ("a^2", "Q8"), ("a*b", "C1"), ("a*b", "C7:C3")],
)
def test_verdicts_are_whole_sentences(word, name):
    said = exact(word, name).verdict()
    assert 2 <= len(said) <= 5
    assert all(each[0].isupper() and each.endswith(".") for each in said)


def test_the_only_pair_of_the_trivial_group():
    said = exact("a*b", "C1").verdict()
    assert said[0] == "It computes a*b over C1: its largest logit is right on the only pair."
    assert said[1].startswith("Its logits go by no irrep but the trivial one")
    assert said[2].startswith("Of its 1 neuron, 1 is needed for the same function")
    assert said[3] == "Its logits are the word tensor itself, which takes 1 multiplying neuron."


def test_at_chance_another_order_is_suspected_and_nothing_else_is_said():
    d = wt.decompose("a*b", "S4")
    place = np.random.default_rng(0).permutation(24)
    U, V, W = d.factors
    c = compare((U[place], V[place], W[place]), "a*b", "S4", decomposition=d)
    said = c.verdict()
    assert len(said) == 3
    assert "as chance is (4.17 %)" in said[0] and "another order" in said[1]
    assert said[2] == "Until that is settled, its irreps and counts of neurons mean nothing."
    assert str(c).index("another order") < str(c).index("width and rank")


@pytest.mark.parametrize("word", ["a*b", "b*a"])
def test_in_a_wrong_order_that_is_partly_right_irreps_mean_nothing(word):
    d = wt.decompose(word, "S4")
    place = np.arange(24)
    place[4:21] = np.roll(place[4:21], 1)
    U, V, W = d.factors
    said = compare((U[place], V[place], W[place]), word, "S4", decomposition=d).verdict()
    assert "as chance is" not in said[0] and "another order" in said[1]
    assert "mean nothing" in said[2] and len(said) == 3


def test_a_net_that_is_right_where_it_was_trained_has_the_order_right():
    d = wt.decompose("a*b", "S4")
    table = wt.word_tensor("a*b", "S4").table
    mask = np.random.default_rng(0).random((24, 24)) < 0.06
    logits = np.eye(24)[np.where(mask, table, (table + 5) % 24)]
    c = compare(logits, "a*b", "S4", decomposition=d, train_mask=mask)
    assert c.gcr.all_accuracy < 2 / 24 and c.doubts == ()
    assert "It knows its training pairs by heart" in c.verdict()[0]
    assert "another order" in compare(logits, "a*b", "S4", decomposition=d).verdict()[1]


def test_chance_of_a_word_with_a_frequent_value_is_not_twice_its_share():
    T = wt.word_tensor("[a,b]", "Q8")
    logits = np.eye(8)[T.table]
    logits[1, 2] = np.roll(logits[1, 2], 1)
    said = compare(logits, "[a,b]", "Q8").verdict()
    assert (
        said[0]
        == "It does not compute a*b*a^-1*b^-1 over Q8: it is right on 98.44 % of the 64 pairs."
    )
    constant = np.eye(8)[np.full((8, 8), np.bincount(T.table.ravel()).argmax())]
    said = compare(constant, "[a,b]", "Q8").verdict()
    assert (
        "as chance is (62.50 %, the share of the most frequent value)." in said[0]
        and "another order" in said[1]
    )


def test_a_net_that_has_not_learned_its_training_pairs_does_not_know_them_by_heart():
    table = wt.value_table("x^2+x*y mod 11").values
    said = computes("it", (0.625, 0.08, 0.52), 96, table, "values")
    assert said == (
        "It has learned only a part of its training pairs, and does not compute it: it is right on "
        "62.50 % of its 96 training pairs and on 8.00 % of the 25 others, where chance is 17.36 %, "
        "the share of the most frequent value."
    )
    assert computes("it", (0.99, 0.08, 0.8), 96, table, "values").startswith("It knows its train")


@pytest.mark.parametrize(("word", "name"), [("a*b", "C3"), ("a*b", "Q8"), ("a*b", "C7:C3")])
def test_logits_beside_the_tensor_are_told_apart(word, name):
    d = wt.decompose(word, name)
    U, V, W = d.factors
    rough = 1 + 1e-3 * np.random.default_rng(0).standard_normal(U.shape)
    for factors, said in (
        ((U * rough, V, W), "Its logits are nearly the word tensor (relative squared error "),
        ((1.25 * U, V, W), "Its logits are 1.25 times the word tensor, which takes"),
        ((3 * U, V, W), "Apart from their mean for each pair, its logits are 3 times the word"),
    ):
        verdict = compare(factors, word, name, decomposition=d).verdict()
        assert any(each.startswith(said) for each in verdict)


def test_one_wrong_pair_of_very_many_is_not_all_of_them():
    table = wt.word_tensor("a*b", "C151").table
    said = computes("it", (1 - 1 / 22801, float("nan"), 1 - 1 / 22801), 22801, table, "elements")
    assert "99.99 % of the 22801 pairs" in said


def test_the_other_way_round_is_recognised():
    d = wt.decompose("a*b", "S4")
    U, V, W = d.factors
    said = compare((V, U, W), "a*b", "S4", decomposition=d).verdict()
    assert "With a and b exchanged it is right on 100.00 % of the pairs" in said[1]


def test_what_was_memorised_is_told_from_what_was_learned():
    run = train(suggested("a*b", "S4", l2=1e-3, fraction=0.5, steps=60, stop_accuracy=None))
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
    assert "--train-mask" in alone[-1]


@pytest.mark.parametrize("name", ["S4", "Q8", "C7:C3"])
def test_a_table_of_the_training_pairs_is_told_from_a_net_that_generalises(name):
    G = wt.group(name)
    rng = np.random.default_rng(0)
    mask = rng.random((G.order, G.order)) < 0.7
    wrong = (G.cayley + rng.integers(1, G.order, mask.shape)) % G.order
    answers = np.where(mask, G.cayley, wrong)
    logits = np.eye(G.order)[answers]
    c = compare(logits, "a*b", G, train_mask=mask)
    assert c.verdict() == (
        f"It knows its training pairs by heart and does not compute a*b over {name}: it is right "
        f"on 100.00 % of its {mask.sum()} training pairs and on 0.00 % of the {(~mask).sum()} "
        f"others, where chance is {100 / G.order:.2f} %.",
        "Its logits go by the irreps no more than a table of its training pairs would.",
    )
    # Keeping the word's triplets may make such a table right on all pairs, which says nothing.
    whole = any(part.kept and part.accuracy == 1 for part in c.ablations)
    assert whole == (name != "C7:C3")


@pytest.mark.parametrize(("name", "share"), [("C3", 1.0), ("Q8", 0.5), ("C7:C3", 0.3), ("C5", 0.6)])
def test_the_cosines_of_a_table_are_those_of_its_logits(name, share):
    G = wt.group(name)
    mask = np.zeros(G.order**2, bool)
    mask[: round(share * G.order**2)] = True
    mask = np.random.default_rng(1).permutation(mask).reshape(G.order, G.order)
    logits = np.eye(G.order)[G.cayley] * mask[..., None]
    m = gcr_metrics(logits, G, mask)
    assert m.logit_similarity == pytest.approx(dict(m.by_heart_similarity))


def test_a_net_that_learned_the_sign_only_stands_out_by_the_sign():
    G = wt.group("S4")
    sign = next(phi for phi in wt.irreps.real_irreps(G)[1:] if phi.dim == 1).character
    mask = np.random.default_rng(2).random((24, 24)) < 0.5
    by_sign = sign[G.cayley][..., None] * sign
    table = np.eye(24)[G.cayley]
    logits = 0.3 * by_sign + table * mask[..., None] - 5 * table * ~mask[..., None]
    c = compare(logits, "a*b", G, train_mask=mask)
    assert c.verdict()[0].startswith("It knows its training pairs by heart")
    assert "larger cosine with the character of sign (" in c.verdict()[1]


@pytest.mark.parametrize("name", ["C5", "Q8", "D7"])
def test_irreps_that_the_training_pairs_alone_would_show_are_named(name):
    G = wt.group(name)
    mask = np.random.default_rng(3).random((G.order, G.order)) < 0.9
    c = compare(np.eye(G.order)[G.cayley], "a*b", G, train_mask=mask)
    heart = [f"{c.gcr.names[k]} {c.gcr.by_heart_similarity[k]:.2f}" for k in c.gcr.key_irreps]
    said = next(line for line in c.verdict() if line.startswith("Its logits go by the irrep"))
    alone = said.split("a table of its training pairs alone has about as much or more: ")[1]
    assert all(part in alone for part in heart)
    few = np.random.default_rng(3).random((G.order, G.order)) < 0.4
    for other in (few, None):
        whole = " ".join(compare(np.eye(G.order)[G.cayley], "a*b", G, train_mask=other).verdict())
        assert "about as much or more" not in whole


def test_a_wide_net_is_told_how_many_neurons_it_needs():
    run = train(
        suggested("a*b", "S3", l2=1e-3, width=40, steps=1500, fraction=1.0, stop_accuracy=None)
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
    assert "238 to 446" in said[3] and "the largest entry alone can take fewer" in said[3]
    assert said[4].startswith("Of 126 neurons 125 go by one irrep, with rank-one coefficients")


def test_verdicts_on_tables_are_sentences_as_well():
    d = wt.solve(wt.value_table("x/y mod 5"))
    c = compare_table(d.factors, "x/y mod 5", decomposition=d)
    assert c.verdict() == (
        "It computes x/y mod 5: its largest logit is right on all 20 pairs.",
        "Of its 6 neurons, 6 are needed for the same function and "
        f"{c.pruning.accurate_width} for the same accuracy.",
        "Its logits are the tensor itself, which takes 6 multiplying neurons.",
    )
    assert c.to_dict()["verdict"] == list(c.verdict())
    assert "\n".join(c.verdict()) in str(c)


@pytest.mark.parametrize("name", ["C3", "Q8", "C7:C3", "S4"])
def test_a_net_in_another_order_of_elements_is_told_whose_table_it_answers(name):
    G = wt.group(name)
    order = np.random.default_rng(4).permutation(G.order)
    while order[G.identity] == G.identity:
        order = np.roll(order, 1)
    own = np.argsort(order)[G.cayley[np.ix_(order, order)]]
    logits = np.eye(G.order)[own]
    said = (
        f"Its own answers are the multiplication table of {name} with the elements in another "
        "order: give the table that it was trained with as GROUP."
    )
    assert said in compare(logits, "a*b", G).verdict()
    assert compare(logits, "a*b", wt.Group.from_cayley(own)).gcr.all_accuracy == 1


def test_a_net_of_another_group_is_told_which():
    logits = np.eye(6)[wt.group("C6").cayley]
    said = compare(logits, "a*b", "S3").verdict()
    assert any("the multiplication table of another group, C6: give" in each for each in said)
    # What is no table of a group, or no product, is not one of another group.
    loop = np.eye(6)[(wt.group("C6").cayley + 1) ** 2 % 6]
    assert not any("own answers" in each for each in compare(loop, "a*b", "S3").verdict())
    assert not any("own answers" in each for each in compare(logits, "a*b*a", "S3").verdict())
