import numpy as np
import pytest

import wordtensor as wt
from wordtensor import plots
from wordtensor.compare import compare

STEPS = np.arange(0, 50, 10)
HISTORY = {
    "step": STEPS,
    "train_loss": np.exp(-STEPS / 10),
    "test_loss": np.exp(-STEPS / 20),
    "train_accuracy": 1 - np.exp(-STEPS / 10),
    "test_accuracy": 1 - np.exp(-STEPS / 20),
}


def exact(word, G):
    """Compare the net that a decomposition is with the decomposition itself."""
    d = wt.decompose(word, G)
    early = [F[:, :2] for F in d.factors]
    return compare(d.factors, word, G, decomposition=d, checkpoints=[(0, early), (200, d.factors)])


def every_picture(c, of=""):
    """Yield the name of each public function of plots, and a call that takes ax."""
    table = c.network.lookups[0].T
    found = wt.compare.coset_concentration(table, c.group)
    null = wt.compare.random_concentration(c.group, count=50)
    yield "network_widths", lambda ax=None: plots.network_widths(c, ax, of=of)
    yield (
        "pruning_curve",
        lambda ax=None: plots.pruning_curve(c.pruning, c.decomposition, ax, of=of),
    )
    yield "block_ranks", lambda ax=None: plots.block_ranks(c.decomposition, ax, of=of)
    yield "block_matches", lambda ax=None: plots.block_matches(c.match, ax, of=of)
    yield "logit_similarities", lambda ax=None: plots.logit_similarities(c.gcr, ax, of=of)
    yield "weights_explained", lambda ax=None: plots.weights_explained(c.gcr, ax, of=of)
    yield "neurons_explained", lambda ax=None: plots.neurons_explained(c.gcr, ax, of=of)
    yield "neuron_energies", lambda ax=None: plots.neuron_energies(c.spectrum, "left", ax, of=of)
    yield "triplet_shares", lambda ax=None: plots.triplet_shares(c.spectrum, ax, of=of)
    yield "logit_energies", lambda ax=None: plots.logit_energies(c.logits, ax, of=of)
    yield "triplet_energies", lambda ax=None: plots.triplet_energies(c.logits, ax, of=of)
    yield "ablation_effects", lambda ax=None: plots.ablation_effects(c.ablations, ax, of=of)
    yield "coset_counts", lambda ax=None: plots.coset_counts(c.cosets[0], ax, of=of)
    yield (
        "concentration_histogram",
        lambda ax=None: plots.concentration_histogram(found, null, ax, of=of),
    )
    yield "training_curves", lambda ax=None: plots.training_curves(HISTORY, ax, of=of)
    yield "similarity_curves", lambda ax=None: plots.similarity_curves(c.order, ax, of=of)


@pytest.fixture(scope="session")
def small():
    """A comparison on S3, whose group has a name that no picture may stumble over."""
    G = wt.Group.from_cayley(wt.group("S3").cayley, name="S3 $x^{2$ \\alpha 漢\n<b>")
    return exact("a*b*a^-1", G)


@pytest.fixture(scope="session")
def large():
    """A comparison with 32 irreps, and 92 neurons."""
    return exact("a*b", "C62")
