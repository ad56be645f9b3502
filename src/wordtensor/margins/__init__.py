"""The largest margin that a network on a group can have: games over irreps and classes."""

from .certificate import MarginCertificate as MarginCertificate
from .game import Strategies as Strategies
from .neurons import max_margin_factors as max_margin_factors
from .optimum import ClassWeight as ClassWeight
from .optimum import IrrepShare as IrrepShare
from .optimum import MarginOptimum as MarginOptimum
from .optimum import gamma_star as gamma_star
from .optimum import margin_optimum as margin_optimum
from .parity import gamma_star_parity as gamma_star_parity
