"""What a network learns: a word on pairs of a group, a table, a parity, or a tensor as such."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike

from .._typing import Array, Booleans, Integers, Value, freeze, freeze_fields
from ..errors import NetworkError
from ..groups import Group
from ..words import ValueTable, Word, value_table, word_tensor
from .models.net import seeded


class PairTask(Value):
    """All pairs (a, b) of n_a and n_b elements with their values, split into two parts."""

    __slots__ = ()

    labels: Integers  # shape (n_a * n_b,): the value at each pair a * n_b + b
    train: Integers  # shape (P,): pairs to train on, in random order
    test: Integers  # shape (n_a * n_b - P,): the other pairs
    fraction: float
    seed: int

    def __post_init__(self) -> None:
        freeze_fields(self, "labels", "train", "test")

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int, int]:
        """Numbers (n_a, n_b, n_c) of first elements, of second ones, and of values."""

    def train_mask(self) -> Booleans:
        """Return whether each pair is trained on, shape (n_a, n_b)."""
        mask = np.zeros(len(self.labels), dtype=bool)
        mask[self.train] = True
        return mask.reshape(self.shape[:2])

    def epoch(self, number: int) -> Integers:
        """Return the training pairs in the order that an epoch's minibatches take, shape (P,)."""
        chance = seeded((1_000_003 * (self.seed + 1) + number) % 2**63)
        order: Integers = self.train[torch.randperm(len(self.train), generator=chance).numpy()]
        return order


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WordTask(PairTask):
    """All n^2 pairs of a group with their values of a word, split into two parts.

    Attributes
    ----------
    word, group : Word, Group
        The word and the group, of order n.
    labels : ndarray of int64, shape (n * n,)
        ``labels[a * n + b]`` is the index of w(a, b); read-only.
    train, test : ndarray of int64, shapes (P,) and (n * n - P,)
        The pairs ``a * n + b`` of either part, in random order; read-only.
    fraction : float
        As asked: P is ``int(fraction * n * n)``.
    seed : int
        Of the split.

    Examples
    --------
    >>> task = word_task("a*b", "S3", fraction=0.5, seed=1)
    >>> task.order, len(task.train), len(task.test)
    (6, 18, 18)
    """

    word: Word
    group: Group
    labels: Integers
    train: Integers
    test: Integers
    fraction: float
    seed: int

    @property
    def order(self) -> int:
        """Order n of the group."""
        return self.group.order

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers (n, n, n) of first elements, of second ones, and of values."""
        return (self.order, self.order, self.order)

    def __repr__(self) -> str:
        return (
            f"WordTask({str(self.word)!r}, {self.group.name!r}, train={len(self.train)}, "
            f"test={len(self.test)})"
        )


def word_task(w: Word | str, G: Group | str, fraction: float = 1.0, seed: int = 0) -> WordTask:
    """Make the task of learning a word from a part of all pairs.

    Parameters
    ----------
    w : Word or str
        The word.
    G : Group or str
        The group, of order n.
    fraction : float
        Share of the n^2 pairs to train on, in (0, 1].
    seed : int
        Of the split.

    Returns
    -------
    WordTask

    Raises
    ------
    NetworkError
        If the fraction leaves no pair to train on or is above 1.

    Notes
    -----
    A permutation ``torch.randperm(n^2)`` is drawn with the seed, and its first ``int(fraction
    n^2)`` pairs are the training pairs. Chughtai et al. split in the same way, so the training
    pairs of their released networks come out again.

    Examples
    --------
    >>> task = word_task("a*b", "S3", fraction=0.5, seed=1)
    >>> len(task.train), len(task.test)
    (18, 18)
    """
    T = word_tensor(w, G)
    train, test = _split(T.order**2, fraction, seed)
    return WordTask(
        word=T.word,
        group=T.group,
        labels=T.table.reshape(-1).astype(np.int64),
        train=train,
        test=test,
        fraction=fraction,
        seed=seed,
    )


def _split(total: int, fraction: float, seed: int) -> tuple[Integers, Integers]:
    """Choose a share of all pairs to train on, and return these and the others."""
    # 0.29 * 100 is 28.999999999999996: a hair is given back before rounding down.
    count = int(fraction * total + 1e-9) if 0 < fraction <= 1 else 0
    if count < 1:
        raise NetworkError(
            f"Argument 'fraction' must be at least 1/{total} and at most 1, not {fraction}"
        )
    order = torch.randperm(total, generator=seeded(seed)).numpy()
    return order[:count], order[count:]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TableTask(PairTask):
    """All pairs (a, b) of a table with their values, split into two parts.

    Attributes
    ----------
    table : ValueTable
        What is learned, of shape (n_a, n_b, n_c).
    labels : ndarray of int64, shape (n_a * n_b,)
        ``labels[a * n_b + b]`` is the index of the value; read-only.
    train, test : ndarray of int64, shapes (P,) and (n_a * n_b - P,)
        The pairs ``a * n_b + b`` of either part, in random order; read-only.
    fraction : float
        As asked: P is ``int(fraction * n_a * n_b)``.
    seed : int
        Of the split.

    Examples
    --------
    >>> task = table_task("x/y mod 5", fraction=0.5)
    >>> task.shape, len(task.train), len(task.test)
    ((5, 4, 5), 10, 10)
    """

    table: ValueTable
    labels: Integers
    train: Integers
    test: Integers
    fraction: float
    seed: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers (n_a, n_b, n_c) of first elements, of second ones, and of values."""
        return self.table.shape

    def __repr__(self) -> str:
        return f"TableTask({self.table.name!r}, train={len(self.train)}, test={len(self.test)})"


def table_task(
    table: ValueTable | str | ArrayLike, fraction: float = 1.0, seed: int = 0
) -> TableTask:
    """Make the task of learning a table from a part of all pairs.

    Parameters
    ----------
    table : ValueTable, str or array_like
        Whatever `wordtensor.value_table` takes: a formula such as "x/y mod 97", or an array.
    fraction : float
        Share of the pairs to train on, in (0, 1].
    seed : int
        Of the split, which is made as `word_task` makes it.

    Returns
    -------
    TableTask

    Raises
    ------
    NetworkError
        If the fraction leaves no pair to train on or is above 1.

    Examples
    --------
    >>> table_task([[0, 1], [1, 2]], 0.5)
    TableTask('table of 2 x 2', train=2, test=2)
    """
    made = value_table(table)
    train, test = _split(made.nnz, fraction, seed)
    return TableTask(
        table=made,
        labels=made.values.reshape(-1).astype(np.int64),
        train=train,
        test=test,
        fraction=fraction,
        seed=seed,
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ParityTask(Value):
    """The product of the first k of n signs.

    Attributes
    ----------
    inputs : ndarray of float64, shape (2^n, n)
        All sign vectors; read-only.
    labels : ndarray of int64, shape (2^n,)
        0 where the product is +1, 1 where it is -1; read-only.
    bits, relevant : int
        n and k.

    Examples
    --------
    >>> task = parity_task(2, 2)
    >>> task.inputs.tolist(), task.labels.tolist()
    ([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]], [0, 1, 1, 0])
    """

    inputs: Array
    labels: Integers
    bits: int
    relevant: int

    def __post_init__(self) -> None:
        freeze_fields(self, "inputs", "labels")

    def __repr__(self) -> str:
        return f"ParityTask({self.bits}, {self.relevant})"


def parity_task(bits: int, relevant: int) -> ParityTask:
    """Make the task of finding the parity of the first k of n bits.

    Parameters
    ----------
    bits : int
        The number n of bits, at most 20.
    relevant : int
        The number k of bits whose parity is asked, from 1 to n.

    Returns
    -------
    ParityTask
        All 2^n inputs and their parities.

    Raises
    ------
    NetworkError
        If the numbers are out of range.

    Examples
    --------
    >>> parity_task(3, 2).labels.tolist()
    [0, 0, 1, 1, 1, 1, 0, 0]
    """
    if not 1 <= relevant <= bits <= 20:
        raise NetworkError(
            f"A parity needs 1 <= k <= n <= 20, not n = {bits} bits and k = {relevant}"
        )
    minus = np.arange(2**bits)[:, None] >> np.arange(bits)[::-1] & 1
    inputs = np.where(minus, -1.0, 1.0)
    labels = (inputs[:, :relevant].prod(1) < 0).astype(np.int64)
    return ParityTask(freeze(inputs), labels, bits, relevant)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TensorTask:
    """A tensor for a Hadamard net to become, every entry of it.

    Attributes
    ----------
    target : ndarray of float64, shape (x, y, z)
        Made from any array of real numbers; read-only.
    name : str
        For people.

    Examples
    --------
    >>> import wordtensor as wt
    >>> task = TensorTask(wt.word_tensor("a*b", "S3").to_dense(), "a*b over S3")
    >>> task, task.target.sum().item()
    (TensorTask('a*b over S3', shape=(6, 6, 6)), 36.0)
    """

    target: Array
    name: str = "tensor"

    def __post_init__(self) -> None:
        given = np.asarray(self.target)
        if given.dtype.kind not in "biuf":
            raise NetworkError(f"A tensor to learn must have real entries, not {given.dtype}")
        target = given.astype(np.float64)
        if target.ndim != 3 or not target.any() or not np.isfinite(target).all():
            raise NetworkError(
                f"A tensor to learn must have three axes and finite entries that are not all "
                f"zero; this one has the shape {target.shape}"
            )
        object.__setattr__(self, "target", freeze(target))

    def __repr__(self) -> str:
        return f"TensorTask({self.name!r}, shape={self.target.shape})"


Task = WordTask | TableTask | ParityTask | TensorTask


def name_of(task: Task, otherwise: str) -> str:
    """Return the name of the group that a task is about, or another if it is about none."""
    return task.group.name if isinstance(task, WordTask) else otherwise
