"""Packages that only some features need: imported when used, and named where they are missing."""

from types import MappingProxyType
from typing import Final

from .errors import MissingExtraError

__all__ = ["missing"]

# The extra of wordtensor that installs a package, by the package's name.
_EXTRAS: Final = MappingProxyType(
    {
        "matplotlib": "plots",
        "safetensors": "nets",
        "sage": "gap",
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
        f"{what} needs {package}, which is not installed: "
        f"pip install 'wordtensor[{_EXTRAS[package]}]'"
    )
