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
            heartbeat.record_progress()  # together they may take longer than a worker may be silent
            task()
        except Exception:
            log.exception("periodic task %s", name)


def purge_trash() -> None:
    """Remove jobs for good that lay in the bin for a month; of kinds that nobody sees, as soon as they are done.

    What was thrown away while it was being made lies there as long as the rest: it may have been paid for, and whoever
    threw it away was told until when it can be had back.
    """
    old = Q(deleted_at__lt=Now() - timedelta(days=TRASH_DAYS))
    unseen = Q(state__in=GOOD_ENDS, kind__in=registry.hidden_kinds())
    gone = Job.objects.ended().exclude(deleted_at=None).filter(old | unseen)
    for job in gone.select_related("workspace")[:200]:
        _remove(job, gone)


@transaction.atomic
def _remove(job: Job, gone) -> None:
    """Unless somebody has taken it back since the list was read; from here on nobody can before it is gone."""
    services.lock_workspace(job.workspace)
    if held := gone.select_for_update().filter(pk=job.pk).first():
        services.purge(held)


def clear_work_folders() -> None:
    """Remove the private folders of steps that died; none is used for longer than two hours."""
    if not settings.WORK_DIR.is_dir():
        return
    kept = {name for names in hooks.each("kept_work_folders") for name in names}
    for folder in settings.WORK_DIR.iterdir():
        if folder.name not in kept and time.time() - folder.stat().st_mtime > LEFTOVER_SECONDS:
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink(missing_ok=True)


def clear_uploads() -> None:
    """Remove what people sent while a web process died. What still arrives is written to all the time, and what is
    there is kept or refused within minutes."""
    if not settings.FILE_UPLOAD_TEMP_DIR.is_dir():
        return
    for path in settings.FILE_UPLOAD_TEMP_DIR.iterdir():
        with contextlib.suppress(FileNotFoundError):  # its own process has just removed it
            if time.time() - _last_written(path) > LEFTOVER_SECONDS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _last_written(path: Path) -> float:
    """When it was, or anything in it."""
    return max(each.stat().st_mtime for each in (path, *path.rglob("*")))


PERIODIC_TASKS = {
    "empty the bin": purge_trash,
    "clear work folders": clear_work_folders,
    "clear uploads": clear_uploads,
}
