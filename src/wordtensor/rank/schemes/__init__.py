"""Exact bilinear algorithms for matrix products over R, C and H, and a search for new ones."""

from .compose import (
    join,
    kronecker,
    permuted,
    restricted,
    rotated,
    standard_scheme,
    transposed,
)
from .registry import Registry, best_rank, best_scheme, default_registry, recipe
from .scheme import DIMENSIONS, Scheme, product_tensor, structure_constants
from .store import load_schemes, read_schemes, save_schemes

__all__ = [
    "DIMENSIONS",
    "Registry",
    "Scheme",
    "best_rank",
    "best_scheme",
    "default_registry",
    "join",
    "kronecker",
    "load_schemes",
    "permuted",
    "product_tensor",
    "read_schemes",
    "recipe",
    "restricted",
    "rotated",
    "save_schemes",
    "standard_scheme",
    "structure_constants",
    "transposed",
]
