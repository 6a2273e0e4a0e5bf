"""Signs of life: processes write that they got on with something, not merely that they exist."""

import os
import socket
import time

from django.db.models.functions import Now

from jobs.models import Heartbeat

WORKERS, DISPATCHER = "workers", "dispatcher"
_last: dict[str, float] = {}
_is_of_workers = True


def name(role: str) -> str:
    return f"{role}@{socket.gethostname()}"[:100]


def record_progress(role: str = WORKERS, *, every: float = 1.0) -> None:
    """Note that this machine's workers got on; written once a second at most."""
    if role == WORKERS and not _is_of_workers:
        return
    now = time.monotonic()
    if now - _last.get(role, float("-inf")) < every:
        return
    _last[role] = now
    facts = {"pid": os.getpid(), "host": socket.gethostname()[:80], "last_progress_at": Now()}
    if not Heartbeat.objects.filter(name=name(role)).update(**facts):
        Heartbeat.objects.update_or_create(name=name(role), defaults=facts)


def ignore_workers() -> None:
    """For the process that asks after what is made elsewhere: it gets on also while every worker hangs."""
    global _is_of_workers  # noqa: PLW0603 - for as long as this process lives
    _is_of_workers = False


def run_canary() -> None:
    """The smallest task: that a worker runs it shows that tasks get through."""
    record_progress(every=0)
