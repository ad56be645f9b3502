"""Networks are recognised by the names of their arrays, and by nothing else beside them."""

import numpy as np
import pytest

from wordtensor._layouts import HADAMARD, MLP, TRANSFORMER, recognised
from wordtensor.compare import network
from wordtensor.errors import FileFormatError, NetworkError
from wordtensor.nets import load


def ones(names):
    return {name: np.ones((2, 3)) for name in names}


LAYOUTS = {
    "hadamard": HADAMARD, "mlp": MLP, "transformer": tuple(TRANSFORMER),
    "theirs": tuple(TRANSFORMER.values()),
}  # fmt: skip
ASIDE = {
    "a table": ones(["cayley"]),
    "biases of zero": {"blocks.0.mlp.b_in": np.zeros(4), "b_U": np.zeros(2)},
    "masks": ones(["blocks.0.attn.mask", "blocks.0.attn.IGNORE"]),
}
MORE = {
    "a second block": ["blocks.1.attn.W_Q", "blocks.1.mlp.W_in"],
    "the scales of a layer norm": ["blocks.0.ln1.w", "ln_final.w"],
    "one array": ["X"],
    "a skip": ["W_skip"],
    "a scale": ["ln.w"],
    "maps without a header": ["A", "B", "C", "t"],
}


@pytest.mark.parametrize("aside", ASIDE)
@pytest.mark.parametrize("kind", LAYOUTS)
def test_what_is_no_weight_may_stand_beside(kind, aside):
    found, weights = recognised(ones(LAYOUTS[kind]) | ASIDE[aside])
    assert found == ("transformer" if kind == "theirs" else kind)
    assert len(weights) == len(LAYOUTS[kind])


@pytest.mark.parametrize("more", MORE)
@pytest.mark.parametrize("kind", LAYOUTS)
def test_arrays_that_make_another_function_are_refused_by_name(kind, more, tmp_path):
    arrays = ones(LAYOUTS[kind]) | ones(MORE[more])
    for name in MORE[more]:
        for read in (recognised, network):
            with pytest.raises(NetworkError, match=name):
                read(arrays)
    np.savez(tmp_path / "net.npz", **arrays)
    for read in (network, load):
        with pytest.raises(FileFormatError, match=MORE[more][0]):
            read(tmp_path / "net.npz")


@pytest.mark.parametrize("names", [("left", "right", "readout"), ("hidden", "readout")])
def test_lookups_and_activations_have_no_other_arrays(names):
    with pytest.raises(NetworkError, match=r"Arrays 'bias2', 'scale' are no part"):
        network(ones(names) | ones(["scale", "bias2"]))


def test_two_networks_in_one_file_are_none():
    with pytest.raises(NetworkError, match="Arrays 'U', 'V' are no part"):
        recognised(ones((*HADAMARD, *MLP)))


@pytest.mark.parametrize("value", [np.ones(3), np.full(3, np.nan), np.array(["x"])])
def test_biases_that_are_not_zero_are_refused(value):
    with pytest.raises(NetworkError, match="'b_U' is not zero"):
        recognised(ones(MLP) | {"b_U": value})


def test_an_errors_names_are_few_and_hold_nothing_that_a_terminal_obeys():
    many = ones([f"layer{k}\x1b[2J" for k in range(1000)])
    with pytest.raises(NetworkError, match="and 992 more") as caught:
        recognised(ones(HADAMARD) | many)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_an_archive_that_unpacks_to_far_more_than_weights_do_is_refused(tmp_path):
    path = tmp_path / "net.npz"
    trap = np.zeros((2**25 + 1,))
    np.savez_compressed(path, other=trap, **ones(HADAMARD))
    assert path.stat().st_size < 2**20
    for read in (network, load):
        with pytest.raises(FileFormatError, match="unpacks to more than 256 MiB"):
            read(path)
