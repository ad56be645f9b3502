"""Exact bilinear algorithms for matrix products over R, C and H, and a search for new ones."""

from typing import TYPE_CHECKING

from .. import _extras
from .best import best_rank, best_scheme, construction, ingredients
from .complex_scheme import ComplexScheme
from .compose import join, kronecker, permuted, restricted, rotated, standard_scheme, transposed
from .exact_array import ExactArray, recognised
from .exact_terms import ExactTerms, recognised_terms
from .known_ranks import read_known_ranks
from .library import load_schemes, read_schemes, remember, save_schemes, user_schemes
from .matrix_product import DIMENSIONS, product_tensor, structure_constants
from .registry import Registry, default_registry, user_registry
from .scheme import Scheme
from .structured import (
    STRUCTURES,
    StructuredProduct,
    StructuredScheme,
    structured_product,
    structured_rank,
    structured_scheme,
)

if TYPE_CHECKING:
    from .campaigns.campaign import CampaignRow, CampaignState, scheme_campaign
    from .formats import (
        FILE_FORMATS,
        WRITTEN_FORMATS,
        from_tensorly,
        read_alphatensor,
        read_fmm,
        read_scheme_file,
        to_tensorly,
        write_alphatensor,
        write_fmm,
        write_scheme_file,
    )
    from .lifting.lift import lift_scheme
    from .projection import projections
    from .searching.results import Progress, SearchResult, TensorSearchResult
    from .searching.schemes import FlipOptions, search_scheme
    from .searching.seeds import search_seeds
    from .searching.tensors import TensorOptions, search_tensor
    from .symmetric.options import SymmetricOptions
    from .symmetric.search import symmetric_search
    from .symmetric.terms import SymmetricTerms, symmetric_kronecker, symmetric_start

# What a decomposition does not need, by module: read when one of its names is first used.
_LATER = {
    "campaigns.campaign": ("CampaignRow", "CampaignState", "scheme_campaign"),
    "formats": (
        "FILE_FORMATS",
        "WRITTEN_FORMATS",
        "from_tensorly",
        "read_alphatensor",
        "read_fmm",
        "read_scheme_file",
        "to_tensorly",
        "write_alphatensor",
        "write_fmm",
        "write_scheme_file",
    ),
    "lifting.lift": ("lift_scheme",),
    "projection": ("projections",),
    "searching.results": ("Progress", "SearchResult", "TensorSearchResult"),
    "searching.schemes": ("FlipOptions", "search_scheme"),
    "searching.seeds": ("search_seeds",),
    "searching.tensors": ("TensorOptions", "search_tensor"),
    "symmetric.options": ("SymmetricOptions",),
    "symmetric.search": ("symmetric_search",),
    "symmetric.terms": ("SymmetricTerms", "symmetric_kronecker", "symmetric_start"),
}


__getattr__ = _extras.read_later(__name__, _LATER)


__all__ = [
    "DIMENSIONS",
    "FILE_FORMATS",
    "STRUCTURES",
    "WRITTEN_FORMATS",
    "CampaignRow",
    "CampaignState",
    "ComplexScheme",
    "ExactArray",
    "ExactTerms",
    "FlipOptions",
    "Progress",
    "Registry",
    "Scheme",
    "SearchResult",
    "StructuredProduct",
    "StructuredScheme",
    "SymmetricOptions",
    "SymmetricTerms",
    "TensorOptions",
    "TensorSearchResult",
    "best_rank",
    "best_scheme",
    "construction",
    "default_registry",
    "from_tensorly",
    "ingredients",
    "join",
    "kronecker",
    "lift_scheme",
    "load_schemes",
    "permuted",
    "product_tensor",
    "projections",
    "read_alphatensor",
    "read_fmm",
    "read_known_ranks",
    "read_scheme_file",
    "read_schemes",
    "recognised",
    "recognised_terms",
    "remember",
    "restricted",
    "rotated",
    "save_schemes",
    "scheme_campaign",
    "search_scheme",
    "search_seeds",
    "search_tensor",
    "standard_scheme",
    "structure_constants",
    "structured_product",
    "structured_rank",
    "structured_scheme",
    "symmetric_kronecker",
    "symmetric_search",
    "symmetric_start",
    "to_tensorly",
    "transposed",
    "user_registry",
    "user_schemes",
    "write_alphatensor",
    "write_fmm",
    "write_scheme_file",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
