"""Dispatcher, django-q2 workers in a group of their own, and a watchdog over their progress: the worker service."""

import logging
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from jobs.worker import heartbeat, wakeups
from jobs.worker.child_process import STOP_MARK, Child
from jobs.worker.dispatcher import Dispatcher, are_workers_hung, has_progress_within

log = logging.getLogger("jobs.work")
TICK = 0.25  # seconds; a due poll waits for it
LOOKS = 5  # so often in between: has anything been called for? A callback waits for that
SWITCH = 0.001  # seconds that one thread computes while others wait, whose answers have come; else it is 0.005
MOST_SLACK = 8  # times as long as it should take have workers at most to show themselves
KEEP_SECONDS = 60  # that workers, and each thread here, keep their connection to the database between two questions
LONGEST, SPARE = 45, 3  # seconds; longer than both no stop lasts: docker-compose.yml and systemd kill after 60


def stop_timeout() -> float:
    """Seconds the workers have to hand back what they hold: whoever has just asked a provider for something that costs
    hears the answer first, since many could not be asked later what became of the request."""
    return min(settings.PROVIDER_SECONDS, LONGEST) + SPARE


class Command(BaseCommand):
    slack = 1
    help = "Work on jobs until told to stop (SIGTERM; a second one does not wait)."

    def handle(self, *args, **options):
        self.told = 0
        self.was_called = False
        self.wake = threading.Event()
        sys.setswitchinterval(SWITCH)
        heartbeat.ignore_workers()
        connection.settings_dict["CONN_MAX_AGE"] = KEEP_SECONDS  # of all threads, which are as many all the time
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.be_told)
        with tempfile.TemporaryDirectory(prefix="tapwari-work-") as folder:
            self.mark = Path(folder) / "stop"
            self.workers = Child("workers", self.command(), env=self.environment())
            self.dispatcher = Dispatcher(self.wake.set)
            self.workers.start()
            try:
                self.loop()
            finally:
                self.close()

    def command(self):
        return [sys.executable, str(settings.BASE_DIR / "manage.py"), "workers"]

    def environment(self):
        """macOS forbids fork after threads, and looking up proxies there is such a thread."""
        mac = {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "NO_PROXY": "*"} if sys.platform == "darwin" else {}
        return {STOP_MARK: str(self.mark), "DATABASE_KEEP_SECONDS": str(KEEP_SECONDS), **mac}

    def be_told(self, number, frame):
        """A signal comes at any moment, also while this thread sets or clears ``wake``: no lock is taken here."""
        self.told += 1
        if self.told > 1:
            self.workers.kill()
            os._exit(1)

    def loop(self):
        is_down = False
        while not self.told:
            try:
                # Before anything is written: a worker that hangs in the middle of a write keeps SQLite's lock.
                self.watch()
                self.dispatcher.tick(self.was_called)
                is_down = False
            except (DatabaseError, InterfaceError) as problem:
                if not is_down:
                    log.error("The database does not answer (%s); trying again.", problem)
                is_down = True
                connection.close()
            if not self.told:
                self.tend()
            self.rest(is_down)

    def watch(self) -> None:
        """Have workers that hang killed. Those that never showed themselves may have been about to, on a machine this
        slow: the next ones have twice the time, else none would ever have enough."""
        running_for = time.monotonic() - self.workers.started_at
        if self.slack > 1 and has_progress_within(running_for):
            self.slack = 1
        if not are_workers_hung(running_for / self.slack):
            return
        log.error("No worker got on for %s s: starting them anew.", settings.WATCHDOG_SECONDS * self.slack)
        if not has_progress_within(running_for):
            self.slack = min(2 * self.slack, MOST_SLACK)
        self.workers.sweep()

    def rest(self, is_down: bool) -> None:
        """Until the next tick, which comes sooner when there is room for more questions or something is called for.

        A call ends every second rest at most: what nobody can ask after now may look called for all the time.
        """
        looks, self.was_called = not (is_down or self.was_called), False
        for _ in range(LOOKS):
            if self.wake.wait(TICK / LOOKS):
                break
            if looks and self.is_called():
                self.was_called = True
                break
        self.wake.clear()

    def is_called(self) -> bool:
        try:
            return wakeups.has_requests()
        except (DatabaseError, InterfaceError):
            return True  # the tick meets the same trouble at once, and says so

    def tend(self):
        if self.workers.is_alive():
            return
        if not self.workers.keep_alive():
            raise CommandError("The workers keep dying within a minute of starting; the reason is in the log above.")
        log.warning("The workers had died and were started anew.")
        try:
            self.dispatcher.forget()
        except (DatabaseError, InterfaceError):
            connection.close()

    def close(self):
        """Workers hand back what they hold, then everything of theirs is swept up. Nobody is asked after meanwhile: a
        question to a silent provider would begin its own time when that of the workers is over."""
        self.mark.touch()
        self.dispatcher.stop()
        self.workers.stop()
        self.workers.wait(stop_timeout())
        self.workers.sweep()
        self.dispatcher.close()
