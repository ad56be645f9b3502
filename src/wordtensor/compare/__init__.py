"""Comparing what networks learned with the decomposition: arrays in, numbers out, no torch."""

from .ablation import Ablation as Ablation
from .ablation import ablate as ablate
from .ablation import replace_block as replace_block
from .boxes import BoxUse as BoxUse
from .boxes import box_use as box_use
from .clusters import ClusterShares as ClusterShares
from .clusters import cluster_shares as cluster_shares
from .coset_table import CosetTable as CosetTable
from .coset_table import coset_table as coset_table
from .cosets import CosetConcentration as CosetConcentration
from .cosets import coset_concentration as coset_concentration
from .cosets import random_concentration as random_concentration
from .function import LogitSpectrum as LogitSpectrum
from .function import logit_spectrum as logit_spectrum
from .gcr import GCRMetrics as GCRMetrics
from .gcr import gcr_metrics as gcr_metrics
from .network import Network as Network
from .network import network as network
from .network import randomised as randomised
from .order import LearnedOrder as LearnedOrder
from .order import learned_order as learned_order
from .pruning import Pruning as Pruning
from .pruning import prune as prune
from .spectrum import NullModel as NullModel
from .spectrum import Spectrum as Spectrum
from .spectrum import spectrum as spectrum
