"""Factors beside a decomposition's terms, up to order, scale and the symmetries of blocks."""

from ._match import Match as Match
from ._match import match as match
from ._match import match_factors as match_factors
from .block_match import BlockMatch as BlockMatch
from .equivalence import Equivalence as Equivalence
from .equivalence import match_to_scheme as match_to_scheme
from .equivalence import strassen_match as strassen_match
from .frames import product_frame_error as product_frame_error
from .orbit import equivalent_factors as equivalent_factors
from .sandwich import Sandwich as Sandwich
