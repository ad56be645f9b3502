"""Ranks of word tensors: routes, blocks, schemes, the solver, bounds and the check."""

from .block import Block as Block
from .bounds import Bound as Bound
from .bounds import product_bound as product_bound
from .boxes import BoxCover as BoxCover
from .boxes import box_cover as box_cover
from .boxes import box_rank as box_rank
from .cp import CPResult as CPResult
from .cp import fit as fit
from .cp import reconstruct as reconstruct
from .decompose import decompose as decompose
from .decomposition import BlockReport as BlockReport
from .decomposition import Decomposition as Decomposition
from .descent import Attempt as Attempt
from .files import load as load
from .files import save as save
from .integral import integral_bound as integral_bound
from .integral import integral_decompose as integral_decompose
from .plan import Plan as Plan
from .plan import PlannedRoute as PlannedRoute
from .plan import plan as plan
from .routes import METHODS as METHODS
from .support import fusion_cover as fusion_cover
from .support import support as support
from .tensor_search import search_tensor as search_tensor
from .verification import Verification as Verification
from .verification import verify as verify
