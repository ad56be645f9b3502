"""Losses: values and gradients against double precision, where they are tiny and where huge."""

import math
from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.nets import HadamardNet, MarginNet, ParityNet
from wordtensor.nets._lookup_step import PULLS
from wordtensor.nets._losses import cross_entropy, norm_penalty, squared_error

ONCE = {"derandomize": True, "deadline": None}

LOSSES = {
    cross_entropy: lambda z, y: F.cross_entropy(z.flatten(0, -2), y.flatten(), reduction="none"),
    squared_error: lambda z, y: (z - F.one_hot(y, z.shape[-1])).square().sum(-1).flatten(),
}


@pytest.fixture(params=LOSSES, ids=lambda loss: loss.__name__)
def pair(request):
    return request.param, LOSSES[request.param]


@pytest.mark.parametrize("shape", [(7, 5), (3, 4, 6), (2, 3, 4, 2), (5, 1)])
def test_losses_are_those_of_torch(pair, shape):
    loss, plain = pair
    generator = torch.Generator().manual_seed(0)
    z = (5 * torch.randn(shape, generator=generator, dtype=torch.float64)).requires_grad_()
    y = torch.randint(shape[-1], shape[:-1], generator=generator)
    weights = torch.rand(y.shape, generator=generator, dtype=torch.float64)
    assert loss(z, y).shape == y.shape
    torch.testing.assert_close(loss(z, y).flatten(), plain(z, y))
    (ours,) = torch.autograd.grad((weights * loss(z, y)).sum(), z)
    (theirs,) = torch.autograd.grad((weights.flatten() * plain(z, y)).sum(), z)
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("scale", [0.0, 1.0, 30.0])
def test_gradients_by_differences(pair, scale):
    generator = torch.Generator().manual_seed(1)
    z = scale * torch.randn(4, 5, generator=generator, dtype=torch.float64)
    y = torch.tensor([0, 4, 2, 2])
    assert torch.autograd.gradcheck(lambda x: pair[0](x, y), z.requires_grad_())


@settings(max_examples=200, **ONCE)
@given(st.lists(st.floats(-80, 80, width=32), min_size=2, max_size=6), st.data())
def test_cross_entropy_in_single_precision_is_right_to_the_last_digits(values, data):
    y = data.draw(st.integers(0, len(values) - 1))
    z = torch.tensor([values], requires_grad=True)
    ours = cross_entropy(z, torch.tensor([y]))
    ours.backward()
    exact = [float(Fraction(v) - Fraction(values[y])) for v in values]
    wrong = [math.exp(v) for k, v in enumerate(exact) if k != y]
    wanted = math.log1p(math.fsum(wrong))
    # The difference of two logits is rounded to 2^-24 of itself, which exp turns into that share.
    close = 1e-6 * (1 + max(map(abs, exact)))
    assert ours.item() == pytest.approx(wanted, rel=close, abs=1e-44)
    total = 1 + math.fsum(wrong)
    gradient = [math.exp(v) / total for v in exact]
    gradient[y] = -math.fsum(wrong) / total
    assert z.grad[0].tolist() == pytest.approx(gradient, rel=close, abs=1e-37)


def test_tiny_losses_do_not_vanish():
    z = torch.tensor([[30.0, 0.0, 0.0]], requires_grad=True)
    y = torch.tensor([0])
    assert F.cross_entropy(z, y).item() == 0  # what is to be improved upon
    loss = cross_entropy(z, y)
    loss.backward()
    assert loss.item() == pytest.approx(2 * math.exp(-30), rel=1e-5)
    assert z.grad[0].tolist() == pytest.approx(
        [-2 * math.exp(-30), math.exp(-30), math.exp(-30)], rel=1e-5
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("lead", [100.0, 1e4, 1e30])
def test_huge_logits_do_not_overflow(lead, dtype):
    z = torch.tensor([[0.0, lead, 0.0], [lead, 0.0, 0.0], [-lead, lead, 0]], dtype=dtype)
    z.requires_grad_()
    y = torch.tensor([0, 0, 0])
    loss = cross_entropy(z, y)
    loss.sum().backward()
    torch.testing.assert_close(loss.tolist(), [lead, 2 * math.exp(-lead), 2 * lead], rtol=1e-5,
                               atol=1e-300 if dtype == torch.float64 else 1e-42)  # fmt: skip
    wanted = [[-1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [-1.0, 1.0, 0.0]]
    torch.testing.assert_close(z.grad.tolist(), wanted, rtol=1e-5, atol=1e-30)


def test_nan_stays_in_its_own_row(pair):
    z = torch.tensor([[float("nan"), 1.0], [0.0, 2.0]], requires_grad=True)
    loss = pair[0](z, torch.tensor([0, 1]))
    loss.sum().backward()
    assert loss.isnan().tolist() == [True, False]
    assert z.grad[1].isfinite().all()


def test_the_logits_are_left_alone(pair):
    z = torch.randn(4, 5, generator=torch.Generator().manual_seed(2))
    before = z.clone()
    pair[0](z, torch.tensor([0, 1, 2, 3]))
    assert torch.equal(z, before)


@pytest.mark.parametrize("power", [2.0, 3.0, 5.0])
@pytest.mark.parametrize("make", [
    lambda seed: HadamardNet(3, 4, seed=seed, dtype=torch.float64),
    lambda seed: MarginNet(8, 4, seed=seed, dtype=torch.float64),
    lambda seed: ParityNet(3, 4, 2, seed=seed, dtype=torch.float64),
])  # fmt: skip
def test_penalty_of_norms(make, power):
    batch = make((1, 2))
    value = norm_penalty(batch, power)
    value.sum().backward()
    for k, seed in enumerate((1, 2)):
        single = make(seed)
        joined = torch.cat(list(single.parameters()))
        plain = torch.linalg.vector_norm(joined, dim=0).pow(power).sum()
        plain.backward()
        torch.testing.assert_close(norm_penalty(single, power), plain)
        torch.testing.assert_close(value[k], plain)
        for ours, theirs in zip(batch.parameters(), single.parameters(), strict=True):
            torch.testing.assert_close(ours.grad[k], theirs.grad)


@pytest.mark.parametrize("name", PULLS)
def test_steps_pull_by_the_gradient_of_the_loss(name):
    loss = {"mse": squared_error, "cross entropy": cross_entropy}[name]
    rows = [[30.0, 0.0, 0.0], [0.0, 1e30, -5.0], [0.5, 0.25, -2.0], [100.0, 0.0, 0.0]]
    z, y = torch.tensor(rows), torch.tensor([0, 2, 1, 0])
    leaf = z.clone().requires_grad_()
    loss(leaf, y).sum().backward()
    found = PULLS[name](z, torch.empty_like(z), y.unsqueeze(-1), 0.25)
    torch.testing.assert_close(found, leaf.grad / 4, rtol=1e-6, atol=1e-42)


def test_a_tiny_cross_entropy_in_single_precision():
    loss = cross_entropy(torch.tensor([[30.0, 0.0]]), torch.tensor([0])).item()
    assert loss == pytest.approx(9.357622e-14, rel=1e-06)


def test_the_squared_error_is_summed_over_outputs():
    assert squared_error(torch.tensor([[1.0, 0.5]]), torch.tensor([0])).item() == 0.25
