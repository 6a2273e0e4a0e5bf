"""Frames of works: requested by whoever remixes a work, copied by a job into their workspace."""

import io

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy
from PIL import Image, UnidentifiedImageError

from accounts.models import Workspace
from common.messages import build_message
from gallery.models import Remix, RemixFrame, Work
from generation.media import storage
from generation.media.errors import PictureRefused
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import ClipFile, Picture
from generation.services.uploads import save_picture
from generation.worker.files import open_private_folder
from generation.worker.storage_wait import waits_for_storage
from jobs import services as jobs
from jobs.lifecycle.lease import StepFailed
from jobs.models import Job, State
from jobs.registry import StudioJobKind
from studio.models import Film

KIND = "remix_frame"
SENTENCES = {
    "remix_picture": gettext_lazy("The frame is too small to start a clip from. Nothing was copied."),
    "remix_gone": gettext_lazy("The work was withdrawn, or its file was replaced. Nothing was copied."),
}


@transaction.atomic
def request_frame(work: Work, *, how: str, seconds: float | None, workspace, by, idem_key: str) -> RemixFrame:
    """Queue the job that copies a frame of the work; the caller has checked that ``by`` may remix it.

    ``seconds``: where the frame is; None for the poster, or for the last frame if ``how`` says so. A second call with
    the same ``idem_key`` returns the frame of the first one.
    """
    jobs.lock_workspace(workspace)
    key = f"{KIND}-{idem_key}"
    if found := RemixFrame.objects.filter(job__workspace=workspace, job__idem_key=key, work=work).first():
        return found
    frame = RemixFrame(workspace=workspace, created_by=by, work=work, work_code=work.code, licence=work.licence)
    frame.how, frame.revision = how, work.revision
    frame.seconds = _choose_seconds(work, how, seconds)
    frame.job = jobs.submit(
        workspace=workspace,
        by=by,
        kind=KIND,
        title=work.title,
        page=reverse("gallery:remix_frame", args=[frame.pk]),
        params={"frame": str(frame.pk)},
        request={"work": work.code, "how": how, "seconds": frame.seconds},
        idem_key=key,
    )
    frame.save(force_insert=True)
    return frame


def _choose_seconds(work: Work, how: str, seconds: float | None) -> float:
    """Return where the frame is; -1 for the poster, which is stored as a picture."""
    if how == Remix.How.LAST_FRAME:
        return _find_last_frame(work) / MEZZANINE_FPS
    if seconds is None:
        return -1
    return min(max(0.0, seconds), work.seconds)


def _find_last_frame(work: Work) -> int:
    """Return the number of the last frame; of a film, that of its last scene, before the end card."""
    if work.film is None:
        return work.clip.frames - 1
    ends = [chapter["end"] for chapter in work.film.chapters if chapter["n"]]
    return (ends[-1] if ends else work.film.frames) - 1


@waits_for_storage
def copy_frame(lease) -> None:
    """Read the frame and store it as a picture (the step of RUNNING). May be repeated: an equal picture is kept
    once."""
    rows = RemixFrame.objects.select_related("work__clip", "work__film", "workspace", "created_by")
    frame = rows.filter(pk=lease.params["frame"]).first()
    if frame is None:
        raise StepFailed("gone", build_message("remix_gone"))
    if frame.picture_id is None:
        picture = _read_picture(lease, frame)
        RemixFrame.objects.filter(pk=frame.pk).update(picture=picture)
    lease.move_to(State.STORED)


def _read_picture(lease, frame: RemixFrame) -> Picture:
    key = _find_file(frame)
    if not key:
        raise StepFailed("gone", build_message("remix_gone"))
    with open_private_folder(lease.job) as folder:
        lease.report(200)
        try:
            path = storage.download(key, folder / "source")
        except FileNotFoundError:
            raise StepFailed("gone", build_message("remix_gone")) from None
        lease.report(600)
        image = _open_poster(path) if frame.seconds < 0 else _read_frame(path, frame.seconds)
        try:
            return keep_frame(image, workspace=frame.workspace, by=frame.created_by)
        except PictureRefused as refusal:
            raise StepFailed(refusal.code, build_message("remix_picture")) from refusal


def _find_file(frame: RemixFrame) -> str:
    """Return the storage key of the poster or the film; "" if the work was withdrawn or its file replaced."""
    work = frame.work
    if work is None or work.revision != frame.revision or not _is_readable(work, frame):
        return ""
    is_poster = frame.seconds < 0
    if isinstance(work.source, Film):
        return work.source.poster_key if is_poster else work.source.key
    kind = ClipFile.Kind.POSTER_LARGE if is_poster else ClipFile.Kind.MEZZANINE
    files = ClipFile.objects.filter(clip=work.clip_id, kind=kind)
    return files.values_list("key", flat=True).first() or ""


def _is_readable(work: Work, frame: RemixFrame) -> bool:
    is_shown = work.visibility != Work.Visibility.PRIVATE and work.state == Work.State.SHOWN
    return is_shown or work.workspace_id == frame.workspace_id


def _open_poster(path) -> Image.Image:
    try:
        return Image.open(io.BytesIO(path.read_bytes())).convert("RGB")
    except (UnidentifiedImageError, OSError):
        raise StepFailed("gone", build_message("remix_gone")) from None


def _read_frame(path, seconds: float) -> Image.Image:
    from generation.media.errors import MediaRefused
    from generation.media.frame import save_frame_at  # loads PyAV, which only workers need

    try:
        with Image.open(save_frame_at(path, seconds, path.with_suffix(".png"))) as image:
            return image.convert("RGB")
    except MediaRefused:
        raise StepFailed("gone", build_message("remix_gone")) from None


class RemixFrameKind(StudioJobKind):
    """The copy of a frame of a work. Only the user who asked for it sees the job."""

    name = KIND
    label = gettext_lazy("Frame of a work")
    running_label = gettext_lazy("Copying")
    steps = {State.RUNNING: copy_frame}
    is_retryable = False
    is_private = is_system = True
    is_measured = False

    def on_purge(self, job: Job) -> None:
        RemixFrame.objects.filter(job=job).update(job=None)


def keep_frame(frame: Image.Image, *, workspace: Workspace, by) -> Picture:
    """Store a frame as a picture of the workspace, as if somebody had uploaded it."""
    data = io.BytesIO()
    frame.save(data, "PNG", compress_level=4)
    return save_picture(ContentFile(data.getvalue(), name="frame.png"), workspace=workspace, by=by)
