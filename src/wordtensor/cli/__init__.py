"""The command line: one file for each command, and `main`, which runs them."""


def main() -> None:
    """Run the command line; the exit code is 0, 1 (does not hold), 2 (bad input) or 130."""
    from .._interrupts import heed_interrupts, was_interrupted
    from ._process import EXIT_INTERRUPTED, end_process, open_streams

    code: int | str | None = EXIT_INTERRUPTED
    lost = None
    try:
        open_streams()
        lost = heed_interrupts()
        # Read here, so that Ctrl-C while the libraries load ends quietly as well.
        from .app import run

        run()
    except SystemExit as ended:
        code = ended.code
    except BaseException as error:
        if not was_interrupted(error) and not (lost is not None and lost.pending):
            raise
    end_process(code)
