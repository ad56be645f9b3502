"""The numerical solver: tensors in, rank-one terms out. It knows no group."""

from ._folding import Symmetry as Symmetry
from .cp import CPResult as CPResult
from .cp import fit as fit
from .cp import fit_many as fit_many
from .cp import reconstruct as reconstruct
from .descent import Attempt as Attempt
from .descent import DescentResult as DescentResult
from .descent import Failure as Failure
from .descent import descend as descend
from .exact import round_terms as round_terms
from .starts import symmetric_factors as symmetric_factors
