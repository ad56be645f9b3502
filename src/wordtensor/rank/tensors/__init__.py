"""Any 3-tensor of a user's own: read, bounded, decomposed and checked."""

from ._solve import solve as solve
from .decomposition import TensorDecomposition as TensorDecomposition
from .files import read_tensor as read_tensor
from .plan import TensorPlan as TensorPlan
from .plan import plan_tensor as plan_tensor
from .value import Tensor as Tensor
from .value import tensor as tensor
