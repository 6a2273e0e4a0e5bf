"""Add, change, cast, delete and restore characters."""

import uuid

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.billing.limits import limit_of
from studio.drawing.services import draw_animatics
from studio.errors import Collision, SceneLocked, TooManyCharacters, TooManyPictures
from studio.models import Character, CharacterPicture, Scene, Story
from studio.scenes import mentions
from studio.scenes.edits import write_scene
from studio.timeline import order
from studio.timeline.fields import get_extra_values, merge_fields
from studio.timeline.takes import mark_stale
from studio.topics import hint_story

APPEARANCE_FIELDS = ("name", "kind", "description", "sheet", "colours")


@transaction.atomic
def add_character(*, workspace, by, story: Story | None = None, **fields) -> Character:
    """Add a character to the story or, if it is None, to the workspace. ``fields``: APPEARANCE_FIELDS."""
    check_limit(workspace, story)
    made = Character.objects.create(workspace=workspace, story=story, created_by=by, **fields)
    _cast_mentioned(made, by)
    return made


def check_limit(workspace, story: Story | None, more: int = 1) -> None:
    """Raise TooManyCharacters if the story or workspace has no room for ``more`` characters."""
    limit = limit_of(workspace, "characters")
    if Character.objects.filter(workspace=workspace, story=story).shown().count() + more > limit:
        raise TooManyCharacters(limit)


def _cast_mentioned(character: Character, by) -> None:
    """Add the character to unlocked scenes that mention its name, and redraw outdated animatics."""
    rows = Scene.objects.filter(story__workspace_id=character.workspace_id, story__deleted_at=None, is_locked=False)
    if character.story_id:
        rows = rows.filter(story_id=character.story_id)
    rows = rows.shown().filter(prompt__icontains=f"@{character.name}").exclude(cast__character=character)
    for scene in rows.select_related("story")[: limit_of(character.workspace, "scenes")]:
        mentions.update_cast(scene)
    _redraw_animatics(character, by)


@transaction.atomic
def change_character(*, character: Character, by, changes: dict, base: dict | None = None) -> Character:
    """Write ``changes`` (APPEARANCE_FIELDS). ``base``: what the page showed, to detect changes by others.

    Existing takes are marked as outdated; animatics are drawn again, free. Raises Collision if somebody else changed
    one of the fields to a different value.
    """
    locked = Character.objects.select_for_update(no_key=True).get(pk=character.pk)
    theirs = {name: getattr(locked, name) for name in changes}
    wanted, collisions = merge_fields({**theirs, **(base or {})}, theirs, changes)
    if collisions:
        raise Collision(collisions)
    if wanted:
        Character.objects.filter(pk=locked.pk).update(**wanted)
        locked.refresh_from_db()
        _record_new_look(locked, by)
        if "name" in wanted:
            _cast_mentioned(locked, by)
    return locked


def _record_new_look(character: Character, by) -> None:
    Character.objects.filter(pk=character.pk).update(rev=F("rev") + 1, looks_changed_at=timezone.now())
    # Includes scenes in the trash, since their takes show the earlier look when the scenes are restored.
    everywhere = Scene.objects.filter(cast__character=character).values_list("pk", flat=True)
    mark_stale(scenes=list(everywhere), character_name=character.name)
    _redraw_animatics(character, by)


def _redraw_animatics(character: Character, by) -> None:
    """Draw the outdated animatics of scenes with this character again."""
    scenes = list(scenes_with_character(character).values_list("pk", "story_id"))
    for story in Story.objects.filter(pk__in={story for _pk, story in scenes}).shown().select_related("workspace"):
        own = [pk for pk, owner in scenes if owner == story.pk]
        hint_story(story)
        draw_animatics(story=story, by=by, idem_key=f"animate-{uuid.uuid4().hex}", scenes=own)


def scenes_with_character(character: Character):
    """Return the scenes in which the character appears, without those in the trash."""
    rows = Scene.objects.filter(cast__character=character, story__deleted_at=None).shown()
    return rows.order_by("story_id", "position")


@transaction.atomic
def delete_character(*, character: Character, by) -> None:
    """Move the character to the trash. Until it is restored, scenes are drawn without the character's look."""
    Character.objects.filter(pk=character.pk, deleted_at=None).update(deleted_at=timezone.now())


@transaction.atomic
def restore_character(*, character: Character, by) -> None:
    """Restore the character. Raises TooManyCharacters, or Character.DoesNotExist if it was deleted permanently."""
    character = Character.objects.select_for_update(no_key=True).get(pk=character.pk)
    if character.deleted_at:
        check_limit(character.workspace, character.story)
    Character.objects.filter(pk=character.pk).update(deleted_at=None)


@transaction.atomic
def add_character_picture(*, character: Character, picture, role: str, by) -> None:
    """Add a reference image. If the character has the image already, only its role is changed."""
    locked = Character.objects.select_for_update(no_key=True).get(pk=character.pk)
    if found := locked.pictures.filter(picture=picture).first():
        if CharacterPicture.objects.filter(pk=found.pk).exclude(role=role).update(role=role):
            _record_new_look(locked, by)  # captions in the prompt name the roles
        return
    limit = limit_of(character.workspace, "character_pictures")
    if locked.pictures.count() >= limit:
        raise TooManyPictures(limit)
    last = locked.pictures.aggregate(last=Max("position"))["last"] or 0
    CharacterPicture.objects.create(character=locked, picture=picture, role=role, position=last + 1)
    _record_new_look(locked, by)


@transaction.atomic
def remove_character_picture(*, character: Character, number: int, by) -> None:
    """Remove a reference image (``number``: id of the CharacterPicture) from the character. The image file is kept."""
    locked = Character.objects.select_for_update(no_key=True).get(pk=character.pk)
    if locked.pictures.filter(pk=number).delete()[0]:
        _record_new_look(locked, by)


@transaction.atomic
def cast_character(*, scene: Scene, character: Character, by, is_in: bool) -> None:
    """Add the character to the scene, or remove it."""
    locked = order.lock_scene_row(scene.pk)
    if locked.is_locked:
        raise SceneLocked
    others = set(get_extra_values(locked)["cast"]) - {str(character.pk)}
    write_scene(locked, by, {"cast": sorted(others | ({str(character.pk)} if is_in else set()))})
