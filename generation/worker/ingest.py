"""Ingest a stored clip: check the original, make its mezzanine and images, and finish the job."""

import logging
from dataclasses import asdict, replace
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from common.failpoints import failpoint
from common.messages import Message, build_message, join_messages
from generation.errors import media_message
from generation.media import errors as media
from generation.media import storage
from generation.media.ffmpeg import detect_container
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import Clip, ClipFile
from generation.providers.registry import clip_providers, provider, providers
from generation.worker import messages
from generation.worker.charging import compute_charge, money_message
from generation.worker.connection_pause import scale_pause
from generation.worker.files import (
    build_file_key,
    delete_orphans_on_lost_lease,
    extend_lease_to_store,
    open_private_folder,
)
from generation.worker.render import RENDERED_SHARE, watch, watch_uncancellable
from generation.worker.sketches import delete_sketch
from generation.worker.storage_wait import waits_for_storage
from generation.worker.submission import load_submission
from jobs.lifecycle.lease import Cancelled, StepFailed
from jobs.models import State

log = logging.getLogger("generation.worker")
MAX_ATTEMPTS = 3
OPENING_FRAMES = MEZZANINE_FPS  # of a clip that continues another: they still look like that one
RETRY_SECONDS = 20.0
LAST_RETRY_SECONDS = 300.0  # for bought clips: a failure of a minute must not leave one unplayable
TOOL_CODES = frozenset({"media_tool", "too_costly"})  # the tool failed or was killed, which says nothing of the video
CONTENT_TYPES = {"mov": "video/mp4", "matroska": "video/webm"}


class ToolFailed(Exception):
    """The media tool failed, perhaps not because of the video. ``code`` is one of TOOL_CODES."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@waits_for_storage
def ingest_clip(lease):
    clip = Clip.objects.get(job=lease.job)
    original = build_file_key(clip, ClipFile.Kind.ORIGINAL)
    with open_private_folder(lease.job) as folder:
        source = storage.download(original, folder / "original.mp4")
        try:
            ingested = _ingest(lease, clip, source, folder)
        except ToolFailed as failure:
            return _retry_tool(lease, clip, source, failure.code)
        except StepFailed as failure:
            if not _was_kept_degraded(lease.job, clip):
                raise
            return _keep_degraded(lease, clip, source, failure.code)
        extend_lease_to_store(lease, *ingested.files.values())
        stored = {kind: storage.store_file(path, build_file_key(clip, kind)) for kind, path in ingested.files.items()}
        failpoint("clip_ingested", str(lease.job.pk))
        with delete_orphans_on_lost_lease(clip), transaction.atomic():
            _keep(clip, ingested, stored)
            lease.move_to(State.READY)


def _ingest(lease, clip: Clip, source: Path, folder: Path):
    """Return the files of the clip. Raises StepFailed with a message, or ToolFailed."""
    from generation.media.ingest import ingest  # loads PyAV and OpenCV, which only workers need

    is_local = provider(clip.provider).is_local
    is_drawn = is_local and not clip.has_effects  # a video below effects may be blank
    expected = clip.seconds * MEZZANINE_FPS if is_drawn else clip.frames if is_local else None
    watching = (watch if is_local else watch_uncancellable)(lease, RENDERED_SHARE, 1000)
    try:
        return ingest(
            source,
            folder,
            is_trusted=is_local,
            expected_frames=expected,
            reject_blank=is_drawn,
            poster_from=OPENING_FRAMES if clip.continues_id else 0,
            progress=watching.progress,
            is_cancelled=watching.is_cancelled,
        )
    except media.Cancelled:
        raise Cancelled from None
    except media.MediaRefused as refusal:
        if refusal.code in TOOL_CODES:
            raise ToolFailed(refusal.code) from refusal
        raise _build_failure(lease, is_local, refusal.code, media_message(refusal)) from refusal
    except media.FfmpegFailed as failure:
        log.error("job %s: ffmpeg failed: %s", lease.job.pk, failure.detail)
        raise ToolFailed("media_tool") from failure


def _retry_tool(lease, clip: Clip, source: Path, code: str) -> None:
    """Try again later. After MAX_ATTEMPTS, fail a clip that was drawn here, and keep a provider's clip as delivered."""
    is_local = provider(clip.provider).is_local
    log.warning("job %s: the media tool failed (%s), attempt %d", lease.job.pk, code, lease.job.no_progress_count)
    if lease.job.no_progress_count < MAX_ATTEMPTS:
        is_last = lease.job.no_progress_count == MAX_ATTEMPTS - 1
        return lease.retry_later(scale_pause(LAST_RETRY_SECONDS if is_last and not is_local else RETRY_SECONDS))
    if is_local:
        raise StepFailed(code, build_message("unplayable"))
    return _keep_degraded(lease, clip, source, code)


def _was_kept_degraded(job, clip: Clip) -> bool:
    """Return whether the clip could be downloaded before an administrator reopened its job, and so still can."""
    return job.was_reopened and clip.files.filter(kind=ClipFile.Kind.ORIGINAL).exists()


def degraded_message(job) -> Message:
    """Return the message for a reopened job that was given up, if its clip is still available as delivered; otherwise
    an empty string."""
    clip = Clip.objects.filter(job=job).first()
    return _degraded_message(job, clip) if clip and _was_kept_degraded(job, clip) else join_messages()


def _degraded_message(job, clip: Clip) -> Message:
    engine = clip_providers().get(clip.provider)  # None if it is no longer installed
    kept = build_message("kept_as_delivered", provider=messages.get_english_label(engine) if engine else clip.provider)
    return join_messages(kept, _money_message(job), build_message("download_as_it_is"))


def _keep_degraded(lease, clip: Clip, source: Path, code: str) -> None:
    """Keep a video as delivered: its user paid for it, and it was checked when it was downloaded."""
    label, message = messages.get_english_label(provider(clip.provider)), _degraded_message(lease.job, clip)
    original = replace(
        storage.describe_file(source, build_file_key(clip, ClipFile.Kind.ORIGINAL)),
        content_type=CONTENT_TYPES[detect_container(source)],
    )
    log.error("job %s: kept as %s delivered it (%s)", lease.job.pk, label, code)
    with delete_orphans_on_lost_lease(clip), transaction.atomic():
        clip.files.all().delete()
        ClipFile.objects.create(clip=clip, kind=ClipFile.Kind.ORIGINAL, **asdict(original))
        Clip.objects.filter(pk=clip.pk).update_bytes()
        reason = f"kept_as_delivered|{label}"
        lease.move_to(State.READY_DEGRADED, reason=reason, error_code=code, error_public=message)


def _money_message(job) -> Message:
    """Return whether money was spent. A clip that is kept costs the agreed price, whatever its provider's rule is."""
    is_charged = job.price_charged if job.was_reopened else job.price
    charged = build_message("price_charged") if is_charged else ""
    earlier = messages.earlier_charges_message(job)
    if job.provider not in providers():  # no longer installed
        return join_messages(charged, earlier) if charged else messages.uninstalled_charge_message(job)
    try:
        submission = load_submission(job)
    except StepFailed:  # its connection was removed
        return join_messages(charged, build_message("removed_account_charged"), earlier)
    if submission.connection.scope != "site":
        return money_message(submission, was_accepted=True, was_finished=True)
    return join_messages(charged, earlier) if charged else messages.no_charge_message(job)


def _build_failure(lease, is_local: bool, code: str, message) -> StepFailed:
    """Return the failure of a clip that cannot be used: a local one costs nothing, others follow the billing rule."""
    if is_local:
        return StepFailed(code, message)
    submission = load_submission(lease.job)
    message = build_message("not_playable_there", provider=submission.english_label)
    cost = compute_charge(submission, was_accepted=True, was_finished=True)
    money = money_message(submission, was_accepted=True, was_finished=True)
    return StepFailed(code, join_messages(message, money), charge=cost)


def _keep(clip: Clip, ingested, stored) -> None:
    delete_sketch(clip)
    clip.files.all().delete()
    ClipFile.objects.bulk_create(ClipFile(clip=clip, kind=kind, **asdict(file)) for kind, file in stored.items())
    Clip.objects.filter(pk=clip.pk).update(
        width=ingested.width,
        height=ingested.height,
        frames=ingested.frames,
        has_sound=clip.has_sound if clip.has_effects else ingested.has_sound,  # a silent video has a silent track
        colour=ingested.colour,
        bytes=sum(file.bytes for file in stored.values()),
        ready_at=timezone.now(),
    )
