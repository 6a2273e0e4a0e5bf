"""Offers due work to the workers, fairly; asks after what is made elsewhere; notices when nothing gets on.

It stands outside the queue, so nothing depends on a task surviving.
"""

import logging
import time
from collections import Counter, defaultdict
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from jobs import registry
from jobs.lifecycle import engine
from jobs.models import Heartbeat, Job, State
from jobs.worker import clock, heartbeat, queue
from jobs.worker.polling import Poller

log = logging.getLogger("jobs.worker.dispatcher")
OFFER_AGAIN = 10.0  # seconds after which a nudge counts as lost
HOUSEKEEPING_EVERY = 1800.0
LOOK_AT_CLOCK_EVERY = 10.0


def fair_order(due: list[tuple], busy: dict) -> list:
    """Ids of ``due`` (id, workspace), oldest first, so that the workspace with the least in work comes next."""
    lines: dict = defaultdict(list)
    for pk, workspace in due:
        lines[workspace].append(pk)
    load, order = Counter(busy), []
    while lines:
        workspace = min(lines, key=lambda one: load[one])
        order.append(lines[workspace].pop(0))
        load[workspace] += 1
        if not lines[workspace]:
            del lines[workspace]
    return order


class Dispatcher:
    def __init__(self, wake=lambda: None):
        """``wake()`` is called when the next tick is wanted at once."""
        self._offered: dict = {}  # job id -> (fence, when)
        self.polls = Poller(wake)
        self._tidied_at = float("-inf")
        self._pulsed_at = float("-inf")
        self._saw_clock_at = float("-inf")

    def tick(self, is_called: bool = False) -> None:
        """``is_called``: somebody called for something, and waits."""
        if is_called:
            self.polls.take_called()
        self.recall()
        self.look_at_clock()
        self.offer()
        self.polls.take()
        self.pulse()
        if time.monotonic() - self._tidied_at > HOUSEKEEPING_EVERY:
            self._tidied_at = time.monotonic()
            queue.run_maintenance()
        heartbeat.record_progress(heartbeat.DISPATCHER, every=settings.WATCHDOG_SECONDS / 6)

    def recall(self) -> None:
        """First of all: nobody may conclude that an answer never came while this machine has it on its disk."""
        for kind in registry.all_kinds():
            kind.import_answers()

    def look_at_clock(self) -> None:
        """Check the database's clock, once in a while."""
        if time.monotonic() - self._saw_clock_at > LOOK_AT_CLOCK_EVERY:
            self._saw_clock_at = time.monotonic()
            clock.warn_if_set_back()

    def offer(self) -> None:
        """Nudge workers about due jobs: as many as they can take soon, the least served workspace first."""
        room = queue.free_slots()
        if not room:
            return
        due = self._for_workers(Job.objects.due()).order_by("next_run_at")
        rows = list(due.values_list("pk", "workspace_id", "fence")[:500])
        now = time.monotonic()
        self._offered = {pk: (fence, at) for pk, (fence, at) in self._offered.items() if now - at < OFFER_AGAIN}
        fences = {pk: fence for pk, _, fence in rows}
        fresh = [(pk, who) for pk, who, fence in rows if self._offered.get(pk, (None,))[0] != fence]
        for pk in fair_order(fresh, self._busy())[:room]:
            self._offered[pk] = (fences[pk], now)
            queue.nudge_id(pk)

    def pulse(self) -> None:
        """Send the smallest task when no worker has shown a sign for a while: is there still somebody?"""
        pause = settings.WATCHDOG_SECONDS / 4
        if time.monotonic() - self._pulsed_at > pause and not has_progress_within(pause):
            self._pulsed_at = time.monotonic()
            queue.send_canary()

    def forget(self) -> None:
        """After the workers were started anew: what they had been told is gone with them."""
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
        """Counted here: SQLite would count by the index of all that a workspace ever made."""
        held = Job.objects.active().filter(lease_until__gt=Now())
        return Counter(held.values_list("workspace_id", flat=True))


def has_progress_within(seconds: float) -> bool:
    """Whether this machine's workers finished, or got on with, anything in that time."""
    lately = (Now() - timedelta(seconds=seconds), Now() + clock.TOLERANCE)  # a clock set back leaves later ones
    return Heartbeat.objects.filter(name=heartbeat.name(heartbeat.WORKERS), last_progress_at__range=lately).exists()


def are_workers_hung(running_for: float) -> bool:
    """Whether workers that have run for so long show no sign of work, though they are sent some regularly.

    django-q2 can hang for ever while it looks alive, when an idle worker dies holding the lock of its queue.
    """
    limit = settings.WATCHDOG_SECONDS
    return running_for > limit and not has_progress_within(limit) and not _are_at_a_step()


def _are_at_a_step() -> bool:
    """A worker of this machine said that its step may have nothing to report for a while (``Claim.hold``); any other
    holds a job for less than the limit after it got on."""
    mine = Job.objects.active().filter(lease_owner__startswith=engine.host_prefix(), lease_until__gt=Now())
    return mine.exclude(Q(state=State.RUNNING, kind__in=registry.remote_kinds())).exists()
