"""Download a finished clip from its provider, check that it is a video, and store it."""

import logging

from django.db import transaction
from django.db.models import F

from common.failpoints import failpoint
from common.messages import build_message, join_messages
from generation.media import errors as media
from generation.media import storage
from generation.media.probe import probe
from generation.models import ClipFile
from generation.providers.errors import NoAnswer, NotSent, RemoteError
from generation.providers.http import download_speed
from generation.providers.remote import Output
from generation.worker import messages
from generation.worker.charging import compute_charge, money_message
from generation.worker.files import (
    build_file_key,
    delete_orphans_on_lost_lease,
    extend_lease_to_store,
    open_private_folder,
)
from generation.worker.render import RENDERED_SHARE, watch_uncancellable
from generation.worker.storage_wait import waits_for_storage
from generation.worker.submission import Submission, load_submission
from jobs.models import Attempt, State

log = logging.getLogger("generation.worker")
MAX_LINKS = 4  # downloads, each from a new link, since the earlier one may have expired
MAX_BAD_FILES = 3  # downloads of files that are no video, or too large to be one, seldom get better
MAX_TRANSFERS = 8  # downloads, including those that broke off


@waits_for_storage
def download_clip(lease):
    submission = load_submission(lease.job)
    if submission.attempt is None:
        raise messages.build_no_attempt_failure(submission)
    age = (lease.now - lease.job.state_since).total_seconds()  # links are valid for one hour to two days
    log.info("job %s: downloading from %s, %d s after its link was reported", lease.job.pk, submission.label, age)
    with open_private_folder(lease.job) as folder:
        target = folder / "fetched.mp4"
        try:
            _fetch(lease, submission, target)
            probe(target, workdir=folder)
        except RemoteError as error:
            messages.redact_prompt(error, submission.clip)
            if error.code == "address":  # inside our network, or not a web address
                name = submission.label
                log.error("job %s: the download address from %s is not allowed: %s", lease.job.pk, name, error)
            return _retry(lease, submission, error, MAX_BAD_FILES if error.code == "too_large" else MAX_LINKS)
        except media.MediaRefused as refusal:
            is_unsure = refusal.code == "too_costly"  # the tool was killed, which says nothing about the file
            return _retry(lease, submission, refusal, MAX_TRANSFERS if is_unsure else MAX_BAD_FILES)
        except (NoAnswer, NotSent, media.FfmpegFailed) as failure:
            return _retry(lease, submission, failure, MAX_TRANSFERS)
        extend_lease_to_store(lease, target)
        storage.store_file(target, build_file_key(submission.clip, ClipFile.Kind.ORIGINAL))
    failpoint("clip_stored", str(lease.job.pk))
    with delete_orphans_on_lost_lease(submission.clip):
        return lease.move_to(State.STORED)


def _fetch(lease, submission: Submission, target) -> None:
    report = watch_uncancellable(lease, RENDERED_SHARE - 100, RENDERED_SHARE - 10).progress

    def progress(done: int, total: int) -> None:
        failpoint("while_fetching", str(lease.job.pk))
        report(done, total)

    with download_speed.previous_attempts(submission.live_attempt.downloads):
        submission.engine.fetch(
            submission.open_connection(), Output(**submission.live_attempt.output), target, progress
        )
    failpoint("clip_fetched", str(lease.job.pk))


def _retry(lease, submission: Submission, error: Exception, limit: int) -> None:
    """Poll again for the link, which is often a new one. After ``limit`` downloads, end the job as LOST_RESULT."""
    log.warning("job %s: download from %s failed: %s %s", lease.job.pk, submission.label, type(error).__name__, error)
    if submission.live_attempt.downloads + 1 < limit:
        return _end_download(lease, submission, State.RUNNING, reason=f"new_link|{submission.english_label}")
    message = build_message("not_downloaded", provider=submission.english_label)
    money = money_message(submission, was_accepted=True, was_finished=True)
    return _end_download(
        lease,
        submission,
        State.LOST_RESULT,
        reason="lost_result",
        charge=compute_charge(submission, was_accepted=True, was_finished=True),
        error_code="lost_result",
        error_public=join_messages(message, money),
    )


@transaction.atomic
def _end_download(lease, submission: Submission, state: str, **facts) -> None:
    """Count the download and end the step. A killed worker and a full disk are not counted."""
    Attempt.objects.filter(pk=submission.live_attempt.pk).update(downloads=F("downloads") + 1)
    lease.move_to(state, **facts)
