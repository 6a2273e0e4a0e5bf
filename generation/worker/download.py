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
from generation.worker.files import hold_to_store, key_of, nothing_outlives, private_folder, waits_for_room
from generation.worker.no_answer_messages import untraced
from generation.worker.render import DRAWN, watch_to_the_end
from generation.worker.submission import Errand, charge, errand, money_words
from jobs.models import Attempt, State

log = logging.getLogger("generation.worker")
ADDRESSES = 4  # addresses altogether, each fresh: what expired may come yet
FILMS = 3  # films altogether: what is none, or too large to be one, seldom becomes one
TRANSFERS = 8  # broken transfers altogether


@waits_for_room
def fetch(claim):
    trip = errand(claim.job)
    if trip.attempt is None:
        raise untraced(trip)
    age = (claim.now - claim.job.state_since).total_seconds()  # addresses live from an hour to two days
    log.info("job %s: fetched from %s %d s after its address was learnt", claim.job.pk, trip.name, age)
    with private_folder(claim.job) as folder:
        target = folder / "fetched.mp4"
        try:
            with download_speed.after(trip.attempt.fetches):
                trip.engine.fetch(trip.account(), Output(**trip.attempt.output), target, _watched(claim))
            failpoint("clip_fetched", str(claim.job.pk))
            probe(target, workdir=folder)
        except RemoteError as error:
            refusal_messages.strike(error, trip.clip)
            if error.code == "address":  # a place inside our own network, a file: no honest provider names such
                log.error("job %s: the film of %s lies where nobody may fetch it: %s", claim.job.pk, trip.name, error)
            return _again(claim, trip, error, FILMS if error.code == "too_large" else ADDRESSES)
        except media.MediaRefused as refusal:
            is_unsure = refusal.code == "too_costly"  # the tool was killed, which says nothing about the film
            return _again(claim, trip, refusal, TRANSFERS if is_unsure else FILMS)
        except (NoAnswer, NotSent, media.FfmpegFailed) as trouble:
            return _again(claim, trip, trouble, TRANSFERS)
        hold_to_store(claim, target)
        storage.store_file(target, key_of(trip.clip, ClipFile.Kind.ORIGINAL))
    failpoint("clip_stored", str(claim.job.pk))
    with nothing_outlives(trip.clip):
        return claim.move_to(State.STORED)


def _watched(claim):
    told = watch_to_the_end(claim, DRAWN - 100, DRAWN - 10).progress

    def progress(done: int, total: int) -> None:
        failpoint("while_fetching", str(claim.job.pk))
        told(done, total)

    return progress


def _again(claim, trip: Errand, trouble: Exception, tries: int) -> None:
    """Ask for the address anew, which often is a fresh one; when that does not help, the result is lost."""
    log.warning("job %s: the film at %s: %s %s", claim.job.pk, trip.name, type(trouble).__name__, trouble)
    if trip.attempt.fetches + 1 < tries:
        return _end_try(claim, trip, State.RUNNING, reason=f"fresh_address|{trip.written}")
    words = _("%(provider)s finished the video, but it could not be downloaded or was not a video.") % {
        "provider": trip.name
    }
    return _end_try(
        claim,
        trip,
        State.LOST_RESULT,
        reason="lost_result",
        charge=charge(trip, was_accepted=True, was_made=True),
        error_code="lost_result",
        error_public=f"{words} {money_words(trip, was_accepted=True, was_made=True)}"[:500],
    )


@transaction.atomic
def _end_try(claim, trip: Errand, state: str, **facts) -> None:
    """Only what the provider's side spoilt counts as a try: no killed worker and no full disk here."""
    Attempt.objects.filter(pk=trip.attempt.pk).update(fetches=F("fetches") + 1)
    claim.move_to(state, **facts)
