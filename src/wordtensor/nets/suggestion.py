"""A configuration that tends to generalise, by the size of the group."""

from typing import Any

from ..errors import NetworkError
from ..groups import Group, group
from ..words import ValueTable
from .config import COUPLED, TrainConfig


def suggested(word: str | ValueTable, G: Group | str | None = None, **changes: Any) -> TrainConfig:
    """Return a configuration of a Hadamard net that tends to generalise.

    Parameters
    ----------
    word : str or ValueTable
        The word to learn, or a table in place of word and group, of n values at most.
    G : Group or str, optional
        The group, of order n.
    **changes : Any
        Values of the configuration to change. The suggested decay and learning rate are those of
        the optimiser that goes with them: l2 takes "adam", weight_decay takes "adamw".

    Returns
    -------
    TrainConfig
        On the squared error, ended at full test accuracy.

    Raises
    ------
    NetworkError
        If there is a word and no group, or a change is refused.

    Notes
    -----
    A Hadamard net has AdamW at 0.03 with decay 1; other models, and nets that are given l2, have
    Adam at 0.01 with coupled L2, which falls with n. The width is about 5 n. The share of the pairs
    that is shown is 0.9 below order 24, 0.8 to order 40 and 0.6 above: products need less than
    words such as a*b*a^-1, but over C13:C3, say, not half of the pairs lead to the others.

    Accuracy 1 on test pairs is the reason to stop, and small groups have four of them: at some
    seeds it is lost again later. Some seeds never reach it: of a*b*a^-1 over C7:C3, two of three.
    See docs/results/default_training.md for what was measured, with which seeds.

    Examples
    --------
    >>> config = suggested("a*b", "S4")
    >>> config.width, config.fraction, config.optimizer, config.weight_decay
    (128, 0.8, 'adamw', 1.0)
    >>> suggested("a*b", "S4", l2=1e-3).optimizer
    'adam'
    """
    named: dict[str, Any]
    if isinstance(word, ValueTable):
        n, named = max(word.shape), {"table": word.name}
    elif G is None:
        raise NetworkError("A word is learned over a group; give both, or a table of values")
    else:
        known = group(G)
        n, named = known.order, {"group": known.name, "word": word}
    return TrainConfig(
        **named,
        **_descent(n, changes),
        width=max(32, 2 ** round(5 * n - 1).bit_length() if n <= 40 else 5 * n + 40),
        fraction=0.9 if n < 24 else 0.8 if n <= 40 else 0.6,
        steps=2000,
        stop_accuracy=1.0,
        log_every=25,
    ).replace(**changes)


def _descent(n: int, changes: dict[str, Any]) -> dict[str, Any]:
    """Return optimiser, learning rate and decay, which go together."""
    ours = changes.get("model", "hadamard") == "hadamard" and "l2" not in changes
    decoupled = ours or "weight_decay" in changes
    if changes.get("optimizer", "adamw" if decoupled else "adam") not in COUPLED:
        return {"optimizer": "adamw", "learning_rate": 0.03, "weight_decay": 1.0}
    return {"l2": 1e-3 if n <= 40 else 3e-4 if n <= 80 else 1e-4}
