"""Duplicate a story."""

from django.db import transaction
from django.utils.translation import gettext as _

from jobs import services as jobs
from studio.models import FilmSettings, Scene, SceneCharacter, Story, Take
from studio.stories.services import STORY_FIELDS, check_story_limit
from studio.timeline import order
from studio.timeline.fields import EDITABLE_FIELDS
from studio.timeline.takes import copy_takes, lock_clips


@transaction.atomic
def duplicate_story(*, story: Story, by) -> Story:
    """Copy a story with its scenes, takes, characters and film settings. Nothing is drawn or bought. Raises
    LimitReached.

    The copied takes refer to the same clips, which belong to the workspace.
    """
    check_story_limit(story.workspace)
    jobs.lock_workspace(story.workspace)  # locked before the jobs of clips, as when clips are deleted
    lock_clips(Take.objects.filter(scene__story=story))
    story = order.lock_story_row(story)  # scenes must not move while they are read
    title = _("%(title)s (copy)") % {"title": story.title[:100]}
    own = {name: getattr(story, name) for name in STORY_FIELDS} | {"title": title}
    copy = Story.objects.create(workspace=story.workspace, created_by=by, cover=story.cover, copy_of=story, **own)
    characters = {
        character.pk: _copy_character(character, copy) for character in story.characters.filter(deleted_at=None)
    }
    _copy_scenes(story, copy, characters)
    _copy_film_settings(story, copy)
    return copy


def _copy_scenes(story: Story, copy: Story, characters: dict) -> None:
    """Copy the scenes with their takes and characters, except the story's own characters in the trash.

    ``characters``: id of a copied character → id of its copy.
    """
    scenes = list(Scene.objects.filter(story=story).shown().in_order().prefetch_related("cast__character"))
    copies = {
        scene.pk: Scene(story=copy, position=scene.position, **{name: getattr(scene, name) for name in EDITABLE_FIELDS})
        for scene in scenes
    }
    Scene.objects.bulk_create(copies.values())
    SceneCharacter.objects.bulk_create(
        SceneCharacter(scene=copies[scene.pk], character_id=characters.get(part.character_id, part.character_id))
        for scene in scenes
        for part in scene.cast.all()
        if part.character_id in characters or part.character.story_id is None
    )
    copy_takes(scenes, copies)


def _copy_film_settings(story, copy) -> None:
    if settings := FilmSettings.objects.filter(story=story).first():
        settings.pk, settings._state.adding, settings.story = None, True, copy
        settings.save(force_insert=True)


def _copy_character(character, story):
    pictures = list(character.pictures.all())
    character.pk, character._state.adding = None, True
    character.pk = character._meta.pk.get_default()
    character.story = story
    character.save(force_insert=True)
    for picture in pictures:
        picture.pk, picture._state.adding, picture.character = None, True, character
        picture.save(force_insert=True)
    return character.pk
