"""Recorded steps: a record of operations, replayed, makes the numbers of steps made one by one.

On a CUDA device the record is a graph of the device. Here it is the list of torch's operations,
with the tensors that they read and wrote, run again on these tensors: what a step takes from
Python, or asks a tensor for, is not in it.
"""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from wordtensor.nets import TensorTask, TrainConfig
from wordtensor.nets._capture import TOGETHER
from wordtensor.nets._start import make_model, make_tasks
from wordtensor.nets._state import TrainingState

ASKED = ("aten::_local_scalar_dense", "aten::nonzero", "aten::item", "aten::equal")


class Recorded(TorchDispatchMode):
    """Writes down operations, with what they took and gave, and runs them."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function._schema.name
        assert name not in ASKED, f"{name} asks the device for a value"
        given = function(*args, **(kwargs or {}))
        self.calls.append((function, args, kwargs or {}, tree_leaves(given)))
        return given

    def replay(self):
        with torch.no_grad():
            for function, args, kwargs, places in self.calls:
                if function.is_view:
                    continue
                given = tree_leaves(function(*args, **kwargs))
                for place, value in zip(places, given, strict=True):
                    if isinstance(place, torch.Tensor) and place is not value:
                        place.copy_(value)


def recorder(made):
    """Record work without leaving a trace of it, as a device's graph does."""

    def record(work):
        keep = [(t, t.detach().clone()) for t in made["tensors"]()]
        with Recorded() as calls:
            work()
        for tensor, value in keep:
            tensor.detach().copy_(value)
        made["records"] = made.get("records", 0) + 1
        return calls.replay

    return record


MODELS = {
    "hadamard": {"model": "hadamard"},
    "hadamard, all pairs": {"model": "hadamard", "fraction": 1.0},
    "perceptron": {"model": "perceptron", "activation": "sigmoid"},
    "margin": {"model": "margin", "penalty": 1e-3, "loss": "cross entropy"},
    "mlp": {"model": "mlp", "embedding": 4, "loss": "cross entropy"},
    "transformer": {"model": "transformer", "embedding": 4, "heads": 2, "head_size": 3},
    "parity": {
        "model": "parity",
        "bits": 4,
        "relevant": 2,
        "fraction": 1.0,
        "group": "S3",
        "word": "a*b",
    },
}
UPDATES = {
    "adam": {"optimizer": "adam", "l2": 0.01},
    "adamw": {"optimizer": "adamw", "weight_decay": 0.5, "schedule": "linear"},
    "gd": {"optimizer": "gd", "learning_rate": 0.1},
    "momentum": {"optimizer": "gd", "learning_rate": 0.1, "momentum": 0.5},
    "falling": {"optimizer": "adamw", "weight_decay": 0.5, "decay_schedule": "linear"},
    "doubling": {"optimizer": "sgd", "schedule": "doubling", "doublings": (4, 9), "l2": 0.1,
                 "decay_schedule": "linear"},
    "batches": {"optimizer": "adam", "batch": 5},
}  # fmt: skip


def held_tensors(state):
    """What a step changes."""

    def tensors():
        slots = [v for kept in state().optimizer.state.values() for v in kept.values()]
        grads = [p.grad for p in state().net.parameters()]
        return [*state().net.parameters(), *grads, *(v for v in slots if torch.is_tensor(v))]

    return tensors


CASES = [
    *((model, update, many, "Q8") for model in MODELS for update in UPDATES for many in (1, 2)),
    *((model, update, 1, G) for model in MODELS for update in ("adam", "batches")
      for G in ("C3", "D4")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "update", "instances", "group"),
    [case for case in CASES if case[:2] != ("parity", "batches")],
)
def test_replays_are_steps(model, update, instances, group):
    config = TrainConfig(
        **({"group": group, "word": "a*b*a^-1", "fraction": 0.7, "width": 5, "steps": 60,
            "dtype": "float64", "instances": instances, "seed": 2} | MODELS[model]
           | UPDATES[update])
    )  # fmt: skip
    plain = TrainingState(config)
    holder = {}
    made = {"tensors": held_tensors(lambda: holder["state"])}
    holder["state"] = recorded = TrainingState(config, record=recorder(made))
    for steps in (1, 5, 2 * TOGETHER + 3):
        plain.advance(steps)
        recorded.advance(steps)
        assert plain.step == recorded.step
        for one, other in zip(plain.net.parameters(), recorded.net.parameters(), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)
    assert made["records"] >= 1
    start = make_model(config, make_tasks(config))
    assert any(
        not torch.equal(a, b)
        for a, b in zip(start.parameters(), recorded.net.parameters(), strict=True)
    )


def test_tensors_and_rates_of_their_own_are_recorded_too():
    target = TensorTask(torch.randn(3, 4, 2, dtype=torch.float64).numpy())
    config = TrainConfig(
        width=4, instances=2, dtype="float64", steps=60, learning_rate=(0.1, 0.01), optimizer="gd"
    )
    plain, holder = TrainingState(config, target), {}
    made = {"tensors": held_tensors(lambda: holder["state"])}
    holder["state"] = recorded = TrainingState(config, target, recorder(made))
    plain.advance(40)
    recorded.advance(40)
    assert made["records"] == 2  # one step, and many
    for one, other in zip(plain.net.parameters(), recorded.net.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


def test_muon_is_not_recorded():
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has no Muon")
    config = TrainConfig(width=4, optimizer="muon", steps=40)
    state = TrainingState(config, record=lambda work: pytest.fail("recorded"))
    state.advance(10)
    assert state.step == 10
