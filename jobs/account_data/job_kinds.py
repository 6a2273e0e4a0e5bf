"""The two jobs on a user's data: export and erasure."""

import itertools
import json
import secrets
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.core.files import File
from django.core.files.storage import storages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts import privacy
from accounts import services as accounts
from accounts.access import get_home
from accounts.models import User
from accounts.privacy import ignore_progress
from common.hooks import OwnedFile
from jobs import events, services
from jobs.hooks import JobHooks
from jobs.lifecycle import transitions
from jobs.lifecycle.lease import Cancelled
from jobs.models import Job, JobEvent, State
from jobs.registry import StudioJobKind, kind_of

EXPORT_RETENTION = timedelta(hours=24)
RECHECK_SECONDS = 30.0
README = """Everything this studio keeps about you, as JSON: one file for each part of the studio.
Files you made are listed in it with their names; download them from their pages.
"""


def export_key(job_id) -> str:
    return f"exports/{job_id}.zip"


def pack_export(lease) -> None:
    """Collect all data of the user and store it as a zip: the step of ExportKind."""
    parts = privacy.collect_all(User.objects.get(pk=lease.params["user"]))
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", README)
            for n, (name, values) in enumerate(parts.items(), 1):
                text = json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
                archive.writestr(f"{name}.json", text)
                lease.report(int(900 * n / len(parts)))
        file.seek(0)
        storages["clips"].save(export_key(lease.job.pk), File(file))
    lease.move_to(State.STORED)


def erase_account(lease) -> None:
    """Wait for the user's other jobs, then delete everything, including this job: the step of EraseKind.

    Raises Cancelled if an operator reopened the account meanwhile.
    """
    job, user = lease.job, User.objects.filter(pk=lease.params["user"]).first()
    if user and user.closing_at is None:
        raise Cancelled
    others = Job.objects.active().filter(workspace=job.workspace).exclude(pk=job.pk).exclude(state=State.STUCK)
    if others.exists():
        others.filter(cancel_requested_at=None).update(cancel_requested_at=Now(), next_run_at=Now())
        return lease.wait(1)
    if user:
        if any(jobs(user).exists() for jobs in JobHooks.values_of("jobs_awaited_by_erasure")):
            return lease.wait(RECHECK_SECONDS)
        lease.report(1)  # progress: from here on the account cannot be reopened
        privacy.erase_all(user, _progress_callback(lease))
    return lease.end_deleted()


def _progress_callback(lease) -> Callable[[], None]:
    """Return a callback to run after each deletion. It extends the lease and counts as progress of this lease."""
    progress, count = min(lease.job.progress_peak + 1, 999), itertools.count(1)
    return lambda: lease.report(progress, moved=next(count))


@transaction.atomic
def stop_erasure(user, *, by) -> bool:
    """Cancel the erasure of a user for an operator. Returns False if something may be deleted already.

    A worker that has just started loses its lease here, or has reported progress before.
    """
    jobs = list(Job.objects.select_for_update().filter(kind=EraseKind.name, params__user=str(user.pk)))
    if any(job.progress for job in jobs):
        return False
    for job in jobs:
        if job.is_active:
            transitions.move(
                job, State.CANCELLED, by=events.user_actor(by), reason="cancelled_early", fence=F("fence") + 1
            )
    return True


def erase_jobs(user, on_progress) -> None:
    """Delete the user's own jobs, but not erasures, one of which runs this. Remove the user's name from other jobs."""
    for workspace in user.workspaces.filter(home_of=user):
        _delete(Job.objects.filter(workspace=workspace).exclude(kind=EraseKind.name), on_progress)
    events.erase_name(user)


def delete_jobs(workspace) -> None:
    """Delete all jobs of a workspace with their results, and release their holds."""
    _delete(Job.objects.filter(workspace=workspace), ignore_progress)


def _delete(jobs, on_progress) -> None:
    for job in jobs:
        if job.is_active:
            transitions.move(job, State.CANCELLED, reason="cancelled_early", fence=F("fence") + 1)
        kind_of(job).on_purge(job)
        job.delete()
        on_progress()


def transfer_jobs(guest, workspace, user) -> None:
    """Move a guest's jobs to the user's workspace."""
    Job.objects.filter(workspace=guest).update(workspace=workspace, created_by=user)


def collect(user) -> dict:
    """Return the jobs of an export: the user's own jobs, and their actions on any job."""
    fields = ("id", "kind", "title", "provider", "model", "params", "state", "created_at", "finished_at")
    jobs = Job.objects.filter(workspace__home_of=user)
    acts = JobEvent.objects.filter(actor_id=user.pk)
    return {
        "jobs": list(jobs.values(*fields, "price_charged", "currency", "deleted_at")),
        "acts": [{"job_id": act.job_id, "at": act.at, "what": events.sentence(act)} for act in acts],
    }


def delete_export(job) -> None:
    """Delete the file of an export, after the open transaction: no lock waits for the storage."""
    transaction.on_commit(lambda: storages["clips"].delete(export_key(job.pk)))


def list_exports() -> Iterator[OwnedFile]:
    """Yield the files of exports: of a finished one that is not deleted, and of one whose step may be repeated."""
    for job in Job.objects.filter(kind=ExportKind.name, deleted_at=None).only("pk", "state").iterator():
        yield OwnedFile(export_key(job.pk), must_exist=job.state == State.READY)


def delete_expired_exports() -> None:
    """Delete the files of exports after a day."""
    ready = Job.objects.filter(kind=ExportKind.name, state=State.READY, deleted_at=None)
    for job in ready.filter(finished_at__lt=Now() - EXPORT_RETENTION):
        delete_export(job)
        Job.objects.filter(pk=job.pk).update(deleted_at=Now())


def request_export(user) -> Job:
    return _submit(user, ExportKind.name, _("All my data"))


def request_erasure(user) -> Job:
    return _submit(user, EraseKind.name, _("Account erasure"))


@transaction.atomic
def close_account(user, *, by) -> Job:
    """Sign the user out everywhere and request the erasure of their data. ``by``: the user, or None for the site.

    Raises accounts.services.LastOperator.
    """
    job = request_erasure(user)
    accounts.close_account(user, by=by)
    return job


def _submit(user, kind: str, title) -> Job:
    names = {"kind": kind, "title": str(title), "params": {"user": str(user.pk)}}
    key = f"{kind}-{secrets.token_hex(8)}"
    return services.submit(workspace=get_home(user), by=user, idem_key=key, is_limited=False, **names)


def erase_all_closed() -> None:
    """Submit the erasure of closed accounts again if it was cancelled, failed or stalled.

    Their users cannot sign in to request it. Reopened accounts are active and stay.
    """
    for user in User.objects.filter(is_active=False).exclude(closing_at=None):
        active = Job.objects.active().exclude(state=State.STUCK)
        if not active.filter(kind=EraseKind.name, params__user=str(user.pk)).exists():
            request_erasure(user)


class ExportKind(StudioJobKind):
    """The export of everything kept about a user."""

    name = "export"
    label = _("Export of my data")
    running_label = _("Preparing")
    steps = {State.RUNNING: pack_export}
    is_private = True

    def on_delete(self, job):
        delete_export(job)

    def on_purge(self, job):
        delete_export(job)


class EraseKind(StudioJobKind):
    """The erasure of an account."""

    name = "erase"
    label = _("Account erasure")
    running_label = _("Erasing")
    steps = {State.RUNNING: erase_account}
    is_retryable = False
    is_private = True  # other members could cancel it, and its user cannot sign in to request another
