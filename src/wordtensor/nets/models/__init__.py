"""The networks of the three papers, one file each; any of them may hold many instances at once."""

from .hadamard import HadamardNet as HadamardNet
from .lookup import COMBINATIONS as COMBINATIONS
from .lookup import LookupNet as LookupNet
from .mlp import EmbeddingMLP as EmbeddingMLP
from .net import Net as Net
from .net import PairNet as PairNet
from .parity import ParityNet as ParityNet
from .perceptron import ACTIVATIONS as ACTIVATIONS
from .perceptron import MarginNet as MarginNet
from .perceptron import TwoLayerPerceptron as TwoLayerPerceptron
from .transformer import OneLayerTransformer as OneLayerTransformer

MODELS: dict[str, type[Net]] = {
    model.kind: model
    for model in (
        HadamardNet,
        TwoLayerPerceptron,
        MarginNet,
        EmbeddingMLP,
        OneLayerTransformer,
        ParityNet,
    )
}
