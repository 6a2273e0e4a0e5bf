"""What a provider answered, on this machine's own disk until the database has it.

A database that goes away between the answer and our save must not lose the name of what was bought: the dispatcher
reads it from here when it starts and as soon as the database is back. Nothing secret stands in it: a handle holds none.
"""

import json
import logging
import os
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError
from django.db.models.functions import Now

from generation.providers import parsing
from generation.providers.remote import Submitted
from generation.worker import late_results
from jobs.models import Attempt, Job
from jobs.worker import queue

log = logging.getLogger("generation.worker")
_told: set[Path] = set()  # that cannot be taken in: the log says so once
FOLDER = "spool"  # among the work folders, which every worker may write to and which outlive a restart
SETTLED_SECONDS = 1.0  # what is younger is being saved just now by the step that wrote it
Outcome = Attempt.Outcome


def keep(attempt: Attempt, done: Submitted) -> None:
    """Write it down so that it outlives this process and this machine's next power cut. A disk that refuses costs only
    this safety: the save in the database comes next."""
    if not parsing.is_id(done.task_id):
        return  # nobody will believe it, and a database may refuse to keep it
    told = {"job": str(attempt.job_id), "attempt": attempt.pk, "task_id": done.task_id, "handle": done.handle}
    path = _path(attempt)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.with_suffix(".part").open("w", encoding="utf-8") as file:
            json.dump(told, file)
            file.flush()
            os.fsync(file.fileno())
        path.with_suffix(".part").replace(path)
        _sync(path.parent)
    except OSError:
        log.exception("job %s: the answer could not be written down here", attempt.job_id)


def forget(attempt: Attempt) -> None:
    """The database has it, or knows that it is worth nothing."""
    _path(attempt).unlink(missing_ok=True)


def recall() -> None:
    """Put what lies here onto the rows it belongs to, and have their jobs looked at. Database errors pass: it stays."""
    folder = settings.WORK_DIR / FOLDER
    if not folder.is_dir():
        return
    for path in folder.glob("*.json"):
        with suppress(FileNotFoundError):  # its own step was faster
            if abs(time.time() - path.stat().st_mtime) > SETTLED_SECONDS:
                _recall_one(path)


def _recall_one(path: Path) -> None:
    """One that cannot be read or kept is put aside for an operator: it must not hold up the others for ever."""
    try:
        _recall(path, json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, ValidationError, DataError):
        log.exception("%s cannot be taken in, and is put aside", path)
        path.replace(path.with_suffix(".bad"))
    except (DatabaseError, InterfaceError) as trouble:
        if not isinstance(trouble, IntegrityError):
            raise
        log.error("%s could not be taken in, and stays", path)  # perhaps the tables are newer than this code
    except FileNotFoundError:
        raise
    except Exception:  # what is in its way must not be in the way of all the others
        if path not in _told:
            _told.add(path)
            log.exception("%s could not be taken in, and stays", path)


def _recall(path: Path, told: dict) -> None:
    heard = {"task_id": told["task_id"], "handle": told["handle"]}
    rows = Attempt.objects.filter(pk=told["attempt"], job=told["job"])
    is_awaited = rows.filter(outcome__in=[Outcome.OPEN, Outcome.AMBIGUOUS]).update(heard=heard)
    attempt = rows.select_related("job").first()  # read after that: somebody may give it up at this very moment
    if attempt is None:
        log.error("job %s: the provider's task %s has no row any more", told["job"], told["task_id"])
    elif is_awaited:
        log.warning("job %s: its answer, which the database had missed, was found on this machine", attempt.job_id)
        Job.objects.active().filter(pk=attempt.job_id).update(next_run_at=Now())  # also if somebody has it just now
        queue.nudge(attempt.job)
    elif attempt.outcome in (Outcome.ABANDONED, Outcome.ABSENT):
        late_results.take_in(attempt, Submitted(**heard))
    path.unlink(missing_ok=True)


def _path(attempt: Attempt) -> Path:
    return settings.WORK_DIR / FOLDER / f"{attempt.pk}.json"


def _sync(folder: Path) -> None:
    """A new name in a folder is on the disk only when the folder itself is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
