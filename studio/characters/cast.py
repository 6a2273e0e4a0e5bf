"""Load characters for display, with their images, the stories they appear in, and quotes for redrawing them."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from generation.media import storage
from studio.drawing.quote import Quote, build_quote
from studio.models import Character, CharacterPicture, Scene, Story, Take
from studio.timeline.takes import filter_stale

MAX_STORIES = 12
# annotates a story with whether it has characters, of its own or shared
HAS_CHARACTERS = Exists(
    Character.objects.filter(Q(story=OuterRef("pk")) | Q(story=None), workspace=OuterRef("workspace")).shown()
)


def prefetch_characters(rows):
    """Prefetch the images of the characters, and annotate ``scene_count``, without scenes in the trash."""
    is_shown = Q(parts__scene__deleted_at=None, parts__scene__story__deleted_at=None)
    pictures = Prefetch("pictures", CharacterPicture.objects.select_related("picture"))
    return rows.annotate(scene_count=Count("parts", filter=is_shown)).prefetch_related(pictures)


def list_pictures(character: Character) -> list[dict]:
    return [
        {"row": picture, "url": storage.create_link(picture.picture.key), "label": picture.get_role_display()}
        for picture in character.pictures.all()
    ]


@dataclass
class Appearance:
    """A story in which a character appears. ``quote``: for redrawing outdated takes, None if there are none."""

    story: Story
    scenes: list[Scene]
    quote: Quote | None


def list_appearances(character: Character, *, by) -> list[Appearance]:
    """Return at most MAX_STORIES stories in which the character appears, the most recently changed first."""
    finals = Take.objects.filter(scene=OuterRef("pk"), purpose=Take.Purpose.FINAL).shown()
    stale = filter_stale(finals, character)
    rows = Scene.objects.filter(cast__character=character, story__deleted_at=None).shown().in_order()
    by_story: dict = {}
    for scene in rows.annotate(is_stale=Exists(stale)).select_related("story__workspace"):
        by_story.setdefault(scene.story, []).append(scene)
    stories = sorted(by_story, key=lambda story: story.touched_at, reverse=True)[:MAX_STORIES]
    return [
        Appearance(story, by_story[story], _quote_redraw(story, by_story[story], character, by)) for story in stories
    ]


def _quote_redraw(story: Story, scenes: list[Scene], character: Character, by) -> Quote | None:
    """Return the quote for redrawing the story's outdated takes that show this character, or None."""
    if not any(scene.is_stale for scene in scenes):
        return None
    quote = build_quote(story, by=by, which="stale", mode=story.mode, character=character)
    return quote if quote.rows else None


def split_cast(scene: Scene) -> tuple[list[Character], list[Character]]:
    """Return (characters in the scene, characters that could be added)."""
    if not getattr(scene.story, "has_characters", True):
        return [], []
    cast = {character.pk for character in scene.characters.all()}  # prefetched
    characters = list(Character.objects.available_in(scene.story).shown().order_by("name", "id")[:400])
    present = [character for character in characters if character.pk in cast]
    return present, [character for character in characters if character.pk not in cast]
