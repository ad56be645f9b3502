"""Ctrl-C is noted between steps, and nothing of that is left afterwards."""

import os
import signal
import sys
import threading

import pytest

from wordtensor.nets import TrainConfig, train
from wordtensor.nets._folder import STATE_FILE
from wordtensor.nets._interrupts import deferred_interrupts
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


def test_the_first_is_noted_and_the_second_raises():
    with pytest.raises(KeyboardInterrupt), deferred_interrupts() as noted:
        assert not noted.pending
        press()
        assert noted.pending
        press()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_afterwards_it_raises_again():
    with deferred_interrupts() as noted:
        pass
    with pytest.raises(KeyboardInterrupt):
        press()
    assert not noted.pending


def test_handlers_of_others_are_left_alone():
    calls = []
    signal.signal(signal.SIGINT, lambda *_: calls.append("mine"))
    with deferred_interrupts() as noted:
        press()
    assert calls == ["mine"] and not noted.pending


def test_a_termination_that_would_raise_is_noted():
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with deferred_interrupts() as noted:
        os.kill(os.getpid(), signal.SIGTERM)
        assert noted.pending
    assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler


def test_other_threads_touch_no_handlers():
    seen = []

    def work():
        with deferred_interrupts() as noted:
            seen.append((signal.getsignal(signal.SIGINT), noted.pending))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(signal.default_int_handler, False)]


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


def test_a_second_ctrl_c_within_a_step_does_not_save_half_of_it(tmp_path, monkeypatch):
    """The weights may be in between two steps then: nobody may take them for a state."""
    advance, states = TrainingState.advance, []

    def hit(self):
        if self.step == 5:
            states.append((tmp_path / STATE_FILE).read_bytes())
            press()
            press()
        advance(self)

    monkeypatch.setattr(TrainingState, "advance", hit)
    config = TrainConfig(group="C3", width=5, steps=9, log_every=1)
    with pytest.raises(KeyboardInterrupt):
        train(config, folder=tmp_path, save_seconds=0.0)
    assert (tmp_path / STATE_FILE).read_bytes() == states[0]
    monkeypatch.undo()
    resumed = train(config, folder=tmp_path)
    assert (resumed.model.logits() == train(config).model.logits()).all()
