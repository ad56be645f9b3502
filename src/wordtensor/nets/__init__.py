"""Networks that learn words: models, training, dynamics and margins. The only room with torch."""

from .models import EmbeddingMLP as EmbeddingMLP
from .models import HadamardNet as HadamardNet
from .models import MarginNet as MarginNet
from .models import Net as Net
from .models import PairNet as PairNet
from .models import OneLayerTransformer as OneLayerTransformer
from .models import ParityNet as ParityNet
from .models import TwoLayerPerceptron as TwoLayerPerceptron
