"""Everything that decides a training run, as one frozen value."""

import dataclasses
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, get_args

from ..errors import NetworkError
from ._key_advice import unknown_key

ModelName = Literal["hadamard", "perceptron", "margin", "mlp", "transformer", "parity"]
Loss = Literal["mse", "cross entropy"]
Optimizer = Literal["gd", "sgd", "adam", "adamw", "muon"]
Schedule = Literal["constant", "linear", "doubling"]

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "model": get_args(ModelName),
    "loss": get_args(Loss),
    "optimizer": get_args(Optimizer),
    "schedule": get_args(Schedule),
    "decay_schedule": ("constant", "linear"),
    "activation": ("relu", "sigmoid", "square", "abs"),
    "dtype": ("float32", "float64", "tf32"),
}
# Records of a run, and its checkpoints.
_MOST: Final = 10**6
# Names, what must hold of their values, and how that is said; None is never out of range.
_RANGES: Final[tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...]] = (
    (
        ("width", "embedding", "heads", "head_size", "instances", "bits", "relevant"),
        lambda value: value >= 1, "at least 1",
    ),
    (
        ("seed", "steps", "batch", "log_every", "checkpoints", "threads", "power", "l2",
         "weight_decay", "penalty", "split_seed", "stop_loss"),
        lambda value: value >= 0, "at least 0",
    ),
    (("threads",), lambda value: value <= 1024, "at most 1024"),
    (("checkpoints",), lambda value: value <= _MOST, f"at most {_MOST}"),
    (("penalty_power", "scale"), lambda value: value > 0, "above 0"),
    (
        ("learning_rate",), lambda rates: all(0 < rate < 1e38 for rate in _each(rates)),
        "above 0 and below 1e38",  # the end of single precision
    ),
    (("stop_accuracy", "fraction"), lambda value: 0 < value <= 1, "above 0 and at most 1"),
    (("momentum",), lambda value: 0 <= value < 1, "at least 0 and below 1"),
    (("doublings",), lambda steps: all(step >= 0 for step in steps), "steps from 0 on"),
    (
        ("betas",), lambda betas: len(betas) == 2 and all(0 <= beta < 1 for beta in betas),
        "two numbers in [0, 1)",
    ),
)  # fmt: skip
# What only some models use, and which ones.
_USED_BY: Final[Mapping[str, tuple[ModelName, ...]]] = {
    "activation": ("perceptron",),
    "embedding": ("mlp", "transformer"),
    "heads": ("transformer",),
    "head_size": ("transformer",),
    "bits": ("parity",),
    "relevant": ("parity",),
    "power": ("parity",),
    "scale": ("hadamard", "perceptron", "margin", "parity"),
}
# What computes: "meta", say, only counts.
_DEVICE: Final = re.compile(r"(?:cpu|cuda|mps|xpu)(?::[0-9]{1,3})?")
COUPLED: Final = ("gd", "sgd", "adam")
# Of a configuration that names a table: its word and group, and whether it is of a parity.
_WORD: Final = ("a*b", "S3", False)
_WHOLE: Final = ("split_seed", "doublings")
# Of whole numbers: seeds and sizes of arrays are 64 bits wide.
_LIMIT: Final = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """A training run.

    Attributes
    ----------
    group : str
        The name of a group. Another table can be passed to `train`.
    word : str
        The word to learn.
    table : str
        A formula such as "x^2 + y^2 mod 97" (see `wordtensor.value_table`), to be learned in place
        of a word over a group; or the name of the table that is passed to `train`.
    model : {"hadamard", "perceptron", "margin", "mlp", "transformer", "parity"}
        The kind of network.
    width : int
        The number of hidden neurons.
    activation : {"relu", "sigmoid", "square", "abs"}
        The activation of "perceptron"; the other models have one of their own.
    embedding : int
        The length of the embeddings of "mlp"; the width of the residual stream of "transformer".
    heads : int
        The number of attention heads of "transformer".
    head_size : int
        The dimension of each attention head of "transformer".
    bits : int
        The number n of input bits of "parity".
    relevant : int
        The number k of bits whose parity "parity" learns.
    power : int
        The exponent of the activation of "parity"; 0 means k.
    scale : float or None
        The standard deviation of the weights at the start; None leaves it to the model.
    fraction : float
        The share of all pairs that is trained on.
    seed : int
        The seed of the first weights, of the split into training and test pairs, and of batches.
    instances : int
        How many nets are trained at once, with the seeds ``seed``, ``seed + 1``, ...
    split_seed : int or None
        The seed of one split for all instances; None gives each the split of its own seed.
    loss : {"mse", "cross entropy"}
        "mse" is the squared distance to the wanted unit vector, averaged over pairs.
    optimizer : {"gd", "sgd", "adam", "adamw", "muon"}
        "gd" is "sgd" on all training pairs.
    learning_rate : float or tuple of float
        The learning rate; a tuple has one for each instance.
    momentum : float
        The momentum of "gd", "sgd" and "muon".
    betas : tuple of float
        The two rates of decay of "adam" and "adamw".
    steps : int
        The number of optimiser steps.
    batch : int
        The number of pairs in a step; 0 means all of them.
    schedule : {"constant", "linear", "doubling"}
        Learning rate: constant, falling linearly to zero, or doubled at the steps of `doublings`.
    doublings : tuple of int
        The steps at which the schedule "doubling" doubles the learning rate.
    l2 : float
        Coupled weight decay: ``l2 * weights`` is added to the gradient (gd, sgd, adam).
    weight_decay : float
        Decoupled weight decay (adamw, muon).
    penalty : float
        ``penalty * sum_i ||omega_i||_2^p`` over neurons is added to the loss.
    penalty_power : float
        The exponent p of the penalty.
    decay_schedule : {"constant", "linear"}
        "linear" lowers l2, weight_decay and penalty to zero at three quarters of the steps.
    stop_accuracy : float or None
        End when every instance has had this accuracy (on test pairs; on training pairs if all
        pairs are trained on).
    stop_loss : float or None
        End when every instance's training loss has been below this.
    log_every : int
        The number of steps between records; 0 makes about 200 records.
    checkpoints : int
        The number of checkpoints at log-spaced steps, in the run's folder.
    threads : int
        The threads of torch, at most those of the machine; 0 chooses by the size of a step.
    device : str
        Where torch computes: "cpu", "cuda", "cuda:1", "mps" or "xpu".
    dtype : {"float32", "float64", "tf32"}
        The precision of the weights. "tf32", on CUDA devices, has weights in single precision and
        lets their matrix products round every factor to 11 binary digits: a relative error of up to
        1e-3 in each product of two numbers, in place of 1e-7.

    Raises
    ------
    NetworkError
        If a value is out of range, two do not go together, or the model does not use one that
        is not the default.

    Examples
    --------
    >>> config = TrainConfig(group="S3", word="a*b", width=12, steps=100)
    >>> TrainConfig.from_dict(config.to_dict()) == config
    True
    >>> TrainConfig.from_dict({"widht": 12})
    Traceback (most recent call last):
        ...
    wordtensor.errors.NetworkError: Unknown key 'widht' of a training configuration; did you mean
    'width'?
    """

    group: str = "S3"
    word: str = "a*b"
    table: str = ""
    model: ModelName = "hadamard"
    width: int = 64
    activation: str = "relu"
    embedding: int = 256
    heads: int = 4
    head_size: int = 32
    bits: int = 10
    relevant: int = 4
    power: int = 0
    scale: float | None = None
    fraction: float = 1.0
    seed: int = 0
    instances: int = 1
    split_seed: int | None = None
    loss: Loss = "mse"
    optimizer: Optimizer = "adam"
    learning_rate: float | tuple[float, ...] = 1e-2
    momentum: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    steps: int = 1000
    batch: int = 0
    schedule: Schedule = "constant"
    doublings: tuple[int, ...] = ()
    l2: float = 0.0
    weight_decay: float = 0.0
    penalty: float = 0.0
    penalty_power: float = 3.0
    decay_schedule: Literal["constant", "linear"] = "constant"
    stop_accuracy: float | None = None
    stop_loss: float | None = None
    log_every: int = 0
    checkpoints: int = 0
    threads: int = 0
    device: str = "cpu"
    dtype: Literal["float32", "float64", "tf32"] = "float32"

    def __post_init__(self) -> None:
        for name in ("learning_rate", "betas", "doublings"):
            value = getattr(self, name)
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))
        _check_types(self)
        _check_ranges(self)
        _check_used(self)
        _check_combinations(self)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of every instance."""
        return tuple(range(self.seed, self.seed + self.instances))

    @property
    def success_accuracy(self) -> float:
        """The accuracy that counts as success: `stop_accuracy`, or 1 if that is not set."""
        return 1.0 if self.stop_accuracy is None else self.stop_accuracy

    @property
    def record_every(self) -> int:
        """Steps between two records."""
        return self.log_every or max(1, self.steps // 200)

    def replace(self, **changes: Any) -> Self:
        """Return the configuration with some values changed; unknown names are refused."""
        return type(self).from_dict(self.to_dict() | changes)

    def to_dict(self) -> dict[str, Any]:
        """Return all values, ready for JSON."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make a configuration from a dictionary, such as one read from JSON.

        Raises
        ------
        NetworkError
            If a key is unknown or a value is refused.
        """
        if not isinstance(values, Mapping):
            raise NetworkError(f"A training configuration must be a dictionary, not {values!r:.80}")
        known = {field.name for field in dataclasses.fields(cls)}
        for key in values:
            if key not in known:
                raise NetworkError(unknown_key(str(key), sorted(known)))
        return cls(**values)


def _check_types(config: TrainConfig) -> None:
    """Refuse values of another type than the defaults show, such as text from a JSON file."""
    for field in dataclasses.fields(config):
        value, default = getattr(config, field.name), field.default
        if field.name in _CHOICES:
            if value not in _CHOICES[field.name]:
                allowed = ", ".join(repr(choice) for choice in _CHOICES[field.name])
                raise NetworkError(
                    f"Argument {field.name!r} must be one of {allowed}, not {value!r:.80}"
                )
        elif isinstance(default, str):
            if not isinstance(value, str) or not value.isprintable():
                wanted = "text" if not isinstance(value, str) else "without control characters"
                raise NetworkError(f"Argument {field.name!r} must be {wanted}, not {value!r:.80}")
        elif value is not None or default is not None:
            _check_number(field.name, value, default)


def _check_number(name: str, value: Any, default: Any) -> None:
    """Refuse what is no number, or no tuple of them, of the default's kind; also nan and inf."""
    whole = isinstance(default, int) or name in _WHOLE
    many = isinstance(default, tuple)
    entries = _each(value)
    shape = isinstance(value, tuple) == many or name == "learning_rate"
    kinds = int if whole else (int, float)
    if not shape or not all(isinstance(e, kinds) and not isinstance(e, bool) for e in entries):
        number = "a whole number" if whole else "a number"
        wanted = f"a tuple with {number} each" if many else number
        raise NetworkError(f"Argument {name!r} must be {wanted}, not {value!r:.80}")
    if not all(abs(entry) < (_LIMIT if whole else sys.float_info.max) for entry in entries):
        wanted = "below 2^63" if whole else "finite"
        raise NetworkError(f"Argument {name!r} must be {wanted}, not {value!r:.80}")


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _check_ranges(config: TrainConfig) -> None:
    for names, holds, wanted in _RANGES:
        for name in names:
            value = getattr(config, name)
            if value is not None and not holds(value):
                raise NetworkError(f"Argument {name!r} must be {wanted}, not {value!r:.80}")


def _check_used(config: TrainConfig) -> None:
    """Refuse a value, other than the default, that the model has no use for."""
    for field in dataclasses.fields(config):
        models = _USED_BY.get(field.name, get_args(ModelName))
        if config.model not in models and getattr(config, field.name) != field.default:
            own = [repr(name) for name, users in _USED_BY.items() if config.model in users]
            raise NetworkError(
                f"Argument {field.name!r} is not used by model={config.model}, and is "
                f"{getattr(config, field.name)!r:.80}; leave it out, or take another model "
                f"({', '.join(models)}). Of what only some models use, {config.model!r} uses "
                f"{', '.join(own)}"
            )


def _check_combinations(config: TrainConfig) -> None:
    if not _DEVICE.fullmatch(config.device):
        raise NetworkError(
            f"Device {config.device!r:.80} cannot be used: it is none of cpu, cuda, mps, xpu, with "
            "a number if need be"
        )
    if config.dtype == "tf32" and not config.device.startswith("cuda"):
        raise NetworkError(
            f"Precision 'tf32' is one of CUDA devices, and the device is {config.device!r}; take "
            "dtype=float32, or device=cuda"
        )
    if config.table and (config.word, config.group, config.model == "parity") != _WORD:
        raise NetworkError(
            f"A table, {config.table!r:.80}, is learned in place of a word over a group and of a "
            "parity; leave 'word', 'group' and model='parity' out"
        )
    rates = config.learning_rate
    if isinstance(rates, tuple) and len(rates) != config.instances:
        raise NetworkError(
            f"Argument 'learning_rate' has {len(rates)} values for {config.instances} instances; "
            "give one for each, or a single number"
        )
    if config.steps // config.record_every > _MOST:
        raise NetworkError(
            f"Argument 'log_every' must be at least {-(-config.steps // _MOST)} for "
            f"{config.steps} steps, not {config.log_every}: a run keeps at most {_MOST} records"
        )
    if config.l2 and config.optimizer not in COUPLED:
        raise NetworkError(
            f"Argument 'l2' is coupled decay, which {config.optimizer!r} does not have; use "
            "'weight_decay', or optimizer='adam'"
        )
    if config.weight_decay and config.optimizer in COUPLED:
        raise NetworkError(
            f"Argument 'weight_decay' is decoupled decay, which {config.optimizer!r} does not "
            "have; use 'l2', or optimizer='adamw'"
        )
    if config.momentum and config.optimizer in ("adam", "adamw"):
        raise NetworkError(f"Optimizer {config.optimizer!r} has 'betas' and no 'momentum'")
    if config.doublings and config.schedule != "doubling":
        raise NetworkError("Argument 'doublings' needs schedule='doubling'")
    if config.optimizer == "muon" and config.instances > 1:
        raise NetworkError(
            "Optimizer 'muon' orthogonalises matrices one by one; 'instances' must be 1"
        )
    if config.optimizer == "gd" and config.batch:
        raise NetworkError(
            "Optimizer 'gd' uses all training pairs; for minibatches take optimizer='sgd'"
        )
    if config.penalty and config.model in ("mlp", "transformer"):
        raise NetworkError(
            "Argument 'penalty' needs weights that belong to one neuron each, which a "
            f"{config.model!r} does not have; use 'l2' or 'weight_decay'"
        )
    if config.model == "parity":
        _check_parity(config)


def _check_parity(config: TrainConfig) -> None:
    if config.batch or config.fraction != 1:
        raise NetworkError("A parity is trained on all inputs; leave 'batch' at 0, 'fraction' at 1")
    if (config.word, config.group) != _WORD[:2]:
        raise NetworkError(
            "A net with model=parity learns a parity, and no word over a group; leave 'word' and "
            "'group' out, or take another model"
        )
