"""Adam's compiled step: it makes torch's numbers, whatever it is given."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor.nets._adam_kernel as kernel
from wordtensor.nets import TrainConfig, train
from wordtensor.nets import _optimizers as optimizers
from wordtensor.nets._adam_kernel import adam_step
from wordtensor.nets._state import TrainingState

ONCE = {"deadline": None, "derandomize": True}
DTYPES = (torch.float32, torch.float64)
betas = st.sampled_from([0.0, 0.5, 0.9, 0.98, 0.999, 0.9999])
rates = st.sampled_from([0.0, 1e-12, 1e-4, 0.01, 1.0, 50.0])


def check_close(ours, theirs, what=""):
    """Hold our numbers against torch's, to some units in the last place."""
    tight = 2e-5 if ours.dtype == torch.float32 else 1e-12
    torch.testing.assert_close(ours, theirs, rtol=tight, atol=tight, equal_nan=True, msg=what)


def theirs_after(start, gradients, coupled, decay, rate, pair):
    """Torch's plain optimiser: the weights after each step."""
    weights = start.clone().requires_grad_()
    kind = torch.optim.Adam if coupled else torch.optim.AdamW
    optimizer = kind([weights], lr=rate, betas=pair, weight_decay=decay, foreach=False)
    for gradient in gradients:
        weights.grad = gradient.clone()
        optimizer.step()
        yield weights.detach(), optimizer.state[weights]


@settings(max_examples=80, **ONCE)
@given(
    st.integers(1, 70), st.sampled_from(DTYPES), betas, betas, rates, rates, st.booleans(),
    st.integers(-6, 6), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_steps_are_those_of_torch(size, dtype, beta, gamma, rate, decay, coupled, scale, seed):
    """Gradients of all sizes, with rows that get none; the state begins as zeros."""
    generator = torch.Generator().manual_seed(seed)
    start, *gradients = torch.randn(9, size, generator=generator, dtype=torch.float64).to(dtype)
    gradients = [g * 10.0**scale for g in gradients]
    gradients[0][::3] = 0.0
    weights = start.clone()
    first, second = torch.zeros_like(start), torch.zeros_like(start)
    count = torch.zeros((), dtype=torch.float32)
    wanted = theirs_after(start, gradients, coupled, decay, rate, (beta, gamma))
    for gradient, (theirs, state) in zip(gradients, wanted, strict=True):
        l2, rest = (decay, 0.0) if coupled else (0.0, decay)
        arrays = (weights, gradient, first, second, count)
        adam_step(*(a.numpy() for a in arrays), rate, beta, gamma, l2, rest)
        size_of = float(theirs.abs().max()) or 1.0
        check_close(weights / size_of, theirs / size_of)
        for ours, name in ((first, "exp_avg"), (second, "exp_avg_sq")):
            largest = float(state[name].abs().max()) or 1.0
            check_close(ours / largest, state[name] / largest, name)
    assert count == len(gradients)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("value", [0.0, 1e-30, 1e-20, 3e19, 1e30, torch.inf, -torch.inf, torch.nan])
def test_odd_gradients(value, dtype):
    """What overflows, underflows or is no number does so as torch's fused step has it."""
    start = torch.tensor([1.0, -2.0, 0.5], dtype=dtype)
    gradient = torch.tensor([value, 1.0, -value], dtype=dtype)
    ours, first, second = start.clone(), torch.zeros(3, dtype=dtype), torch.zeros(3, dtype=dtype)
    count = torch.zeros(())
    theirs = start.clone().requires_grad_()
    theirs.grad = gradient.clone()
    optimizer = torch.optim.Adam([theirs], lr=0.01, fused=True)
    for _ in range(3):
        arrays = (ours, gradient, first, second, count)
        adam_step(*(a.numpy() for a in arrays), 0.01, 0.9, 0.999, 0.0, 0.0)
        optimizer.step()
    check_close(ours, theirs.detach())


def config_of(width, **values):
    return TrainConfig(**({"group": "C3", "width": width, "steps": 12, "fraction": 0.7} | values))


def calls(monkeypatch):
    """Count the calls of the compiled step."""
    made = []

    def counting(*arguments):
        made.append(len(arguments[0]))
        adam_step(*arguments)

    monkeypatch.setattr(kernel, "adam_step", counting)
    return made


def advanced(config, steps):
    state = TrainingState(config)
    for _ in range(steps):
        state.advance()
    return state


# Three parameters of 3 x width: 9 width numbers.
@pytest.mark.parametrize("name", ["adam", "adamw"])
@pytest.mark.parametrize(
    ("few", "compiled"), [(9 * 8 - 1, False), (9 * 8, True), (9 * 8 + 1, True)]
)
def test_both_sides_of_the_threshold_agree(few, compiled, name, monkeypatch):
    config = config_of(8, optimizer=name, dtype="float64")
    wanted = advanced(config, 10)
    made = calls(monkeypatch)
    monkeypatch.setattr(optimizers, "_FEW", few)
    found = advanced(config, 10)
    # The first step of a fresh optimiser is torch's own, which makes its memory.
    assert made == [24] * 3 * 9 * compiled
    for one, other in zip(found.net.parameters(), wanted.net.parameters(), strict=True):
        check_close(one.detach(), other.detach())


def test_the_threshold_is_where_it_is_said(monkeypatch):
    """2^18 numbers in all are compiled, and three more are torch's."""
    made = calls(monkeypatch)
    n, extra = 2**18 // 9, 2**18 // 9 + 1
    advanced(config_of(n), 2)
    assert made == [3 * n] * 3
    advanced(config_of(extra), 2)
    assert made == [3 * n] * 3


@pytest.mark.parametrize("schedule", ["constant", "linear", "doubling"])
@pytest.mark.parametrize("decay", ["constant", "linear"])
@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_a_rate_that_moves_is_torchs(name, decay, schedule, monkeypatch):
    """A constant rate is compiled, also where only the decay falls; one that moves is not."""
    made = calls(monkeypatch)
    weight = {"l2": 0.3} if name == "adam" else {"weight_decay": 0.3}
    config = config_of(
        5, optimizer=name, schedule=schedule, decay_schedule=decay, dtype="float64",
        doublings=(3,) if schedule == "doubling" else (), **weight,
    )  # fmt: skip
    found = advanced(config, 10)
    assert bool(made) == (schedule == "constant")
    monkeypatch.setattr(optimizers, "_FEW", 0)
    wanted = advanced(config, 10)
    for one, other in zip(found.net.parameters(), wanted.net.parameters(), strict=True):
        check_close(one.detach(), other.detach())


@settings(max_examples=30, **ONCE)
@given(
    st.sampled_from(["hadamard", "perceptron", "mlp", "transformer", "parity"]),
    st.sampled_from(["adam", "adamw"]), st.sampled_from(["float32", "float64"]),
    st.sampled_from([1, 2, 5]), st.integers(1, 6), betas.filter(bool), st.booleans(),
)  # fmt: skip
def test_nets_are_updated_as_by_torch(model, name, dtype, instances, width, gamma, own_rates):
    """Ten steps with the gradients of the run, given to torch's optimiser as well."""
    rate = tuple(0.01 * (k + 1) for k in range(instances)) if own_rates else 0.02
    group = {} if model == "parity" else {"group": "S3", "fraction": 0.6}
    if model in ("mlp", "transformer"):
        group["embedding"] = 4
    decay = {"l2": 0.1} if name == "adam" else {"weight_decay": 0.1}
    config = TrainConfig(
        model=model, width=width, optimizer=name, dtype=dtype, instances=instances,
        betas=(0.9, gamma), learning_rate=rate, steps=10, **group, **decay,
    )  # fmt: skip
    state = TrainingState(config)
    assert state._update._compiled
    rates_of = rate if own_rates else (rate,) * instances
    kind = torch.optim.Adam if name == "adam" else torch.optim.AdamW
    each = []
    for k, own in enumerate(rates_of):
        weights = [p.detach() if instances == 1 else p.detach()[k] for p in state.net.parameters()]
        leaves = [w.clone().requires_grad_() for w in weights]
        each.append((leaves, kind(leaves, lr=own, betas=(0.9, gamma), weight_decay=0.1)))
    for _ in range(10):
        state.advance()
        for k, (leaves, optimizer) in enumerate(each):
            for leaf, p in zip(leaves, state.net.parameters(), strict=True):
                leaf.grad = (p.grad if instances == 1 else p.grad[k]).clone()
            optimizer.step()
    for k, (leaves, _) in enumerate(each):
        for leaf, p in zip(leaves, state.net.parameters(), strict=True):
            check_close(p.detach() if instances == 1 else p.detach()[k], leaf.detach())


@settings(max_examples=12, **ONCE)
@given(
    st.sampled_from(["adam", "adamw"]), st.sampled_from(["hadamard", "mlp"]),
    st.sampled_from([1, 3]), st.integers(1, 39), st.sampled_from(["constant", "linear"]),
    st.sampled_from(["constant", "linear"]),
)  # fmt: skip
def test_a_run_that_goes_on_makes_the_same_numbers(
    tmp_path_factory, name, model, instances, at, schedule, decay
):
    """Cut at any step, by Ctrl-C in the callback at a record; bit for bit what one run gives."""
    weight = {"l2": 0.1} if name == "adam" else {"weight_decay": 0.1}
    config = TrainConfig(
        group="Q8", width=6, fraction=0.7, steps=40, log_every=1, model=model, optimizer=name,
        instances=instances, schedule=schedule, decay_schedule=decay, **weight,
    )  # fmt: skip
    whole = train(config)
    folder = tmp_path_factory.mktemp("run")

    def stop(row):
        if row["step"] == at:
            raise KeyboardInterrupt

    assert train(config, folder=folder, callback=stop).interrupted
    found = train(config, folder=folder)
    assert found.begun == at
    wanted = whole.model.arrays()
    for name_of, array in found.model.arrays().items():
        np.testing.assert_array_equal(array, wanted[name_of])
