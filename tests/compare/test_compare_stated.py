"""What a state dict does not say: its activation, and how to compare what is no layout of ours."""

import numpy as np
import pytest
import torch
from torch import nn

import wordtensor as wt
from wordtensor.compare import compare, compare_table, network
from wordtensor.compare._rectangular import table_network
from wordtensor.compare._stated import stated_doubts
from wordtensor.errors import ComparisonError, FileFormatError, NetworkError
from wordtensor.words import value_table

D = {name: wt.decompose("a*b", name) for name in ("C3", "S3", "Q8", "C7:C3")}


def learned(name, activation, mask, width=32, steps=200):
    """Return a perceptron that learned the chosen pairs."""
    table = torch.tensor(wt.group(name).cayley.astype(np.int64))
    n = len(table)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2 * n, width), activation, nn.Linear(width, n))
    one = torch.eye(n)
    pairs = torch.cat([one.repeat_interleave(n, 0), one.repeat(n, 1)], 1)
    chosen = torch.tensor(mask.ravel())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(pairs[chosen]), table.ravel()[chosen]).backward()
        optimizer.step()
    return model


def pairs_of(name, share=0.7):
    n = wt.group(name).order
    return np.random.default_rng(0).random((n, n)) < share


def right(state, table, mask, activation):
    logits = network(state, activation=activation).logits()
    return f"{100 * (logits.argmax(2) == table)[mask].mean():.2f} %"


@pytest.mark.parametrize("name", ["S3", "Q8", "C7:C3"])
def test_other_activations_that_are_right_on_more_training_pairs_are_named(name):
    mask, table = pairs_of(name), wt.group(name).cayley
    state = learned(name, nn.Tanh(), mask).state_dict()
    c = compare(state, "a*b", name, decomposition=D[name], activation="gelu", train_mask=mask)
    said = c.doubts[0]
    assert said == c.verdict()[1]
    assert "of the training pairs" in said and "on 100.00 % as tanh" in said
    assert f"{right(state, table, mask, 'gelu')} as gelu, which was stated, but on" in said


@pytest.mark.parametrize("name", ["Q8", "C7:C3"])
def test_at_chance_other_activations_are_no_explanation(name):
    n = len(table := wt.group(name).cayley)
    state = learned(name, nn.ReLU(), np.ones((n, n), dtype=bool)).state_dict()
    order = np.random.default_rng(3).permutation(n)
    other = wt.Group.from_cayley(np.argsort(order)[table[np.ix_(order, order)]])
    c = compare(state, "a*b", other, activation="relu")
    assert 0 < c.gcr.all_accuracy < 2 / n
    assert "as chance is" in c.verdict()[0] and "another order" in c.verdict()[1]
    assert not any("activation" in doubt for doubt in c.doubts)
    assert any("no other is right on more of the pairs than chance" in note for note in c.notes)


@pytest.mark.parametrize("name", ["S3", "Q8", "C7:C3"])
@pytest.mark.parametrize(("gained", "doubted"), [(1, False), (5, False), (9, False), (10, True)])
def test_a_gain_that_chance_explains_is_a_note(name, gained, doubted):
    n = wt.group(name).order
    torch.manual_seed(0)
    state = nn.Sequential(nn.Linear(2 * n, 32), nn.ReLU(), nn.Linear(32, n)).state_dict()
    relu, tanh = (network(state, activation=name) for name in ("relu", "tanh"))
    answers = tanh.logits().argmax(2)
    alike = answers == relu.logits().argmax(2)
    mask = alike | (np.cumsum(~alike).reshape(n, n) <= gained)
    assert (mask & ~alike).sum() == gained
    doubts, notes = stated_doubts(relu, answers, mask)
    assert doubted == bool(doubts) != bool(notes)
    assert "tanh" in "".join((*doubts, *notes)) and "may be" in "".join((*doubts, *notes))


def test_without_a_mask_all_pairs_count():
    everywhere = np.ones((6, 6), dtype=bool)
    state = learned("S3", nn.ReLU(), everywhere).state_dict()
    c = compare(state, "a*b", "S3", decomposition=D["S3"], activation="tanh")
    assert "of the pairs, it is right on" in c.doubts[0] and "100.00 % as relu" in c.doubts[0]
    table = compare_table(network(state, activation="tanh"), wt.group("S3").cayley)
    assert any("100.00 % as relu" in note for note in table.notes)


def test_where_no_other_is_better_a_note_says_that_it_was_stated():
    mask = pairs_of("S3", 0.5)
    state = learned("S3", nn.GELU(), mask).state_dict()
    c = compare(state, "a*b", "S3", decomposition=D["S3"], activation="gelu", train_mask=mask)
    assert c.gcr.all_accuracy < 1 == c.gcr.train_accuracy
    assert not any("activation" in doubt for doubt in c.doubts)
    assert any(note.startswith("gelu was stated: a state dict does not") for note in c.notes)


def test_nothing_is_said_of_an_activation_that_is_known_or_right():
    mask = pairs_of("S3", 0.5)
    model = learned("S3", nn.GELU(), mask)
    state = model.state_dict()
    arrays = {k: v.numpy() for k, v in state.items()} | {"activation": np.array("relu")}
    known = (
        compare(model, "a*b", "S3", decomposition=D["S3"], train_mask=mask),
        compare(arrays, "a*b", "S3", decomposition=D["S3"], train_mask=mask),
        compare([f + 0.3 for f in D["S3"].factors], "a*b", "S3", decomposition=D["S3"]),
    )
    everywhere = learned("S3", nn.ReLU(), np.ones((6, 6), dtype=bool)).state_dict()
    exact = compare(everywhere, "a*b", "S3", decomposition=D["S3"], activation="relu")
    assert exact.gcr.all_accuracy == 1 and not exact.network.reading.startswith("logits")
    for c in (*known, exact):
        assert not any("state dict" in said for said in (*c.doubts, *c.notes))
        assert c is exact or not c.network.stated


def test_a_missing_activation_says_how_the_file_was_read(tmp_path):
    torch.save(
        learned("C3", nn.GELU(), np.eye(3, dtype=bool), 5, 1).state_dict(), tmp_path / "n.pt"
    )
    with pytest.raises(FileFormatError) as raised:
        network(tmp_path / "n.pt")
    said = str(raised.value)
    assert "holds no network" not in said and "\n" not in said
    assert "were read as layout 'one-hot' with hidden = 0.weight" in said
    assert "--activation (activation=) is missing" in said and "gelu_tanh" in said


class Normed(nn.Module):
    """Two hidden layers, the first of which is normed."""

    def __init__(self):
        super().__init__()
        self.embed, self.norm = nn.Embedding(7, 8), nn.LayerNorm(8)
        self.attn = nn.MultiheadAttention(8, 2)
        self.fc1, self.fc2, self.fc3 = nn.Linear(8, 9), nn.Linear(9, 9), nn.Linear(9, 6)


@pytest.mark.parametrize("wide", [False, True])
def test_what_is_no_layout_is_told_the_ways_out(wide):
    deep = nn.Sequential(nn.Linear(12, 9), nn.ReLU(), nn.Linear(9, 9), nn.ReLU(), nn.Linear(9, 6))
    state = Normed().state_dict() if wide else deep.state_dict()
    with pytest.raises(NetworkError) as raised:
        network(state, activation="relu")
    said = str(raised.value)
    assert "\n" not in said
    for way in ("wt.compare.compare(model,", "(n, n, n) by np.save", "hidden, with readout",
                "docs/howto/your_network.md"):  # fmt: skip
        assert way in said
    more = learned("C3", nn.ReLU(), np.eye(3, dtype=bool), 5, 1).state_dict()
    with pytest.raises(NetworkError, match=r"docs/howto/your_network\.md"):
        network({**more, "scale": torch.ones(5, 5, 5)}, activation="relu")


def test_rectangular_arrays_take_the_activation_that_is_stated():
    rng = np.random.default_rng(0)
    arrays = {
        "W_x": rng.normal(size=(4, 3)), "W_y": rng.normal(size=(5, 3)),
        "W": rng.normal(size=(6, 7)), "W_U": rng.normal(size=(7, 2)),
    }  # fmt: skip
    table = rng.integers(2, size=(4, 5))
    tanh, usual = (table_network(arrays, value_table(table), a) for a in ("tanh", None))
    assert (tanh.combination, usual.combination) == ("tanh", "relu")
    assert tanh.stated and not usual.stated
    assert any("was stated" in note for note in compare_table(tanh, table).notes)
    for wrong in ("product", "nothing"):
        with pytest.raises(ComparisonError):
            table_network(arrays, value_table(table), wrong)
