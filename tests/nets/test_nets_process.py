"""What only a process of its own shows: Ctrl-C, kill -9, and what is imported."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from wordtensor.nets import TrainConfig, load_run, train
from wordtensor.nets._folder import METRICS_FILE, STATE_FILE
from wordtensor.nets.files import read_safetensors

SCORES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "norm")
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "80"}

# A shell that starts the tests in the background has Ctrl-C ignored, and children inherit that.
CHILD = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from wordtensor.nets import TrainConfig, train
values, folder, seconds = json.loads(sys.argv[1])
run = train(TrainConfig.from_dict(values), folder=folder, save_seconds=seconds)
print(json.dumps(run.to_dict()))
"""

CONFIGS = {
    "minibatches with adamw": {
        "group": "Q8", "model": "perceptron", "activation": "relu", "batch": 20,
        "optimizer": "adamw", "weight_decay": 0.1, "fraction": 0.8, "schedule": "linear",
    },
    "three instances": {
        "group": "C3", "instances": 3, "fraction": 0.8, "l2": 1e-4, "decay_schedule": "linear",
        "checkpoints": 5,
    },
}  # fmt: skip


@pytest.fixture(params=CONFIGS)
def config(request):
    return TrainConfig(width=6, steps=1000, log_every=1, seed=3, **CONFIGS[request.param])


def start(config, folder, seconds):
    arguments = json.dumps([config.to_dict(), str(folder), seconds])
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )  # fmt: skip


def wait_for(running, ready):
    """Wait until something is there, or the process has ended."""
    while not ready() and running.poll() is None:
        time.sleep(0.002)
    assert running.poll() is None, running.communicate()


def lines_of(folder):
    path = folder / METRICS_FILE
    return path.read_bytes().count(b"\n") if path.exists() else 0


def check_same(first, second):
    """Two runs agree bit for bit, times apart."""
    for name in ("step", *SCORES):
        np.testing.assert_array_equal(getattr(first.history, name), getattr(second.history, name))
    np.testing.assert_array_equal(first.success_step, second.success_step)
    for net in ("model", "first"):
        one, two = getattr(first, net).arrays(), getattr(second, net).arrays()
        for name in one:
            np.testing.assert_array_equal(one[name], two[name])


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL to send")
def test_kill_9_and_resume(config, tmp_path):
    running = start(config, tmp_path, 0.02)
    try:
        # Some records beyond a state that is not the first one.
        wait_for(running, lambda: (tmp_path / STATE_FILE).exists() and lines_of(tmp_path) > 100)
    finally:
        running.kill()
        running.communicate(timeout=60)
    assert running.returncode == -signal.SIGKILL
    header, _ = read_safetensors(tmp_path / STATE_FILE)
    assert 0 < header["step"] < 1000
    assert load_run(tmp_path).steps == header["step"]
    resumed = []
    run = train(config, folder=tmp_path, callback=resumed.append)
    assert resumed[0]["step"] == header["step"] + 1
    whole = train(config)
    check_same(run, whole)
    check_same(load_run(tmp_path), whole)
    lines = (tmp_path / METRICS_FILE).read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == list(range(1001))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send")
def test_ctrl_c_and_resume(tmp_path):
    config = TrainConfig(width=6, steps=1000, log_every=1, **CONFIGS["minibatches with adamw"])
    running = start(config, tmp_path, 100.0)
    try:
        wait_for(running, lambda: lines_of(tmp_path) > 100)
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=60)
    finally:
        running.kill()
    assert (running.returncode, stderr) == (0, "")
    values = json.loads(stdout)
    assert values["interrupted"] is True
    assert 100 <= values["steps"] < 1000
    stopped = load_run(tmp_path)
    assert stopped.interrupted and stopped.steps == values["steps"] == stopped.history.step[-1]
    assert stopped.final["train_loss"].tolist() == values["train_loss"]
    run = train(config, folder=tmp_path)
    assert not run.interrupted
    check_same(run, train(config))


TWICE = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from wordtensor.nets import TrainConfig, train

def twice(row):
    if row["step"] == 3:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            print("raised")
            raise

run = train(TrainConfig(group="C3", steps=9, log_every=1), callback=twice)
print(run.interrupted, run.steps)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send")
def test_a_second_ctrl_c_interrupts_a_callback_and_the_run_is_kept():
    done = subprocess.run(
        [sys.executable, "-c", TWICE], capture_output=True, text=True, timeout=60, env=ENVIRONMENT
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "raised\nTrue 3\n", "")


def test_work_without_networks_needs_no_torch():
    code = (
        "import sys, wordtensor as wt\n"
        "wt.verify(wt.decompose('a*b', 'Q8'))\n"
        "print('torch' in sys.modules, 'safetensors' in sys.modules)\n"
        "from wordtensor.nets import TrainConfig\n"
        "from wordtensor.experiments import RECIPES, recipe\n"
        "recipe('morwani-z71').configs(True, {'seed': TrainConfig().seed})\n"
        "print('torch' in sys.modules, 'safetensors' in sys.modules)\n"
        "from wordtensor.nets import HadamardNet\n"
        "print('torch' in sys.modules, 'matplotlib' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=ENVIRONMENT
    )
    assert (done.returncode, done.stdout) == (0, "False False\nFalse False\nTrue False\n"), (
        done.stderr
    )
