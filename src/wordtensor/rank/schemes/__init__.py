"""Exact bilinear algorithms for matrix products over R, C and H, and a search for new ones."""

from .cache import remember, user_schemes
from .compose import (
    join,
    kronecker,
    permuted,
    restricted,
    rotated,
    standard_scheme,
    transposed,
)
from .formats import (
    FILE_FORMATS,
    from_tensorly,
    read_alphatensor,
    read_fmm,
    read_scheme_file,
    to_tensorly,
    write_alphatensor,
    write_fmm,
    write_scheme_file,
)
from .registry import (
    Registry,
    best_rank,
    best_scheme,
    default_registry,
    ingredients,
    recipe,
    user_registry,
)
from .scheme import DIMENSIONS, Scheme, product_tensor, structure_constants
from .store import load_schemes, read_schemes, save_schemes

__all__ = [
    "DIMENSIONS",
    "FILE_FORMATS",
    "Registry",
    "Scheme",
    "best_rank",
    "best_scheme",
    "default_registry",
    "from_tensorly",
    "ingredients",
    "join",
    "kronecker",
    "load_schemes",
    "permuted",
    "product_tensor",
    "read_alphatensor",
    "read_fmm",
    "read_scheme_file",
    "read_schemes",
    "recipe",
    "remember",
    "restricted",
    "rotated",
    "save_schemes",
    "standard_scheme",
    "structure_constants",
    "to_tensorly",
    "transposed",
    "user_registry",
    "user_schemes",
    "write_alphatensor",
    "write_fmm",
    "write_scheme_file",
]
