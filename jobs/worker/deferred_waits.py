"""Writes "nothing new, ask again in ten seconds" for many jobs at once: of thousands of polls most say that."""

import math
import threading
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from django.db import connection, transaction
from django.db.models.functions import Now

from jobs.models import Job, State

STEPS = 4  # a second is divided into so many: waits are written together by the nearest of these,
LONG = 5.0  # those of so many seconds by the next whole second
AT_ONCE = 200  # rows in one statement
TRIES = 3  # for a row that somebody else holds, or that is no longer being made; then its lease ends by itself


@dataclass(frozen=True)
class Wait:
    """``job`` as it was claimed, and in how many seconds to come back to it."""

    job: Job
    seconds: float
    tries: int = 0


class Waits:
    """Gathered by many threads, written by one. What is never written is asked after again when its lease ends."""

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
                some = dict(islice(rows.items(), AT_ONCE))
                seen = _write(some)
                later |= {pk: replace(each, tries=each.tries + 1) for pk, each in some.items() if pk not in seen}
                rows = {pk: each for pk, each in rows.items() if pk not in some}
        finally:
            kept = rows | {pk: each for pk, each in later.items() if each.tries < TRIES}
            with self._lock:
                self._rows = kept | self._rows


def _write(rows: dict) -> set:
    """Let go of those that are still ours. Who was called for meanwhile (a callback, a wish to stop) stays due.

    Rows that somebody else has locked are left out: whoever waits for nobody while holding many rows can be part of no
    deadlock. Returns the ids of those that were seen.
    """
    later = defaultdict(list)
    with transaction.atomic():
        ours = Job.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        now = ours.filter(pk__in=list(rows), state=State.RUNNING).values_list("pk", "fence", "next_run_at")
        seen = {pk: (fence, due) for pk, fence, due in now}
        for pk, (fence, due) in seen.items():
            job, seconds = rows[pk].job, rows[pk].seconds
            if fence == job.fence:
                later[_rounded(seconds) if due == job.next_run_at else None].append(pk)
        for seconds, pks in later.items():
            facts = {} if seconds is None else {"next_run_at": Now() + timedelta(seconds=seconds)}
            Job.objects.filter(pk__in=pks).update(no_progress_count=0, lease_until=None, lease_owner="", **facts)
    return set(seen)


def _rounded(seconds: float) -> float:
    return math.ceil(seconds) if seconds >= LONG else round(seconds * STEPS) / STEPS
