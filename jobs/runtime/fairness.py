"""Fairness between workspaces: steps that wait for a remote machine never occupy all workers.

Waits are long (a download) or short (one response); ``JobKind`` lists the states of both. The long waits of one
workspace may occupy all workers but one. Its short waits are limited in the same way only if a machine of the workspace
was slow recently, since quick work also has many of them at once. The long waits of all workspaces together are limited
in this way for a workspace in which a download broke off recently.

Where the limit ``workers_share`` is set, the jobs of a workspace, whatever they do, occupy at most that share.
"""

import random
from collections import Counter, defaultdict
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.billing.limits import plan_limit_of
from jobs import registry
from jobs.models import Attempt, Job
from jobs.runtime.queue import count_workers

SLOW = timedelta(seconds=5)  # a response that takes longer is from a slow machine
RECENT = timedelta(minutes=10)
MIN_PAUSE, MAX_PAUSE = 0.2, 3.0  # seconds until a job that yielded tries again


def seconds_to_yield(job) -> float:
    """Return the seconds for which the job yields, or 0 if a worker may wait for it."""
    if (others := _list_jobs_of_share(job)) is not None:
        return _pause(job, others)
    limit = count_workers() - 1
    kind = registry.kind_of(job)
    if limit < 1 or job.state not in kind.long_wait_states | kind.short_wait_states:
        return 0  # a single worker is never limited
    is_short = job.state in kind.short_wait_states
    waiting = _other_waiting_jobs(job, _all_wait_states if is_short else _long_wait_states)
    own = waiting.filter(workspace=job.workspace_id)
    if own[:limit].count() >= limit and (not is_short or _is_slow(job.workspace_id)):
        return _pause(job, own)
    if not is_short and waiting[:limit].count() >= limit and _had_broken_download(job.workspace_id):
        return _pause(job, waiting)
    return 0


def _list_jobs_of_share(job):
    """Return the workspace's other jobs that workers are at, if they take its whole share of the workers, else None."""
    share = plan_limit_of(job.workspace if settings.BILLING else None, "workers_share")
    if share is None:
        return None
    most = max(1, count_workers() * share // 100)
    busy = Job.objects.filter(workspace=job.workspace_id, lease_until__gt=Now()).exclude(pk=job.pk)
    return busy if busy[:most].count() >= most else None


def _long_wait_states(kind) -> frozenset:
    return kind.long_wait_states


def _all_wait_states(kind) -> frozenset:
    return kind.long_wait_states | kind.short_wait_states


def _other_waiting_jobs(job, states):
    """Return other jobs for which a worker is waiting, in these states of their kinds."""
    waits = Q()
    for kind in registry.all_kinds():
        if states(kind):
            waits |= Q(kind=kind.name, state__in=states(kind))
    return Job.objects.filter(waits, lease_until__gt=Now()).exclude(pk=job.pk)


def _is_slow(workspace_id) -> bool:
    """Return whether a recent request of the workspace took longer than SLOW, or has no response after that time."""
    late = Q(answered_at=None, intent_at__lt=Now() - SLOW) | Q(answered_at__gt=F("intent_at") + SLOW)
    return Attempt.objects.filter(late, job__workspace=workspace_id, intent_at__gt=Now() - RECENT).exists()


def _had_broken_download(workspace_id) -> bool:
    """Return whether a download of the workspace broke off recently."""
    recent = {"job__workspace": workspace_id, "job__state_since__gt": Now() - RECENT}
    return Attempt.objects.filter(downloads__gt=0, **recent).exists()


def _pause(job, others) -> float:
    """Return the seconds until the job tries again, from MIN_PAUSE to MAX_PAUSE, with a random factor that spreads
    tries.

    The pause is as long as the job, or the oldest of ``others`` if that is less, has been in its state.
    """
    oldest = others.aggregate(oldest=Min("state_since"))["oldest"]
    since = max(job.state_since, oldest or job.state_since)
    age = (timezone.now() - since).total_seconds()
    return min(MAX_PAUSE, max(MIN_PAUSE, age)) * random.uniform(0.8, 1.2)


def fair_order(due: list[tuple], busy: dict) -> list:
    """Order the ids of ``due`` (id, workspace; oldest first) so that the workspace with the fewest busy jobs is next.
    ``busy``: workspace → number of its busy jobs."""
    queues: dict = defaultdict(list)
    for pk, workspace in due:
        queues[workspace].append(pk)
    load, order = Counter(busy), []
    while queues:
        workspace = min(queues, key=lambda workspace: load[workspace])
        order.append(queues[workspace].pop(0))
        load[workspace] += 1
        if not queues[workspace]:
            del queues[workspace]
    return order
