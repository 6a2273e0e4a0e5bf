"""Workers that only wait for a machine elsewhere: one workspace never has all of them at it, or nobody could draw."""

import random

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from jobs import kinds
from jobs.models import Job


def must_yield(job) -> bool:
    """Whether as many workers as may already wait for machines elsewhere on behalf of the job's workspace."""
    most = settings.Q_CLUSTER["workers"] - 1
    if most < 1 or job.state not in kinds.kind_of(job).waits_in:
        return False  # a single worker has nobody to leave room for
    return _held(job.workspace_id).exclude(pk=job.pk)[:most].count() >= most


def pause() -> float:
    """Seconds until it looks again; never two of them at the same moment for ever."""
    return random.uniform(1, 3)


def _held(workspace_id):
    """Jobs of the workspace for which a worker waits for somebody else just now."""
    waits = Q()
    for kind in kinds.everything():
        if kind.waits_in:
            waits |= Q(kind=kind.name, state__in=kind.waits_in)
    return Job.objects.filter(waits, workspace=workspace_id, lease_until__gt=Now())
