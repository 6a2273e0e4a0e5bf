"""The cover of a published clip or film: a frame that its author chooses.

A film has a still of each chapter, and keeps the number of the one that is its poster. The posters of a clip are drawn
anew by a job.
"""

import uuid
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy

from common.messages import build_message
from gallery.models import StoryTemplate, Work
from generation.media import storage
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import Clip, ClipFile
from generation.worker.files import build_file_key, extend_lease_to_store, open_private_folder, remove_files
from generation.worker.storage_wait import waits_for_storage
from jobs import services as jobs
from jobs.lifecycle.lease import StepFailed
from jobs.models import Job, State
from jobs.registry import StudioJobKind
from studio.films.services import choose_poster
from studio.models import Film

KIND = "cover"
TILES = 10  # small pictures in the strip of a clip (generation.media.review)
PICTURES = (ClipFile.Kind.POSTER, ClipFile.Kind.POSTER_LARGE, ClipFile.Kind.GENGA)
SENTENCES = {"cover_gone": gettext_lazy("The clip no longer has its video. The cover is the same as before.")}


@dataclass(frozen=True)
class CoverFrame:
    """A frame that can be the cover. ``value``: of the form's field. ``picture``: the address of its picture, or of the
    strip of ``tiles`` pictures in which it is number ``tile``, from 0. ``seconds``: where it is; None for the present
    cover."""

    value: str
    picture: str
    seconds: float | None = None
    tile: int | None = None
    tiles: int = TILES


def get_link(source) -> str:
    """Return a short-lived link to the poster of a clip or film, or to the cover of a template; "" without one."""
    if isinstance(source, StoryTemplate):
        return storage.create_link(source.cover.key) if source.cover else ""
    if isinstance(source, Film):
        return storage.create_link(source.poster_key)
    file = source.file(ClipFile.Kind.POSTER)
    return storage.create_link(file.key) if file else ""


def list_frames(source, poster: str) -> list[CoverFrame]:
    """Return the frames among which the author chooses; none where there is no choice. ``poster``: the address of the
    present cover."""
    if isinstance(source, Film) and len(source.chapters) > 1:
        return [_build_still(source, number) for number in range(len(source.chapters))]
    strip = source.file(ClipFile.Kind.SPRITE) if isinstance(source, Clip) else None
    if strip is None:
        return []
    link = storage.create_link(strip.key)
    numbers = [int((tile + 0.5) * source.frames / TILES) for tile in range(TILES)]
    tiles = [CoverFrame(str(n), link, n / MEZZANINE_FPS, tile) for tile, n in enumerate(numbers)]
    return [CoverFrame("", poster), *tiles]


def _build_still(film: Film, number: int) -> CoverFrame:
    chapter = film.chapters[number]
    middle = (chapter["start"] + chapter["end"]) // 2
    return CoverFrame(str(number), storage.create_link(film.get_still_key(number)), middle / MEZZANINE_FPS)


def get_present_value(source) -> str:
    """Return the value of the present cover among ``list_frames``."""
    return str(source.poster) if isinstance(source, Film) else ""


@transaction.atomic
def choose_cover(source, value: str, *, by) -> None:
    """Make a frame of ``list_frames`` the cover: a film's at once, a clip's by a job. "" changes nothing. Raises
    JobRefused or BillingRefusal.

    The revision of the work grows, so that caches of the old cover do not matter.
    """
    if value in ("", get_present_value(source)):
        return
    if isinstance(source, Film):
        choose_poster(film=source, by=by, number=int(value))
        Work.objects.filter(film=source).update(revision=F("revision") + 1)
        return
    jobs.submit(
        workspace=source.workspace,
        by=by,
        kind=KIND,
        title=source.title,
        page=reverse("gallery:publish_clip", args=[source.pk]),
        params={"clip": str(source.pk), "frame": int(value)},
        idem_key=f"{KIND}-{uuid.uuid4().hex}",
    )


def find_job(source) -> Job | None:
    """Return the newest job that draws a cover of the clip."""
    if not isinstance(source, Clip):
        return None
    rows = Job.objects.filter(kind=KIND, workspace=source.workspace_id, params__clip=str(source.pk))
    return rows.order_by("-created_at").first()


@waits_for_storage
def draw_cover(lease) -> None:
    """Draw the posters of the clip from another frame (the step of RUNNING). May be repeated."""
    clip = Clip.objects.filter(pk=lease.params["clip"]).first()
    video = clip.files.filter(kind=ClipFile.Kind.MEZZANINE).first() if clip else None
    if video is None:
        raise StepFailed("gone", build_message("cover_gone"))
    with open_private_folder(lease.job) as folder:
        files, colour = _draw_posters(lease, video.key, folder)
        extend_lease_to_store(lease, *files.values())
        stored = {kind: storage.store_file(path, build_file_key(clip, kind)) for kind, path in files.items()}
    with transaction.atomic():
        if is_kept := _keep(clip, stored, colour):
            lease.move_to(State.STORED)
    if not is_kept:  # the clip was deleted for good meanwhile
        remove_files(clip)
        raise StepFailed("gone", build_message("cover_gone"))


def _draw_posters(lease, key: str, folder) -> tuple[dict, str]:
    """Return the drawn files by their kind, and their mean colour."""
    from generation.media.errors import MediaRefused
    from generation.media.frame import read_frame  # loads PyAV and OpenCV, which only workers need
    from generation.media.poster import write_posters

    files = {kind: folder / f"{kind}.webp" for kind in PICTURES}
    try:
        picture = read_frame(storage.download(key, folder / "clip.mp4"), lease.params["frame"])
    except (FileNotFoundError, MediaRefused):
        raise StepFailed("gone", build_message("cover_gone")) from None
    lease.report(500)
    poster, large, genga = files.values()
    return files, write_posters(picture, poster=poster, large=large, genga=genga).average


def _keep(clip: Clip, stored: dict, colour: str) -> bool:
    """Write what was drawn into the rows of the clip and its work. Returns False if the clip no longer exists."""
    if not Clip.objects.filter(pk=clip.pk).update(colour=colour):
        return False
    for kind, file in stored.items():
        ClipFile.objects.filter(clip=clip, kind=kind).update(**asdict(file))
    Clip.objects.filter(pk=clip.pk).update_bytes()
    Work.objects.filter(clip=clip).update(revision=F("revision") + 1, colour=colour)
    return True


class CoverKind(StudioJobKind):
    """The drawing of a clip's posters from the frame that its author chose."""

    name = KIND
    label = gettext_lazy("Cover")
    steps = {State.RUNNING: draw_cover}
    is_retryable = False
    is_system = True
    is_measured = False
