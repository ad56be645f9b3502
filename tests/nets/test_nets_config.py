"""Training configurations: what is refused, and that nothing else is ever raised."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import NetworkError
from wordtensor.nets import TrainConfig

ONCE = {"derandomize": True, "deadline": None}
FIELDS = [field.name for field in dataclasses.fields(TrainConfig)]

GOOD = [
    {},
    {"group": "Q8", "word": "a*b*a^-1", "model": "transformer", "embedding": 16, "heads": 2},
    {"instances": 3, "learning_rate": [0.1, 0.2, 0.3], "split_seed": 4, "fraction": 0.5},
    {"optimizer": "gd", "schedule": "doubling", "doublings": [10, 20], "momentum": 0.9},
    {"optimizer": "adamw", "weight_decay": 1, "betas": [0.9, 0.98], "loss": "cross entropy"},
    {"model": "margin", "penalty": 1e-4, "penalty_power": 3.0, "decay_schedule": "linear"},
    {"model": "parity", "bits": 6, "relevant": 2, "power": 2, "dtype": "float64"},
    {"scale": 0.1, "stop_accuracy": 0.9, "stop_loss": 0, "batch": 7, "seed": 2**62},
    {"optimizer": "muon", "weight_decay": 0.1, "momentum": 0.95, "steps": 0},
]


@pytest.mark.parametrize("values", GOOD)
def test_round_trip_through_json(values):
    config = TrainConfig.from_dict(values)
    text = json.dumps(config.to_dict(), allow_nan=False)
    again = TrainConfig.from_dict(json.loads(text))
    assert again == config and hash(again) == hash(config)
    assert list(config.to_dict()) == FIELDS
    for key, value in values.items():
        kept = getattr(config, key)
        assert kept == (tuple(value) if isinstance(value, list) else value)


def test_values_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrainConfig().width = 3
    with pytest.raises(TypeError):
        TrainConfig("S3")


def test_replace():
    config = TrainConfig(group="Q8", width=12)
    assert config.replace(width=13) == TrainConfig(group="Q8", width=13)
    assert config.width == 12
    with pytest.raises(NetworkError, match="Unknown key 'with'"):
        config.replace(**{"with": 3})
    with pytest.raises(NetworkError, match="'width'"):
        config.replace(width=0)


def test_seeds_and_records():
    assert TrainConfig(seed=5, instances=3).seeds == (5, 6, 7)
    assert TrainConfig(steps=1000).record_every == 5
    assert TrainConfig(steps=10).record_every == 1
    assert TrainConfig(log_every=7).record_every == 7


@pytest.mark.parametrize(("key", "advice"), [
    ("widht", "did you mean 'width'"), ("learningrate", "did you mean 'learning_rate'"),
    ("weightdecay", "did you mean 'weight_decay'"), ("zzz", "known are activation, batch"),
    (3, "known are"),
])  # fmt: skip
def test_unknown_keys_get_advice(key, advice):
    with pytest.raises(NetworkError, match=f"Unknown key '{key}'.*{advice}"):
        TrainConfig.from_dict({key: 1})


@pytest.mark.parametrize("values", [None, [], ["width"], "width", 3, [["width", 3]]])
def test_only_dictionaries_are_configurations(values):
    with pytest.raises(NetworkError, match="must be a dictionary"):
        TrainConfig.from_dict(values)


WRONG_TYPES = [
    ("group", 3), ("word", None), ("device", []), ("model", "resnet"), ("model", []),
    ("loss", "crossentropy"), ("optimizer", 1), ("schedule", None), ("activation", "tanh"),
    ("dtype", "float16"), ("decay_schedule", "doubling"), ("width", 2.0), ("width", "12"),
    ("width", True), ("width", None), ("width", [3]), ("seed", 1.5), ("steps", "10"),
    ("split_seed", 1.5), ("split_seed", "1"), ("split_seed", True), ("scale", "small"),
    ("scale", [1.0]), ("fraction", None), ("fraction", "half"), ("learning_rate", None),
    ("learning_rate", "fast"), ("learning_rate", [None]), ("learning_rate", True),
    ("betas", 0.9), ("betas", "ab"), ("betas", [0.9, "x"]), ("doublings", 3),
    ("doublings", [1.5]), ("doublings", [[1]]), ("stop_loss", "low"), ("l2", None),
    ("momentum", {}), ("penalty", [0.1]),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), WRONG_TYPES)
def test_wrong_types(key, value):
    with pytest.raises(NetworkError, match=f"'{key}' must be"):
        TrainConfig.from_dict({key: value})


@pytest.mark.parametrize(("key", "value"), [
    *((key, 0) for key in ("width", "embedding", "heads", "head_size", "instances", "bits")),
    *((key, -1) for key in ("seed", "split_seed", "steps", "batch", "log_every", "checkpoints",
                            "threads", "power", "l2", "weight_decay", "penalty", "momentum",
                            "stop_loss", "relevant", "scale", "learning_rate")),
    ("fraction", 0), ("fraction", 1.01), ("fraction", -0.2), ("learning_rate", 0.0),
    ("scale", 0), ("betas", [0.9]), ("betas", [0.9, 1.0]), ("betas", [-0.1, 0.5]),
    ("betas", [0.1, 0.2, 0.3]), ("momentum", 1.0), ("stop_accuracy", 0.0),
    ("stop_accuracy", 1.5), ("penalty_power", 0), ("doublings", [-1]),
])  # fmt: skip
def test_ranges(key, value):
    with pytest.raises(NetworkError, match=f"'{key}' must be"):
        TrainConfig.from_dict({key: value})


@pytest.mark.parametrize(("values", "unused", "own"), [
    ({"model": "mlp", "activation": "sigmoid"}, "activation", "'embedding'"),
    ({"activation": "square"}, "activation", "'scale'"),
    ({"model": "margin", "activation": "abs"}, "activation", "'scale'"),
    ({"heads": 9}, "heads", "scale"), ({"model": "mlp", "head_size": 8}, "head_size", "embedding"),
    ({"model": "perceptron", "embedding": 7}, "embedding", "'activation', 'scale'"),
    ({"bits": 3}, "bits", "scale"), ({"model": "margin", "relevant": 2}, "relevant", "scale"),
    ({"model": "mlp", "power": 2}, "power", "embedding"),
    ({"model": "mlp", "scale": 0.1}, "scale", "embedding"),
    ({"model": "transformer", "scale": 0.1}, "scale", "'embedding', 'heads', 'head_size'"),
    ({"model": "parity", "heads": 2}, "heads", "'bits', 'relevant', 'power', 'scale'"),
])  # fmt: skip
def test_what_the_model_has_no_use_for_is_refused(values, unused, own):
    said = f"'{unused}' is not used by model={values.get('model', 'hadamard')}.*uses .*{own}"
    with pytest.raises(NetworkError, match=said):
        TrainConfig.from_dict(values)
    default = {field.name: field.default for field in dataclasses.fields(TrainConfig)}
    assert TrainConfig(**values | {unused: default[unused]})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400])
@pytest.mark.parametrize("key", [
    "scale", "fraction", "learning_rate", "momentum", "l2", "weight_decay", "penalty",
    "penalty_power", "stop_accuracy", "stop_loss",
])  # fmt: skip
def test_numbers_are_finite(key, value):
    with pytest.raises(NetworkError, match=f"'{key}' must be"):
        TrainConfig.from_dict({key: value})
    with pytest.raises(NetworkError, match="'betas' must be"):
        TrainConfig(betas=(0.9, value))


@pytest.mark.parametrize("key", ["seed", "split_seed", "width", "steps", "instances"])
def test_whole_numbers_fit_into_64_bits(key):
    with pytest.raises(NetworkError, match=f"'{key}' must be below 2\\^63"):
        TrainConfig.from_dict({key: 2**63})


@pytest.mark.parametrize(("values", "complaint"), [
    ({"learning_rate": (0.1, 0.2)}, "2 values for 1 instances"),
    ({"learning_rate": (), "instances": 2}, "0 values for 2 instances"),
    ({"optimizer": "adamw", "l2": 0.1}, "'l2' is coupled.*weight_decay"),
    ({"optimizer": "muon", "l2": 0.1}, "'l2' is coupled"),
    ({"optimizer": "adam", "weight_decay": 0.1}, "decoupled.*'l2'"),
    ({"optimizer": "gd", "weight_decay": 0.1}, "decoupled"),
    ({"optimizer": "muon", "instances": 2}, "'instances' must be 1"),
    ({"optimizer": "gd", "batch": 3}, "optimizer='sgd'"),
    ({"optimizer": "adam", "momentum": 0.9}, "no 'momentum'"),
    ({"doublings": (3,)}, "schedule='doubling'"),
    ({"model": "mlp", "penalty": 0.1}, "'penalty' needs weights"),
    ({"model": "transformer", "penalty": 0.1}, "'penalty' needs weights"),
    ({"model": "parity", "batch": 3}, "all inputs"),
    ({"model": "parity", "fraction": 0.5}, "all inputs"),
])  # fmt: skip
def test_what_does_not_go_together(values, complaint):
    with pytest.raises(NetworkError, match=complaint):
        TrainConfig(**values)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["adamw", "mlp", "mse", "linear", "parity", 0, 1, 0.5])
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=400, **ONCE)
@given(st.dictionaries(st.sampled_from(FIELDS), anything, max_size=6) | anything)
def test_any_json_makes_a_configuration_or_a_network_error(values):
    try:
        config = TrainConfig.from_dict(values)
    except NetworkError:
        return
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@settings(max_examples=200, **ONCE)
@given(st.sampled_from(FIELDS), anything)
def test_any_single_value_is_kept_or_refused(key, value):
    try:
        config = TrainConfig.from_dict({key: value})
    except NetworkError as error:
        assert key in str(error) or repr(value) in str(error)
        return
    kept = config.to_dict()[key]
    assert kept == value and type(kept) is type(value)
