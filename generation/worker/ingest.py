"""Stored: check the original, make its mezzanine and pictures, and only then call the clip done."""

import logging
from dataclasses import asdict, replace
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.failpoints import failpoint
from generation.errors import UNPLAYABLE, media_message
from generation.media import errors as media
from generation.media import storage
from generation.media.ffmpeg import detect_container
from generation.media.ingest import ingest
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import Clip, ClipFile
from generation.providers.registry import makers, provider, providers
from generation.worker import history_messages
from generation.worker.files import deletes_orphans, extend_lease_to_store, file_key, private_folder, waits_for_storage
from generation.worker.no_answer_messages import earlier_words, unasked_words, unspent_words
from generation.worker.render import RENDERED_SHARE, watch, watch_uncancellable
from generation.worker.submission import charge, load_submission, money_words, scale_pause
from jobs.lifecycle.lease import Cancelled, StepFailed
from jobs.models import State

log = logging.getLogger("generation.worker")
TRIES = 3
AGAIN_SECONDS = 20.0
LONG_SECONDS = 300.0  # before the last try for what was bought: trouble of a minute must not leave it plain for ever
TOOL = frozenset({"media_tool", "too_costly"})  # a tool that failed or was killed says nothing about the film
TYPES = {"mov": "video/mp4", "matroska": "video/webm"}


class ToolFailed(Exception):
    """The tool failed, perhaps not because of the film; ``code`` is one of TOOL."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@waits_for_storage
def develop(claim):
    clip = Clip.objects.get(job=claim.job)
    original = file_key(clip, ClipFile.Kind.ORIGINAL)
    with private_folder(claim.job) as folder:
        source = storage.download(original, folder / "original.mp4")
        try:
            made = _ingest(claim, clip, source, folder)
        except ToolFailed as trouble:
            return _without_the_tool(claim, clip, source, trouble.code)
        except StepFailed as unfit:
            if not _is_had(claim.job, clip):
                raise
            return _keep_as_it_came(claim, clip, source, unfit.code)
        extend_lease_to_store(claim, *made.files.values())
        stored = {kind: storage.store_file(path, file_key(clip, kind)) for kind, path in made.files.items()}
        failpoint("clip_ingested", str(claim.job.pk))
        with deletes_orphans(clip), transaction.atomic():
            _keep(clip, made, stored)
            claim.move_to(State.READY)


def _ingest(claim, clip: Clip, source: Path, folder: Path):
    """The clip's files, StepFailed with the reason in words, or ToolFailed."""
    is_ours = provider(clip.provider).is_local
    is_drawn = is_ours and not clip.has_effects  # the film below effects is what it is, and whoever keeps it knows it
    planned = clip.seconds * MEZZANINE_FPS if is_drawn else clip.frames if is_ours else None
    looking = (watch if is_ours else watch_uncancellable)(claim, RENDERED_SHARE, 1000)
    try:
        return ingest(
            source, folder, is_trusted=is_ours, expected_frames=planned, reject_blank=is_drawn,
            progress=looking.progress, is_cancelled=looking.is_cancelled,
        )  # fmt: skip
    except media.Cancelled:
        raise Cancelled from None
    except media.MediaRefused as refusal:
        if refusal.code in TOOL:
            raise ToolFailed(refusal.code) from refusal
        raise _unfit(claim, is_ours, refusal.code, media_message(refusal)) from refusal
    except media.FfmpegFailed as failure:
        log.error("job %s: ffmpeg failed: %s", claim.job.pk, failure.detail)
        raise ToolFailed("media_tool") from failure


def _without_the_tool(claim, clip: Clip, source: Path, code: str) -> None:
    """Three tries; then what was drawn here is given up, and what was made elsewhere is kept as it came."""
    is_ours = provider(clip.provider).is_local
    log.warning("job %s: the tool ended badly (%s), try %d", claim.job.pk, code, claim.job.no_progress_count)
    if claim.job.no_progress_count < TRIES:
        is_last = claim.job.no_progress_count == TRIES - 1
        return claim.retry_later(scale_pause(LONG_SECONDS if is_last and not is_ours else AGAIN_SECONDS))
    if is_ours:
        raise StepFailed(code, UNPLAYABLE)
    return _keep_as_it_came(claim, clip, source, code)


def _is_had(job, clip: Clip) -> bool:
    """Its person could download it before an operator had it made ready once more: that takes nothing away."""
    return job.was_reopened and clip.files.filter(kind=ClipFile.Kind.ORIGINAL).exists()


def degraded_message(job) -> str:
    """What is said of a film that was being made ready once more when that was given up: it is here as it was. Empty
    where nothing is here."""
    clip = Clip.objects.filter(job=job).first()
    return _plain_words(job, clip) if clip and _is_had(job, clip) else ""


def _plain_words(job, clip: Clip) -> str:
    engine = makers().get(clip.provider)  # None where this install does not have it any more
    said = _("The video is stored as %(provider)s delivered it, but the studio could not convert it for its player.")
    todo = _("Download it as it is, or generate a new take.")
    return f"{said % {'provider': engine.label if engine else clip.provider}} {_paid(job)} {todo}"


def _keep_as_it_came(claim, clip: Clip, source: Path, code: str) -> None:
    """Somebody paid for this film, and it was seen to be one when it was fetched: they can have it, if not play it."""
    name, words = history_messages.written(provider(clip.provider)), _plain_words(claim.job, clip)
    kept = replace(
        storage.describe_file(source, file_key(clip, ClipFile.Kind.ORIGINAL)),
        content_type=TYPES[detect_container(source)],
    )
    log.error("job %s: kept as %s delivered it (%s)", claim.job.pk, name, code)
    with deletes_orphans(clip), transaction.atomic():
        clip.files.all().delete()
        ClipFile.objects.create(clip=clip, kind=ClipFile.Kind.ORIGINAL, **asdict(kept))
        claim.move_to(State.READY_DEGRADED, reason=f"plainly|{name}", error_code=code, error_public=words[:500])


def _paid(job) -> str:
    """Whether money was spent. A film that ends well costs what was agreed here, whatever its provider declares."""
    charged = _("The agreed price was charged.") if (job.price_charged if job.was_reopened else job.price) else ""
    if job.provider not in providers():  # this install does not have it any more
        return f"{charged} {earlier_words(job)}".strip() if charged else unasked_words(job)
    try:
        submission = load_submission(job)
    except StepFailed:  # its account was removed meanwhile, which takes no film from anybody
        removed = _("The account used for this job has been removed. It may have been charged once.")
        return " ".join(words for words in (charged, removed, earlier_words(job)) if words)
    if submission.connection.scope != "site":
        return money_words(submission, was_accepted=True, was_made=True)
    return f"{charged} {earlier_words(job)}".strip() if charged else unspent_words(job)


def _unfit(claim, is_ours: bool, code: str, words) -> StepFailed:
    """Ours costs nothing; what came from elsewhere was made there, and its price follows the provider's rule."""
    if is_ours:
        return StepFailed(code, words)
    submission = load_submission(claim.job)
    said = _("%(provider)s delivered a video that cannot be played to the end.") % {"provider": submission.name}
    cost = charge(submission, was_accepted=True, was_made=True)
    return StepFailed(code, f"{said} {money_words(submission, was_accepted=True, was_made=True)}", charge=cost)


def _keep(clip: Clip, made, stored) -> None:
    clip.files.all().delete()
    ClipFile.objects.bulk_create(ClipFile(clip=clip, kind=kind, **asdict(file)) for kind, file in stored.items())
    Clip.objects.filter(pk=clip.pk).update(
        width=made.width,
        height=made.height,
        frames=made.frames,
        has_sound=clip.has_sound if clip.has_effects else made.has_sound,  # a silent film has a silent track
        colour=made.colour,
        ready_at=timezone.now(),
    )
