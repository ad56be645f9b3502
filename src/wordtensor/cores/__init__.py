"""What a 3-tensor is: up to relabelling its canonical form, up to a basis its direct summands."""

from ._canonical import CanonicalCore as CanonicalCore
from ._canonical import Symmetries as Symmetries
from ._canonical import canonical_core as canonical_core
from ._canonical import canonical_form as canonical_form
from ._centroid import Summand as Summand
from ._centroid import centroid as centroid
from ._centroid import direct_summands as direct_summands
from .concise import compress as compress
