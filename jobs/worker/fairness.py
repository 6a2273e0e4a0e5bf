"""Workers that only wait for a machine elsewhere: one workspace never has all of them at it, or nobody could draw.

Steps that may stay long with a machine are always kept to all workers but one. A question takes an instant, and many
of them at once are how quick work looks; they are kept to as many only where the workspace's machines were slow lately.
Nor do several workspaces have all of them at it, where what was to be fetched for one of them broke off lately.
"""

import random
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from jobs import registry
from jobs.models import Attempt, Job

SLOW = timedelta(seconds=5)  # an answer that takes longer comes from a slow machine
LATELY = timedelta(minutes=10)
SHORTEST, LONGEST = 0.2, 3.0  # seconds until a job that made room looks again


def seconds_to_yield(job) -> float:
    """Seconds for which the job makes room, since as many workers as may wait for its workspace already; else 0."""
    most = settings.Q_CLUSTER["workers"] - 1
    kind = registry.kind_of(job)
    if most < 1 or job.state not in kind.long_wait_states | kind.short_wait_states:
        return 0  # and a single worker has nobody to leave room for
    is_question = job.state in kind.short_wait_states
    everybodys = _held(job, _all_wait_states if is_question else _long_wait_states)
    held = everybodys.filter(workspace=job.workspace_id)
    if held[:most].count() >= most and (not is_question or _is_slow(job.workspace_id)):
        return _pause(job, held)
    if not is_question and everybodys[:most].count() >= most and _breaks_off(job.workspace_id):
        return _pause(job, everybodys)
    return 0


def _long_wait_states(kind) -> frozenset:
    return kind.long_wait_states


def _all_wait_states(kind) -> frozenset:
    return kind.long_wait_states | kind.short_wait_states


def _held(job, states):
    """Other jobs for which a worker waits just now, in these states of their kinds."""
    waits = Q()
    for kind in registry.all_kinds():
        if states(kind):
            waits |= Q(kind=kind.name, state__in=states(kind))
    return Job.objects.filter(waits, lease_until__gt=Now()).exclude(pk=job.pk)


def _is_slow(workspace_id) -> bool:
    """Whether a machine let the workspace wait lately: its answer came late, or has not come at all."""
    late = Q(answered_at=None, intent_at__lt=Now() - SLOW) | Q(answered_at__gt=F("intent_at") + SLOW)
    return Attempt.objects.filter(late, job__workspace=workspace_id, intent_at__gt=Now() - LATELY).exists()


def _breaks_off(workspace_id) -> bool:
    """Whether a machine broke off lately what was to be fetched for the workspace, or sent too little of it."""
    lately = {"job__workspace": workspace_id, "job__state_since__gt": Now() - LATELY}
    return Attempt.objects.filter(fetches__gt=0, **lately).exists()


def _pause(job, held) -> float:
    """As long again as it has waited itself, or as the longest of the others has been at it, whichever is less: where
    they are quick it loses no breath, however long it stands in line, where they are slow it does not ask all the time.
    Never two jobs at the same moment for ever."""
    others = held.aggregate(first=Min("state_since"))["first"]
    since = max(job.state_since, others or job.state_since)
    age = (timezone.now() - since).total_seconds()
    return min(LONGEST, max(SHORTEST, age)) * random.uniform(0.8, 1.2)
