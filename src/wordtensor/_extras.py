"""Packages that only some features need: imported when used, and named where they are missing."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any, Final

from .errors import MissingExtraError

# The extra of wordtensor that installs a package, by the package's name.
_EXTRAS: Final = MappingProxyType(
    {
        "array_api_compat": "gpu",
        "distributed": "distributed",
        "matplotlib": "plots",
        "safetensors": "nets",
        "sage": "gap",
        "sympy": "presentations",
        "passagemath_gap": "gap",
        "tensorly": "tensorly",
        "torch": "nets",
    }
)


def missing(error: ModuleNotFoundError, what: str) -> Exception:
    """Say which extra installs what is missing; an error of another kind stays as it is."""
    package = (error.name or "").partition(".")[0]
    if package not in _EXTRAS:
        return error
    return MissingExtraError(
        f"{what} needs {package}, which is not installed; install it with "
        f"pip install 'wordtensor[{_EXTRAS[package]}]'"
    )


def read_later(package: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """Return a package's ``__getattr__``, which reads modules when a name of theirs is used."""

    def found(name: str) -> Any:
        for module, names in modules.items():
            if name in names:
                return getattr(import_module(f".{module}", package), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return found


def room_of(name: str, what: str) -> ModuleType:
    """Import one of our rooms; where a package that it needs is missing, say what needs it."""
    try:
        return import_module(f".{name}", __package__)
    except MissingExtraError as error:  # of the room's own _requirements
        if isinstance(error.__cause__, ModuleNotFoundError):
            raise missing(error.__cause__, what) from None
        raise
