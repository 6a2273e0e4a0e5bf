"""The queue of tasks, the only file that uses django-q2.

A task is a nudge with the id of a job. Tasks may be lost, repeated or late.
"""

import logging
import time
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from common.database.changes import ChangeWatch
from jobs import registry
from jobs.models import State

log = logging.getLogger(__name__)
ADVANCE = "jobs.lifecycle.engine.advance"
QUICK_SECONDS = 2.0  # after a task, during which the next one is likely
AWAY_PAUSE = 1.0  # seconds before the database is asked again
IDLE_POLL = 0.1  # seconds between two polls later on; users do not notice so short a wait


class SharedConnectionBroker(ORM):
    """Enqueues tasks over the caller's database connection.

    django-q2's own broker closes the connection first, in case it is stale, which doubles the cost of a nudge.
    """

    @staticmethod
    def get_connection(list_key=None):
        return OrmQ.objects


class WatchingBroker(ORM):
    """Gives tasks to the workers, and queries for them only after a change of the database."""

    def __init__(self, list_key=None):
        super().__init__(list_key)
        self._changes = ChangeWatch(max_age=5.0)
        self._found_at = time.monotonic()

    def dequeue(self):
        """Return tasks, or None after a pause, which is longer while the database does not respond.

        django-q2 would end the process then, and start and log another one every eleven seconds.
        """
        try:
            return self._dequeue()
        except (InterfaceError, OperationalError):
            log.exception("no task can be taken")
            time.sleep(AWAY_PAUSE)
            return None

    def _dequeue(self):
        pause = Conf.POLL if time.monotonic() - self._found_at < QUICK_SECONDS else IDLE_POLL
        if self._changes.may_have_changed():
            if tasks := super().dequeue():
                self._found_at = time.monotonic()
                return tasks
            pause -= Conf.POLL  # the call above has paused that long
        time.sleep(pause)
        return None


def nudge(job) -> None:
    """Ask a worker to work on the job soon; inside a transaction, the request takes effect when that commits.

    Remote jobs need no worker while they run: the dispatcher polls them, so that slow responses block no worker.
    """
    if job.state != State.RUNNING or registry.kind_of(job).is_local:
        nudge_id(job.pk)


def nudge_id(job_id) -> None:
    _enqueue(ADVANCE, str(job_id))


def send_canary() -> None:
    _enqueue("jobs.runtime.heartbeat.run_canary")


def run_maintenance() -> None:
    _enqueue("jobs.maintenance.run_periodic_tasks")


def run_soon(path: str, *arguments: str) -> None:
    """Ask a worker to call a function of an app below, which knows no queue."""
    _enqueue(path, *arguments)


def _enqueue(*task: str) -> None:
    async_task(*task, broker=SharedConnectionBroker())


def count_waiting() -> int:
    """Return how many tasks no worker has taken yet."""
    return OrmQ.objects.filter(key=settings.Q_CLUSTER["name"], lock__lte=timezone.now()).count()


def clear() -> None:
    """Delete all tasks, also those that dead workers had taken: the rows of the jobs are sufficient."""
    OrmQ.objects.filter(key=settings.Q_CLUSTER["name"]).delete()


def count_workers() -> int:
    """Return how many workers the site has."""
    cluster: Any = settings.Q_CLUSTER
    return cluster["workers"]


def free_slots() -> int:
    """Return how many more tasks to enqueue: enough to keep the workers busy, but no backlog in unfair order."""
    return max(0, count_workers() * 2 - count_waiting())
