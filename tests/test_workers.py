"""Tasks on executors: the same results, also when a worker is killed half-way."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wordtensor._workers import results_of, worker_pool
from wordtensor.errors import WordTensorError


def square(number):
    return number * number


def deadly(task):
    """Kill the process that does this, the first time."""
    number, folder = task
    mark = Path(folder) / "killed"
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def always_deadly(number):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_task_has_its_result(workers):
    with worker_pool(workers) as executor:
        found = dict(results_of(square, range(20), executor))
    assert found == {k: k * k for k in range(20)}


def test_a_killed_process_loses_nothing(tmp_path):
    tasks = [(k, str(tmp_path)) for k in range(8)]
    with worker_pool(2) as executor:
        found = {task[0]: result for task, result in results_of(deadly, tasks, executor)}
    assert found == {k: k * k for k in range(8)}
    assert (tmp_path / "killed").exists()


def test_processes_that_always_die_are_an_error():
    with worker_pool(2) as executor, pytest.raises(WordTensorError, match="have died 3 times"):
        list(results_of(always_deadly, range(3), executor))


def test_a_scheduler_that_is_not_there_is_an_error():
    pytest.importorskip("distributed")
    with (
        pytest.raises(WordTensorError, match="no dask scheduler at"),
        worker_pool(scheduler="tcp://127.0.0.1:9"),
    ):
        pass


@pytest.mark.slow
def test_an_atlas_on_a_cluster_of_which_a_worker_is_killed(tmp_path):
    distributed = pytest.importorskip("distributed")
    from wordtensor import atlas

    alone = atlas.build(["S3", "D4"])
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1) as cluster:
        pid = next(iter(cluster.workers.values())).pid
        command = [
            sys.executable, "-m", "wordtensor", "atlas", "build", "--groups", "S3; D4",
            "--scheduler", cluster.scheduler_address, "-o", str(tmp_path / "atlas.json"),
        ]  # fmt: skip
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(8)
            os.kill(pid, signal.SIGKILL)
            assert process.wait(300) == 0
    found = atlas.read_atlas((tmp_path / "atlas.json").read_bytes())
    assert found == alone
