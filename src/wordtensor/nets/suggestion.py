"""A configuration that tends to generalise, by the size of the group."""

from typing import Any

from ..errors import NetworkError
from ..groups import Group, group
from ..words import ValueTable
from .config import TrainConfig


def suggested(word: str | ValueTable, G: Group | str | None = None) -> TrainConfig:
    """Return a configuration of a Hadamard net that tends to generalise.

    Parameters
    ----------
    word : str or ValueTable
        The word to learn, or a table in place of word and group, of n values at most.
    G : Group or str, optional
        The group, of order n.

    Returns
    -------
    TrainConfig
        Adam at 0.01 on the squared error, ended at full test accuracy. Coupled L2, which matters
        most, and the share of the pairs shown fall with n; the width is about 5 n.

    Notes
    -----
    The settings were found by trial on products over S3, Q8, S4, A5 and S5. Words such as the
    commutator may not generalise at all from a part of the pairs.

    Examples
    --------
    >>> config = suggested("a*b", "S4")
    >>> config.width, config.fraction, config.l2
    (128, 0.5, 0.001)
    """
    named: dict[str, Any]
    if isinstance(word, ValueTable):
        n, named = max(word.shape), {"table": word.name}
    elif G is None:
        raise NetworkError("A word is learned over a group; give both, or a table of values")
    else:
        known = group(G)
        n, named = known.order, {"group": known.name, "word": word}
    fraction, l2 = (0.8, 1e-3) if n <= 8 else (0.6, 1e-3) if n < 24 else (0.5, 1e-3)
    if n > 40:
        fraction, l2 = 0.4, 3e-4 if n <= 80 else 1e-4
    return TrainConfig(
        **named,
        width=max(32, 2 ** round(5 * n - 1).bit_length() if n <= 40 else 5 * n + 40),
        fraction=fraction,
        l2=l2,
        steps=2000,
        stop_accuracy=1.0,
        log_every=25,
    )
