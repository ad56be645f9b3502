"""What is inside the room nets: small examples of functions that are not for users."""

import pytest
import torch

from wordtensor.nets import MarginNet
from wordtensor.nets._fused import pair_loss
from wordtensor.nets._losses import cross_entropy, squared_error
from wordtensor.nets.margins import max_margin_net
from wordtensor.nets.margins.measure import logit_blocks, norm_power


def test_nets_fused_pair_loss():
    lookups, readout = ((torch.ones(2, 3), torch.ones(2, 3)), torch.zeros(3, 2))
    a, b, c = (torch.tensor([0, 1]), torch.tensor([0, 0]), torch.tensor([0, 1]))
    assert (
        round(pair_loss(lookups, readout, (a, b, c), "relu", "cross entropy").item(), 6) == 0.693147
    )


def test_nets_losses_cross_entropy():
    assert cross_entropy(torch.tensor([[30.0, 0.0]]), torch.tensor([0])).item() == pytest.approx(
        9.357622e-14, rel=1e-06
    )


def test_nets_losses_squared_error():
    assert squared_error(torch.tensor([[1.0, 0.5]]), torch.tensor([0])).item() == 0.25


def test_nets_margins_measure_norm_power():
    assert round(float(norm_power(max_margin_net("S3"))), 12) == 1.0


def test_nets_margins_measure_logit_blocks():
    assert (
        repr([(pairs, logits.shape) for pairs, logits in logit_blocks(MarginNet(3, 2))])
        == "[(slice(0, 9, None), (9, 3))]"
    )
