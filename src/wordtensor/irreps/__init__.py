"""Real irreducible representations: characters, matrices, Fourier transform, fusion."""

from .characters import IrrepType as IrrepType
from .characters import RealCharacterTable as RealCharacterTable
from .characters import real_characters as real_characters
from .checks import IrrepChecks as IrrepChecks
from .checks import check_irreps as check_irreps
from .division import from_blocks as from_blocks
from .division import to_blocks as to_blocks
from .fourier import inverse_real_fourier as inverse_real_fourier
from .fourier import real_fourier as real_fourier
from .fusion import constituents_of_power as constituents_of_power
from .fusion import fusion_multiplicities as fusion_multiplicities
from .irrep import RealIrrep as RealIrrep
from .isotypic import IsotypicSpaces as IsotypicSpaces
from .isotypic import isotypic_basis as isotypic_basis
from .isotypic import isotypic_energies as isotypic_energies
from .isotypic import isotypic_projector as isotypic_projector
from .isotypic import isotypic_spaces as isotypic_spaces
from .names import irrep_names as irrep_names
from .real import irrep_at as irrep_at
from .real import iter_real_irreps as iter_real_irreps
from .real import real_irreps as real_irreps
