"""Stored: check the original, make its mezzanine and pictures, and only then call the clip done."""

import logging
from dataclasses import asdict
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.failpoints import failpoint
from generation import storage
from generation.media import errors as media
from generation.media.ingest import ingest
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import Clip, ClipFile
from generation.providers.registry import provider
from generation.refusals import BAD_MEDIA, media_words
from generation.steps.attempts import charge, errand, money_words, paced
from generation.steps.drawing import DRAWN, watch, watch_to_the_end
from generation.steps.files import key_of, nothing_outlives, private_folder, waits_for_room
from jobs.claims import Cancelled, StepFailed
from jobs.models import State

log = logging.getLogger("generation.steps")
TRIES = 3
AGAIN_SECONDS = 20.0


class Unsure(Exception):
    """The tool failed, perhaps not because of the film."""


@waits_for_room
def develop(claim):
    clip = Clip.objects.get(job=claim.job)
    original = key_of(clip, ClipFile.Kind.ORIGINAL)
    with private_folder(claim.job) as folder:
        source = storage.copy_to(original, folder / "original.mp4")
        try:
            made = _ingest(claim, clip, source, folder)
        except Unsure as trouble:
            log.warning("job %s: the tool ended badly (%s); once more", claim.job.pk, trouble)
            return claim.try_again(paced(AGAIN_SECONDS))
        claim.is_cancelled(at_once=True)  # whoever lost the job must not write over what another worker stored
        stored = {kind: storage.put(path, key_of(clip, kind)) for kind, path in made.files.items()}
        failpoint("clip_ingested", str(claim.job.pk))
        with nothing_outlives(clip), transaction.atomic():
            _keep(clip, made, stored)
            claim.move_to(State.READY)


def _ingest(claim, clip: Clip, source: Path, folder: Path):
    """The clip's files, or StepFailed with the reason in words."""
    is_ours = provider(clip.provider).is_local
    is_drawn = is_ours and not clip.is_laid_over  # the film below effects is what it is, and whoever keeps it knows it
    planned = clip.seconds * MEZZANINE_FPS if is_drawn else clip.frames if is_ours else None
    looking = (watch if is_ours else watch_to_the_end)(claim, DRAWN, 1000)
    try:
        return ingest(
            source, folder, trusted=is_ours, planned=planned, judged=is_drawn,
            progress=looking.progress, cancelled=looking.is_cancelled,
        )  # fmt: skip
    except media.Cancelled:
        raise Cancelled from None
    except media.MediaRefused as refusal:
        _unless_unsure(claim, refusal.code)
        raise _unfit(claim, is_ours, refusal.code, media_words(refusal)) from refusal
    except media.FfmpegFailed as failure:
        log.error("job %s: ffmpeg failed: %s", claim.job.pk, failure.detail)
        _unless_unsure(claim, "media_tool")
        raise _unfit(claim, is_ours, "media_tool", BAD_MEDIA) from failure


def _unless_unsure(claim, code: str) -> None:
    """A tool that was killed says nothing about the film: it is tried three times before the film is blamed."""
    if code in ("too_costly", "media_tool") and claim.job.no_progress_count < TRIES:
        raise Unsure(code)


def _unfit(claim, is_ours: bool, code: str, words) -> StepFailed:
    """Ours costs nothing; what came from elsewhere was made there, and its price follows the provider's rule."""
    if is_ours:
        return StepFailed(code, words)
    trip = errand(claim.job)
    said = _("%(provider)s delivered a film that cannot be played to its end.") % {"provider": trip.name}
    cost = charge(trip, was_accepted=True, was_made=True)
    return StepFailed(code, f"{said} {money_words(trip, was_accepted=True, was_made=True)}", charge=cost)


def _keep(clip: Clip, made, stored) -> None:
    clip.files.all().delete()
    ClipFile.objects.bulk_create(ClipFile(clip=clip, kind=kind, **asdict(file)) for kind, file in stored.items())
    Clip.objects.filter(pk=clip.pk).update(
        width=made.width,
        height=made.height,
        frames=made.frames,
        has_sound=clip.has_sound if clip.is_laid_over else made.has_sound,  # a silent film has a silent track
        colour=made.colour,
        ready_at=timezone.now(),
    )
