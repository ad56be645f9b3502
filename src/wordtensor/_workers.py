"""Long work as tasks on executors: here, in processes of this machine, or on a dask cluster."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from typing import Any, Final, TypeVar

from ._extras import missing
from .errors import WordTensorError

Task = TypeVar("Task")
Result = TypeVar("Result")

# So often a task is given out again when the process that worked on it has died.
_TRIES: Final = 3


@contextmanager
def worker_pool(workers: int = 1, scheduler: str | None = None) -> Iterator[Executor | None]:
    """Yield an executor: None for this process, processes, or the workers of a dask scheduler."""
    if scheduler is not None:
        with _cluster(scheduler) as executor:
            yield executor
    elif workers == 1:
        yield None
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield pool


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    """Yield the executor of a dask scheduler."""
    try:
        distributed: Any = import_module("distributed")
    except ModuleNotFoundError as error:
        raise missing(error, "A scheduler") from None
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise WordTensorError(
            f"There is no dask scheduler at {address!r} ({error}); start one with dask scheduler, "
            "or use --workers"
        ) from None
    with client:
        yield client.get_executor(retries=_TRIES)


def results_of(
    function: Callable[[Task], Result], tasks: Sequence[Task], executor: Executor | None = None
) -> Iterator[tuple[Task, Result]]:
    """Yield each task with its result as it comes; what a dead process had is done again."""
    if executor is None:
        for task in tasks:
            yield task, function(task)
        return
    left = list(tasks)
    for attempt in range(_TRIES):
        done: set[int] = set()
        try:
            for number, result in _round(function, left, executor):
                done.add(number)
                yield left[number], result
            return
        except BrokenProcessPool:
            if attempt == _TRIES - 1:
                raise WordTensorError(
                    f"The worker processes have died {_TRIES} times, which happens when memory "
                    "runs out; use fewer workers. What was found so far is kept"
                ) from None
            left = [task for number, task in enumerate(left) if number not in done]
            executor = _renewed(executor)


def _round(
    function: Callable[[Task], Result], tasks: Sequence[Task], executor: Executor
) -> Iterator[tuple[int, Result]]:
    """Give out all tasks, and yield their numbers with their results as they come."""
    futures: dict[Future[Result], int] = {}
    try:
        for number, task in enumerate(tasks):
            futures[executor.submit(function, task)] = number
        for future in _as_completed(list(futures)):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


def _as_completed(futures: Sequence[Any]) -> Iterator[Any]:
    """Yield futures of any executor in the order in which they end."""
    if futures and not isinstance(futures[0], Future):
        found: Iterator[Any] = iter(import_module("distributed").as_completed(futures))
        return found
    return as_completed(futures)


def _renewed(executor: Executor) -> Executor:
    """Return a new pool for one whose process has died."""
    workers = getattr(executor, "_max_workers", 1)
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
