"""Take a scene of a published film into a story."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from gallery.models import Remix, Work
from gallery.remix.frames import keep_frame
from gallery.works.media import get_still_url
from gallery.works.origin import Origin, record_remix
from generation.media import storage
from generation.media.errors import PictureRefused
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import Clip
from jobs import services as jobs
from jobs.models import Job
from studio.drawing.services import draw_animatics
from studio.importing.services import import_scenes
from studio.models import Film, Run, Scene, Story
from studio.parsing.drafts import CharacterDraft, SceneDraft
from studio.scenes.services import add_scene
from studio.stories.services import create_story
from studio.story_templates.save import read_cast, read_clip_scene


class SceneMissing(Exception):
    """The film has no such scene, or neither its words nor its picture can be read."""


def list_scenes(work: Work) -> list[dict]:
    """Return number, title, seconds and picture of each scene of a film. Titles are words: only with the prompt."""
    return [
        {
            "number": number,
            "n": chapter["n"],
            "title": chapter["title"] if work.shows_prompt else "",
            "starts": chapter["start"] / MEZZANINE_FPS,
            "picture": get_still_url(work, number),
        }
        for number, chapter in enumerate(work.film.chapters)
        if chapter["n"]
    ]


def take_scene(work: Work, number: int, *, story: Story | None, workspace, by, idem_key: str) -> Story:
    """Add a scene of the film to ``story``, or to a new story, and draw its free animatic. Returns the story.

    ``number``: of the chapter, from 0. The scene has the words that its clip was made from, if the author shows them;
    otherwise it starts on the scene's picture. A second call with the same ``idem_key`` adds nothing. Raises
    SceneMissing, StudioRefused and what the drawing raises.
    """
    film, origin = work.film, Origin.of_work(work, Remix.How.SCENE)
    chapter = film.chapters[number] if 0 <= number < len(film.chapters) else {"n": 0}
    if not chapter["n"]:
        raise SceneMissing
    target = {"story": story, "workspace": workspace, "by": by, "idem_key": f"remix-{idem_key}"}
    fields = {"title": _("Remix of %(title)s")[:120] % {"title": work.title[:90]}, "style": work.style or "cel"}
    fields |= {"ratio": work.ratio}
    clip = _find_clip(film, number) if work.shows_prompt else None
    if clip and (clip.prompt or clip.options.get("line")):
        return _take_words(clip, origin, fields, **target)
    picture = _copy_still(film, number, workspace, by)
    seconds = min(60, max(2, round((chapter["end"] - chapter["start"]) / MEZZANINE_FPS)))
    return _take_picture(picture, seconds, origin, fields, **target)


def _find_clip(film: Film, number: int) -> Clip | None:
    pk = film.plan["pieces"][number].get("clip")
    return Clip.objects.filter(pk=pk).first() if pk else None


@transaction.atomic
def _take_words(clip: Clip, origin: Origin, fields: dict, *, story, workspace, by, idem_key: str) -> Story:
    scene, cast = read_clip_scene(clip), read_cast(clip)
    draft = SceneDraft(
        action=scene.text,
        place=scene.place,
        time=scene.time,
        who=[character.name for character in cast],
        speaker=scene.speaker,
        line=scene.line,
        camera=scene.camera,
        seconds=scene.seconds,
    )
    people = [CharacterDraft(row.name, row.kind, row.words, colours=list(row.colours)) for row in cast]
    target = {"story": story} if story else fields
    found = import_scenes(workspace=workspace, by=by, shots=[draft], people=people, idem_key=idem_key, **target)
    record_remix(origin, workspace=workspace, child_kind=Remix.ChildKind.STORY, child=found.pk)
    return found


def _copy_still(film: Film, number: int, workspace, by):
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        try:
            path = storage.download(film.get_still_key(number), Path(folder) / "still.webp")
            with Image.open(path) as image:
                frame = image.convert("RGB")
        except OSError:  # not in the storage, or no picture
            raise SceneMissing from None
    try:
        return keep_frame(frame, workspace=workspace, by=by)
    except PictureRefused:  # too small to start from
        raise SceneMissing from None


@transaction.atomic
def _take_picture(picture, seconds: int, origin: Origin, fields: dict, *, story, workspace, by, idem_key: str) -> Story:
    jobs.lock_workspace(workspace)
    if job := Job.objects.filter(workspace=workspace, kind="run", idem_key=idem_key).first():
        return Run.objects.select_related("story").get(job=job).story
    story = story or create_story(workspace=workspace, by=by, **fields)
    scene: Scene = add_scene(story=story, by=by, first_frame=picture, seconds=seconds)
    draw_animatics(story=story, by=by, idem_key=idem_key, scenes=[scene.pk])
    record_remix(origin, workspace=workspace, child_kind=Remix.ChildKind.STORY, child=story.pk)
    return story
