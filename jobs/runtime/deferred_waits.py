"""Write the outcome of most polls, "nothing new, poll again in ten seconds", for many jobs at once."""

import math
import threading
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from django.db import connection, transaction
from django.db.models.functions import Now

from jobs.models import Job, State

STEPS_PER_SECOND = 4  # waits are rounded, so that equal ones are written together
LONG = 5.0  # seconds; longer waits are rounded up to whole seconds
BATCH_SIZE = 200  # rows in one statement
MAX_ATTEMPTS = 3  # for a row that is locked or no longer running; then its lease expires


@dataclass(frozen=True)
class Wait:
    """A job as it was leased, and the seconds until its next poll."""

    job: Job
    seconds: float
    attempts: int = 0


class Waits:
    """Waits that many threads collect and one thread writes. If a wait is never written, its lease expires instead."""

    def __init__(self):
        self._lock = threading.Lock()
        self._rows: dict = {}  # job id -> Wait

    def add(self, job: Job, seconds: float) -> None:
        with self._lock:
            self._rows[job.pk] = Wait(job, seconds)

    def write(self) -> None:
        with self._lock:
            rows, self._rows = self._rows, {}
        later: dict = {}
        try:
            while rows:
                batch = dict(islice(rows.items(), BATCH_SIZE))
                seen = _write(batch)
                later |= {pk: replace(wait, attempts=wait.attempts + 1) for pk, wait in batch.items() if pk not in seen}
                rows = {pk: wait for pk, wait in rows.items() if pk not in batch}
        finally:
            kept = rows | {pk: wait for pk, wait in later.items() if wait.attempts < MAX_ATTEMPTS}
            with self._lock:
                self._rows = kept | self._rows


def _write(rows: dict) -> set:
    """End the leases that are still valid. A job that was made due meanwhile (callback, cancellation) stays due.

    Locked rows are skipped, so that this transaction cannot be part of a deadlock. Returns the ids of the rows that
    were neither locked nor in another state.
    """
    later = defaultdict(list)
    with transaction.atomic():
        unlocked = Job.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        current = unlocked.filter(pk__in=list(rows), state=State.RUNNING).values_list("pk", "fence", "next_run_at")
        seen = {pk: (fence, due) for pk, fence, due in current}
        for pk, (fence, due) in seen.items():
            job, seconds = rows[pk].job, rows[pk].seconds
            if fence == job.fence:
                later[_rounded(seconds) if due == job.next_run_at else None].append(pk)
        for seconds, pks in later.items():
            facts = {} if seconds is None else {"next_run_at": Now() + timedelta(seconds=seconds)}
            Job.objects.filter(pk__in=pks).update(no_progress_count=0, lease_until=None, lease_owner="", **facts)
    return set(seen)


def _rounded(seconds: float) -> float:
    return math.ceil(seconds) if seconds >= LONG else round(seconds * STEPS_PER_SECOND) / STEPS_PER_SECOND
