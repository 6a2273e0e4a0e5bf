"""Heartbeats: processes record that they made progress, not merely that they are alive."""

import os
import socket
import time

from django.db.models.functions import Now

from jobs.models import Heartbeat

WORKERS, DISPATCHER = "workers", "dispatcher"
_written_at: dict[str, float] = {}
_records_workers = True


def name(role: str, host: str = "") -> str:
    """Return the name of the heartbeat of a machine, by default of this one."""
    return f"{role}@{host or socket.gethostname()}"[:100]


def record_progress(role: str = WORKERS, *, every: float = 1.0) -> None:
    """Record progress of this machine's workers or dispatcher, at most every ``every`` seconds."""
    if role == WORKERS and not _records_workers:
        return
    now = time.monotonic()
    if now - _written_at.get(role, float("-inf")) < every:
        return
    _written_at[role] = now
    facts = {"pid": os.getpid(), "host": socket.gethostname()[:80], "last_progress_at": Now()}
    if not Heartbeat.objects.filter(name=name(role)).update(**facts):
        Heartbeat.objects.update_or_create(name=name(role), defaults=facts)


def ignore_workers() -> None:
    """Record no worker progress in this process: the dispatcher's polls succeed even while every worker hangs."""
    global _records_workers  # noqa: PLW0603 - for as long as this process lives
    _records_workers = False


def run_canary() -> None:
    """Run the canary task, which shows that tasks reach the workers."""
    record_progress(every=0)
