"""Rooms that need more than the core installs."""

from types import ModuleType

from ..errors import ComparisonError, NetworkError

__all__ = ["nets_room", "report_room"]


def nets_room() -> ModuleType:
    """Return the room of networks.

    Raises
    ------
    NetworkError
        If torch or safetensors is not installed; the message says how to.
    """
    try:
        from .. import nets
    except ModuleNotFoundError as error:
        raise NetworkError(
            f"This command needs {error.name}; install it with pip install 'wordtensor[nets]'"
        ) from None
    return nets


def report_room() -> ModuleType:
    """Return the room of reports.

    Raises
    ------
    ComparisonError
        If matplotlib is not installed; the message says how to.
    """
    try:
        from .. import report
    except ModuleNotFoundError as error:
        raise ComparisonError(
            f"--html needs {error.name}; install it with pip install 'wordtensor[plots]'"
        ) from None
    return report
