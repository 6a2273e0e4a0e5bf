"""The worker service: dispatcher, django-q2 workers in a process group, and a watchdog over their progress."""

import logging
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from common.database.changes import ChangeWatch
from jobs.runtime import heartbeat, wakeups
from jobs.runtime.child_process import STOP_MARK, Child
from jobs.worker.dispatcher import Dispatcher
from jobs.worker.watchdog import Watchdog

log = logging.getLogger("jobs.work")
MAX_REST = 1.0  # seconds between two rounds of the dispatcher while nothing changes
IDLE_REST = 5.0  # … and no job is open, so that none becomes due
TICK = 0.25  # seconds between two rounds of the dispatcher
CHECKS = 5  # for requested polls during one tick
SWITCH_INTERVAL = 0.001  # seconds; Python's default of 0.005 delays threads whose responses have arrived
KEEP_SECONDS = 60  # how long workers and threads keep an idle database connection
MAX_STOP_SECONDS, SPARE_SECONDS = 45, 3  # docker-compose.yml and systemd kill after 60


def stop_timeout() -> float:
    """Return the seconds that workers have to stop: the response to a paid request must arrive first."""
    return min(settings.PROVIDER_SECONDS, MAX_STOP_SECONDS) + SPARE_SECONDS


class Command(BaseCommand):
    help = "Work on jobs until SIGTERM; a second one does not wait for running steps."

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.has_requests = self.is_woken = False
        self.has_open_jobs = True
        self.changes, self.request_changes = ChangeWatch(MAX_REST), ChangeWatch(MAX_REST)

    def handle(self, *args, **options):
        self.signals = 0
        self.wake = threading.Event()
        sys.setswitchinterval(SWITCH_INTERVAL)
        heartbeat.ignore_workers()
        connection.settings_dict["CONN_MAX_AGE"] = KEEP_SECONDS  # for all threads, whose number is constant
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_signal)
        with tempfile.TemporaryDirectory(prefix="tapwari-work-") as folder:
            self.mark = Path(folder) / "stop"
            self.workers = Child("workers", self.command(), env=self.environment())
            self.watchdog = Watchdog(self.workers)
            self.dispatcher = Dispatcher(self.wake.set)
            self.wait_for_database()
            if self.signals:
                return
            self.workers.start()
            try:
                self.loop()
            finally:
                self.close()

    def command(self):
        return [sys.executable, str(settings.BASE_DIR / "manage.py"), "workers"]

    def environment(self):
        """Return extra variables. macOS forbids fork after threads, and looking up proxies there starts one."""
        mac = {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "NO_PROXY": "*"} if sys.platform == "darwin" else {}
        return {STOP_MARK: str(self.mark), "DATABASE_KEEP_SECONDS": str(KEEP_SECONDS), **mac}

    def handle_signal(self, number, frame):
        """Count the signal without taking a lock: it may interrupt this thread while it sets ``wake``."""
        self.signals += 1
        if self.signals > 1:
            self.workers.kill()
            os._exit(1)

    def wait_for_database(self):
        """Wait until the database answers or a signal arrives: workers that start without it end with a traceback."""
        is_down = False
        while not self.signals:
            try:
                connection.ensure_connection()
                return
            except (DatabaseError, InterfaceError) as error:
                self.note_outage(error, is_down)
                is_down = True
                self.wake.wait(MAX_REST)
                self.wake.clear()

    def note_outage(self, error, is_known):
        """Log an outage of the database once, and have the next query connect again."""
        if not is_known:
            log.error("The database does not answer (%s); trying again.", error)
        connection.close()

    def loop(self):
        is_down = False
        while not self.signals:
            try:
                # Before any write: a worker that hangs within a write keeps SQLite's lock.
                self.watchdog.watch()
                if self.has_requests or self.is_woken or self.changes.may_have_changed():
                    self.tick()
                is_down = False
            except (DatabaseError, InterfaceError) as error:
                self.note_outage(error, is_down)
                is_down = True
            if not (self.signals or is_down):  # workers that start during an outage die at once
                self.restart_workers()
            self.rest(is_down)

    def tick(self) -> None:
        """Run one round of the dispatcher. The next one comes late if no job can become due before a change."""
        self.dispatcher.tick(self.has_requests)
        self.has_open_jobs = self.dispatcher.has_open_jobs()
        self.changes.max_age = MAX_REST if self.has_open_jobs else IDLE_REST

    def rest(self, is_down: bool) -> None:
        """Wait for the next tick, or less if the poller has capacity or a poll of an open job is requested.

        Requests are looked for at most in every second rest: one that cannot be polled yet stays open, and would end
        all rests.
        """
        looks, self.has_requests = self.has_open_jobs and not (is_down or self.has_requests), False
        self.is_woken = False
        checks = CHECKS if self.has_open_jobs else 1
        for _ in range(checks):
            if self.wake.wait(TICK / checks):
                self.is_woken = True
                break
            if looks and self.find_requests():
                self.has_requests = True
                break
        self.wake.clear()

    def find_requests(self) -> bool:
        try:
            return self.request_changes.may_have_changed() and wakeups.has_requests()
        except (DatabaseError, InterfaceError):
            return True  # the tick fails in the same way and logs the error

    def restart_workers(self):
        if self.workers.is_alive():
            return
        if not self.workers.keep_alive():
            raise CommandError("The workers keep dying within a minute of starting; the reason is in the log above.")
        log.warning("The workers had died and were restarted.")
        try:
            self.dispatcher.reset()
        except (DatabaseError, InterfaceError):
            connection.close()

    def close(self):
        """Stop the workers, then kill their group. No poll starts meanwhile, since it could outlast the workers."""
        self.mark.touch()
        self.dispatcher.stop()
        self.workers.stop()
        self.workers.wait(stop_timeout())
        self.workers.sweep()
        self.dispatcher.close()
