"""Ctrl-C ends a loop at a safe place, is neither lost nor taken for an error."""

import os
import signal
import sys
import threading
import time

import pytest

from wordtensor._interrupts import deferred_interrupts, heed_interrupts, was_interrupted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals to send")


@pytest.fixture(autouse=True)
def usual_handlers():
    """Make Ctrl-C raise, whatever started the tests, and put everything back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def usual_hook(monkeypatch):
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)


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


def raised(error, cause=None):
    try:
        raise error from cause
    except BaseException as caught:
        return caught


def test_what_comes_of_ctrl_c_is_told_from_errors():
    inner = raised(SystemError("returned a result with an exception set"), KeyboardInterrupt())
    for error in (KeyboardInterrupt(), inner, raised(SystemError(), inner)):
        assert was_interrupted(error)
    for error in (None, SystemError(), raised(SystemError(), ValueError()), SystemExit(130)):
        assert not was_interrupted(error)


def test_a_termination_is_ctrl_c_for_a_process_that_heeds_them():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    heed_interrupts()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_lost_ctrl_c_is_raised_again_and_other_errors_are_reported():
    reported = []
    sys.unraisablehook = lambda lost: reported.append(lost.exc_type)
    heed_interrupts()

    class Unlucky:
        def __init__(self, error):
            self.error = error

        def __del__(self):
            raise self.error

    Unlucky(ZeroDivisionError())
    assert reported == [ZeroDivisionError]
    with pytest.raises(KeyboardInterrupt):
        Unlucky(KeyboardInterrupt())
        time.sleep(20)
    assert reported == [ZeroDivisionError]


def test_a_ctrl_c_that_the_compiler_lost_is_pending_until_it_is_raised_again():
    # The compiler's callback loses it, and the compiler fails before the timer raises it again.
    lost = heed_interrupts()
    assert not lost.pending

    class Callback:
        def __del__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Callback()
        assert lost.pending
        time.sleep(20)
    deadline = time.monotonic() + 20
    while lost.pending and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not lost.pending


def test_an_error_that_a_lost_ctrl_c_caused_ends_the_command_quietly(monkeypatch):
    from wordtensor.cli import _process, app, main

    class Callback:
        def __del__(self):
            raise KeyboardInterrupt

    def failing():
        Callback()
        raise RuntimeError("no compiled object yet")

    codes = []
    monkeypatch.setattr(app, "run", failing)
    monkeypatch.setattr(_process, "end_process", codes.append)
    with pytest.raises(KeyboardInterrupt):
        main()
        time.sleep(20)
    assert codes == [130]
