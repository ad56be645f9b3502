"""Where compiled code and arrays live: on the CPU, or on a CUDA device if there is one."""

from importlib import import_module

from ._extras import missing
from .errors import WordTensorError

_DEVICES = ("cpu", "cuda")


def check_device(device: str) -> None:
    """Refuse a device other than "cpu" and "cuda", or one that is not there."""
    if device not in _DEVICES:
        raise WordTensorError(f"Argument 'device' must be one of {_DEVICES}, not {device!r}")
    if device == "cpu":
        return
    try:
        from numba import cuda
    except ImportError as error:
        raise WordTensorError(
            f"Argument device='cuda' needs numba with CUDA support ({error}); "
            "install numba-cuda, or use device='cpu', which gives the same result"
        ) from error
    if not cuda.is_available():  # type: ignore[no-untyped-call]
        raise WordTensorError(
            "Argument device='cuda' needs a CUDA device and its driver, and numba finds none; "
            "use device='cpu', which gives the same result"
        )


def check_array_device(device: str) -> None:
    """Refuse a device other than "cpu" and "cuda", or one that torch does not find."""
    if device not in _DEVICES:
        raise WordTensorError(f"Argument 'device' must be one of {_DEVICES}, not {device!r}")
    if device == "cpu":
        return
    try:
        torch = import_module("torch")
        import_module("array_api_compat")
    except ModuleNotFoundError as error:
        raise missing(error, "Argument device='cuda'") from None
    if not torch.cuda.is_available():
        raise WordTensorError(
            "Argument device='cuda' needs a CUDA device and its driver, and torch finds none; "
            "use device='cpu', which takes longer"
        )
