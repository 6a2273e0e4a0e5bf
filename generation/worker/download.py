"""Fetching: bring the film home at once, see that it is one, and keep it before anything else is said."""

import logging

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common.failpoints import failpoint
from generation.media import errors as media
from generation.media import storage
from generation.media.probe import probe
from generation.models import ClipFile
from generation.providers.errors import NoAnswer, NotSent, RemoteError
from generation.providers.http import download_speed
from generation.providers.remote import Output
from generation.worker import refusal_messages
from generation.worker.files import deletes_orphans, extend_lease_to_store, file_key, private_folder, waits_for_storage
from generation.worker.no_answer_messages import no_attempt_failure
from generation.worker.render import RENDERED_SHARE, watch_uncancellable
from generation.worker.submission import Submission, charge, load_submission, money_words
from jobs.models import Attempt, State

log = logging.getLogger("generation.worker")
ADDRESSES = 4  # addresses altogether, each fresh: what expired may come yet
FILMS = 3  # films altogether: what is none, or too large to be one, seldom becomes one
TRANSFERS = 8  # broken transfers altogether


@waits_for_storage
def fetch(claim):
    submission = load_submission(claim.job)
    if submission.attempt is None:
        raise no_attempt_failure(submission)
    age = (claim.now - claim.job.state_since).total_seconds()  # addresses live from an hour to two days
    log.info("job %s: fetched from %s %d s after its address was learnt", claim.job.pk, submission.name, age)
    with private_folder(claim.job) as folder:
        target = folder / "fetched.mp4"
        try:
            with download_speed.after(submission.attempt.fetches):
                submission.engine.fetch(
                    submission.account(), Output(**submission.attempt.output), target, _watched(claim)
                )
            failpoint("clip_fetched", str(claim.job.pk))
            probe(target, workdir=folder)
        except RemoteError as error:
            refusal_messages.strike(error, submission.clip)
            if error.code == "address":  # a place inside our own network, a file: no honest provider names such
                log.error(
                    "job %s: the film of %s lies where nobody may fetch it: %s", claim.job.pk, submission.name, error
                )
            return _again(claim, submission, error, FILMS if error.code == "too_large" else ADDRESSES)
        except media.MediaRefused as refusal:
            is_unsure = refusal.code == "too_costly"  # the tool was killed, which says nothing about the film
            return _again(claim, submission, refusal, TRANSFERS if is_unsure else FILMS)
        except (NoAnswer, NotSent, media.FfmpegFailed) as trouble:
            return _again(claim, submission, trouble, TRANSFERS)
        extend_lease_to_store(claim, target)
        storage.store_file(target, file_key(submission.clip, ClipFile.Kind.ORIGINAL))
    failpoint("clip_stored", str(claim.job.pk))
    with deletes_orphans(submission.clip):
        return claim.move_to(State.STORED)


def _watched(claim):
    told = watch_uncancellable(claim, RENDERED_SHARE - 100, RENDERED_SHARE - 10).progress

    def progress(done: int, total: int) -> None:
        failpoint("while_fetching", str(claim.job.pk))
        told(done, total)

    return progress


def _again(claim, submission: Submission, trouble: Exception, tries: int) -> None:
    """Ask for the address anew, which often is a fresh one; when that does not help, the result is lost."""
    log.warning("job %s: the film at %s: %s %s", claim.job.pk, submission.name, type(trouble).__name__, trouble)
    if submission.attempt.fetches + 1 < tries:
        return _end_try(claim, submission, State.RUNNING, reason=f"fresh_address|{submission.written}")
    words = _("%(provider)s finished the video, but it could not be downloaded or was not a video.") % {
        "provider": submission.name
    }
    return _end_try(
        claim,
        submission,
        State.LOST_RESULT,
        reason="lost_result",
        charge=charge(submission, was_accepted=True, was_made=True),
        error_code="lost_result",
        error_public=f"{words} {money_words(submission, was_accepted=True, was_made=True)}"[:500],
    )


@transaction.atomic
def _end_try(claim, submission: Submission, state: str, **facts) -> None:
    """Only what the provider's side spoilt counts as a try: no killed worker and no full disk here."""
    Attempt.objects.filter(pk=submission.attempt.pk).update(fetches=F("fetches") + 1)
    claim.move_to(state, **facts)
