"""The command line: ``wordtensor decompose``, ``plan``, ``info`` and ``verify``."""

from .app import app as app
from .app import main as main
