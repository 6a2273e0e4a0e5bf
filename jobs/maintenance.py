"""Periodic tasks: empty the trash, remove what crashed steps left behind. Upper apps add theirs in their AppHooks."""

import contextlib
import logging
import shutil
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from common import hooks
from jobs import registry, services
from jobs.models import GOOD_ENDS, Job
from jobs.worker import heartbeat

log = logging.getLogger("jobs.maintenance")
TRASH_DAYS = 30
LEFTOVER_SECONDS = 2 * 3600


def run_periodic_tasks() -> None:
    """Run all periodic tasks. One that fails is logged and does not stop the others."""
    for name, task in hooks.merged("periodic_tasks").items():
        try:
            heartbeat.record_progress()  # together they may exceed the watchdog's limit
            task()
        except Exception:
            log.exception("periodic task %s", name)


def purge_trash() -> None:
    """Delete jobs permanently after 30 days in the trash; those of hidden kinds as soon as they are done.

    The 30 days also hold for jobs that were deleted while they ran: they may have been paid for.
    """
    old = Q(deleted_at__lt=Now() - timedelta(days=TRASH_DAYS))
    hidden = Q(state__in=GOOD_ENDS, kind__in=registry.hidden_kinds())
    expired = Job.objects.ended().exclude(deleted_at=None).filter(old | hidden)
    for job in expired.select_related("workspace")[:200]:
        _purge(job, expired)


@transaction.atomic
def _purge(job: Job, expired) -> None:
    """Purge the job unless it was restored since the list was read. The lock prevents a restore meanwhile."""
    services.lock_workspace(job.workspace)
    if locked := expired.select_for_update().filter(pk=job.pk).first():
        services.purge(locked)


def clear_work_folders() -> None:
    """Remove the private folders of steps that crashed; none is used for more than two hours."""
    if not settings.WORK_DIR.is_dir():
        return
    kept = {name for names in hooks.values_of("kept_work_folders") for name in names}
    for folder in settings.WORK_DIR.iterdir():
        if folder.name not in kept and time.time() - folder.stat().st_mtime > LEFTOVER_SECONDS:
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink(missing_ok=True)


def clear_uploads() -> None:
    """Remove uploads that a crashed web process left. An arriving one is written to all the time, a complete one is
    stored or rejected within minutes.
    """
    if not settings.FILE_UPLOAD_TEMP_DIR.is_dir():
        return
    for path in settings.FILE_UPLOAD_TEMP_DIR.iterdir():
        with contextlib.suppress(FileNotFoundError):  # its own process removed it just now
            if time.time() - _last_written(path) > LEFTOVER_SECONDS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _last_written(path: Path) -> float:
    """Returns when the file, or any file in the folder, was last written."""
    return max(file.stat().st_mtime for file in (path, *path.rglob("*")))


PERIODIC_TASKS = {
    "purge trash": purge_trash,
    "clear work folders": clear_work_folders,
    "clear uploads": clear_uploads,
}
