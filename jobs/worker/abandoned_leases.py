"""Release the leases of workers that are gone, so that others continue their jobs before the leases end.

A lease that is released too early does no harm: the fence rejects what its old owner writes.
"""

import logging
import os
import time
from datetime import timedelta

from django.db.models.functions import Now

from jobs.lifecycle import engine
from jobs.models import Heartbeat, Job
from jobs.runtime import heartbeat

log = logging.getLogger("jobs.worker.dispatcher")
EVERY = 2.0  # seconds
HOST_SILENCE = 30.0  # seconds without a dispatcher's heartbeat, after which the workers of its host count as gone


class AbandonedLeases:
    def __init__(self) -> None:
        self._checked_at = float("-inf")

    def release(self) -> None:
        """Release the leases of dead workers, every few seconds. The jobs are due at once."""
        if time.monotonic() - self._checked_at < EVERY:
            return
        self._checked_at = time.monotonic()
        leased = Job.objects.active().filter(lease_until__gt=Now(), lease_owner__startswith=engine.WORKER)
        owners = set(leased.order_by().values_list("lease_owner", flat=True))
        for owner in owners - {""}:
            if is_gone(owner):
                released = leased.filter(lease_owner=owner).update(lease_until=None, next_run_at=Now())
                log.warning("%s is gone; %d of its jobs continue elsewhere", owner, released)


def is_gone(owner: str) -> bool:
    """Return whether a worker ended: by its process id on this machine, else by the heartbeat of its machine."""
    host, pid, _thread = owner.removeprefix(engine.WORKER).rsplit(":", 2)
    if owner.startswith(engine.host_prefix()):
        return not _is_process(int(pid))
    since = Now() - timedelta(seconds=HOST_SILENCE)
    return not Heartbeat.objects.filter(
        name=heartbeat.name(heartbeat.DISPATCHER, host), last_progress_at__gt=since
    ).exists()


def _is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)  # a process of another user exists
    return True
