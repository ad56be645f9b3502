"""What a 3-tensor is up to changes of basis: its concise core and its direct summands."""

from ._centroid import Summand as Summand
from ._centroid import centroid as centroid
from ._centroid import direct_summands as direct_summands
from .concise import compress as compress
