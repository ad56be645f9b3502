"""``wordtensor width``: sentences, and the network that shows them."""

import json

import numpy as np

import wordtensor as wt


def test_the_command_writes_the_network_that_shows_it(run, tmp_path):
    path = tmp_path / "net.npz"
    told = run("width", "a*b", "S3", 9, "--json", "-o", path)
    assert json.loads(told.stdout)["answer"] == "enough"
    U, V, W = wt.load(path).factors
    logits = np.einsum("ar,br,cr->abc", U, V, W)
    assert np.abs(logits - wt.word_tensor("a*b", "S3").to_dense()).max() < 1e-12
    other = tmp_path / "other.npz"
    told = run("width", "a*b", "S3", 8, "-o", other)
    assert told.exit_code == 0 and not other.exists()
    assert "at least 9 are needed" in told.stdout and "is not written" in told.stderr
    assert run("width", "a*b", "S3", 0).exit_code == 2
    assert run("width", "a*b", "S3").exit_code == 2
