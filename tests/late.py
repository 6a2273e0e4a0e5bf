"""Finds tests that hold only for one order of events: ``./test tests/jobs -p tests.late``.

Every thread, and all that an executor is given, begins ``LATE_SECONDS`` (0.15) late; with ``LATE=starter`` it is who
started them that goes on late. A busy machine does both now and then. Only within tests: pytest has its own threads.
"""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import thread as executor

SECONDS = float(os.environ.get("LATE_SECONDS", "0.15"))
IS_STARTER = os.environ.get("LATE") == "starter"
_start, _submit, _run = threading.Thread.start, ThreadPoolExecutor.submit, executor._WorkItem.run
_is_testing = False


def pytest_runtest_setup(item):
    global _is_testing  # noqa: PLW0603 - the one of this process
    _is_testing = True


def pytest_runtest_logfinish(nodeid, location):
    global _is_testing  # noqa: PLW0603
    _is_testing = False


def pause() -> None:
    if _is_testing:
        time.sleep(SECONDS)


def start(thread):
    if IS_STARTER:
        _start(thread)
        return pause()
    if _is_testing:
        run = thread.run
        thread.run = lambda: (pause(), run())
    return _start(thread)


def submit(pool, *asked, **more):
    future = _submit(pool, *asked, **more)
    if IS_STARTER:
        pause()
    return future


def run(item, *given):
    if not IS_STARTER:
        pause()
    return _run(item, *given)


threading.Thread.start, ThreadPoolExecutor.submit, executor._WorkItem.run = start, submit, run
