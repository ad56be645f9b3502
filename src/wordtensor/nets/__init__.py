"""Networks that learn words: models, training, dynamics and margins. The only room with torch."""

from .config import TrainConfig as TrainConfig
from .evaluation import evaluate as evaluate
from .files import load as load
from .files import save as save
from .models import EmbeddingMLP as EmbeddingMLP
from .models import HadamardNet as HadamardNet
from .models import MarginNet as MarginNet
from .models import Net as Net
from .models import OneLayerTransformer as OneLayerTransformer
from .models import PairNet as PairNet
from .models import ParityNet as ParityNet
from .models import TwoLayerPerceptron as TwoLayerPerceptron
from .run import History as History
from .run import Run as Run
from .tasks import ParityTask as ParityTask
from .tasks import TensorTask as TensorTask
from .tasks import WordTask as WordTask
from .tasks import parity_task as parity_task
from .tasks import word_task as word_task
from .train import load_run as load_run
from .train import train as train
