"""Networks that learn words: models, training, dynamics and margins. The only room with torch."""

from typing import TYPE_CHECKING, Final

from .. import _extras
from ..margins import MarginCertificate as MarginCertificate
from ..margins import MarginOptimum as MarginOptimum
from ..margins import gamma_star as gamma_star
from ..margins import gamma_star_parity as gamma_star_parity
from ..margins import margin_optimum as margin_optimum
from . import _requirements as _requirements
from .config import TrainConfig as TrainConfig
from .suggestion import suggested as suggested

if TYPE_CHECKING:
    from .blocks import block_task as block_task
    from .dynamics import grokking_delay as grokking_delay
    from .evaluation import evaluate as evaluate
    from .evaluation import relative_error as relative_error
    from .files import about as about
    from .files import load as load
    from .files import save as save
    from .margins import margin_certificate as margin_certificate
    from .margins import max_margin_net as max_margin_net
    from .margins import max_margin_parity_net as max_margin_parity_net
    from .margins import normalized_margin as normalized_margin
    from .margins import normalized_margin_parity as normalized_margin_parity
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
    from .training import load_run as load_run
    from .training import train as train

# What takes torch, which takes seconds to load: read when it is first used, so that the command
# line knows of a typo in a configuration before.
_WITH_TORCH: Final[dict[str, tuple[str, ...]]] = {
    "blocks": ("block_task",),
    "dynamics": ("grokking_delay",),
    "evaluation": ("evaluate", "relative_error"),
    "files": ("about", "load", "save"),
    "margins": (
        "margin_certificate",
        "max_margin_net",
        "max_margin_parity_net",
        "normalized_margin",
        "normalized_margin_parity",
    ),
    "models": (
        "EmbeddingMLP",
        "HadamardNet",
        "MarginNet",
        "Net",
        "OneLayerTransformer",
        "PairNet",
        "ParityNet",
        "TwoLayerPerceptron",
    ),
    "run": ("History", "Run"),
    "tasks": ("ParityTask", "TensorTask", "WordTask", "parity_task", "word_task"),
    "training": ("load_run", "train"),
}


__getattr__ = _extras.read_later(__name__, _WITH_TORCH)


def __dir__() -> list[str]:
    return sorted({*globals(), *(name for names in _WITH_TORCH.values() for name in names)})
