"""Load the scenes of a story with what drawing and the storyboard need, and tell whether a take is up to date."""

import hashlib
import json
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects

from generation.animatic.scene import STORYBOARD
from jobs.models import Job
from studio.models import Character, CharacterPicture, Scene, Story, Take

RECIPE_FIELDS = (
    "prompt",
    "negative_prompt",
    "place_name",
    "time",
    "camera",
    "speaker",
    "line",
    "seconds",
    "seed",
    "picture_id",
    "first_frame_id",
    "last_frame_id",
)


def load_scenes(story: Story, **only) -> list[Scene]:
    """Return the story's scenes in order, loaded with what a clip request needs. ``only``: a filter, as keywords."""
    scenes = load_shown_scenes(story, **only)
    load_pictures(scenes)
    return scenes


def load_shown_scenes(story: Story, **only) -> list[Scene]:
    """Return the story's scenes in order, loaded with what the storyboard shows, and ``has_active_run``."""
    has_active_run = Exists(Job.objects.active().filter(run__story=story))
    rows = Scene.objects.filter(story=story, **only).shown().in_order()
    rows = rows.select_related("picture", "first_frame", "last_frame").annotate(has_active_run=has_active_run)
    scenes = list(prefetch_cast(rows))
    for scene in scenes:
        scene.story = story
    return scenes


def prefetch_cast(scenes):
    """Prefetch the characters of the scenes, in the order in which ``get_recipe`` needs them."""
    return scenes.prefetch_related(build_cast_prefetch())


def build_cast_prefetch() -> Prefetch:
    has_pictures = Exists(CharacterPicture.objects.filter(character=OuterRef("pk")))
    rows = Character.objects.shown().annotate(has_pictures=has_pictures).order_by("name", "id")
    return Prefetch("characters", rows)


def load_pictures(scenes: Sequence[Scene]) -> None:
    """Load the reference images of the scenes' characters (prefetch_cast), with one query if there are any."""
    characters = [character for scene in scenes for character in scene.characters.all()]
    has_any = any(character.has_pictures for character in characters)
    rows = CharacterPicture.objects.select_related("picture") if has_any else CharacterPicture.objects.none()
    prefetch_related_objects(characters, Prefetch("pictures", rows))


def get_recipe(scene: Scene, purpose: str = Take.Purpose.FINAL) -> str:
    """Return a fingerprint of what the scene shows. A take with a different recipe shows an earlier version of it.

    ``purpose``: of the take. A panel that was directed by hand is drawn as a draft in the storyboard style, and goes to
    other models as sentences.
    """
    parts = {name: getattr(scene, name) for name in RECIPE_FIELDS}
    parts |= {"style": scene.style or scene.story.style, "ratio": scene.story.ratio}
    if scene.staging and (purpose != Take.Purpose.ANIMATIC or parts["style"] == STORYBOARD):
        parts["staging"] = scene.staging
    parts["cast"] = [_describe_appearance(character) for character in scene.characters.all()]
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _describe_appearance(character) -> tuple:
    known = (character.name, character.description)
    return (*known, character.colours, character.sheet) if character.colours or character.sheet else known
