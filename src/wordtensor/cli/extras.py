"""Rooms that need more than the core installs."""

from types import ModuleType

from ..errors import NetworkError

__all__ = ["nets_room"]


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
            f"this command needs {error.name}; install it with pip install 'wordtensor[nets]'"
        ) from None
    return nets
