"""Let jobs wait while storage cannot be written or read, and resume them as soon as it works again."""

import errno
import logging
import time
from collections.abc import Iterator
from functools import wraps

from django.db.models import Count
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from common.messages import build_message
from generation.media import storage
from jobs.models import Job

log = logging.getLogger("generation.worker")
PAUSES = (5, 15, 30, 60)  # seconds between tries; the last one repeats
DISK_FULL = "disk_full"
NOTES = {  # codes of sentences by the reason of storage.find_transient_reason
    storage.NO_RESPONSE: "storage_silent",
    storage.WRONG_CLOCK: "storage_clock",
    storage.REFUSED: "storage_keys",
}
_outage_began: list[float] = []  # time.monotonic() of the first failure since storage worked; this process only


def waits_for_storage(step):
    """Decorate a step so that its job waits, with an error in the log, while the disk is full or the object store does
    not respond or refuses."""

    @wraps(step)
    def waiting(lease):
        try:
            step(lease)
        except Exception as error:
            if not (note := _find_note(error)):
                raise
            log.error("job %s waits: %s (%s)", lease.job.pk, note, error)
            lease.wait(_next_pause(), progress=lease.job.progress, note=build_message(note))
        else:
            _resume_waiting_jobs()

    return waiting


def report_waiting_jobs() -> Iterator[str]:
    """Yield a sentence for the health page for each reason that jobs wait for storage."""
    rows = _list_waiting_jobs().order_by().values_list("progress_message__0__0").annotate(Count("pk"))
    for note, count in rows:
        reason = build_message(note)
        yield _("Jobs that wait for storage: %(count)d. %(reason)s") % {"count": count, "reason": reason}


def _find_note(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return DISK_FULL
    return NOTES.get(storage.find_transient_reason(error), "")


def _next_pause() -> float:
    """Return seconds until the next try, longer the longer the outage lasts."""
    if not _outage_began:
        _outage_began.append(time.monotonic())
    elapsed = time.monotonic() - _outage_began[0]
    passed = [sum(PAUSES[:count]) for count in range(1, len(PAUSES))]
    return PAUSES[sum(elapsed >= moment for moment in passed)]


def _resume_waiting_jobs() -> None:
    if _outage_began:
        _outage_began.clear()
        _list_waiting_jobs().filter(lease_until=None).update(next_run_at=Now())


def _list_waiting_jobs():
    return Job.objects.active().filter(progress_message__0__0__in=[DISK_FULL, *NOTES.values()])
