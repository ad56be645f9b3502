"""The peers of the training benchmark make the same steps as ours, and who makes others is seen."""

import importlib
import sys
from pathlib import Path

import pytest
import torch

HERE = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(HERE))

cases = importlib.import_module("benchmarks._training_cases")
peers = importlib.import_module("benchmarks._training_torch")
jax_peer = importlib.import_module("benchmarks._training_jax")
script = importlib.import_module("training_steps")

SMALL = {"mlp": {"embedding": 8}, "transformer": {"embedding": 8, "heads": 2, "head_size": 4}}
# One of each net; a rate at which the margin net moves.
NETS = {
    "hadamard C3": cases.HADAMARD_S3 | {"group": "C3"},
    "hadamard Q8": cases.HADAMARD_S4 | {"group": "Q8"},
    "perceptron D8 in batches": cases.BATCHES,
    "mlp S3": cases.MLP | {"group": "S3"},
    "margin C5": cases.MARGIN | {"group": "C5"},
    "transformer S3": cases.TRANSFORMER | {"group": "S3"},
}


def state(net, instances):
    small = SMALL.get(NETS[net].get("model"), {})
    values = NETS[net] | {"width": 8, "instances": instances} | small
    return cases.TrainingState(cases.config_of(values))


@pytest.mark.parametrize("instances", [1, 3])
@pytest.mark.parametrize("net", NETS)
def test_ours_and_torch_make_the_same_steps(net, instances):
    start = state(net, instances)
    assert peers.checked(start, cases.ours(state(net, instances)), alone=False) < cases.TOLERANCE
    together = peers.torch_steps(cases.Material(start))
    assert peers.checked(start, together, alone=False) < cases.TOLERANCE


@pytest.mark.parametrize("instances", [1, 3])
@pytest.mark.parametrize("net", NETS)
def test_jax_makes_the_same_steps(net, instances):
    pytest.importorskip("jax")
    start = state(net, instances)
    stepper = jax_peer.jax_steps(cases.Material(start))
    assert peers.checked(start, stepper, alone=False) < cases.TOLERANCE


@pytest.mark.parametrize("net", NETS)
def test_who_stands_still_is_off_by_one(net):
    start = state(net, 3)
    still = cases.Stepper(lambda count: None, lambda: cases.Material(start).weights)
    assert peers.checked(start, still, alone=False) == pytest.approx(1.0)


def test_compiled_torch_is_skipped_without_a_compiler(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(NotImplementedError, match=r"C\+\+"):
        peers.torch_steps(cases.Material(state("mlp S3", 1)), compiled=True)


def test_script_takes_the_better_form_of_a_peer():
    one = script.Form("torch", 1, None, times=[2.0, 4.0, 3.0])
    many = script.Form("torch", 10, None, times=[50.0, 20.0, 40.0])
    own = script.Form("ours", 10, None, times=[15.0, 10.0, 20.0])
    row = script.row_of("net", 10, [one, many, own])
    assert row["ways"]["torch"] == {
        "form": "one at a time", "median": 30.0, "least": 20.0, "difference": 0.0
    }  # fmt: skip
    assert "2 (2)" in script.table([row], ("ours", "torch"))


def test_script_measures_every_way():
    torch.set_num_threads(1)
    values = NETS["hadamard C3"] | {"width": 8}
    forms = list(script.forms_of(values, (1, 3), ("ours", "torch", "limit"), "cpu"))
    assert [(form.way, form.seeds) for form in forms] == [
        (way, seeds) for seeds in (1, 3) for way in ("ours", "torch", "limit")
    ]
    for form in forms:
        form.measure(0.0, on_cpu=True)
        assert form.times[0] > 0
