"""The networks that Chughtai et al. released: read, right, and with the losses they reported."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from wordtensor.groups import Group
from wordtensor.nets import EmbeddingMLP, OneLayerTransformer, evaluate, load, word_task

FOLDER = Path(__file__).parents[3] / "shared" / "reference" / "released_nets"
NAMES = [
    "S5_MLP_seed1", "S5_MLP_seed2", "S5_T_seed1", "A5_MLP_seed1", "C113_MLP_seed1", "D59_MLP_seed1",
]  # fmt: skip


@pytest.fixture(params=NAMES)
def released(request):
    """Return a released net, the group of its table, and what was reported of it."""
    if not FOLDER.exists():
        pytest.skip("the released networks are not part of a user's clone")
    about = json.loads((FOLDER / "manifest.json").read_text())[request.param]
    with np.load(FOLDER / f"group_{about['group']}.npz") as archive:
        G = Group.from_cayley(archive["cayley"])
    return load(FOLDER / f"{request.param}.npz"), G, about


def test_released_nets_are_right_on_all_pairs(released):
    net, G, about = released
    transformer = about["config"]["model"] == "Transformer"
    assert type(net) is (OneLayerTransformer if transformer else EmbeddingMLP)
    assert net.dtype == torch.float32
    assert (net.logits().argmax(-1) == G.cayley).all()


def test_reported_losses_come_out_again(released):
    net, G, about = released
    config, reported = about["config"], about["reported"]
    task = word_task("a*b", G, config["frac_train"], config["seed"])
    scores = evaluate(net, [task], "cross entropy")
    for name in ("train_loss", "test_loss"):
        # Reported in double precision of logits in single precision; we agree to 5e-7.
        assert scores[name][0] == pytest.approx(reported[name], rel=2e-6, abs=0)
    assert scores["train_accuracy"][0] == scores["test_accuracy"][0] == 1
    if reported["sum_of_squared_weights"]:
        assert scores["norm"][0] == pytest.approx(reported["sum_of_squared_weights"], rel=1e-6)
    # It is that split, and no other one.
    other = word_task("a*b", G, config["frac_train"], config["seed"] + 10)
    loss = evaluate(net, [other], "cross entropy")["train_loss"][0]
    assert abs(loss / reported["train_loss"] - 1) > 1e-3


def test_double_precision_agrees(released):
    net, G, about = released
    task = word_task("a*b", G, about["config"]["frac_train"], about["config"]["seed"])
    scores = evaluate(net.double(), [task], "cross entropy")
    for name in ("train_loss", "test_loss"):
        assert scores[name][0] == pytest.approx(about["reported"][name], rel=5e-7, abs=0)
