"""People, places and things that come back: made, changed, shown in scenes, thrown away and brought back."""

import uuid

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from studio.drawing.services import draw_animatics, mark_stale
from studio.errors import Collision, SceneLocked, TooManyCharacters, TooManyPictures
from studio.models import Character, CharacterPicture, Scene, Story
from studio.scenes import mentions, order
from studio.scenes.edits import merge_fields, write_scene
from studio.scenes.fields import get_extra_values
from studio.scenes.services import MAX_SCENES

MAX_CHARACTERS = 200  # of a story, and as many shared by its workspace
MAX_PICTURES = 8
APPEARANCE_FIELDS = ("name", "kind", "description", "sheet", "colours")


@transaction.atomic
def add_character(*, workspace, by, story: Story | None = None, **fields) -> Character:
    """``fields`` are those of LOOKS. Without a story it belongs to the whole workspace."""
    check_limit(workspace, story)
    made = Character.objects.create(workspace=workspace, story=story, created_by=by, **fields)
    _cast_mentioned(made, by)
    return made


def check_limit(workspace, story: Story | None, more: int = 1) -> None:
    """TooManyCharacters where so many more would be too many."""
    if Character.objects.filter(workspace=workspace, story=story).shown().count() + more > MAX_CHARACTERS:
        raise TooManyCharacters(MAX_CHARACTERS)


def _cast_mentioned(character: Character, by) -> None:
    """Scenes that mentioned the name before there was anybody of that name."""
    rows = Scene.objects.filter(story__workspace_id=character.workspace_id, story__deleted_at=None, is_locked=False)
    if character.story_id:
        rows = rows.filter(story_id=character.story_id)
    rows = rows.shown().filter(prompt__icontains=f"@{character.name}").exclude(cast__character=character)
    for scene in rows.select_related("story")[:MAX_SCENES]:
        mentions.update_cast(scene)
    _redraw_animatics(character, by)


@transaction.atomic
def change_character(*, character: Character, by, changes: dict, base: dict | None = None) -> Character:
    """Write ``changes`` (fields of LOOKS); ``base`` is what the page showed of them: Collision where both changed one.

    Takes made before show an earlier look from now on and are marked so; animatics are drawn again, free.
    """
    held = Character.objects.select_for_update(no_key=True).get(pk=character.pk)
    theirs = {name: getattr(held, name) for name in changes}
    wanted, collisions = merge_fields({**theirs, **(base or {})}, theirs, changes)
    if collisions:
        raise Collision(collisions)
    if wanted:
        Character.objects.filter(pk=held.pk).update(**wanted)
        held.refresh_from_db()
        _record_new_look(held, by)
        if "name" in wanted:
            _cast_mentioned(held, by)
    return held


def _record_new_look(character: Character, by) -> None:
    Character.objects.filter(pk=character.pk).update(rev=F("rev") + 1, looks_changed_at=timezone.now())
    # those in the bin too: they come back with their takes, and those will show the earlier look
    everywhere = Scene.objects.filter(cast__character=character).values_list("pk", flat=True)
    mark_stale(scenes=list(everywhere), why=character.name)
    _redraw_animatics(character, by)


def _redraw_animatics(character: Character, by) -> None:
    """Animatics show who appears, and are free: those that show something else by now are drawn anew."""
    scenes = list(scenes_with_character(character).values_list("pk", "story_id"))
    for story in Story.objects.filter(pk__in={story for _pk, story in scenes}).shown().select_related("workspace"):
        own = [pk for pk, owner in scenes if owner == story.pk]
        draw_animatics(story=story, by=by, idem_key=f"animate-{uuid.uuid4().hex}", scenes=own)


def scenes_with_character(character: Character):
    """Scenes it appears in; neither they nor their stories are in the bin."""
    rows = Scene.objects.filter(cast__character=character, story__deleted_at=None).shown()
    return rows.order_by("story_id", "position")


@transaction.atomic
def delete_character(*, character: Character, by) -> None:
    """Into the bin. Scenes keep their words and lose its looks until it comes back."""
    Character.objects.filter(pk=character.pk, deleted_at=None).update(deleted_at=timezone.now())


@transaction.atomic
def restore_character(*, character: Character, by) -> None:
    """TooManyCharacters where others have taken its place meanwhile, Character.DoesNotExist where it was removed for
    good."""
    character = Character.objects.select_for_update(no_key=True).get(pk=character.pk)
    if character.deleted_at:
        check_limit(character.workspace, character.story)
    Character.objects.filter(pk=character.pk).update(deleted_at=None)


@transaction.atomic
def add_character_picture(*, character: Character, picture, role: str, by) -> None:
    """One more reference picture; the same one again only changes what it shows."""
    held = Character.objects.select_for_update(no_key=True).get(pk=character.pk)
    if found := held.pictures.filter(picture=picture).first():
        if CharacterPicture.objects.filter(pk=found.pk).exclude(role=role).update(role=role):
            _record_new_look(held, by)  # who draws is told what each picture shows
        return
    if held.pictures.count() >= MAX_PICTURES:
        raise TooManyPictures(MAX_PICTURES)
    last = held.pictures.aggregate(last=Max("position"))["last"] or 0
    CharacterPicture.objects.create(character=held, picture=picture, role=role, position=last + 1)
    _record_new_look(held, by)


@transaction.atomic
def remove_character_picture(*, character: Character, number: int, by) -> None:
    """``number`` is the row's id; the picture itself stays with whatever else shows it."""
    held = Character.objects.select_for_update(no_key=True).get(pk=character.pk)
    if held.pictures.filter(pk=number).delete()[0]:
        _record_new_look(held, by)


@transaction.atomic
def cast_character(*, scene: Scene, character: Character, by, is_in: bool) -> None:
    """Let it appear in the scene, or not any more."""
    held = order.lock_scene_row(scene.pk)
    if held.is_locked:
        raise SceneLocked
    others = set(get_extra_values(held)["cast"]) - {str(character.pk)}
    write_scene(held, by, {"cast": sorted(others | ({str(character.pk)} if is_in else set()))})
