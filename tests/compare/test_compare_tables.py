"""Networks on tables of values beside the decomposition of the table's tensor, without a group."""

import dataclasses

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.compare import compare, compare_table
from wordtensor.errors import ComparisonError, MemoryLimitError
from wordtensor.nets import EmbeddingMLP, HadamardNet, TrainConfig, save, train
from wordtensor.words import ValueTable, value_table

# The smallest loop that is no group.
LOOP5 = [[0, 1, 2, 3, 4], [1, 0, 3, 4, 2], [2, 4, 0, 1, 3], [3, 2, 4, 0, 1], [4, 3, 1, 2, 0]]


@pytest.mark.parametrize("name", ["C3", "S3", "Q8"])
def test_a_group_as_a_table_has_the_numbers_of_its_word(name):
    d = wt.decompose("a*b", name)
    rng = np.random.default_rng(1)
    factors = [np.hstack([F, F]) + 0.01 * rng.standard_normal((len(F), 2 * d.rank))
               for F in d.factors]  # fmt: skip
    mask = rng.random((d.group.order,) * 2) < 0.6
    one = compare(factors, "a*b", name, train_mask=mask, decomposition=d)
    two = compare_table(factors, value_table(d.group.cayley, name), train_mask=mask)
    assert two.decomposition.rank == d.rank
    for part, word in zip(two.scores.loss, ("train", "test", "all"), strict=True):
        assert part == pytest.approx(getattr(one.gcr, f"{word}_loss"), rel=1e-12)
    for part, word in zip(two.scores.accuracy, ("train", "test", "all"), strict=True):
        assert part == getattr(one.gcr, f"{word}_accuracy")
    assert np.array_equal(one.pruning.order, two.pruning.order)
    assert np.array_equal(one.pruning.errors, two.pruning.errors)
    assert two.scores.tensor_error == pytest.approx(one.logits.tensor_error, rel=1e-9)
    for key in ("scale", "relative_error", "centred"):
        assert getattr(two.scores, key) == pytest.approx(getattr(one.logits, key), rel=1e-9)
    assert "the table is a group's" in two.notes[-1]


@pytest.mark.parametrize("table", ["x/y mod 5", "x^2 + y^2 mod 5", "x*y mod 6"])
def test_the_terms_themselves_are_recognised(table):
    table = value_table(table)
    d = wt.solve(table)
    rng = np.random.default_rng(2)
    order, scales = rng.permutation(d.rank), rng.uniform(0.5, 2, (2, d.rank))
    U, V, W = (F[:, order] for F in d.factors)
    net = HadamardNet.from_factors(U * scales[0], V * scales[1], W / scales.prod(0))
    found = compare_table(net, table, decomposition=d)
    assert found.scores.accuracy == pytest.approx((1.0, np.nan, 1.0), nan_ok=True)
    assert found.scores.tensor_error < 1e-12
    assert found.pruning.effective_width == d.rank
    assert found.excess_width == 0
    assert found.match.alike == d.rank
    assert np.array_equal(order[found.match.neurons], found.match.terms)
    assert found.verdict()[0].startswith(f"It computes {table.name}")


@pytest.mark.parametrize("model", ["hadamard", "perceptron", "margin", "mlp"])
def test_rectangular_nets_have_the_logits_of_torch(model):
    table = ValueTable("odd", np.arange(12).reshape(3, 4) % 5, 6)
    run = train(
        TrainConfig(table="odd", model=model, width=9, steps=20, fraction=0.5, dtype="float64"),
        table,
    )
    mask = run.tasks[0].train_mask()
    found = compare_table(run.model, table, train_mask=mask)
    logits = run.model.logits()
    right = logits.argmax(-1) == table.values
    assert found.scores.accuracy == (right[mask].mean(), right[~mask].mean(), right.mean())
    shifted = logits - logits.max(-1, keepdims=True)
    chances = np.exp(shifted) / np.exp(shifted).sum(-1, keepdims=True)
    losses = -np.log(np.take_along_axis(chances, table.values[..., None], 2))[..., 0]
    assert found.scores.loss == pytest.approx(
        (losses[mask].mean(), losses[~mask].mean(), losses.mean()), rel=1e-9
    )
    dense = table.to_dense()
    assert found.scores.tensor_error == pytest.approx(
        np.square(logits - dense).sum() / dense.sum(), rel=1e-9
    )
    assert found.train_pairs == mask.sum()
    assert found.pruning.errors[0] == 0
    assert (found.match is None) == (model in ("perceptron", "mlp"))


def test_variance_in_a_latin_square_is_that_of_fisher():
    rng = np.random.default_rng(3)
    table = value_table(LOOP5, "loop")
    net = EmbeddingMLP(5, 7, 4, seed=1)
    found = compare_table(net, table)
    left, right = (L.detach().double().numpy() for L in net.lookups())
    hidden = np.maximum(left[:, None] + right[None], 0)
    centred = hidden - hidden.mean((0, 1))
    total = np.square(centred).sum()
    by_a = 5 * np.square(centred.mean(1)).sum() / total
    by_b = 5 * np.square(centred.mean(0)).sum() / total
    means = np.stack([centred[table.values == c].mean(0) for c in range(5)])
    by_value = 5 * np.square(means).sum() / total
    assert found.scores.variance == pytest.approx((by_a, by_b, by_value), rel=1e-4)
    other = compare_table(rng.standard_normal((3, 5, 4)).tolist(), "x*y mod 5")
    assert other.scores.variance is None


def test_what_needs_a_group_is_said_to_be_left_out():
    d = wt.solve(value_table(LOOP5, "loop"))
    found = compare_table(d.factors, value_table(LOOP5, "loop"), decomposition=d)
    assert "need a group and loop is a loop" in found.notes[-1]
    text = str(found)
    assert "\n\nIt computes loop: its largest logit is right on all 25 pairs.\n" in text
    assert "note: irreps and their spectra, cosets" in text
    values = found.to_dict()
    assert values["rank"] == {
        "width": d.rank, "effective": d.rank, "accurate": found.pruning.accurate_width,
        "decomposition": d.rank, "lower_bound": d.lower_bound, "excess": 0,
    }  # fmt: skip
    assert values["kind"] == "loop"


def test_a_wrong_net_is_said_to_be_wrong():
    d = wt.solve(value_table("x+y mod 5"))
    found = compare_table(d.factors, "x-y mod 5")
    assert found.scores.accuracy[2] == 0.2
    assert "on 20.00 % of the 25 pairs, as chance is (20.00 %)" in found.verdict()[0]


def test_files(tmp_path):
    table = value_table("x/y mod 5")
    d = wt.solve(table)
    d.save(tmp_path / "d.npz")
    np.savez(tmp_path / "f.npz", **dict(zip("UVW", d.factors, strict=True)))
    save(HadamardNet.from_factors(*d.factors), tmp_path / "n.safetensors")
    for name in ("d.npz", "f.npz", "n.safetensors"):
        found = compare_table(tmp_path / name, table, decomposition=d)
        assert found.scores.tensor_error < 1e-12
        assert found.network.width == d.rank


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda F: compare_table(F, "x+y mod 11"), "5 x 5 pairs with 5 values"),
        (lambda F: compare_table([F[0], F[1][:4], F[2]], "x+y mod 5"), "5 x 4 pairs"),
        (lambda F: compare_table(F, "x+y mod 5", train_mask=np.ones((4, 5), bool)), "shape"),
        (lambda F: compare_table(F, "x+y mod 5", train_mask=np.zeros((5, 5), bool)), "at least"),
        (lambda F: compare_table(F, "x+y mod 5", decomposition=F), "TensorDecomposition"),
        (
            lambda F: compare_table(F, "x+y mod 5", decomposition=wt.solve(value_table(LOOP5))),
            "not of the tensor of",
        ),
        (lambda F: compare_table(F, "x+y mod 5", tolerance=-1), "tolerance"),
    ],
)
def test_what_does_not_fit_is_refused(made, said):
    with pytest.raises(ComparisonError, match=said):
        made(wt.solve(value_table("x+y mod 5")).factors)


def test_factors_of_different_widths_are_refused():
    U, V, W = wt.solve(value_table("x+y mod 5")).factors
    with pytest.raises(wt.WordTensorError, match="must"):
        compare_table([U, V[:, 1:], W], "x/y mod 5")


def test_unknown_arrays_beside_rectangular_ones_are_refused():
    d = wt.solve(value_table("x/y mod 5"))
    arrays = {**dict(zip("UVW", d.factors, strict=True)), "bias": np.ones(d.rank)}
    with pytest.raises(wt.WordTensorError, match="bias"):
        compare_table(arrays, "x/y mod 5")


def test_memory_is_asked_for_first():
    d = wt.solve(value_table("x+y mod 5"))
    wide = [np.repeat(F, 300, axis=1) for F in d.factors]
    with wt.memory_limit(0.01), pytest.raises(MemoryLimitError, match="neurons on 25 pairs"):
        compare_table(wide, "x+y mod 5")


def test_logits_alone_are_compared_as_far_as_they_go():
    table = value_table("x*y mod 5")
    cube = table.to_dense()
    for net in (cube, lambda a, b: cube[a, b]):
        found = compare_table(net, table)
        assert found.scores.tensor_error == 0
        assert (found.pruning, found.match, found.excess_width) == (None, None, None)
        assert "only logits are known" in str(found)
        assert found.to_dict()["rank"]["effective"] is None


def test_a_perceptron_with_biases_that_others_trained():
    rng = np.random.default_rng(5)
    arrays = {
        "fc1.weight": rng.normal(size=(9, 10)), "fc1.bias": rng.normal(size=9),
        "fc2.weight": rng.normal(size=(5, 9)), "fc2.bias": rng.normal(size=5),
        "activation": "relu",
    }  # fmt: skip
    found = compare_table(arrays, value_table(LOOP5, "loop"))
    pairs = np.stack([np.hstack([np.eye(5)[a], np.eye(5)[b]]) for a in range(5) for b in range(5)])
    hidden = np.maximum(pairs @ arrays["fc1.weight"].T + arrays["fc1.bias"], 0)
    logits = (hidden @ arrays["fc2.weight"].T + arrays["fc2.bias"]).reshape(5, 5, 5)
    assert found.scores.accuracy[2] == (logits.argmax(-1) == np.array(LOOP5)).mean()
    assert found.scores.tensor_error == pytest.approx(
        np.square(logits - value_table(LOOP5).to_dense()).sum() / 25, rel=1e-9
    )


def test_a_comparison_is_a_value():
    d = wt.solve(value_table("x+y mod 3"))
    found = compare_table(d.factors, "x+y mod 3", decomposition=d)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.name = "other"
