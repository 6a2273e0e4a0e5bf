"""Rows of works and what they show, made without a worker."""

import uuid
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from gallery.models import Profile, Work
from gallery.publishing.services import publish_work
from generation.models import Clip, ClipFile
from generation.worker.files import SUFFIXES, build_file_key
from jobs.models import Job
from studio.models import Film, Story

FILE_KINDS = (
    ClipFile.Kind.MEZZANINE, ClipFile.Kind.POSTER, ClipFile.Kind.POSTER_LARGE, ClipFile.Kind.PREVIEW,
    ClipFile.Kind.SPRITE,
)  # fmt: skip
TYPES = {".mp4": "video/mp4", ".webp": "image/webp"}


def create_job(user, kind: str) -> Job:
    return Job.objects.create(
        workspace=user.workspaces.get(home_of=user), created_by=user, kind=kind, title=kind, state="ready",
        idem_key=uuid.uuid4().hex, finished_at=timezone.now(),
    )  # fmt: skip


def create_clip(user, *, has_files: bool = True, **fields) -> Clip:
    """Create a ready clip in the user's own workspace. Its files hold their kind, such as b"mezzanine"."""
    job = create_job(user, "clip")
    values = {"title": "The last summer train", "prompt": "a girl waits for a train", "seed": 1, "frames": 120}
    clip = Clip.objects.create(
        workspace=job.workspace, created_by=user, job=job, width=1280, height=720, ready_at=timezone.now(),
        **values | fields,
    )  # fmt: skip
    for kind in FILE_KINDS if has_files else ():
        key = build_file_key(clip, kind)
        storages["clips"].save(key, ContentFile(kind.value.encode()))
        ClipFile.objects.create(
            clip=clip, kind=kind, key=key, content_type=TYPES[SUFFIXES[kind]], sha256="-", bytes=len(kind.value),
            width=640, height=360,
        )  # fmt: skip
    return clip


def create_film(user, *, story: Story | None = None, version: int = 1, **fields) -> Film:
    """Create a ready film of two scenes, in which somebody speaks, with its files."""
    job = create_job(user, "film")
    story = story or Story.objects.create(workspace=job.workspace, created_by=user, title="The kite")
    chapters = [
        {"n": 1, "place": "scene", "title": "Dawn over the beach", "start": 0, "end": 60, "line": "Higher!",
         "speaker": "Aki"},
        {"n": 2, "place": "scene", "title": "The kite is a star", "start": 60, "end": 120},
    ]  # fmt: skip
    plan = {"pieces": [{"kind": "shot", "n": 1}, {"kind": "shot", "n": 2}], "notes": [], "music": None}
    film = Film(
        story=story, job=job, created_by=user, version=version, plan=plan, chapters=chapters, frames=120, width=1280,
        height=720, bytes=4, ready_at=timezone.now(),
    )  # fmt: skip
    film.key = film.storage_key
    for name, value in fields.items():
        setattr(film, name, value)
    film.save()
    for key in (film.key, film.poster_key, film.get_still_key(1)):
        storages["clips"].save(key, ContentFile(Path(key).stem.encode()))
    return film


def create_profile(user, handle: str = "") -> Profile:
    """Give the user's own workspace a profile."""
    workspace = user.workspaces.get(home_of=user)
    handle = handle or "".join(sign for sign in user.name.lower() if sign.isalnum())
    return Profile.objects.get_or_create(workspace=workspace, defaults={"handle": handle})[0]


def publish(source, *, by=None, visibility: str = Work.Visibility.PUBLIC, state: str = "", **choices) -> Work:
    """Publish a clip, film or story template as its author did, with a profile. ``state``: set afterwards."""
    by = by or source.created_by
    create_profile(by)
    title = getattr(source, "title", "") or source.story.title
    work = publish_work(source, by=by, visibility=visibility, **{"title": title} | choices)
    if state:
        work.state = state
        work.save(update_fields=["state"])
    return work
