"""The compiled step of lookup nets: its gradients are autograd's, and those of torch's own way."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.errors import NetworkError
from wordtensor.nets import TrainConfig
from wordtensor.nets._compiled_step import CompiledStep
from wordtensor.nets._gradients import make_gradients
from wordtensor.nets._lookup_step import LookupStep
from wordtensor.nets._losses import LOSSES
from wordtensor.nets._start import make_model, make_tasks
from wordtensor.nets.models import COMBINATIONS
from wordtensor.words import ValueTable

ONCE = {"deadline": None, "derandomize": True}
NETS = [
    {"model": "hadamard"}, {"model": "margin"}, {"model": "mlp", "embedding": 1},
    {"model": "mlp", "embedding": 4},
    *({"model": "perceptron", "activation": name} for name in ("relu", "sigmoid", "square", "abs")),
]  # fmt: skip


def by_autograd(net, index, labels, loss):
    """Gradients of all parameters, through the whole net as it is written."""
    y = net.shape[1]
    rows = index.expand(net.instances, index.shape[-1]) if net.instances else index
    leaves = list(net.parameters())
    losses = LOSSES[loss](net(rows // y, rows % y), labels[rows]).mean(-1)
    return torch.autograd.grad(losses.sum(), leaves)


def gradients_of(way, net, index, labels, loss, batches=(None,)):
    """What a way writes, also at the second call, after other numbers have been there."""
    for parameter in net.parameters():
        parameter.grad = torch.full_like(parameter, torch.nan)
    step = way(net, index, labels, loss)
    found = []
    for batch in (*batches, *batches):
        step(batch)
        found.append([parameter.grad.clone() for parameter in net.parameters()])
    return found


def check_close(found, wanted, dtype):
    """Hold gradients against others, to the rounding of sums of some hundred products."""
    tight = 2e-5 if dtype == torch.float32 else 1e-12
    for one, other in zip(found, wanted, strict=True):
        largest = max(1.0, float(other.abs().max()))
        torch.testing.assert_close(one / largest, other / largest, rtol=tight, atol=tight)


def drawn_net(values, width, instances, dtype, seed, target):
    config = TrainConfig(
        width=width, instances=instances, dtype=dtype, seed=seed,
        **({"table": target.name} if isinstance(target, ValueTable) else {}), **values,
    )  # fmt: skip
    return make_model(config, make_tasks(config, target))


def a_table(rng):
    """A word over a relabelled group, or any table, rectangular or with values that never come."""
    if rng.integers(2):
        name = rng.choice(["C1", "C3", "S3", "Q8", "C7:C3"])
        G = wt.group(str(name))
        p = rng.permutation(G.order)
        cayley = np.empty_like(G.cayley)
        cayley[np.ix_(p, p)] = p[G.cayley]
        return wt.Group.from_cayley(cayley, f"{name} relabelled")
    x, y, z = (int(k) for k in rng.integers(1, 9, 3))
    return ValueTable("any", rng.integers(0, z, (x, y)), z)


@settings(max_examples=200, **ONCE)
@given(
    st.sampled_from(NETS), st.integers(1, 9), st.sampled_from([1, 2, 5]),
    st.sampled_from(["float32", "float64"]), st.sampled_from(list(LOSSES)),
    st.sampled_from([1, 2]), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_gradients_are_those_of_autograd(values, width, instances, dtype, loss, threads, seed):
    """All pairs, training pairs shared or each net's own, and batches of them in any layout."""
    rng = np.random.default_rng(seed)
    target = a_table(rng)
    net = drawn_net(values, width, instances, dtype, seed % 2**31, target)
    x, y, z = net.shape
    labels = torch.tensor(rng.integers(0, z, x * y))
    count = int(rng.integers(1, x * y + 1))
    own = instances > 1 and rng.integers(2)
    drawn = np.stack([rng.permutation(x * y)[:count] for _ in range(instances if own else 1)])
    index = torch.tensor(drawn if own else drawn[0])
    size = int(rng.integers(1, count + 1))
    # As the pairs of an epoch are cut: of many nets, not contiguous; and every second one.
    batches = [None, index[..., :size], index[..., count - size :], index[..., ::2]]
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        with wt._threads.blas_threads(threads):
            found = gradients_of(CompiledStep, net, index, labels, loss, batches)
    finally:
        torch.set_num_threads(before)
    for batch, each in zip([*batches, *batches], found, strict=True):
        chosen = index if batch is None else batch
        check_close(each, by_autograd(net, chosen, labels, loss), net.dtype)


@settings(max_examples=60, **ONCE)
@given(st.sampled_from(NETS), st.sampled_from(list(LOSSES)), st.integers(0, 2**32 - 1))
def test_torchs_own_way_makes_the_same(values, loss, seed):
    rng = np.random.default_rng(seed)
    net = drawn_net(values, int(rng.integers(1, 9)), int(rng.choice([1, 3])), "float64", 1, "Q8")
    index, labels = torch.tensor(rng.permutation(64)[:40]), torch.tensor(rng.integers(0, 8, 64))
    batches = (None, index[:7], index[3:10])
    ways = [
        gradients_of(way, net, index, labels, loss, batches) for way in (CompiledStep, LookupStep)
    ]
    for one, other in zip(*ways, strict=True):
        check_close(one, other, torch.float64)


@pytest.mark.parametrize("values", NETS, ids=lambda v: v.get("activation", v["model"]))
@pytest.mark.parametrize("instances", [1, 3])
@pytest.mark.parametrize("loss", LOSSES)
def test_weights_may_change_between_steps(values, instances, loss):
    """What is looked up anew, as products of an MLP's weights, follows the parameters."""
    net = drawn_net(values, 5, instances, "float64", 2, "S3")
    index, labels = torch.arange(36), torch.tensor(wt.group("S3").cayley.ravel())
    for parameter in net.parameters():
        parameter.grad = torch.zeros_like(parameter)
    step = CompiledStep(net, index, labels, loss)
    for factor in (1.0, -1.5, 0.1):
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.mul_(factor)
        step()
        found = [parameter.grad for parameter in net.parameters()]
        check_close(found, by_autograd(net, index, labels, loss), torch.float64)


# Weights that are no numbers, infinite, so large that logits are, and so small that all vanish.
@pytest.mark.parametrize("odd", [torch.nan, torch.inf, -torch.inf, 1e13, 1e30, -1e30, 1e-30])
@pytest.mark.parametrize("values", NETS, ids=lambda v: v.get("activation", v["model"]))
@pytest.mark.parametrize("loss", LOSSES)
def test_a_net_that_diverges_does_so_as_by_autograd(values, odd, loss):
    """Of what is no number, or infinite, nothing comes out finite that autograd has not finite."""
    for whole in (False, True):
        net = drawn_net(values, 5, 2, "float32", 3, "S3")
        index, labels = torch.arange(36), torch.tensor(wt.group("S3").cayley.ravel())
        with torch.no_grad():
            if whole:
                for parameter in net.parameters():
                    parameter[0].fill_(odd)
            else:
                next(net.parameters())[0, 2, 0] = odd
        wanted = by_autograd(net, index, labels, loss)
        (found, _) = gradients_of(CompiledStep, net, index, labels, loss)
        for one, other in zip(found, wanted, strict=True):
            assert not (one.isfinite() & ~other.isfinite()).any(), "garbage that looks sound"
            # The second net has its own numbers.
            torch.testing.assert_close(one[1], other[1], rtol=2e-5, atol=2e-5)


def test_words_and_tables_make_the_same_gradients():
    G = wt.group("Q8")
    found = []
    for target, named in ((G, {"group": "Q8", "word": "a*b"}), (wt.value_table(G.cayley), {})):
        if not named:
            named = {"table": target.name}
        config = TrainConfig(width=4, fraction=0.5, model="perceptron", batch=5, **named)
        tasks = make_tasks(config, target)
        net = make_model(config, tasks)
        step = make_gradients(config, tasks, net)
        assert isinstance(step, CompiledStep)
        step(None)
        found.append([parameter.grad for parameter in net.parameters()])
    torch.testing.assert_close(*found, rtol=0.0, atol=0.0)


def test_a_cpu_has_no_tf32():
    with pytest.raises(NetworkError, match="'tf32' is one of CUDA devices"):
        TrainConfig(dtype="tf32")


def test_every_combination_is_compiled():
    """Its number is its place in the table, and the last case of the kernels takes all others."""
    assert list(COMBINATIONS) == ["product", "relu", "sigmoid", "square", "abs"]
