"""A Chromium that neither hangs while it opens a window nor fails more than one test when it dies."""

import os
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.processes import children, kill

OPENING_SECONDS = 90  # for one window; a busy machine takes a few


class Chromium:
    """A browser that is launched again if it has died."""

    def __init__(self, launch):
        self.launch, self.browser = launch, launch()

    def new_context(self, **options):
        if not self.browser.is_connected():
            self.browser = self.launch()
        with kill_if_hanging():
            return self.browser.new_context(**options)


@contextmanager
def kill_if_hanging():
    """Limit the time for opening a window, which Playwright does not: kill Chromium, so that the call raises."""
    timer = threading.Timer(OPENING_SECONDS, kill_chromium)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def kill_chromium():
    for pid in children(os.getpid()):
        with suppress(OSError):  # it has ended meanwhile
            if b"chromium" in Path(f"/proc/{pid}/cmdline").read_bytes().partition(b"\0")[0]:
                kill(pid)
