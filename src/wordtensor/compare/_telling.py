"""What a comparison comes to next: logged as a stage, shown, and told to a callback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .._progress import begin_stage, show_progress

Tell = Callable[[str], None]


@contextmanager
def telling(progress: bool | None, head: str, callback: Tell | None) -> Iterator[Tell]:
    """Give a function that tells what comes next."""
    with show_progress(progress, head, str, callback) as told:

        def tell(what: str) -> None:
            begin_stage("comparison: %s", what)
            told(what)

        yield tell
