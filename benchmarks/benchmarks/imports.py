"""Import times, in processes of their own."""

import subprocess
import sys
from collections.abc import Callable

from .base import LIMIT, OURS, Suite, peer

# The modules that `import wordtensor` must not import.
HEAVY = ("torch", "numba", "tensorly", "matplotlib")
MODULES = {OURS: "wordtensor", "tensorly": "tensorly", LIMIT: "numpy"}


def run_python(code: str) -> str:
    """Run code in a new process and return what it printed."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


class Imports(Suite):
    pretty_suite = "import in a new process; The limit is the start of Python with numpy."
    params = (("package",), tuple(MODULES))

    def prepare(self, case: str, way: str) -> Callable[[], str]:
        module = MODULES[way]
        peer(module)
        names = f"[name for name in {HEAVY} if name in sys.modules and name != '{module}']"
        return lambda: run_python(f"import sys, {module}; print(len({names}))")

    def check(self, case: str, way: str, answer: str) -> float:
        # A peer may import what it likes.
        return float(answer) if way == OURS else 0.0

    def time_import(self, case: str, way: str) -> None:
        self.work()

    def track_heavy_modules(self, case: str, way: str) -> float:
        return self.error

    track_heavy_modules.params = (("package",), (OURS,))
