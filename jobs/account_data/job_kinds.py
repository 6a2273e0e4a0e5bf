"""A person's own two jobs: hand over everything kept about them, and erase it."""

import itertools
import json
import secrets
import tempfile
import zipfile
from collections.abc import Callable
from datetime import timedelta

from django.core.files import File
from django.core.files.storage import storages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts import privacy
from accounts.access import get_home
from accounts.guest_transfer import quietly
from accounts.models import User
from common import hooks
from jobs import event_messages, events, services
from jobs.lifecycle import transitions
from jobs.lifecycle.lease import Cancelled
from jobs.models import Job, JobEvent, State
from jobs.registry import StudioJobKind, kind_of

EXPORT_LASTS = timedelta(hours=24)
LOOK_AGAIN = 30.0  # seconds
ABOUT = """Everything this studio keeps about you, as JSON: one file for each part of the studio.
Files you made are listed in it with their names; download them from their pages.
"""


def export_key(job_id) -> str:
    return f"exports/{job_id}.zip"


def pack(claim) -> None:
    """Collect, zip, and keep the file for a day under a name made of the job's id."""
    parts = privacy.collect_all(User.objects.get(pk=claim.params["user"]))
    with tempfile.TemporaryFile() as folder:
        with zipfile.ZipFile(folder, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", ABOUT)
            for n, (name, values) in enumerate(parts.items(), 1):
                words = json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
                archive.writestr(f"{name}.json", words)
                claim.report(int(900 * n / len(parts)), name)
        folder.seek(0)
        storages["clips"].save(export_key(claim.job.pk), File(folder))
    claim.move_to(State.STORED)


def erase(claim) -> None:
    """Let the person's other work end, then destroy everything, this job with it; nothing of whom an operator has let
    in again meanwhile."""
    job, user = claim.job, User.objects.filter(pk=claim.params["user"]).first()
    if user and user.closing_at is None:
        raise Cancelled
    others = Job.objects.active().filter(workspace=job.workspace).exclude(pk=job.pk).exclude(state=State.STUCK)
    if others.exists():
        others.filter(cancel_requested_at=None).update(cancel_requested_at=Now(), next_run_at=Now())
        return claim.wait(1)
    if user:
        if any(jobs(user).exists() for jobs in hooks.each("jobs_awaited_by_erasure")):
            return claim.wait(LOOK_AGAIN)
        claim.report(1)  # begun: from here on nobody can be let in again
        privacy.erase_all(user, _getting_on(claim))
    return claim.end_deleted()


def _getting_on(claim) -> Callable[[], None]:
    """What is called after each thing that is gone: the job stays this worker's however many there are, and a claim
    that removed anything counts as one that got further. Nobody knows how many are left, so it says no more."""
    further, gone = min(claim.job.progress_peak + 1, 999), itertools.count(1)
    return lambda: claim.report(further, moved=next(gone))


@transaction.atomic
def stop_erasure(user, *, by) -> bool:
    """An operator lets them in again: what waits to erase them is stopped. False once something may be gone, also where
    that job broke. A worker that has just taken it up loses it here, or has said before that it begins."""
    jobs = list(Job.objects.select_for_update().filter(kind=EraseKind.name, params__user=str(user.pk)))
    if any(job.progress for job in jobs):
        return False
    for job in jobs:
        if job.is_active:
            transitions.move(job, State.CANCELLED, by=events.of_person(by), reason="asked", fence=F("fence") + 1)
    return True


def forget(user, got_on) -> None:
    """The person's own jobs go, but for those that erase: the last of them is under way. Their name leaves the rest."""
    for workspace in user.workspaces.filter(home_of=user):
        _remove(Job.objects.filter(workspace=workspace).exclude(kind=EraseKind.name), got_on)
    events.forget(user)


def empty(workspace) -> None:
    """Destroy all jobs of a workspace: their holds are given back, what they made goes first."""
    _remove(Job.objects.filter(workspace=workspace), quietly)


def _remove(jobs, got_on) -> None:
    for job in jobs:
        if job.is_active:
            transitions.move(job, State.CANCELLED, reason="asked", fence=F("fence") + 1)
        kind_of(job).on_purge(job)
        job.delete()
        got_on()


def adopt(guest, workspace, user) -> None:
    """A guest signed up: their jobs are theirs."""
    Job.objects.filter(workspace=guest).update(workspace=workspace, created_by=user)


def collect(user) -> dict:
    """The jobs part of a person's export: what they asked for alone, and what they did to any job, whosever it is."""
    fields = ("id", "kind", "title", "provider", "model", "params", "state", "created_at", "finished_at")
    jobs = Job.objects.filter(workspace__home_of=user)
    acts = JobEvent.objects.filter(actor_id=user.pk)
    return {
        "jobs": list(jobs.values(*fields, "price_charged", "currency", "deleted_at")),
        "acts": [{"job_id": act.job_id, "at": act.at, "what": event_messages.sentence(act)} for act in acts],
    }


def remove_export(job) -> None:
    storages["clips"].delete(export_key(job.pk))


def forget_exports() -> None:
    """A packed export is kept for a day."""
    kept = Job.objects.filter(kind=ExportKind.name, state=State.READY, deleted_at=None)
    for job in kept.filter(finished_at__lt=Now() - EXPORT_LASTS):
        remove_export(job)
        Job.objects.filter(pk=job.pk).update(deleted_at=Now())


def request_export(user) -> Job:
    return _ask(user, ExportKind.name, _("All my data"))


def request_erasure(user) -> Job:
    return _ask(user, EraseKind.name, _("Account erasure"))


def _ask(user, kind: str, title) -> Job:
    names = {"kind": kind, "title": str(title), "params": {"user": str(user.pk)}}
    key = f"{kind}-{secrets.token_hex(8)}"
    return services.submit(workspace=get_home(user), by=user, idem_key=key, is_limited=False, **names)


def erase_all_closed() -> None:
    """Whose erasure was stopped, broke or got stuck, is erased all the same: they cannot sign in any more to ask once
    more. Whom an operator let in again stays."""
    for user in User.objects.filter(is_active=False).exclude(closing_at=None):
        under_way = Job.objects.active().exclude(state=State.STUCK)
        if not under_way.filter(kind=EraseKind.name, params__user=str(user.pk)).exists():
            request_erasure(user)


class ExportKind(StudioJobKind):
    """The export of everything kept about a user."""

    name = "export"
    label = _("Export of my data")
    running_label = _("Preparing")
    steps = {State.RUNNING: pack}
    is_private = True

    def on_delete(self, job):
        remove_export(job)

    def on_purge(self, job):
        remove_export(job)


class EraseKind(StudioJobKind):
    """The erasure of an account."""

    name = "erase"
    label = _("Account erasure")
    running_label = _("Erasing")
    steps = {State.RUNNING: erase}
    is_retryable = False
    is_private = True  # other members could stop the job, and its user cannot sign in to request another
