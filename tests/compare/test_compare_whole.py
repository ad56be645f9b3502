"""The whole comparison: what it says of exact, trained and strange nets, and what it refuses."""

import json

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.compare import _compare, compare
from wordtensor.errors import ComparisonError, MemoryLimitError, WordError


@pytest.mark.parametrize(
    ("word", "name"),
    [("a*b", "C3"), ("a*b", "Q8"), ("a*b", "S4"), ("a*b*a", "D4"), ("[a,b]", "S3"), ("a", "S3")],
)
def test_nets_made_of_a_decomposition_are_recognised(word, name):
    d = wt.decompose(word, name)
    c = compare(d.factors, word, name, decomposition=d)
    assert c.gcr.all_accuracy == 1
    assert c.spectrum.width == d.rank
    assert c.pruning.effective_width <= d.rank
    assert c.logits.tensor_error < 1e-15
    assert c.boxes.covers or word != "a*b"
    assert c.match.matched
    assert c.match.error < 1e-8
    assert "Its logits are the word tensor itself" in str(c)
    assert "the logits are the word tensor" in c.full_text()
    kept = next(a for a in c.ablations if a.kept and "predicted" in a.what)
    assert kept.accuracy == 1
    replaced = [a for a in c.ablations if a.kind == "replace"]
    assert len(replaced) == len(d.blocks)
    assert max(a.error for a in replaced) < 1e-12


def test_everything_is_ready_for_json():
    c = compare(wt.decompose("a*b", "S3").factors, "a*b", "S3", name="<b>")
    told = json.loads(json.dumps(c.to_dict(), allow_nan=True))
    assert told["rank"] == {
        "width": 9, "active": 9, "effective": 9, "accurate": told["rank"]["accurate"],
        "decomposition": 9, "lower_bound": 9,
    }  # fmt: skip
    assert told["name"] == "<b>"
    assert told["gcr"]["key_irreps"] == ["1Rb", "2R"]
    assert told["spectrum"]["clusters"]["2R 2R 2R"] == 7
    assert len(told["cosets"]) == 2


def test_the_callback_is_told_what_comes_next():
    said = []
    compare(wt.decompose("a*b", "S3").factors, "a*b", "S3", callback=said.append)
    assert said[:3] == ["decomposition", "metrics", "spectra"]
    assert "matching" in said and "cosets" in said


def test_relu_nets_have_no_factors_to_match():
    rng = np.random.default_rng(0)
    net = wt.compare.network(
        tuple(rng.standard_normal((6, 9)) for _ in range(3)), activation="relu"
    )
    c = compare(net, "a*b", "S3")
    assert c.match is None
    assert any("not trilinear" in note for note in c.notes)
    assert "random weights" in c.full_text()


def test_given_activations_are_enough():
    d = wt.decompose("a*b", "S3")
    net = wt.compare.network(d.factors)
    given = {"hidden": net.hidden(), "readout": net.readout}
    c = compare(given, "a*b", "S3", decomposition=d)
    assert c.gcr.all_accuracy == 1
    assert c.cosets == ()
    assert np.isnan(c.gcr.percent_x_embed_explained)


def test_checkpoints_give_the_order():
    d = wt.decompose("a*b", "S3")
    early = tuple(F[:, 2:] for F in d.factors)
    c = compare(d.factors, "a*b", "S3", checkpoints=[(0, early), (10, d.factors)])
    assert c.order.order == ((2, 0), (1, 10))
    assert "learned: 2R (0), then 1Rb (10)" in c.full_text()


def test_an_irrep_that_stayed_small_was_never_learned():
    d = wt.decompose("a*b", "S3")
    U, V, W = d.factors
    # Key by 0.005, learned by 0.05: the sign is between the two.
    faint = (U, V, W * np.array([1, 0.05, *[1] * 7]))
    c = compare(d.factors, "a*b", "S3", checkpoints=[(0, faint)])
    assert "learned: 2R (0), then 1Rb (never)\n" in f"{c.full_text()}\n"


@pytest.mark.parametrize(("name", "doubted"), [("S4", False), ("mixed up", True)])
def test_a_table_in_another_order_is_suspected(name, doubted):
    d = wt.decompose("a*b", "S4")
    place = np.random.default_rng(0).permutation(24) if doubted else np.arange(24)
    table = np.empty((24, 24), dtype=int)
    table[np.ix_(place, place)] = place[d.group.cayley]
    c = compare(d.factors, "a*b", wt.Group.from_cayley(table, name))
    assert any("another order" in said for said in c.doubts) == doubted
    assert ("pairs, as chance is (4.17 %)." in str(c)) == doubted
    assert ("% of the pairs their largest entries are right" in c.full_text()) == doubted


def test_a_single_element_has_no_centred_logits():
    c = compare((np.full((1, 1), 5.0),) * 3, "a*b", "C1")
    assert np.isfinite(c.logits.relative_error)


def test_another_decomposition_is_refused():
    d = wt.decompose("a*b", "S3")
    with pytest.raises(ComparisonError, match=r"of a\*b over S3, not of a\^2\*b"):
        compare(d.factors, "a^2*b", "S3", decomposition=d)
    # The same table under another name is the same.
    G = wt.Group.from_cayley(wt.group("S3").cayley, "mine")
    assert compare(d.factors, "a*b", G, decomposition=d).group.name == "mine"


def test_bad_input_is_refused_at_the_border():
    d = wt.decompose("a*b", "S3")
    with pytest.raises(WordError):
        compare(d.factors, "a*", "S3")
    with pytest.raises(ComparisonError, match="6 elements"):
        compare(d.factors, "a*b", "D4")
    with pytest.raises(ComparisonError, match=r"must be a Decomposition.*not a str"):
        compare(d.factors, "a*b", "S3", decomposition="saved.npz")
    with pytest.raises(ComparisonError, match="threshold"):
        compare(d.factors, "a*b", "S3", threshold=float("nan"))
    with pytest.raises(ComparisonError, match="tolerance"):
        compare(d.factors, "a*b", "S3", tolerance=-1)


@pytest.mark.parametrize("name", ["C3", "Q8", "C7:C3"])
def test_the_same_seed_gives_the_same_report(name):
    rng = np.random.default_rng(1)
    factors = tuple(rng.standard_normal((wt.group(name).order, 6)) for _ in range(3))
    first, second = (compare(factors, "a*b", name, seed=3).to_dict() for _ in range(2))
    for told in (first, second):
        del told["seconds"], told["decomposition"]["seconds"]
    assert json.dumps(first) == json.dumps(second)


def test_a_net_that_is_zero_breaks_nothing():
    zero = tuple(np.zeros((6, 4)) for _ in range(3))
    c = compare(zero, "a*b", "S3")
    assert c.spectrum.width == 0
    assert c.gcr.key_irreps == ()
    assert c.gcr.all_accuracy == pytest.approx(1 / 6)
    assert c.pruning.effective_width == 0
    assert str(c)


def test_memory_is_guarded_before_any_work():
    d = wt.decompose("a*b", "S3")
    with wt.memory_limit(5e-6), pytest.raises(MemoryLimitError, match=r"9 neurons.*order 6"):
        compare(d.factors, "a*b", "S3", decomposition=d)
    with wt.memory_limit(9.5e-6):  # enough for the rows, not for all triples
        c = compare(d.factors, "a*b", "S3", decomposition=d)
    assert (c.logits, c.boxes, c.ablations) == (None, None, ())
    assert c.notes[0].startswith("all triples of order 6 take about")
    assert compare(d.factors, "a*b", "S3", decomposition=d).logits is not None


def test_long_work_says_how_long_it_takes(monkeypatch, caplog):
    d = wt.decompose("a*b", "S3")
    monkeypatch.setattr(_compare, "_SPEED", 1.0)
    with caplog.at_level("INFO", "wordtensor.stages"):
        compare(d.factors, "a*b", "S3", decomposition=d)
    assert "comparing 9 neurons on a*b over S3, about" in caplog.text
    assert "comparison: pruning" in caplog.text
