"""Pictures of comparisons: functions that draw on an Axes and return it; needs matplotlib."""

from . import _requirements as _requirements
from .ablations import ablation_effects as ablation_effects
from .cosets import concentration_histogram as concentration_histogram
from .cosets import coset_counts as coset_counts
from .heatmaps import Side as Side
from .heatmaps import logit_energies as logit_energies
from .heatmaps import neuron_energies as neuron_energies
from .irreps import logit_similarities as logit_similarities
from .irreps import neurons_explained as neurons_explained
from .irreps import weights_explained as weights_explained
from .matches import block_matches as block_matches
from .ranks import block_ranks as block_ranks
from .ranks import network_widths as network_widths
from .ranks import pruning_curve as pruning_curve
from .shares import triplet_energies as triplet_energies
from .shares import triplet_shares as triplet_shares
from .training import HistoryLike as HistoryLike
from .training import similarity_curves as similarity_curves
from .training import training_curves as training_curves
