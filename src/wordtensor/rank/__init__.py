"""Words meet tensors: support, routes, blocks, `plan`, `decompose` and `verify`."""

from ._box_cover import BoxCover as BoxCover
from ._box_cover import box_cover as box_cover
from ._box_cover import box_rank as box_rank
from ._decompose import decompose as decompose
from ._plan import Plan as Plan
from ._plan import PlannedRoute as PlannedRoute
from ._plan import plan as plan
from ._support import fusion_cover as fusion_cover
from ._support import support as support
from .block import Block as Block
from .block_report import BlockReport as BlockReport
from .block_spaces import block_bases as block_bases
from .certificate import Certificate as Certificate
from .certify import CheckedCertificate as CheckedCertificate
from .certify import check_certificate as check_certificate
from .decomposition import Decomposition as Decomposition
from .files import load as load
from .integral import integral_bound as integral_bound
from .integral import integral_decompose as integral_decompose
from .routes import METHODS as METHODS
from .verification import Verification as Verification
from .verification import verify as verify
