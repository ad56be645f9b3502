"""Parity: Theorem 8's value, the net that reaches it, and nothing above it."""

from itertools import product
from math import factorial, prod, sqrt

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import NetworkError
from wordtensor.margins import gamma_star_parity
from wordtensor.nets import MarginNet, ParityNet
from wordtensor.nets.margins import (
    max_margin_parity_net,
    measure,
    normalized_margin_parity,
)


@pytest.mark.parametrize(("k", "value"), [(2, 0.54433), (3, 0.53033), (4, 0.60716)])
def test_theorem_8(k, value):
    assert gamma_star_parity(k) == pytest.approx(value, abs=6e-6)
    assert gamma_star_parity(k) == pytest.approx(
        factorial(k) * sqrt(2 * (k + 1.0) ** -(k + 1)), rel=1e-14
    )


@pytest.mark.parametrize(("bits", "k"), [(1, 1), (2, 2), (5, 2), (3, 3), (10, 4), (6, 5)])
def test_constructed_nets_reach_it(bits, k):
    net = max_margin_parity_net(bits, k)
    assert net.width == 2 ** (k - 1)
    assert normalized_margin_parity(net, k) == pytest.approx(gamma_star_parity(k), rel=1e-10)
    norms = (net.U.detach() ** 2).sum(0) + (net.W.detach() ** 2).sum(0)
    assert (norms ** ((k + 1) / 2)).sum().item() == pytest.approx(1, rel=1e-12)


def test_every_input_is_on_the_margin_and_logit_0_means_plus():
    net = max_margin_parity_net(4, 3)
    for x in product((1.0, -1.0), repeat=4):
        f = net(torch.tensor([x], dtype=torch.float64))[0]
        assert (f[0] - f[1]).item() == pytest.approx(prod(x[:3]) * gamma_star_parity(3), rel=1e-10)


@settings(max_examples=50, deadline=None)
@given(bits=st.integers(1, 6), data=st.data(), width=st.integers(1, 20), seed=st.integers(0, 10**6))
def test_random_nets_stay_below(bits, data, width, seed):
    k = data.draw(st.integers(1, bits))
    net = ParityNet(bits, width, k, seed=seed, dtype=torch.float64)
    assert normalized_margin_parity(net, k) <= gamma_star_parity(k) * (1 + 1e-12)


def test_the_bound_of_a_neuron_is_tight():
    """Mean class-weighted margin k! (w0 - w1) prod u of a unit neuron, against Theorem 8."""
    k, rng = 3, np.random.default_rng(0)
    x = np.array(list(product((1.0, -1.0), repeat=5)))
    best = 0.0
    for _ in range(2000):
        u = np.concatenate([rng.normal(1, 0.2, k), 0.05 * rng.standard_normal(2)])
        w = rng.normal([0.7, -0.7], 0.1)
        norm = np.sqrt(u @ u + w @ w)
        mean = ((x @ u) ** k * (w[0] - w[1]) * x[:, :k].prod(1)).mean() / norm ** (k + 1)
        assert mean <= gamma_star_parity(k)
        best = max(best, mean)
    assert best > 0.95 * gamma_star_parity(k)


def test_instances_and_blocks(monkeypatch):
    net = ParityNet(6, 5, 2, seed=[0, 1], dtype=torch.float64)
    whole = normalized_margin_parity(net, 2)
    assert whole.shape == (2,)
    monkeypatch.setattr(measure, "_INPUTS", 7)
    np.testing.assert_allclose(normalized_margin_parity(net, 2), whole, rtol=1e-12)
    single = normalized_margin_parity(net.instance(1), 2)
    assert single == pytest.approx(whole[1], rel=1e-12)


def test_large_k():
    assert gamma_star_parity(200) > 1e100
    with pytest.raises(NetworkError, match="floats"):
        gamma_star_parity(1000)


@pytest.mark.parametrize("k", [0, -1, 1.5, True])
def test_bad_k(k):
    with pytest.raises(NetworkError, match="'k'"):
        gamma_star_parity(k)


def test_refusals():
    with pytest.raises(NetworkError, match="number of bits"):
        max_margin_parity_net(3, 4)
    with pytest.raises(NetworkError, match="ParityNet"):
        normalized_margin_parity(MarginNet(4, 4), 2)
    with pytest.raises(NetworkError, match="number of inputs"):
        normalized_margin_parity(ParityNet(3, 4, 2), 4)
    with pytest.raises(NetworkError, match="number of inputs"):
        normalized_margin_parity(ParityNet(30, 4, 2), 2)


@pytest.mark.parametrize("k", [400, 1000, 1001, 10**6, 10**20, 10**400])
def test_margins_beyond_all_floats_are_refused_at_once(k):
    with pytest.raises(NetworkError, match="exceeds all floats"):
        gamma_star_parity(k)
