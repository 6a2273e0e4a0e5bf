"""What outlives a job: that a task at a provider is somebody's already (models/gone.py)."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from generation.models import GoneTask
from generation.models.task_tombstone import digest
from generation.providers.models import Connection
from generation.worker import late_answers
from generation.worker.reconcile import given_up
from jobs.models import Attempt, Job

KEPT = timedelta(days=30)  # no provider is known to keep a task, or to list it, for longer


def remember(job: Job) -> None:
    """Before the job goes: every task that may lie at its provider. May be repeated."""
    may_be_there = Q(outcome__in=Attempt.LIVE) | Q(pk__in=given_up().values("pk"))
    sent = job.attempts.filter(may_be_there, intent_at__gt=Now() - KEPT)
    GoneTask.objects.bulk_create([_row(each, job.model) for each in sent], ignore_conflicts=True)


def _row(attempt: Attempt, model: str) -> GoneTask:
    told = None if attempt.provider_task_id else late_answers.told(attempt)
    task_id = told.task_id if told else attempt.provider_task_id
    place = late_answers.place(Connection.objects.filter(pk=attempt.account).first())
    return GoneTask(
        provider=attempt.provider, place=digest(place), task_id=task_id, model="" if task_id else model,
        sent_at=attempt.intent_at,
    )  # fmt: skip


def forget_old() -> None:
    """Those that no provider shows any more."""
    GoneTask.objects.filter(sent_at__lt=Now() - KEPT).delete()
