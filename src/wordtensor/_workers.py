"""Long work as tasks on executors: here, in processes of this machine, or on a dask cluster."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib import import_module
from itertools import chain
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final, TypeVar

from ._extras import missing
from ._memory import allowed_bytes, memory_limit
from ._progress import begin_stage
from .errors import WordTensorError

Task = TypeVar("Task")
Result = TypeVar("Result")

_log = logging.getLogger(__name__)
# So often tasks are given out again when the process that worked on them has died.
_TRIES: Final = 3
_PATIENCE: Final = 5  # seconds in which a scheduler must answer
_GIB: Final = 2**30


@contextmanager
def worker_pool(workers: int = 1, scheduler: str | None = None) -> Iterator[Executor | None]:
    """Yield an executor: None for this process, processes, or the workers of a dask scheduler."""
    if scheduler is not None:
        if workers != 1:
            raise WordTensorError(
                "Give either --workers or --scheduler: the cluster has workers of its own"
            )
        with _cluster(scheduler) as executor:
            yield executor
    elif workers == 1:
        yield None
    else:
        with _processes(workers) as pool:
            yield pool


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    """Yield the executor of a dask scheduler; a cluster that is lost is an error of ours."""
    try:
        distributed: Any = import_module("distributed")
    except ModuleNotFoundError as error:
        raise missing(error, "A scheduler") from None
    begin_stage("the dask scheduler at %s", address)
    _require_scheduler(distributed, address)
    log = logging.getLogger("distributed.client")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)  # it tells with tracebacks what is told here in a sentence
    try:
        with distributed.Client(address, timeout=_PATIENCE) as client:
            yield client.get_executor()
    except (CancelledError, distributed.comm.CommClosedError):
        raise WordTensorError(
            f"The dask scheduler at {address!r} is there no more; what was found so far is kept"
        ) from None
    except distributed.scheduler.KilledWorker as error:
        raise WordTensorError(
            f"Several workers of the dask scheduler at {address!r} have died over the same task "
            f"(the last was {error.last_worker.address}), which happens when memory runs out; what "
            "was found so far is kept"
        ) from None
    finally:
        log.setLevel(level)


def _require_scheduler(distributed: Any, address: str) -> None:
    """Refuse an address at which no dask scheduler answers within some seconds."""

    # Client itself waits for ever where something else answers.
    async def identity() -> Any:
        secured = distributed.Security().get_connection_args("client")
        async with distributed.rpc(address, connection_args=secured) as scheduler:
            return await asyncio.wait_for(scheduler.identity(), _PATIENCE)

    try:
        found = asyncio.run(identity())
        if found["type"] != "Scheduler":
            raise ValueError(f"it is a {found['type']}")
    except (OSError, ValueError) as error:
        why = str(error) or f"no answer in {_PATIENCE} seconds"
        raise WordTensorError(
            f"There is no dask scheduler at {address!r} ({why}); start one with dask scheduler, or "
            "use --workers"
        ) from None
    if not found["workers"]:
        _log.warning("the scheduler has no workers yet; start one: dask worker %s", address)


@contextmanager
def results_of(
    function: Callable[[Task], Result], tasks: Sequence[Task], executor: Executor | None = None
) -> Iterator[Iterator[tuple[Task, Result]]]:
    """Give each task with its result as it comes; what a dead process had is done again."""
    found = _here(function, tasks) if executor is None else _there(function, tasks, executor)
    with closing(found):  # whatever happens to who reads them, no task goes on
        yield found


@contextmanager
def results_on_demand(
    function: Callable[[Task], Result], tasks: Iterator[Task], executor: Executor | None = None
) -> Iterator[Iterator[tuple[Task, Result]]]:
    """Do what `results_of` does; each task is made as late as possible, when others have ended."""
    found = _here(function, tasks) if executor is None else _flowing(function, tasks, executor)
    with closing(found):
        yield found


def _flowing(
    function: Callable[[Task], Result], tasks: Iterator[Task], executor: Executor
) -> Generator[tuple[Task, Result]]:
    """Keep all workers busy, and one task ready; what a dead process had is done again."""
    running: dict[Any, Task] = {}
    next_one, limit, tries = next(tasks, None), allowed_bytes() / _GIB, 0
    with ExitStack() as renewed:
        try:
            while running or next_one is not None:
                try:
                    while next_one is not None and len(running) <= _places(executor):
                        running[executor.submit(_limited, limit, function, next_one)] = next_one
                        next_one = next(tasks, None)
                    for future in wait(list(running), return_when=FIRST_COMPLETED).done:
                        result = future.result()
                        tries = 0
                        yield running.pop(future), result
                except BrokenProcessPool:
                    tries += 1
                    executor = _renewed(executor, len(running), tries, renewed)
                    lost = [*running.values()] + ([] if next_one is None else [next_one])
                    tasks, running = chain(lost, tasks), {}
                    next_one = None
                if next_one is None:
                    next_one = next(tasks, None)
        finally:
            # Python 3.11 reports a future that is cancelled in a pool whose processes end then.
            for future in () if isinstance(executor, _Processes) else running:
                future.cancel()


def _places(executor: Executor) -> int:
    """Return how many tasks an executor works on at once."""
    processes = getattr(executor, "_max_workers", None)
    if processes is None:
        client: Any = getattr(executor, "_client", None)
        processes = 1 if client is None else sum(client.nthreads().values())
    return max(int(processes), 1)


def _renewed(executor: Executor, lost: int, tries: int, renewed: ExitStack) -> Executor:
    """Return a new pool for one that has lost a process, unless that happens over and over."""
    if tries == _TRIES:
        raise WordTensorError(
            f"The worker processes have died {_TRIES} times, which happens when memory "
            "runs out; use fewer workers. What was found so far is kept"
        )
    _log.warning("a worker process has died; %d tasks go to new ones", lost)
    return renewed.enter_context(_processes(getattr(executor, "_max_workers", 1)))


def _here(
    function: Callable[[Task], Result], tasks: Iterable[Task]
) -> Generator[tuple[Task, Result]]:
    for task in tasks:
        yield task, function(task)


def _there(
    function: Callable[[Task], Result], tasks: Sequence[Task], executor: Executor
) -> Generator[tuple[Task, Result]]:
    left, tries = dict(enumerate(tasks)), 0
    with ExitStack() as renewed:
        while left:
            before = len(left)
            for number, result in _round(function, left, executor):
                yield left.pop(number), result
            if left:  # the pool has lost a process, and takes no more tasks
                tries = tries + 1 if len(left) == before else 1
                executor = _renewed(executor, len(left), tries, renewed)


def _round(
    function: Callable[[Task], Result], tasks: Mapping[int, Task], executor: Executor
) -> Iterator[tuple[int, Result]]:
    """Give out all tasks, and yield numbers and results as they come; a broken pool's are few."""
    futures: dict[Future[Result], int] = {}
    limit = allowed_bytes() / _GIB
    try:
        with suppress(BrokenProcessPool):
            for number, task in tasks.items():
                futures[executor.submit(_limited, limit, function, task)] = number
        for future in _as_completed(list(futures)):
            with suppress(BrokenProcessPool):
                result = future.result()
                yield futures[future], result
    finally:
        # Python 3.11 reports a future that is cancelled in a pool whose processes end then.
        for future in () if isinstance(executor, _Processes) else futures:
            future.cancel()


def _limited(limit: float, function: Callable[[Task], Result], task: Task) -> Result:
    """Do a task under the limit of memory of the process that gave it out."""
    with memory_limit(limit):
        return function(task)


def _as_completed(futures: Sequence[Any]) -> Iterator[Any]:
    """Yield futures of any executor in the order in which they end."""
    if futures and not isinstance(futures[0], Future):
        found: Iterator[Any] = iter(import_module("distributed").as_completed(futures))
        return found
    return as_completed(futures)


class _Processes(ProcessPoolExecutor):
    """Processes of this machine; at the end of the ``with`` block they end, whatever they do."""


@contextmanager
def _processes(workers: int) -> Iterator[_Processes]:
    """Yield processes that also end if this one is killed."""
    context = get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    with (
        reader,
        _Processes(workers, context, initializer=_begin, initargs=(reader,)) as pool,
        writer,  # closed before the pool waits for what still runs
    ):
        yield pool


def _begin(lifeline: Connection) -> None:
    """Begin the life of a worker process: Ctrl-C is for the process that it belongs to."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    """End this process when the other end is closed, also by the death of the other process."""
    with suppress(EOFError, OSError):
        lifeline.recv()
    os._exit(1)
