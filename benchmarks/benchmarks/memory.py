"""Peaks of memory, each of a process of its own that does one thing and nothing else.

asv's own ``peakmem_`` would count what the suites import. Whether the answers are right is the
other suites' part.
"""

from collections.abc import Callable
from pathlib import Path

from .base import LIMIT, OURS, SEED, Suite, require_memory, unknown
from .imports import run_python
from .words import TEXTS

HERE = Path(__file__).parents[1]
PEAK = """
import re
from pathlib import Path
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
# The sizes of Chughtai, Chan and Nanda's MLP.
MLP = f"""
import numpy as np
rng = np.random.default_rng({SEED})
shapes = {{"W_x": (120, 256), "W_y": (120, 256), "W": (512, 128), "W_U": (128, 120)}}
net = {{name: rng.standard_normal(shape) for name, shape in shapes.items()}}
"""

# What each way does; the limit has what goes in and comes out, with all pages touched.
CODE = {
    "decompose S5 a*b": {
        OURS: "import wordtensor as wt; wt.decompose('a*b', 'S5')",
        LIMIT: "import numpy as np; factors = np.ones((3, 120, 447))",
    },
    "gcr_metrics of an S5 MLP": {
        OURS: f"{MLP}import wordtensor as wt; wt.compare.gcr_metrics(net, 'S5')",
        LIMIT: MLP,
    },
    "word table S7 W8": {
        OURS: f"import wordtensor as wt; wt.word_tensor('{TEXTS['W8']}', 'S7')",
        "numpy": f"""
import sys
sys.path.insert(0, {str(HERE)!r})
import wordtensor as wt
from benchmarks.words import WORDS, indexed
indexed(WORDS["W8"], wt.group("S7"))
""",
        LIMIT: "import numpy as np; tables = np.ones((2, 5040, 5040), dtype=np.int32)",
    },
}


class Peaks(Suite):
    pretty_suite = "peak memory of a process; The limit is Python, numpy, inputs and outputs."
    params = (tuple(CODE), (OURS, "numpy", LIMIT))

    def prepare(self, case: str, way: str) -> Callable[[], str]:
        require_memory(2)
        if way not in CODE[case]:
            raise unknown(way)
        return lambda: run_python(CODE[case][way] + "\n" + PEAK)

    def check(self, case: str, way: str, answer: str) -> float:
        return 0.0

    def track_peak(self, case: str, way: str) -> float:
        return float(self.answer) * 1024

    track_peak.row = "lower"
    track_peak.unit = "bytes"
