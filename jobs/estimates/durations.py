"""How long jobs usually take and how often they fail, by the jobs of this installation that ended last."""

import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from statistics import median

from django.core.cache import cache
from django.utils import timezone

from common.cache import ask, remember
from jobs import registry
from jobs.models import TERMINAL, Job, State

LEAST_JOBS = 10  # fewer say too little
NEWEST_JOBS = 3000
DAYS = 60
TODAY = timedelta(hours=24)
SLOW_SHARE = 0.9
LENGTHS = (5, 10, 20, 60, 180)  # upper bounds of the classes of length, in seconds of video
CACHE_KEY, CACHE_SECONDS = "jobs.durations", 60
MEMORY_SECONDS = 10  # for which a process does not ask the cache

type Key = tuple  # kind, provider, model, and the size of what is made (get_size) or ANY_SIZE
ANY_SIZE = "any"


@dataclass(frozen=True)
class Usual:
    """The usual time of jobs of one kind from start to end, in seconds.

    ``middle``: the median. ``slow``: the 90th percentile; a job that takes longer takes longer than usual.
    """

    middle: float
    slow: float


@dataclass(frozen=True)
class Table:
    """What is known about all kinds of jobs. ``failures``: the share of failed jobs in the last 24 hours, 0–1."""

    usual: dict[Key, Usual]
    failures: dict[Key, float]

    def find_usual(self, job: Job) -> Usual | None:
        """Return the usual time of such a job, or None if too few ended.

        What this machine makes itself depends so much on the size that other sizes say nothing.
        """
        kind = registry.kind_of(job)
        if not kind.is_measured:
            return None
        size = get_size(job.seconds, job.resolution)
        found = self.usual.get((job.kind, job.provider, job.model, size))
        return found or (None if kind.is_local else self.usual.get((job.kind, job.provider, job.model, ANY_SIZE)))

    def find_seconds(self, kind: str, provider: str, model: str, size: tuple | None = None) -> float | None:
        """Return the median for a provider's model and that size, else for all sizes; None if too few jobs ended."""
        found = self.usual.get((kind, provider, model, size)) or self.usual.get((kind, provider, model, ANY_SIZE))
        return found.middle if found else None


def get_size(seconds: int | None, resolution: int | None) -> tuple | None:
    """Return the class of length and the resolution, or None if the job did not record them."""
    return (bisect_left(LENGTHS, seconds), resolution) if seconds else None


def load() -> Table:
    """Return the table, which is little older than CACHE_SECONDS."""
    return _load(int(time.monotonic() // MEMORY_SECONDS))


@lru_cache(maxsize=1)
def _load(_period: int) -> Table:
    """Return the table of the cache. A page asks many times, and each answer of the cache may come from a server."""
    return remember(CACHE_KEY, lambda: _measure(timezone.now()), CACHE_SECONDS)


def forget() -> None:
    """Let the next call of ``load`` read the jobs again."""
    ask(lambda: cache.delete(CACHE_KEY), default=False)
    _load.cache_clear()


def _measure(now: datetime) -> Table:
    """Read the jobs that ended last, in one query."""
    rows = Job.objects.filter(finished_at__gt=now - timedelta(days=DAYS), state__in=sorted(TERMINAL))
    columns = ("kind", "provider", "model", "seconds", "resolution", "state", "started_at", "finished_at")
    taken, ends = defaultdict(list), defaultdict(list)
    for *names, seconds, resolution, state, started, finished in rows.order_by("-finished_at").values_list(*columns)[
        :NEWEST_JOBS
    ]:
        keys = {(*names, get_size(seconds, resolution)), (*names, ANY_SIZE)}
        for key in keys:
            if state == State.READY and started and finished >= started:
                taken[key].append((finished - started).total_seconds())
            if state != State.CANCELLED and finished > now - TODAY:
                ends[key].append(state not in (State.READY, State.READY_DEGRADED))
    return Table(
        usual={key: _summarize(values) for key, values in taken.items() if len(values) >= LEAST_JOBS},
        failures={key: sum(values) / len(values) for key, values in ends.items() if len(values) >= LEAST_JOBS},
    )


def _summarize(seconds: Iterable[float]) -> Usual:
    ordered = sorted(seconds)
    return Usual(median(ordered), ordered[min(len(ordered) - 1, int(SLOW_SHARE * len(ordered)))])
