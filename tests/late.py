"""Find tests that pass only with one order of events: ``./test tests/jobs -p tests.late``.

Every thread and every task of an executor starts ``LATE_SECONDS`` (0.15) late; with ``LATE=starter`` the thread that
started it continues late instead. Threads of pytest itself are not delayed.
"""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import thread as executor

SECONDS = float(os.environ.get("LATE_SECONDS", "0.15"))
DELAYS_STARTER = os.environ.get("LATE") == "starter"
_start, _submit, _run = threading.Thread.start, ThreadPoolExecutor.submit, executor._WorkItem.run
_test_is_running = False


def pytest_runtest_setup(item):
    global _test_is_running  # noqa: PLW0603 - one per process
    _test_is_running = True


def pytest_runtest_logfinish(nodeid, location):
    global _test_is_running  # noqa: PLW0603
    _test_is_running = False


def pause() -> None:
    if _test_is_running:
        time.sleep(SECONDS)


def start(thread):
    if DELAYS_STARTER:
        _start(thread)
        return pause()
    if _test_is_running:
        run = thread.run
        thread.run = lambda: (pause(), run())
    return _start(thread)


def submit(pool, *args, **kwargs):
    future = _submit(pool, *args, **kwargs)
    if DELAYS_STARTER:
        pause()
    return future


def run(item, *args):
    if not DELAYS_STARTER:
        pause()
    return _run(item, *args)


threading.Thread.start, ThreadPoolExecutor.submit, executor._WorkItem.run = start, submit, run
