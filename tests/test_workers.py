"""Tasks on executors: the same results, also when a worker is killed half-way."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from wordtensor import _workers, atlas
from wordtensor._memory import allowed_bytes, memory_limit
from wordtensor._workers import results_of, worker_pool
from wordtensor.errors import WordTensorError

GROUPS = ["C3", "C4", "S3"]
WORDS = ["a*b", "[a,b]", "a*b*a", "a*b*a^-1", "(a*b)^2", "a^2*b", "a*b^2*a", "a", "a^2*b^2"]
ENDLESS = """
import sys
sys.path.append(sys.argv[2])
from test_workers import endless
from wordtensor._interrupts import heed_interrupts
from wordtensor._workers import results_of, worker_pool
heed_interrupts()
with worker_pool(2) as executor, results_of(endless, [sys.argv[1]] * 5, executor) as results:
    list(results)
"""


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


def limit_there(number):
    return allowed_bytes()


def useless(number):
    raise WordTensorError("This is of no use")


def endless(folder):
    (Path(folder) / str(os.getpid())).touch()
    while True:
        time.sleep(0.1)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_task_has_its_result(workers):
    with worker_pool(workers) as executor:
        with results_of(square, range(20), executor) as results:
            found = dict(results)
    assert found == {k: k * k for k in range(20)}


def test_a_killed_process_loses_nothing(tmp_path):
    tasks = [(k, str(tmp_path)) for k in range(8)]
    with worker_pool(2) as executor:
        with results_of(deadly, tasks, executor) as results:
            found = {task[0]: result for task, result in results}
    assert found == {k: k * k for k in range(8)}
    assert (tmp_path / "killed").exists()


def test_processes_that_always_die_are_an_error():
    with (
        worker_pool(2) as executor,
        pytest.raises(WordTensorError, match="have died 3 times"),
        results_of(always_deadly, range(3), executor) as results,
    ):
        list(results)


def test_what_is_done_when_a_process_dies_is_not_done_again(caplog):
    done = []

    def kill(entry):
        if not done:
            next(iter(multiprocessing.active_children())).kill()
        done.append(entry.key)

    with worker_pool(2) as executor:
        found = atlas.build(GROUPS, WORDS, executor=executor, callback=kill)
    assert found == atlas.build(GROUPS, WORDS)
    assert sorted(done) == sorted(entry.key for entry in found)
    assert "a worker process has died" in caplog.text


def test_tasks_have_the_limit_of_memory_of_who_gives_them_out():
    with memory_limit(0.5), worker_pool(2) as executor:
        with results_of(limit_there, range(2), executor) as results:
            assert dict(results) == {0: 2**29, 1: 2**29}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_one_that_it_belongs_to(number, tmp_path):
    command = [sys.executable, "-c", ENDLESS, str(tmp_path), str(Path(__file__).parent)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while len(pids := [int(path.name) for path in tmp_path.iterdir()]) < 2:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        try:
            # Until nobody is left who could write to it. A zombie still has a number, but no files.
            _, told = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            raise
    assert "InvalidState" not in told


@contextmanager
def started(folder):
    """Start a dask scheduler and two workers, as in a shell; yield its file and process."""
    file = folder / "scheduler.json"
    known = ["--scheduler-file", str(file), "--no-dashboard"]
    alone = ["--nthreads", "1", "--no-nanny"]  # who is killed is not replaced
    commands = [["scheduler", *known, "--host", "127.0.0.1", "--port", "0"]]
    commands += [["worker", *known, *alone, "--local-directory", str(folder)]] * 2
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [
        subprocess.Popen([sys.executable, "-m", "dask", *command], **quiet) for command in commands
    ]
    try:
        while not file.exists():
            assert processes[0].poll() is None
            time.sleep(0.05)
        yield file, processes[0]
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Return a client of a cluster of two workers."""
    distributed = pytest.importorskip("distributed")
    with (
        started(tmp_path_factory.mktemp("dask")) as (file, _),
        distributed.Client(scheduler_file=str(file)) as client,
    ):
        client.wait_for_workers(2)
        yield client


def test_the_command_line_with_a_scheduler_writes_the_same_file(cluster, tmp_path):
    command = [sys.executable, "-m", "wordtensor", "atlas", "build", "--groups", ";".join(GROUPS)]
    command += ["--words", ";".join(WORDS), "-o"]
    there = ["--scheduler", cluster.scheduler.address]
    subprocess.run([*command, tmp_path / "alone.json"], check=True)
    subprocess.run([*command, tmp_path / "there.json", *there], check=True)
    assert (tmp_path / "there.json").read_bytes() == (tmp_path / "alone.json").read_bytes()


def test_an_atlas_on_a_cluster_of_which_a_worker_is_killed(cluster):
    killed = []

    def kill(entry):
        if not killed:
            pids = cluster.run(os.getpid)
            assert len(pids) == 2
            killed.append(next(address for address, tasks in cluster.processing().items() if tasks))
            os.kill(pids[killed[0]], signal.SIGKILL)

    address = cluster.scheduler.address
    with worker_pool(scheduler=address) as executor:
        found = atlas.build(GROUPS, WORDS, executor=executor, callback=kill)
    assert found == atlas.build(GROUPS, WORDS)
    assert killed
    assert len(cluster.run(os.getpid)) == 1


def test_an_error_of_a_task_is_the_same_on_a_cluster(cluster):
    with (
        worker_pool(scheduler=cluster.scheduler.address) as executor,
        pytest.raises(WordTensorError, match="of no use"),
        results_of(useless, range(3), executor) as results,
    ):
        list(results)


def test_a_scheduler_that_is_not_there_is_an_error(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(_workers, "_PATIENCE", 0.5)
    for address in ("tcp://127.0.0.1:9", "nonsense", "", "foo://a:1"):
        with (
            pytest.raises(WordTensorError, match="no dask scheduler at"),
            worker_pool(scheduler=address),
        ):
            pass


def test_a_worker_is_no_scheduler(cluster):
    address = next(iter(cluster.run(os.getpid)))
    with pytest.raises(WordTensorError, match="it is a Worker"), worker_pool(scheduler=address):
        pass


def test_a_scheduler_that_is_lost_is_an_error(tmp_path):
    pytest.importorskip("distributed")
    made = []
    with started(tmp_path) as (file, process):

        def kill(entry):
            made.append(entry)
            process.kill()

        address = json.loads(file.read_text())["address"]
        with (
            pytest.raises(WordTensorError, match="is there no more"),
            worker_pool(scheduler=address) as executor,
        ):
            atlas.build(GROUPS, WORDS, executor=executor, callback=kill)
    assert made


@pytest.mark.slow
def test_a_task_that_kills_every_worker_is_an_error():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=":0") as nannies,
        pytest.raises(WordTensorError, match="have died over the same task"),
        worker_pool(scheduler=nannies.scheduler_address) as executor,
        results_of(always_deadly, range(2), executor) as results,
    ):
        list(results)
