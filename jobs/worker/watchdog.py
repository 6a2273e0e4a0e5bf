"""The watchdog: notices that workers hang although their processes live, and kills them.

While no job makes progress, canary tasks show that tasks still reach the workers. django-q2 can hang forever if an idle
worker dies while it holds the lock of its queue.
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from jobs import registry
from jobs.lifecycle import engine
from jobs.models import Heartbeat, Job, State
from jobs.runtime import clock, heartbeat, queue
from jobs.runtime.child_process import Child

log = logging.getLogger("jobs.work")
WATCH_EVERY = 1.0  # seconds
MAX_SLACK = 8  # at most that many times the watchdog's limit for workers to start


class Watchdog:
    """Watches the workers of one ``work`` command."""

    def __init__(self, workers: Child):
        self.workers = workers
        self._slack = 1
        self._watched_at = float("-inf")

    def watch(self) -> None:
        """Check the workers, at most once in WATCH_EVERY."""
        if time.monotonic() - self._watched_at >= WATCH_EVERY:
            self._watched_at = time.monotonic()
            self.check()

    def check(self) -> None:
        """Kill hung workers. If they never made progress, double the limit for the next ones, as on a slow machine."""
        running_for = time.monotonic() - self.workers.started_at
        if self._slack > 1 and has_progress_within(running_for):
            self._slack = 1
        if not are_workers_hung(running_for / self._slack):
            return
        log.error("No worker made progress for %s s; restarting the workers.", settings.WATCHDOG_SECONDS * self._slack)
        if not has_progress_within(running_for):
            self._slack = min(2 * self._slack, MAX_SLACK)
        self.workers.sweep()


class Canary:
    """Sends canary tasks, each a fourth of the watchdog's limit after the one before at the earliest."""

    def __init__(self) -> None:
        self._sent_at = float("-inf")

    def send(self) -> None:
        """Send one if no worker has made progress for a while."""
        interval = settings.WATCHDOG_SECONDS / 4
        if time.monotonic() - self._sent_at > interval and not has_progress_within(interval):
            self._sent_at = time.monotonic()
            queue.send_canary()


def has_progress_within(seconds: float) -> bool:
    """Return whether this machine's workers made progress in that time."""
    # rows may lie in the future after the clock was set back
    recent = (Now() - timedelta(seconds=seconds), Now() + clock.TOLERANCE)
    return Heartbeat.objects.filter(name=heartbeat.name(heartbeat.WORKERS), last_progress_at__range=recent).exists()


def are_workers_hung(running_for: float) -> bool:
    """Return whether workers make no progress after ``running_for`` seconds, although canary tasks are sent."""
    limit = settings.WATCHDOG_SECONDS
    return running_for > limit and not has_progress_within(limit) and not _are_in_long_step()


def _are_in_long_step() -> bool:
    """Return whether a worker of this machine has a lease that is still valid, such as one that a long step without
    progress reports has extended (``Lease.extend``)."""
    own = Job.objects.active().filter(lease_owner__startswith=engine.host_prefix(), lease_until__gt=Now())
    return own.exclude(Q(state=State.RUNNING, kind__in=registry.remote_kinds())).exists()
