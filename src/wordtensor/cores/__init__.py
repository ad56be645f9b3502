"""What a 3-tensor is: its canonical form, its direct summands, and a store of terms for it."""

from ._archive import write_package as write_package
from ._canonical import CanonicalCore as CanonicalCore
from ._canonical import Symmetries as Symmetries
from ._canonical import canonical_core as canonical_core
from ._canonical import canonical_form as canonical_form
from ._centroid import Summand as Summand
from ._centroid import centroid as centroid
from ._centroid import direct_summands as direct_summands
from ._proofs import Proofs as Proofs
from ._proofs import write_proofs as write_proofs
from ._proved import ProvedCore as ProvedCore
from ._solved import SolvedCore as SolvedCore
from ._store import Store as Store
from ._store import default_store as default_store
from ._store import save_proved as save_proved
from ._store import save_solved as save_solved
from ._store import user_folder as user_folder
from ._store import user_store as user_store
from .concise import compress as compress
