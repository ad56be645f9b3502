"""The suggested run of a word over a group: that it generalises, and what it takes from others."""

import pytest

import wordtensor as wt
from wordtensor.errors import NetworkError
from wordtensor.nets import suggested, train

WORDS = ["a*b", "a*b*a^-1", "a^2*b"]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("G", ["C3", "S3", "Q8", "SmallGroup(16,6)"])
def test_the_suggested_run_ends_in_a_net_that_generalises(G, word):
    run = train(suggested(word, G))
    assert run.best_accuracy[0] == 1 and len(run.tasks[0].test) >= 1
    right = run.best.logits().argmax(axis=2) == wt.word_tensor(word, G).table
    assert right[~run.tasks[0].train_mask()].all()


@pytest.mark.slow
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("G", ["C12", "A4", "D8", "F20", "C7:C3", "S4", "SL(2,3)", "D15", "A5"])
def test_the_suggested_run_generalises_over_larger_groups(G, word):
    assert train(suggested(word, G)).best_accuracy[0] == 1


def test_the_share_shown_falls_with_the_order():
    assert [suggested("a*b", G).fraction for G in ("S3", "S4", "A5")] == [0.9, 0.8, 0.6]


@pytest.mark.parametrize("G", ["S3", "S4"])
@pytest.mark.parametrize(
    ("changes", "optimizer"),
    [
        ({"l2": 1e-4}, "adam"), ({"weight_decay": 0.1}, "adamw"), ({"optimizer": "sgd"}, "sgd"),
        ({"optimizer": "muon"}, "muon"), ({"optimizer": "adam"}, "adam"),
        ({"optimizer": "adamw"}, "adamw"),
    ],
)  # fmt: skip
def test_decay_and_optimiser_go_together(G, changes, optimizer):
    config = suggested("a*b", G, **changes)
    assert config.optimizer == optimizer and bool(config.l2) != bool(config.weight_decay)
    assert all(getattr(config, key) == value for key, value in changes.items())


def test_other_models_keep_coupled_decay():
    assert suggested("a*b", "S3", model="mlp").l2 == 1e-3


def test_changes_are_checked():
    with pytest.raises(NetworkError, match="did you mean 'width'"):
        suggested("a*b", "S3", widht=3)
    with pytest.raises(NetworkError, match="'optimizer' must be one of"):
        suggested("a*b", "S3", optimizer=["adam"])
