"""Where compiled code and arrays live: on the CPU, or on a CUDA device if there is one."""

import sys
from ctypes import CDLL
from importlib import import_module
from pathlib import Path

from ._extras import missing
from ._progress import begin_stage
from .errors import WordTensorError

_DEVICES = ("cpu", "cuda")


def check_device(device: str) -> None:
    """Refuse a device other than "cpu" and "cuda", or one that is not there."""
    if device not in _DEVICES:
        raise WordTensorError(f"Argument 'device' must be one of {_DEVICES}, not {device!r}")
    if device == "cpu":
        return
    try:
        from numba import config, cuda
    except ImportError as error:
        raise WordTensorError(
            f"Argument device='cuda' needs numba with CUDA support ({error}); "
            "install the extra 'cuda' of wordtensor, or use device='cpu', which gives the same "
            "result"
        ) from error
    if not cuda.is_available():  # type: ignore[no-untyped-call]
        raise WordTensorError(
            "Argument device='cuda' needs a CUDA device and its driver, and numba finds none; "
            "use device='cpu', which gives the same result"
        )
    try:
        # What compiling a kernel imports: numba-cuda is not made for every NumPy.
        if not getattr(config, "ENABLE_CUDASIM", False):
            import_module("numba.cuda.cudaimpl")
    except AttributeError as error:
        raise WordTensorError(
            f"Numba's support of CUDA does not work with the NumPy that is installed ({error}); "
            "install the extra 'cuda' of wordtensor, which has numpy<2.5, or use device='cpu', "
            "which gives the same result"
        ) from error


def check_array_device(device: str) -> None:
    """Refuse a device other than "cpu" and "cuda", or one that torch does not find."""
    if device not in _DEVICES:
        raise WordTensorError(f"Argument 'device' must be one of {_DEVICES}, not {device!r}")
    if device == "cpu":
        return
    if not _may_have_cuda():
        raise _no_array_device()
    begin_stage("loading of torch")
    try:
        torch = import_module("torch")
        import_module("array_api_compat")
    except ModuleNotFoundError as error:
        raise missing(error, "Argument device='cuda'") from None
    if not torch.cuda.is_available():
        raise _no_array_device()


def _may_have_cuda() -> bool:
    """Tell whether torch may find a device: without a driver it need not be loaded, in seconds."""
    if sys.platform != "linux" or Path("/dev/kfd").exists():  # AMD's, which torch takes for CUDA
        return True
    try:
        CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def _no_array_device() -> WordTensorError:
    return WordTensorError(
        "Argument device='cuda' needs a CUDA device and its driver, and torch finds none; "
        "use device='cpu', which takes longer"
    )
