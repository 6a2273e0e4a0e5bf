"""The dispatcher: offers due jobs to workers fairly, polls remote jobs, and sends canary tasks.

It runs outside the task queue, so that a lost task does no harm.
"""

import logging
import time
from collections import Counter

from django.db.models import Q
from django.db.models.functions import Now

from accounts import maintenance
from common.hooks import SiteHooks
from jobs import registry
from jobs.models import Job, State
from jobs.runtime import clock, heartbeat, queue
from jobs.runtime.fairness import fair_order
from jobs.worker.abandoned_leases import AbandonedLeases
from jobs.worker.polling import Poller
from jobs.worker.watchdog import Canary

log = logging.getLogger("jobs.worker.dispatcher")
OFFER_AGAIN = 10.0  # seconds after which a nudge counts as lost
MAINTENANCE_EVERY = 1800.0
DUE_TASKS_EVERY = 5.0
CLOCK_CHECK_EVERY = 10.0
DISPATCHER_HEARTBEAT = 5.0  # seconds


class Dispatcher:
    def __init__(self, wake=lambda: None):
        """``wake()`` requests the next tick at once."""
        self._offered: dict = {}  # job id -> (fence, when)
        self.polls = Poller(wake)
        self._maintained_at = float("-inf")
        self.abandoned = AbandonedLeases()
        self.canary = Canary()
        self._clock_checked_at = float("-inf")
        self._tasks_asked_at = float("-inf")

    def tick(self, has_requests: bool = False) -> None:
        """Run one round. ``has_requests``: a poll was requested and comes first."""
        if has_requests:
            self.polls.take_requested()
        self.import_answers()
        self.check_clock()
        self.abandoned.release()
        self.canary.send()
        if not maintenance.is_on():
            self.start_work()
        heartbeat.record_progress(heartbeat.DISPATCHER, every=DISPATCHER_HEARTBEAT)

    def start_work(self) -> None:
        """Offer jobs, poll, and let workers run what is due."""
        self.offer()
        self.polls.take()
        if time.monotonic() - self._maintained_at > MAINTENANCE_EVERY:
            self._maintained_at = time.monotonic()
            queue.run_maintenance()
        self.run_due_tasks()

    def import_answers(self) -> None:
        """Import provider responses from this machine's disk, before their jobs are treated as unanswered."""
        for kind in registry.all_kinds():
            kind.import_answers()

    def check_clock(self) -> None:
        """Check the database's clock every few seconds."""
        if time.monotonic() - self._clock_checked_at > CLOCK_CHECK_EVERY:
            self._clock_checked_at = time.monotonic()
            clock.warn_if_set_back()

    def offer(self) -> None:
        """Nudge workers for as many due jobs as they can take soon, the least served workspace first."""
        slots = queue.free_slots()
        if not slots:
            return
        due = self._for_workers(Job.objects.due()).order_by("next_run_at")
        rows = list(due.values_list("pk", "workspace_id", "fence")[:500])
        now = time.monotonic()
        self._offered = {pk: (fence, at) for pk, (fence, at) in self._offered.items() if now - at < OFFER_AGAIN}
        fences = {pk: fence for pk, _, fence in rows}
        fresh = [(pk, workspace) for pk, workspace, fence in rows if self._offered.get(pk, (None,))[0] != fence]
        for pk in fair_order(fresh, self._busy() if fresh else {})[:slots]:
            self._offered[pk] = (fences[pk], now)
            queue.nudge_id(pk)

    def run_due_tasks(self) -> None:
        """Let workers run what apps say is due, in case the request that came with it was lost."""
        if time.monotonic() - self._tasks_asked_at > DUE_TASKS_EVERY:
            self._tasks_asked_at = time.monotonic()
            for path, is_due in SiteHooks.merged("due_tasks").items():
                if is_due():
                    queue.run_soon(path)

    def has_open_jobs(self) -> bool:
        """Return whether a job may become due by the clock alone."""
        return Job.objects.active().exclude(state=State.STUCK).exists()

    def reset(self) -> None:
        """Forget the offers after the workers were restarted, and clear the queue."""
        self._offered.clear()
        queue.clear()

    def stop(self) -> None:
        self.polls.stop()

    def close(self) -> None:
        self.polls.close()

    @staticmethod
    def _for_workers(jobs):
        return jobs.exclude(Q(state=State.RUNNING, kind__in=registry.remote_kinds()))

    @staticmethod
    def _busy() -> dict:
        """Return workspace → number of leased jobs. Python counts them, since SQLite would choose the wrong index."""
        leased = Job.objects.active().filter(lease_until__gt=Now())
        return Counter(leased.values_list("workspace_id", flat=True))
