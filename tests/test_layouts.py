"""Networks are recognised by names and shapes of their arrays, and by nothing else beside them."""

import re

import numpy as np
import pytest

from wordtensor._layouts._maps import mapped
from wordtensor._layouts._reading import readings
from wordtensor._layouts._table import LAYOUTS, layouts_text
from wordtensor.compare import network
from wordtensor.errors import ComparisonError, FileFormatError, NetworkError
from wordtensor.nets import load

SIZES = {"n": 6, "R": 5, "d": 4, "e": 3, "h": 2, "k": 7, "p": 3}


def size(word):
    """Return the size that a word of a shape means, the first of several."""
    word = word.partition("|")[0]
    if word in SIZES:
        return SIZES[word]
    if word[0].isdigit():
        return int(word[0]) * SIZES[word[1:]]
    if word.endswith("+1"):
        return SIZES[word[:-2]] + 1
    one, other = (SIZES[part] for part in word.replace("*", "+").split("+"))
    return one * other if "*" in word else one + other


def arrays_of(layout, naming=0):
    """Return random arrays of a layout's shapes, and their names by role."""
    rng = np.random.default_rng(0)
    roles = {**layout.shapes, **layout.biases}
    names = {role: role.replace(" bias", ".bias") for role in roles}
    if layout.names:
        names = layout.names[naming]
    else:
        names |= {role: f"{role}.weight" for role in layout.shapes}
    shapes = {names[role]: tuple(map(size, shape.split())) for role, shape in roles.items()}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


NAMINGS = [(layout, k) for layout in LAYOUTS for k in range(max(1, len(layout.names)))]
LABELS = [f"{layout.name}-{k}" for layout, k in NAMINGS]
ASIDE = {
    "a table": {"cayley": np.zeros((6, 6), dtype=int)},
    "biases of zero": {"blocks.0.mlp.b_more": np.zeros(4), "b_more": np.zeros(2)},
    "masks": {"blocks.0.attn.mask": np.ones((3, 3)), "blocks.0.attn.IGNORE": np.ones(())},
}
MORE = {
    "a second block": ["blocks.1.attn.W_Q", "blocks.1.mlp.W_in"],
    "the scales of a layer norm": ["blocks.0.ln1.w", "ln_final.w"],
    "one array": ["X"],
    "maps without a header": ["A", "B", "C", "t"],
}


@pytest.mark.parametrize(("layout", "naming"), NAMINGS, ids=LABELS)
def test_every_layout_is_recognised(layout, naming):
    given = arrays_of(layout, naming)
    reading = readings(given)[0]
    assert (reading.layout.name, reading.order, reading.flipped) == (layout.name, 6, ())
    assert set(reading.arrays) == {*layout.shapes, *layout.biases}
    assert network(given, activation=layout.activation or "relu").kind == layout.name
    assert layout.name in layouts_text()


@pytest.mark.parametrize("aside", ASIDE)
@pytest.mark.parametrize(
    ("layout", "naming"), [pair for pair in NAMINGS if pair[0].names], ids=lambda x: str(x)[:20]
)
def test_what_is_no_weight_may_stand_beside(layout, naming, aside):
    given = arrays_of(layout, naming)
    assert readings(given | ASIDE[aside])[0].layout.name == layout.name


@pytest.mark.parametrize("more", MORE)
@pytest.mark.parametrize(("layout", "naming"), NAMINGS, ids=LABELS)
def test_arrays_that_make_another_function_are_refused_by_name(layout, naming, more, tmp_path):
    given = arrays_of(layout, naming) | {name: np.ones((2, 3, 1)) for name in MORE[more]}
    for read in (readings, lambda a: network(a, activation="relu")):
        with pytest.raises(NetworkError, match=re.escape(MORE[more][-1])):
            read(given)
    np.savez(tmp_path / "net.npz", **given)
    for read in (network, load):
        with pytest.raises(FileFormatError, match=MORE[more][0]):
            read(tmp_path / "net.npz")


def test_activations_have_no_other_arrays():
    given = {"hidden": np.ones((6, 6, 5)), "readout": np.ones((5, 6)), "scale": np.ones(5)}
    with pytest.raises(NetworkError, match=r"'scale \(5,\)'"):
        network(given)


def test_two_networks_in_one_file_are_none():
    given = {layout.name: arrays_of(layout) for layout in LAYOUTS[:4]}
    with pytest.raises(NetworkError, match=r"Arrays 'U', 'V', .*are no part"):
        readings(given["hadamard"] | given["mlp"])


@pytest.mark.parametrize("value", [np.ones(3), np.full(3, np.nan), np.array(["x"])])
def test_biases_of_no_layer_are_refused(value):
    given = arrays_of(LAYOUTS[0]) | {"b_other": value}
    with pytest.raises(NetworkError, match="'b_other' are no part"):
        readings(given)


@pytest.mark.parametrize("value", [np.full(6, np.nan), np.array(list("abcdef"))])
def test_biases_must_be_numbers(value):
    with pytest.raises(ComparisonError, match="'b_U' must be"):
        network(arrays_of(LAYOUTS[0]) | {"b_U": value})


def test_shapes_that_do_not_fit_are_shown_beside_those_that_would():
    given = arrays_of(LAYOUTS[0]) | {"W": np.ones((5, 5))}
    with pytest.raises(NetworkError, match=r"W \(d\+e R\).*'W \(5, 5\)'"):
        readings(given)


def test_an_errors_names_are_few_and_hold_nothing_that_a_terminal_obeys():
    many = {f"layer{k}\x1b[2J": np.ones((2, 2)) for k in range(1000)}
    with pytest.raises(NetworkError, match="and 992 more") as caught:
        readings(arrays_of(LAYOUTS[3]) | many)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_an_archive_that_unpacks_to_far_more_than_weights_do_is_refused(tmp_path):
    path = tmp_path / "net.npz"
    trap = np.zeros((2**25 + 1,))
    np.savez_compressed(path, other=trap, **arrays_of(LAYOUTS[3]))
    assert path.stat().st_size < 2**20
    for read in (network, load):
        with pytest.raises(FileFormatError, match="unpacks to more than 256 MiB"):
            read(path)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model.", "_orig_mod.module.net."])
def test_what_wrappers_put_before_names_is_passed_over(prefix):
    for layout in (LAYOUTS[0], LAYOUTS[1], LAYOUTS[6]):
        given = {f"{prefix}{name}": value for name, value in arrays_of(layout).items()}
        assert readings(given)[0].layout is layout


def test_layers_without_an_order_are_sorted_by_their_numbers():
    rng = np.random.default_rng(0)
    given = {"10.weight": rng.normal(size=(6, 5)), "2.weight": rng.normal(size=(5, 12))}
    assert readings(given, ordered=False)[0].sources["hidden"] == "2.weight"


ARRAYS = {"fc1.weight": np.arange(60.0).reshape(5, 12), "fc2.weight": np.arange(30.0).reshape(6, 5),
          "fc1.bias": np.arange(5.0), "fc1.weight[0]": np.ones(3)}  # fmt: skip


def test_maps_slice_and_turn_arrays():
    found = mapped(
        ARRAYS,
        ["left=fc1.weight[:, :6]", "right = fc1.weight[:,6:].T", "readout=fc2.weight.T[0:5, ::1]",
         "bias=fc1.bias[-5:]"],
    )  # fmt: skip
    np.testing.assert_array_equal(found["left"], ARRAYS["fc1.weight"][:, :6])
    np.testing.assert_array_equal(found["right"], ARRAYS["fc1.weight"][:, 6:].T)
    net = network(found, activation="relu")
    assert net.kind == "lookups" and "left.T" in net.reading
    direct = network({k: v for k, v in ARRAYS.items() if "[" not in k}, activation="relu")
    np.testing.assert_array_equal(net.logits(), direct.logits())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("left", "A map must be one of left, right, readout, bias, offset"),
        ("west=fc1.weight", "A map must be one of"),
        ("left=fc9.weight", "names none of the arrays"),
        ("left=fc1.weight[:, 12]", r"\[:, 12\] fits no array of shape \(5, 12\)"),
        ("left=fc1.weight[__import__('os')]", "fits no array"),
        ("left=fc1.weight[0,0,0]", "fits no array"),
        ("left=fc1.weight[:", "neither slices in brackets nor .T"),
        ("left=fc1.weight.T.mean()", "neither slices in brackets nor .T"),
        ("left=fc1.weight[9999999999999]", "fits no array"),
        ("left=" + "x" * 1000, "A map must be one of"),
    ],
)
def test_maps_that_say_nothing_are_refused(text, message):
    with pytest.raises(NetworkError, match=message) as caught:
        mapped(ARRAYS, [text])
    assert "\n" not in str(caught.value)


def test_maps_must_say_everything_once():
    with pytest.raises(NetworkError, match="'right', 'readout' is missing"):
        mapped(ARRAYS, ["left=fc1.weight"])
    with pytest.raises(NetworkError, match="each once"):
        mapped(ARRAYS, ["left=fc1.weight", "left=fc1.weight"])
