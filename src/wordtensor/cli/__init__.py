"""The command line: one file for each command, and `main`, which runs them."""

import sys


def main() -> None:
    """Run the command line; the exit code is 0, 1 (does not hold), 2 (bad input) or 130."""
    try:
        # Read here, so that Ctrl-C while the libraries load ends quietly as well.
        from .app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
