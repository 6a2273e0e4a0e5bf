"""The only file that knows django-q2. A task is a nudge, safe to lose, repeat or delay: it carries only an id."""

from django.conf import settings
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.tasks import async_task

from jobs import registry
from jobs.models import State

ADVANCE = "jobs.lifecycle.engine.advance"


class SharedConnectionBroker(ORM):
    """Puts tasks into the queue over the connection that whoever nudges has just used. django-q2's own closes that
    first, in case it is stale, and opening another one costs PostgreSQL and us as much as all else that a nudge is.
    """

    @staticmethod
    def get_connection(list_key=None):
        return OrmQ.objects


def nudge(job) -> None:
    """Ask some worker to look at the job soon. Inside a transaction it is asked when that commits.

    What is made elsewhere needs no worker: the dispatcher asks after it, and slow answers must not hold workers up.
    """
    if job.state != State.RUNNING or registry.kind_of(job).is_local:
        nudge_id(job.pk)


def nudge_id(job_id) -> None:
    _put(ADVANCE, str(job_id))


def send_canary() -> None:
    _put("jobs.worker.heartbeat.run_canary")


def run_maintenance() -> None:
    _put("jobs.maintenance.run_periodic_tasks")


def _put(*task: str) -> None:
    async_task(*task, broker=SharedConnectionBroker())


def count_waiting() -> int:
    """How many nudges no worker has taken yet."""
    return OrmQ.objects.filter(key=settings.Q_CLUSTER["name"], lock__lte=timezone.now()).count()


def clear() -> None:
    """Forget every nudge, also those that dead workers had taken: the rows of the jobs say all that is needed."""
    OrmQ.objects.filter(key=settings.Q_CLUSTER["name"]).delete()


def free_slots() -> int:
    """How many more nudges keep the workers busy without building a line that is served in no fair order."""
    return max(0, settings.Q_CLUSTER["workers"] * 2 - count_waiting())
