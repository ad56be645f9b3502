"""Lower bounds on the rank of a tensor, each a value with its number and its theorem."""

from .loci import LocusBound as LocusBound
from .loci import locus_bound as locus_bound
from .pencils import KroneckerInvariants as KroneckerInvariants
from .pencils import kronecker_invariants as kronecker_invariants
from .pencils import pencil_rank as pencil_rank
from .theorems import Bound as Bound
from .theorems import product_bound as product_bound
