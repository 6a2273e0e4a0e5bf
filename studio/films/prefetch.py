"""Prepare the takes of a story for its film in advance, so that making the film takes less time.

The job is hidden and fills only the cache of film parts. A film that is requested earlier does the same work itself.
"""

import errno
import logging
import uuid
from collections.abc import Callable

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from common.failpoints import failpoint
from generation.media import errors as media
from generation.media import storage
from generation.models import ClipFile, FileValues
from generation.providers.base import DrawingStopped, ProviderError, Watch
from generation.worker.files import open_private_folder
from generation.worker.storage_wait import waits_for_storage
from jobs import services as jobs
from jobs.lifecycle.lease import Cancelled, Interrupted
from jobs.models import Job, State
from jobs.registry import StudioJobKind
from jobs.runtime import child_process
from studio.films.cached_files import cache_folder
from studio.films.placeholders import Placeholder, draw_placeholder, list_placeholders
from studio.films.plan import FilmPlan, build_film_plan
from studio.models import Film, Story
from studio.render.cache import Cache
from studio.render.errors import FilmRefused

KIND = "film_ready"
log = logging.getLogger("studio.render")


def schedule(story: Story) -> None:
    """Queue the job after the transaction. If that fails, making the film takes longer."""
    transaction.on_commit(lambda: _queue_job(story), robust=True)


def shown_take_changed(sender, story: Story, **kwargs) -> None:
    schedule(story)


@transaction.atomic
def _queue_job(story: Story) -> None:
    """Queue a job for the story, unless one is queued that has not started yet."""
    waiting = Job.objects.filter(kind=KIND, workspace=story.workspace_id, params__story=str(story.pk))
    if waiting.filter(state=State.QUEUED).update(next_run_at=Now()):
        return
    job = jobs.submit(
        workspace=story.workspace,
        by=None,
        kind=KIND,
        title=story.title,
        params={"story": str(story.pk)},
        idem_key=f"{KIND}-{uuid.uuid4().hex}",
        is_limited=False,
    )
    Job.objects.filter(pk=job.pk).update(deleted_at=Now())  # hidden, and purged when it is done


@waits_for_storage
def prepare_clips(lease) -> None:
    """Download and prepare the story's final takes, then draw its drafts in the film's size (the step of RUNNING)."""
    story = Story.objects.filter(pk=lease.params["story"], deleted_at=None).first()
    unprepared = _list_unprepared_files(story) if story else []
    for number, (file, film_plan) in enumerate(unprepared):

        def report_share(share: float, number=number) -> None:
            lease.report(int(1000 * (number + share) / len(unprepared)))

        report_share(0.0)
        if _is_film_in_progress(story):
            break
        _prepare_file(lease, file, film_plan, report_share)
    if story:
        _draw_placeholders(lease, build_film_plan(story))
    lease.move_to(State.STORED)


def _draw_placeholders(lease, film_plan: FilmPlan) -> None:
    """Draw the drafts in the film's size while the workspace draws nothing else: waiting clips come first."""
    frames = 0
    for placeholder in list_placeholders(film_plan):
        workspace = film_plan.story.workspace_id
        is_busy = Job.objects.active().filter(kind="clip", workspace=workspace).exists()
        if is_busy or _is_film_in_progress(film_plan.story):
            return
        _draw_placeholder(lease, placeholder, film_plan, frames)
        frames += placeholder.frames


def _draw_placeholder(lease, placeholder: Placeholder, film_plan: FilmPlan, frames: int) -> None:
    """Draw and prepare one placeholder. ``frames``: how many frames were drawn before, for the lease."""
    from studio.render.prepare import prepare_clip

    def is_stopped() -> bool:
        return lease.is_cancelled() or child_process.is_stopping()

    def keep_lease(done: int, _total: int) -> None:
        lease.report(lease.job.progress, moved=frames + done)

    lines, cache = min(film_plan.format.width, film_plan.format.height), cache_folder()
    with open_private_folder(lease.job) as folder:
        try:
            path, digest = draw_placeholder(placeholder, lines, Cache(cache), folder, Watch(keep_lease, is_stopped))
            prepare_clip(
                path, digest, cache=cache, format=film_plan.format, fit=film_plan.settings.fit, is_cancelled=is_stopped
            )
        except (DrawingStopped, media.Cancelled):
            raise (Cancelled if lease.is_cancelled(at_once=True) else Interrupted) from None
        except (ProviderError, FilmRefused, media.MediaRefused, media.FfmpegFailed) as failure:
            log.warning("clip %s is not drawn in advance: %s", placeholder.clip.pk, failure)


def _is_film_in_progress(story: Story) -> bool:
    """Return whether a film of the story is being made, since that job prepares the clips itself."""
    return Film.objects.filter(story=story, job__in=Job.objects.active()).exists()


def _list_unprepared_files(story: Story) -> list[tuple[FileValues, FilmPlan]]:
    """Return (file, plan of the film) for each final take in the film that is not prepared yet."""
    from studio.render.prepare import is_prepared  # loads PyAV, which only workers need

    film_plan = build_film_plan(story)
    files = {}
    for row in film_plan.scenes:
        clip = row.panel.playing.clip if row.panel.playing and not row.panel.is_draft else None
        file = clip.file(ClipFile.Kind.MEZZANINE) if clip and clip.workspace_id == story.workspace_id else None
        fit = film_plan.settings.fit
        if file and not is_prepared(file.sha256, cache=cache_folder(), format=film_plan.format, fit=fit):
            files[file.sha256] = file
    return [(file, film_plan) for file in files.values()]


def _prepare_file(lease, file: FileValues, film_plan: FilmPlan, tick: Callable[[float], None]) -> None:
    from studio.render.prepare import prepare_clip

    def is_stopped() -> bool:
        return lease.is_cancelled() or child_process.is_stopping()

    with open_private_folder(lease.job) as folder:
        try:
            path = storage.download(file.key, folder / "clip.mp4")
            failpoint("film_preparing", str(lease.job.pk))
            prepare_clip(
                path,
                file.sha256,
                cache=cache_folder(),
                format=film_plan.format,
                fit=film_plan.settings.fit,
                tick=tick,
                is_cancelled=is_stopped,
            )
        except media.Cancelled:
            raise (Cancelled if lease.is_cancelled(at_once=True) else Interrupted) from None
        except FileNotFoundError:
            log.warning("clip %s is not in the storage; its film will report that", file.clip_id)
        except FilmRefused as refusal:
            if refusal.code == "no_space":
                raise OSError(errno.ENOSPC, str(refusal)) from refusal
            log.warning("clip %s: %s; its film will report that", file.clip_id, refusal)
        except (media.MediaRefused, media.FfmpegFailed) as failure:
            log.warning("clip %s: %s; its film will try again", file.clip_id, failure)


class PrefetchKind(StudioJobKind):
    """The hidden job that prepares takes for a film in advance."""

    name = KIND
    label = gettext_lazy("Scenes prepared for the film")
    steps = {State.RUNNING: prepare_clips}
    is_retryable = False
    is_hidden = is_system = True
