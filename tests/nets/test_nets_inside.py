"""What is inside the room nets: small examples of functions that are not for users."""

import numpy as np
import pytest
import torch

from wordtensor.irreps import irrep_at
from wordtensor.nets import MarginNet
from wordtensor.nets._fused import pair_loss
from wordtensor.nets._losses import cross_entropy, squared_error
from wordtensor.nets.margins import max_margin_net
from wordtensor.nets.margins.certificate import irrep_energies
from wordtensor.nets.margins.construction import irrep_neurons
from wordtensor.nets.margins.measure import logit_blocks, norm_power, pair_margins


def test_nets_fused_pair_loss():
    tables, readout = ((torch.ones(2, 3), torch.ones(2, 3)), torch.zeros(3, 2))
    a, b, c = (torch.tensor([0, 1]), torch.tensor([0, 0]), torch.tensor([0, 1]))
    assert (
        round(pair_loss(tables, readout, (a, b, c), "relu", "cross entropy").item(), 6) == 0.693147
    )


def test_nets_losses_cross_entropy():
    assert cross_entropy(torch.tensor([[30.0, 0.0]]), torch.tensor([0])).item() == pytest.approx(
        9.357622e-14, rel=1e-06
    )


def test_nets_losses_squared_error():
    assert squared_error(torch.tensor([[1.0, 0.5]]), torch.tensor([0])).item() == 0.25


def test_nets_margins_certificate_irrep_energies():
    assert irrep_energies(np.eye(6)[:, :1], "S3").round(6).ravel().tolist() == [
        0.166667,
        0.166667,
        0.666667,
    ]


def test_nets_margins_construction_irrep_neurons():
    U, V, W = irrep_neurons(irrep_at("Q8", 4), 1.0)
    assert (U.shape, float(round(((U**2 + V**2 + W**2).sum(axis=0) ** 1.5).sum(), 12))) == (
        (8, 32),
        1.0,
    )


def test_nets_margins_measure_norm_power():
    assert round(float(norm_power(max_margin_net("S3"))), 12) == 1.0


def test_nets_margins_measure_logit_blocks():
    assert (
        repr([(pairs, logits.shape) for pairs, logits in logit_blocks(MarginNet(3, 2))])
        == "[(slice(0, 9, None), (9, 3))]"
    )


def test_nets_margins_measure_pair_margins():
    assert pair_margins(np.array([[1.0, 3.0, 2.0]]), np.array([2], dtype=np.int32)).tolist() == [
        -1.0
    ]
