"""How long clips usually take, by this installation's own jobs."""

import time
from collections import defaultdict
from datetime import timedelta
from functools import lru_cache
from statistics import median

from django.utils import timezone

from generation.providers.base import Estimate, Provider
from jobs.models import Job, State

LEAST_JOBS = 10  # fewer say too little
NEWEST_JOBS = 1000
DAYS = 60
KEPT_SECONDS = 300


def get_usual_seconds(engine: Provider, model: str, estimate: Estimate) -> float:
    """Return the usual time from sending a clip to its end, in seconds: the median of this installation's last clips.

    Falls back to the estimate for local providers, and for a model with fewer than LEAST_JOBS clips. Medians are up to
    KEPT_SECONDS old.
    """
    if engine.is_local:
        return estimate.seconds
    medians = _measure(int(time.monotonic() // KEPT_SECONDS))
    return medians.get((engine.slug, model), estimate.seconds)


@lru_cache(maxsize=1)
def _measure(_period: int) -> dict[tuple[str, str], float]:
    rows = Job.objects.filter(kind="clip_elsewhere", state=State.READY, started_at__isnull=False)
    rows = rows.filter(finished_at__gt=timezone.now() - timedelta(days=DAYS)).order_by("-finished_at")
    seconds = defaultdict(list)
    columns = rows.values_list("provider", "model", "started_at", "finished_at")
    for provider, model, started, finished in columns[:NEWEST_JOBS]:
        seconds[provider, model].append((finished - started).total_seconds())
    return {name: median(values) for name, values in seconds.items() if len(values) >= LEAST_JOBS}
