"""Writes "nothing new, ask again in ten seconds" for many jobs at once: of thousands of polls most say that."""

import threading
from collections import defaultdict
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.db.models.functions import Now

from jobs.models import Job, State

STEPS = 4  # a second is divided into so many: waits are written together by the nearest of these
AT_ONCE = 200  # rows in one statement


class Waits:
    """Gathered by many threads, written by one. What is never written is asked after again when its lease ends."""

    def __init__(self):
        self._lock = threading.Lock()
        self._rows: dict = {}  # job id -> (the job as it was claimed, seconds)

    def add(self, job: Job, seconds: float) -> None:
        with self._lock:
            self._rows[job.pk] = (job, seconds)

    def write(self) -> None:
        with self._lock:
            rows, self._rows = self._rows, {}
        try:
            while rows:
                some = dict(islice(rows.items(), AT_ONCE))
                _write(some)
                rows = {pk: row for pk, row in rows.items() if pk not in some}
        finally:
            with self._lock:
                self._rows = rows | self._rows


def _write(rows: dict) -> None:
    """Let go of those that are still ours. Who was called for meanwhile (a callback, a wish to stop) stays due."""
    later = defaultdict(list)
    with transaction.atomic():
        now = Job.objects.select_for_update().filter(pk__in=list(rows), state=State.RUNNING)
        for pk, fence, due in now.order_by("pk").values_list("pk", "fence", "next_run_at"):
            job, seconds = rows[pk]
            if fence == job.fence:
                later[round(seconds * STEPS) if due == job.next_run_at else None].append(pk)
        for steps, pks in later.items():
            facts = {} if steps is None else {"next_run_at": Now() + timedelta(seconds=steps / STEPS)}
            Job.objects.filter(pk__in=pks).update(no_progress_count=0, lease_until=None, lease_owner="", **facts)
