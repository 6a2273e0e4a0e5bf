"""Find the seconds of clips that were kept: in a scene, a film or a published work."""

from collections.abc import Iterator
from itertools import batched

from accounts.billing.hooks import BillingHooks
from accounts.billing.models import Hold
from accounts.billing.usage.periods import Period
from accounts.billing.usage.sums import sum_holds
from common.cache import remember

CACHE_SECONDS = 300
BATCH = 1000
KEYS = ("provider", "member_id", "story_id")


def build_key(workspace, period: Period) -> str:
    return f"kept-seconds:{workspace.pk}:{period.first}:{period.last}"


def read_kept(workspace, period: Period) -> list[dict]:
    """Return KEYS and ``seconds`` of the kept clips of a workspace in a period. May be five minutes old."""
    return remember(build_key(workspace, period), lambda: list(_sum_kept(workspace, period)), CACHE_SECONDS)


def _sum_kept(workspace, period: Period) -> Iterator[dict]:
    for ids in batched(sorted(find_kept_jobs(workspace, period.since)), BATCH):
        holds = Hold.objects.filter(pk__in=ids, closed_at__gte=period.since, closed_at__lt=period.until)
        for row in sum_holds(holds, *KEYS):
            yield {name: row[name] for name in KEYS} | {"seconds": row["sum_clip_seconds"]}


def find_kept_jobs(workspace, since) -> set:
    """Return the ids of the jobs of kept clips that are finished since then."""
    return {pk for find in BillingHooks.values_of("kept_jobs") for pk in find(workspace, since)}
