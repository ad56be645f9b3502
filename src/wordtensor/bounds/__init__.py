"""Lower bounds on the rank of a tensor, each a value with its number, its reason, and its data."""

from ._locus_search import locus_bound as locus_bound
from .bound import Bound as Bound
from .flattenings import Flattening as Flattening
from .flattenings import best_flattening as best_flattening
from .flattenings import koszul_flattening as koszul_flattening
from .loci import LocusBound as LocusBound
from .pencils import KroneckerInvariants as KroneckerInvariants
from .pencils import kronecker_invariants as kronecker_invariants
from .pencils import pencil_rank as pencil_rank
from .theorems import product_bound as product_bound
