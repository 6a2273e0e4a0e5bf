"""Render a clip on this machine into a private folder, and store it as the original."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from common.failpoints import failpoint
from generation.clip_spec import SOURCES
from generation.media import storage
from generation.models import Clip, ClipFile
from generation.providers.base import DrawingStopped, ProviderError, Watch
from generation.providers.registry import provider
from generation.worker import clip_sources
from generation.worker.files import (
    build_file_key,
    build_request_with_files,
    delete_orphans_on_lost_lease,
    extend_lease_to_store,
    open_private_folder,
)
from generation.worker.sketches import delete_sketch, store_sketch
from generation.worker.storage_wait import waits_for_storage
from jobs.lifecycle.lease import Cancelled, StepFailed
from jobs.models import Job, State

log = logging.getLogger("generation.worker")
HALF_BAR_BYTES = 16 << 20  # bytes that fill half of the bar if the size of a file is unknown
TOGETHER = timedelta(minutes=1)  # of the clips that a workspace requests within it, later ones give way to earlier ones
NICENESS, NICEST = 6, 12
RENDERED_SHARE = 900  # thousandths of the bar for rendering or downloading; the rest is for ingest


@waits_for_storage
def render_clip(lease):
    clip = Clip.objects.select_related(*SOURCES, "created_by", "workspace").get(job=lease.job)
    clip_sources.check_before_sending(clip, lease.job)
    with open_private_folder(lease.job) as folder:
        out = folder / "drawn.mp4"
        try:
            provider(clip.provider).draw(
                build_request_with_files(clip, folder), out, _watch_drawing(lease, clip, folder)
            )
        except (DrawingStopped, Cancelled):
            delete_sketch(clip)
            raise Cancelled from None
        except ProviderError as problem:
            delete_sketch(clip)
            log.error("job %s: drawing failed: %s", lease.job.pk, problem.__cause__ or problem)
            raise StepFailed(problem.code, problem.message) from problem
        failpoint("clip_drawn", str(lease.job.pk))
        extend_lease_to_store(lease, out)
        storage.store_file(out, build_file_key(clip, ClipFile.Kind.ORIGINAL))
    failpoint("clip_stored", str(lease.job.pk))
    with delete_orphans_on_lost_lease(clip):
        lease.move_to(State.STORED)


def _watch_drawing(lease, clip: Clip, folder: Path) -> Watch:
    """Return a Watch that also stores the frame it receives, for the pages that show the clip."""
    return replace(
        watch(lease, 0, RENDERED_SHARE),
        show_frame=lambda frame: store_sketch(lease, clip, frame, folder),
        niceness=_choose_niceness(lease.job),
    )


def _choose_niceness(job) -> int:
    """Return how far the drawing gives way to that of earlier clips: of those that were requested together, such as the
    scenes of a story, the first can then be watched soon, while the workers' cores draw several of them."""
    earlier = Job.objects.filter(workspace=job.workspace_id, kind=job.kind, provider=job.provider)
    earlier = earlier.filter(created_at__gt=job.created_at - TOGETHER, created_at__lt=job.created_at)
    return min(NICENESS * earlier[: NICEST // NICENESS].count(), NICEST)


def watch(lease, start: int, end: int) -> Watch:
    """Return a Watch that fills the job's bar from ``start`` to ``end`` thousandths."""

    def progress(done: int, total: int) -> None:
        lease.report(start + _compute_share(end - start, done, total), moved=done)

    return Watch(progress, lease.is_cancelled)


def watch_uncancellable(lease, start: int, end: int) -> Watch:
    """Return a Watch for a clip that its provider has finished: cancelling is too late, the video is kept."""

    def progress(done: int, total: int) -> None:
        try:
            lease.report(start + _compute_share(end - start, done, total), moved=done)
        except Cancelled:
            return

    return Watch(progress)


def _compute_share(width: int, done: int, total: int) -> int:
    """Return the part of ``width`` (thousandths of the bar) for ``done`` of ``total``. If the total is unknown (0), the
    part approaches ``width`` and never reaches it."""
    return width * min(done, total) // total if total else width * done // (done + HALF_BAR_BYTES)
