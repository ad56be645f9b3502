"""Nothing exceeds the bound: random nets, single neurons at their best, and trained nets."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.groups import group
from wordtensor.irreps import isotypic_projector, real_characters, real_irreps
from wordtensor.margins import gamma_star
from wordtensor.margins.game import payoffs
from wordtensor.nets import MarginNet
from wordtensor.nets.margins import margin_certificate, normalized_margin

SMALL = ["C2", "C3", "C4", "C5", "V4", "S3", "D4", "D5", "Q8", "A4", "Dic3"]


def weighted_tensor(name, tau):
    """Return E g' of one neuron as a trilinear form: 2/n^2 (delta - t)(a b c^-1)."""
    G = group(name)
    table = real_characters(G)
    t = np.concatenate([[0.0], tau / table.class_sizes[1:]])[table.class_index]
    K = -t
    K[G.identity] += 1.0
    quotients = G.cayley[G.cayley[:, :, None], G.inverse[None, None, :]]
    return 2.0 / G.order**2 * K[quotients]


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(SMALL),
    width=st.integers(1, 40),
    seed=st.integers(0, 2**31),
    spread=st.floats(0.0, 2.0),
)
def test_random_nets_stay_below(name, width, seed, spread):
    rng = np.random.default_rng(seed)
    n = group(name).order
    sizes = np.exp(spread * rng.standard_normal(width))
    arrays = {key: sizes * rng.standard_normal((n, width)) for key in "UVW"}
    net = MarginNet(n, width, dtype=torch.float64).assign(arrays)
    certificate = margin_certificate(net, name)
    assert certificate.margin <= certificate.weighted_margin + 1e-15
    assert certificate.weighted_margin <= gamma_star(name) * (1 + 1e-12)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(SMALL), seed=st.integers(0, 2**31))
def test_no_neuron_exceeds_its_bound_for_any_tau(name, seed):
    """The bound of a neuron holds for every tau, not only for the best."""
    rng = np.random.default_rng(seed)
    A = payoffs(real_characters(name))
    tau = rng.dirichlet(np.full(A.shape[1], 0.5))
    T = weighted_tensor(name, tau)
    u, v, w = climb(T, rng.standard_normal((3, len(T))), rng.integers(0, 30))
    assert np.einsum("abc,a,b,c", T, u, v, w) <= (A @ tau).max() * (1 + 1e-12)


@pytest.mark.parametrize("name", ["C2", "C3", "C5", "S3", "Q8", "A4", "Dic3", "SL(2,3)", "C7:C3"])
def test_the_best_neuron_in_each_irrep(name):
    """Alternating maximisation inside one irrep of type R, C or H ends at kappa (1 - t)."""
    G = group(name)
    rng = np.random.default_rng(0)
    A = payoffs(real_characters(G))
    tau = rng.dirichlet(np.ones(A.shape[1]))
    T = weighted_tensor(name, tau)
    for strength, irrep in zip(A @ tau, real_irreps(G)[1:], strict=True):
        P = isotypic_projector(G, irrep)
        best = 0.0
        for _ in range(4):
            u, v, w = climb(T, rng.standard_normal((3, G.order)) @ P, 200)
            value = np.einsum("abc,a,b,c", T, u, v, w)
            assert value <= strength * (1 + 1e-10)
            best = max(best, value)
        assert best == pytest.approx(strength, rel=1e-8)


def climb(T, start, steps):
    """Maximise T(u, v, w) over unit neurons, one of the three vectors at a time."""
    u, v, w = (x / np.linalg.norm(x) for x in start)
    for _ in range(steps):
        u = np.einsum("abc,b,c->a", T, v, w)
        u /= np.linalg.norm(u)
        v = np.einsum("abc,a,c->b", T, u, w)
        v /= np.linalg.norm(v)
        w = np.einsum("abc,a,b->c", T, u, v)
        w /= np.linalg.norm(w)
    # The three have norm 3^(-1/2) each, the neuron norm 1.
    return u / 3**0.5, v / 3**0.5, w / 3**0.5


@pytest.mark.parametrize("name", ["C3", "S3", "D5", "Q8"])
def test_optimised_nets_stay_below(name):
    """Gradient ascent on a smooth least margin comes near, and no further."""
    G = group(name)
    net = MarginNet(G.order, 60, scale=0.3, seed=0, dtype=torch.float64)
    labels = torch.from_numpy(G.cayley.ravel().astype(np.int64)).unsqueeze(1)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    bound = gamma_star(G)
    for step in range(400):
        f = net.grid() / net.neuron_norms().pow(3).sum() / bound
        sharpness = 3.0 + step / 10
        wrong = f.scatter(1, labels, -torch.inf).mul(sharpness).logsumexp(1) / sharpness
        margin = f.gather(1, labels).squeeze(1) - wrong
        loss = margin.mul(-sharpness).logsumexp(0) / sharpness
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    reached = normalized_margin(net, G) / bound
    assert 0.8 < reached <= 1 + 1e-12
