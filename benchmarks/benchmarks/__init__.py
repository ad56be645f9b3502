"""The asv suites. One thread for everything, said before numpy is imported for the first time."""

import os
import sys

if "numpy" not in sys.modules:
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
