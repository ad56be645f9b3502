"""kill -9 at every write of a run, and at any time: nothing is lost, the same command goes on."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from wordtensor.errors import FileFormatError
from wordtensor.nets import TrainConfig, load, load_run, train
from wordtensor.nets._folder import METRICS_FILE, STATE_FILE

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")

ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "80"}
SMALL = {"group": "C3", "width": 5, "steps": 5, "log_every": 2, "checkpoints": 3, "seed": 1}
LONG = {"group": "Q8", "width": 8, "steps": 4000, "log_every": 1, "checkpoints": 60, "seed": 1}
WHOLE = ("config.json", METRICS_FILE, STATE_FILE, "net.safetensors", "checkpoints")

# Runs train in one child after the other; each dies right before or after its k-th call that
# changes what is on disk, until one lives to the end.
DRIVER = """
import json, os, signal, sys
from pathlib import Path
from wordtensor.nets import TrainConfig, train

values, root, anew = json.loads(sys.argv[1])
config = TrainConfig.from_dict(values)

def mortal(function, count):
    def call(*arguments, **options):
        for after in (False, True):
            count[0] -= 1
            if count[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            if not after:
                result = function(*arguments, **options)
        return result
    return call

def child(number):
    folder = Path(root) / str(number)
    if anew:
        train(config.replace(seed=99), folder=folder, save_seconds=0.0)
    count = [number]
    os.fsync = mortal(lambda number: None, count)  # slow, and only where the power fails
    for name in ("replace", "unlink", "mkdir"):
        setattr(Path, name, mortal(getattr(Path, name), count))
    train(config, folder=folder, resume=not anew, save_seconds=0.0)

train(config)  # what torch loads at its first step is loaded once
for number in range(1, 10**6):
    pid = os.fork()
    if not pid:
        child(number)
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    if os.WIFEXITED(status):
        print(number, os.WEXITSTATUS(status))
        break
"""

CHILD = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from wordtensor.nets import TrainConfig, train
values, folder = json.loads(sys.argv[1])
print("begins", flush=True)
train(TrainConfig.from_dict(values), folder=folder, save_seconds=0.0)
"""


def check_went_on(folder, config, whole):
    """The folder is taken up by the same command, and ends as a run that nobody killed."""
    state = folder / STATE_FILE
    if state.exists():
        assert load_run(folder).steps <= config.steps
    for path in folder.glob("**/*.safetensors"):
        if path != state:
            load(path)
    check_same(train(config, folder=folder), whole)
    names = {path.name for path in folder.iterdir()} - {"best.safetensors", ".lock"}
    assert names == set(WHOLE)
    rows = (folder / METRICS_FILE).read_text().splitlines()
    assert [json.loads(row)["step"] for row in rows] == whole.history.step.tolist()


def check_same(run, whole):
    np.testing.assert_array_equal(run.history.train_loss, whole.history.train_loss)
    for name, value in whole.model.arrays().items():
        np.testing.assert_array_equal(run.model.arrays()[name], value)


@pytest.mark.parametrize("anew", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_run_killed_at_any_of_its_writes_goes_on(anew, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda number: None)  # as in the children
    config = TrainConfig.from_dict(SMALL)
    arguments = json.dumps([config.to_dict(), str(tmp_path), anew])
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, arguments],
        capture_output=True, text=True, timeout=300, env=ENVIRONMENT,
    )  # fmt: skip
    count, code = map(int, done.stdout.split())
    assert code == 0, done.stderr
    assert count > 40
    whole = train(config)
    for number in range(1, count + 1):
        folder = tmp_path / str(number)
        # Where the run that begins anew died before it had touched the old one, that one is there.
        old = anew and folder.exists() and (folder / STATE_FILE).exists()
        if old and load_run(folder).config.seed == 99:
            train(config, folder=folder, resume=False)
        check_went_on(folder, config, whole)


def start(config, folder):
    running = subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps([config.to_dict(), str(folder)])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == "begins\n", running.communicate()
    return running


def test_a_second_start_in_a_folder_says_that_the_first_is_running(tmp_path):
    config = TrainConfig.from_dict(LONG | {"steps": 10**6, "checkpoints": 0})
    running = start(config, tmp_path)
    try:
        while not (tmp_path / STATE_FILE).exists() and running.poll() is None:
            time.sleep(0.01)
        for resume in (True, False):
            with pytest.raises(FileFormatError, match="Another run is going on in the folder"):
                train(config, folder=tmp_path, resume=resume)
        assert running.poll() is None
    finally:
        running.kill()
        running.communicate(timeout=60)
    # The kernel has dropped the lock.
    before = load_run(tmp_path).steps

    def stop(row):
        raise KeyboardInterrupt

    assert train(config, folder=tmp_path, callback=stop).steps == before + 1


# When a child dies, as shares of the time that the whole run takes, and the run's steps: while it
# starts (folder, configuration), while it writes states and checkpoints, about its end, and about
# that of a short run.
MOMENTS = {
    "start": (0.0, 0.1, 100), "states": (0.1, 0.9, 100), "end": (0.85, 1.05, 100),
    "nets": (0.6, 1.1, 20),
}  # fmt: skip

# Children of one process that has loaded torch: to load it takes longer than most of the runs.
KILLER = """
import json, os, random, signal, sys, time, traceback
from wordtensor.nets import TrainConfig, train

values, root, moment, low, high = json.loads(sys.argv[1])
config, chance, killed = TrainConfig.from_dict(values), random.Random(moment), 0

def begun(name):
    pid = os.fork()
    if pid:
        return pid
    try:
        train(config, folder=f"{root}/{name}", save_seconds=0.0)
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)

train(config)
began = time.monotonic()
os.waitpid(begun("whole"), 0)
length = time.monotonic() - began
for number in range(20):
    for _ in range(2):  # killed, taken up and killed again
        pid = begun(number)
        time.sleep(length * chance.uniform(low, high))
        os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        killed += os.WIFSIGNALED(status)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
print(killed)
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_9_at_random_times(moment, tmp_path):
    low, high, steps = MOMENTS[moment]
    config = TrainConfig.from_dict(LONG | {"steps": steps})
    arguments = json.dumps([config.to_dict(), str(tmp_path), moment, low, high])
    done = subprocess.run(
        [sys.executable, "-c", KILLER, arguments],
        capture_output=True, text=True, timeout=600, env=ENVIRONMENT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5
    whole = train(config)
    for number in range(20):
        check_went_on(tmp_path / str(number), config, whole)
