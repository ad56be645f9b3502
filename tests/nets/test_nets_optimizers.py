"""Optimisers and schedules: every step is the one that torch, or the plain formula, makes."""

import itertools

import numpy as np
import pytest
import torch

from wordtensor.errors import NetworkError
from wordtensor.nets import TrainConfig
from wordtensor.nets._losses import norm_penalty
from wordtensor.nets._optimizers import decay_factor, make_optimizer, rate_factor, slot_names
from wordtensor.nets._start import make_model, make_tasks
from wordtensor.nets._state import TrainingState

BASE = {"group": "Q8", "width": 5, "fraction": 0.8, "dtype": "float64", "steps": 40}
SETTINGS = {
    "gd": {"optimizer": "gd", "learning_rate": 0.3},
    "gd with momentum": {"optimizer": "gd", "learning_rate": 0.1, "momentum": 0.9, "l2": 0.01},
    "sgd": {"optimizer": "sgd", "learning_rate": 0.1, "batch": 7},
    "adam": {"optimizer": "adam", "l2": 0.01},
    "adamw": {"optimizer": "adamw", "weight_decay": 0.5, "betas": (0.9, 0.98)},
}
PLAIN = {
    "gd": lambda p: torch.optim.SGD(p, lr=0.3),
    "gd with momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.01),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.5, betas=(0.9, 0.98)),
    "muon": lambda p: torch.optim.Muon(p, lr=0.02, momentum=0.9, weight_decay=0.1),
}
MUON = {"optimizer": "muon", "learning_rate": 0.02, "momentum": 0.9, "weight_decay": 0.1}


def trained(config, steps):
    training = TrainingState(config)
    for _ in range(steps):
        training.advance()
    return training


@pytest.mark.parametrize("name", PLAIN)
def test_steps_are_those_of_torch(name):
    if name == "muon" and not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has no Muon")
    config = TrainConfig(**BASE, **(SETTINGS | {"muon": MUON})[name])
    ours = trained(config, 12).net
    tasks = make_tasks(config)
    net = make_model(config, tasks)
    optimizer = PLAIN[name](list(net.parameters()))
    size, task = config.batch or 51, tasks[0]
    epochs = (np.array_split(task.epoch(k), range(size, 51, size)) for k in itertools.count())
    for pairs in itertools.islice(itertools.chain.from_iterable(epochs), 12):
        optimizer.zero_grad()
        logits = net(torch.tensor(pairs // 8), torch.tensor(pairs % 8))
        target = torch.nn.functional.one_hot(torch.tensor(task.labels[pairs]), 8)
        (logits - target).square().sum(-1).mean().backward()
        optimizer.step()
    # Muon works in half precision inside.
    tolerance = 1e-2 if name == "muon" else 1e-9
    for ours_p, theirs in zip(ours.parameters(), net.parameters(), strict=True):
        torch.testing.assert_close(ours_p, theirs, rtol=tolerance, atol=tolerance)
    start = make_model(config, tasks)
    assert (start.U - ours.U).abs().max() > 1e-2


def test_muon_trains_matrices_only():
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has no Muon")
    for model in ("hadamard", "perceptron", "margin", "mlp", "parity"):
        before = TrainingState(TrainConfig(model=model, width=4, **MUON))
        first = [p.detach().clone() for p in before.net.parameters()]
        before.advance()
        for old, new in zip(first, before.net.parameters(), strict=True):
            assert not torch.equal(old, new.detach())
    with pytest.raises(NetworkError, match=r"'muon' needs matrices.*'transformer'"):
        TrainingState(TrainConfig(model="transformer", width=4, **MUON))


def test_muon_of_an_old_torch(monkeypatch):
    monkeypatch.delattr(torch.optim, "Muon", raising=False)
    with pytest.raises(NetworkError, match="no Muon; take optimizer='adamw'"):
        TrainingState(TrainConfig(width=4, **MUON))


def test_rates():
    def rates(**values):
        config = TrainConfig(steps=8, **values)
        return [rate_factor(config, step) for step in range(9)]

    assert rates() == [1.0] * 9
    assert rates(schedule="linear") == [1 - step / 8 for step in range(9)]
    assert rates(schedule="doubling", doublings=(2, 5)) == [1, 1, 2, 2, 2, 4, 4, 4, 4]
    assert rates(schedule="doubling", doublings=(0,)) == [2.0] * 9


def test_decays():
    constant, falling = (TrainConfig(steps=8, decay_schedule=k) for k in ("constant", "linear"))
    assert [decay_factor(constant, step) for step in range(9)] == [1.0] * 9
    wanted = [1 - step / 6 for step in range(6)] + [0.0] * 3
    assert [decay_factor(falling, step) for step in range(9)] == pytest.approx(wanted)


@pytest.mark.parametrize("schedule", ["constant", "linear", "doubling"])
@pytest.mark.parametrize("decay", ["constant", "linear"])
def test_schedules_l2_and_penalty_in_plain_gradient_descent(schedule, decay):
    config = TrainConfig(
        **BASE, optimizer="gd", learning_rate=0.2, l2=0.05, penalty=0.02, penalty_power=3.0,
        schedule=schedule, doublings=(3, 6) if schedule == "doubling" else (),
        decay_schedule=decay,
    )  # fmt: skip
    ours = trained(config, 35).net
    tasks = make_tasks(config)
    net = make_model(config, tasks)
    a, b = (torch.tensor(x) for x in np.divmod(tasks[0].train, 8))
    target = torch.nn.functional.one_hot(torch.tensor(tasks[0].labels[tasks[0].train]), 8)
    for step in range(35):
        rate = 0.2 * {
            "constant": 1, "linear": 1 - step / 40, "doubling": 2 ** ((step >= 3) + (step >= 6)),
        }[schedule]  # fmt: skip
        decayed = 1.0 if decay == "constant" else max(0, 1 - step / 30)
        loss = (net(a, b) - target).square().sum(-1).mean()
        loss = loss + decayed * (
            0.02 * norm_penalty(net, 3.0) + 0.025 * sum(p.square().sum() for p in net.parameters())
        )
        gradients = torch.autograd.grad(loss, list(net.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(net.parameters(), gradients, strict=True):
                parameter.sub_(rate * gradient)
    for ours_p, theirs in zip(ours.parameters(), net.parameters(), strict=True):
        torch.testing.assert_close(ours_p, theirs)


def test_decoupled_decay_falls_too():
    """AdamW with a decay that falls to nothing at three quarters, in the words of torch."""
    values = {"optimizer": "adamw", "weight_decay": 2.0, "decay_schedule": "linear"}
    config = TrainConfig(**BASE, **values)
    ours = trained(config, 40).net
    tasks = make_tasks(config)
    net = make_model(config, tasks)
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=2.0)
    a, b = (torch.tensor(x) for x in np.divmod(tasks[0].train, 8))
    target = torch.nn.functional.one_hot(torch.tensor(tasks[0].labels[tasks[0].train]), 8)
    for step in range(40):
        optimizer.zero_grad()
        (net(a, b) - target).square().sum(-1).mean().backward()
        optimizer.param_groups[0]["weight_decay"] = 2 * max(0, 1 - step / 30)
        optimizer.step()
    for ours_p, theirs in zip(ours.parameters(), net.parameters(), strict=True):
        torch.testing.assert_close(ours_p, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("schedule", ["constant", "linear"])
@pytest.mark.parametrize("decay", ["constant", "linear"])
def test_every_instance_has_its_own_rate(name, schedule, decay):
    rates = (0.3, 0.001, 0.05)
    values = BASE | SETTINGS[name] | {"schedule": schedule, "decay_schedule": decay}
    batch = trained(TrainConfig(**(values | {"instances": 3, "learning_rate": rates})), 12).net
    for k, rate in enumerate(rates):
        own = values | {"seed": k, "learning_rate": rate}
        single = trained(TrainConfig(**own), 12).net
        for many, one in zip(batch.parameters(), single.parameters(), strict=True):
            torch.testing.assert_close(many[k], one, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", [*SETTINGS, "muon"])
def test_what_an_optimiser_remembers_is_known(name):
    if name == "muon" and not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has no Muon")
    config = TrainConfig(**BASE, **(SETTINGS | {"muon": MUON})[name])
    training = trained(config, 2)
    state = training.optimizer.state_dict()["state"]
    names = {frozenset(k for k, v in slots.items() if v is not None) for slots in state.values()}
    assert (names or {frozenset()}) == {slot_names(config)}


def test_one_rate_for_all_needs_no_copies():
    config = TrainConfig(**BASE, instances=2, learning_rate=(0.1, 0.1))
    same = trained(config, 5).net
    plain = trained(config.replace(learning_rate=0.1), 5).net
    for one, other in zip(same.parameters(), plain.parameters(), strict=True):
        assert torch.equal(one, other)
    assert make_optimizer(config, plain).param_groups[0]["lr"] == 0.1
