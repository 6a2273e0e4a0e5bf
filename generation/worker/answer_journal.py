"""Journal of provider responses on this machine's disk, until the database has them (ADR 7).

If the database fails between the response and our save, the id of a paid task must not be lost: the dispatcher imports
the journal when it starts and when the database is back. Entries hold no secrets. A response that never arrived is
searched for in reconcile.py.
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
from jobs.runtime import queue

log = logging.getLogger("generation.worker")
_reported: set[Path] = set()  # entries that could not be imported, logged once
FOLDER = "answer_journal"  # among the work folders, which survive a restart
SETTLED_SECONDS = 1.0  # the step that wrote a younger entry is still saving it
Outcome = Attempt.Outcome


def keep(attempt: Attempt, submitted: Submitted) -> None:
    """Write the response so that it survives a crash and a power cut. A disk error is only logged: the save in the
    database comes next."""
    if not parsing.is_id(submitted.task_id):
        return  # accept() refuses it
    entry = {
        "job": str(attempt.job_id),
        "attempt": attempt.pk,
        "task_id": submitted.task_id,
        "handle": submitted.handle,
    }
    path = _path(attempt)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.with_suffix(".part").open("w", encoding="utf-8") as file:
            json.dump(entry, file)
            file.flush()
            os.fsync(file.fileno())
        path.with_suffix(".part").replace(path)
        _sync(path.parent)
    except OSError:
        log.exception("job %s: cannot write the response of the provider to the answer journal", attempt.job_id)


def forget(attempt: Attempt) -> None:
    """Delete the attempt's entry. Call this after the database has the response, or after the response was rejected."""
    _path(attempt).unlink(missing_ok=True)


def import_entries() -> None:
    """Save all entries to their attempts and make their jobs due. A database error is raised, and its entry stays."""
    folder = settings.WORK_DIR / FOLDER
    if not folder.is_dir():
        return
    for path in folder.glob("*.json"):
        with suppress(FileNotFoundError):  # the step that wrote it has deleted it
            if abs(time.time() - path.stat().st_mtime) > SETTLED_SECONDS:
                _import_file(path)


def _import_file(path: Path) -> None:
    """Import one file. A file that cannot be imported is set aside, so that it does not hold up the others."""
    try:
        _import_entry(path, json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, ValidationError, DataError):
        log.exception("cannot import %s: the file is set aside", path)
        path.replace(path.with_suffix(".bad"))
    except (DatabaseError, InterfaceError) as error:
        if not isinstance(error, IntegrityError):
            raise
        log.error("cannot import %s yet: the file is kept", path)  # the tables may be newer than this code
    except FileNotFoundError:
        raise
    except Exception:  # one entry must not hold up the others
        if path not in _reported:
            _reported.add(path)
            log.exception("cannot import %s yet: the file is kept", path)


def _import_entry(path: Path, entry: dict) -> None:
    response = {"task_id": entry["task_id"], "handle": entry["handle"]}
    rows = Attempt.objects.filter(pk=entry["attempt"], job=entry["job"])
    is_awaited = rows.filter(outcome__in=[Outcome.OPEN, Outcome.AMBIGUOUS]).update(response=response)
    attempt = rows.select_related("job").first()  # read after the update: it may be given up now
    if attempt is None:
        log.error("job %s was deleted: its task %s at the provider is dropped", entry["job"], entry["task_id"])
    elif is_awaited:
        log.warning("job %s: imported a response that the database had missed", attempt.job_id)
        Job.objects.active().filter(pk=attempt.job_id).update(next_run_at=Now())  # even if a worker has it now
        queue.nudge(attempt.job)
    elif attempt.outcome in (Outcome.ABANDONED, Outcome.ABSENT):
        late_results.keep_late_result(attempt, Submitted(**response))
    path.unlink(missing_ok=True)


def _path(attempt: Attempt) -> Path:
    return settings.WORK_DIR / FOLDER / f"{attempt.pk}.json"


def _sync(folder: Path) -> None:
    """Write the folder itself to the disk: a new file name is not safe before that."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
