"""Signals to worker processes are obeyed at any moment."""

import signal
import threading

import pytest

from jobs.management.commands import up, work
from jobs.worker.child_process import Child


@pytest.fixture
def alarm():
    """``alarm(handler, first, every)``: the handler runs in this thread, in the middle of whatever it does."""
    before = signal.getsignal(signal.SIGALRM)

    def ring(handler, first, every=0.0):
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, first, every)

    yield ring
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_second_signal_during_cleanup_is_obeyed(alarm):
    child = Child("a sleeper", ["sleep", "600"])
    child.start()
    alarm(lambda number, frame: child.kill(), 0.3)

    child.process.wait()  # as while it sweeps up after the first word

    assert child.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("command", [work.Command, up.Command])
def test_signal_during_sleep_or_wakeup_is_obeyed(alarm, command):
    told = command()
    told.signals, told.wake, told.children = -1_000_000, threading.Event(), []
    alarm(told.handle_signal, 0.0002, 0.0002)

    for _ in range(20_000):
        told.wake.wait(0.00001)
        told.wake.clear()

    assert told.signals > -1_000_000
