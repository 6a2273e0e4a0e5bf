"""How many jobs come before a waiting one."""

from collections import Counter

from django.db.models import Q
from django.db.models.functions import Now

from jobs import registry
from jobs.models import Job, State
from jobs.runtime.fairness import fair_order

MOST_COUNTED = 500  # longer queues are not put in order


def find_places(jobs: list[Job]) -> dict:
    """Return job id → number of waiting jobs that workers take before it, for jobs that wait for a worker.

    Left out are jobs at providers, whose note says their number in the provider's queue, and all jobs if more than
    MOST_COUNTED wait. The order is that of the dispatcher: the workspace with the fewest busy jobs is next.
    """
    if not (ours := {job.pk for job in jobs if registry.kind_of(job).is_local}):
        return {}
    waits = Q(state=State.QUEUED) | Q(lease_until__gt=Now())
    rows = Job.objects.active().filter(waits).exclude(kind__in=registry.remote_kinds())
    columns = ("pk", "workspace_id", "state", "lease_until")
    found = list(rows.order_by("next_run_at").values_list(*columns)[: MOST_COUNTED + 1])
    if len(found) > MOST_COUNTED:
        return {}
    waiting = [(pk, workspace) for pk, workspace, state, lease in found if state == State.QUEUED and not lease]
    busy = Counter(workspace for _pk, workspace, _state, lease in found if lease)
    return {pk: n for n, pk in enumerate(fair_order(waiting, busy)) if pk in ours}
