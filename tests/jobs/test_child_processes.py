"""Signals to worker processes are obeyed at any moment."""

import signal
import threading

import pytest

from jobs.management.commands import work
from jobs.runtime.child_process import Child
from jobs.worker.supervisor import Plan, Service, Supervisor


@pytest.fixture
def alarm():
    """``alarm(handler, first, every)`` interrupts this thread with the handler, once or repeatedly (seconds)."""
    before = signal.getsignal(signal.SIGALRM)

    def set_alarm(handler, first, every=0.0):
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, first, every)

    yield set_alarm
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_second_signal_during_cleanup_is_obeyed(alarm):
    child = Child("a sleeper", ["sleep", "600"])
    child.start()
    alarm(lambda number, frame: child.kill(), 0.3)

    child.process.wait()  # as during the clean-up after the first signal

    assert child.process.returncode == -signal.SIGKILL


PLAN = Plan(Service("web", []), Service("work", []), "", "", [])


@pytest.mark.parametrize("create", [work.Command, lambda: Supervisor(PLAN)], ids=["work", "up"])
def test_signal_during_sleep_or_wakeup_is_obeyed(alarm, create):
    running = create()
    running.signals, running.wake, running.children = -1_000_000, threading.Event(), []
    alarm(running.handle_signal, 0.0002, 0.0002)

    for _ in range(20_000):
        running.wake.wait(0.00001)
        running.wake.clear()

    assert running.signals > -1_000_000
