"""Ctrl-C while a network is trained: between two steps, and nothing half done is kept."""

import os
import signal
import sys

import pytest

from wordtensor.nets import TrainConfig, load, load_run, train
from wordtensor.nets._folder import STATE_FILE
from wordtensor.nets._state import TrainingState

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals to send")


@pytest.fixture(autouse=True)
def usual_handlers():
    """Make Ctrl-C raise, whatever started the tests, and put everything back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def press():
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_in_a_callback_ends_the_run_after_it():
    after = []

    def callback(row):
        if row["step"] == 3:
            press()
        after.append(row["step"])

    run = train(TrainConfig(group="C3", steps=9, log_every=1), callback=callback)
    assert after == [0, 1, 2, 3]
    assert run.interrupted and run.steps == 3
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupted_run_is_scored_where_it_ended(tmp_path, monkeypatch):
    """Between two records it is the best net too, unless it has lost accuracy there."""
    config = TrainConfig(group="Q8", width=32, steps=400, log_every=300, seed=1)
    advance = TrainingState.advance

    def hit(self, steps=1):
        advance(self, steps)
        if self.step == 100:
            press()

    monkeypatch.setattr(TrainingState, "advance", hit)
    run = train(config, folder=tmp_path)
    monkeypatch.undo()
    assert run.interrupted and run.steps == 100 == run.history.step[-1]
    assert run.best_step.tolist() == [100] and run.best_accuracy[0] == run.history.accuracy[-1, 0]
    assert run.history.train_loss[-1, 0] < run.history.train_loss[-2, 0]
    assert (load(tmp_path / "best.safetensors").logits() == run.model.logits()).all()
    assert load_run(tmp_path).history.step.tolist() == run.history.step.tolist()
    assert load_run(tmp_path).best_step.tolist() == [100] and load_run(tmp_path).interrupted
    # What goes on from there is the uninterrupted run, whose records have no such step.
    resumed, whole = train(config, folder=tmp_path), train(config)
    assert resumed.history.step.tolist() == whole.history.step.tolist()
    assert (resumed.first.logits() == whole.first.logits()).all()
    assert resumed.success_step.tolist() == whole.success_step.tolist()


def test_a_second_ctrl_c_within_a_step_does_not_save_half_of_it(tmp_path, monkeypatch):
    """The weights may be in between two steps then: nobody may take them for a state."""
    advance, states = TrainingState.advance, []

    def hit(self, steps):
        if self.step == 5:
            states.append((tmp_path / STATE_FILE).read_bytes())
            press()
            press()
        advance(self, steps)

    monkeypatch.setattr(TrainingState, "advance", hit)
    config = TrainConfig(group="C3", width=5, steps=9, log_every=1)
    with pytest.raises(KeyboardInterrupt):
        train(config, folder=tmp_path, save_seconds=0.0)
    assert (tmp_path / STATE_FILE).read_bytes() == states[0]
    monkeypatch.undo()
    resumed = train(config, folder=tmp_path)
    assert (resumed.model.logits() == train(config).model.logits()).all()
