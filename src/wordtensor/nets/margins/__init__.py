"""Margins: the greatest a net of norm one can have, the nets that have it, and its proof."""

from .certificate import MarginCertificate as MarginCertificate
from .certificate import margin_certificate as margin_certificate
from .construction import max_margin_net as max_margin_net
from .game import Strategies as Strategies
from .measure import normalized_margin as normalized_margin
from .optimum import ClassWeight as ClassWeight
from .optimum import IrrepShare as IrrepShare
from .optimum import MarginOptimum as MarginOptimum
from .optimum import gamma_star as gamma_star
from .optimum import margin_optimum as margin_optimum
from .parity import gamma_star_parity as gamma_star_parity
from .parity import max_margin_parity_net as max_margin_parity_net
from .parity import normalized_margin_parity as normalized_margin_parity
