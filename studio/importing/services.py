"""Create scenes and characters from the drafts that the parser found."""

from django.db import transaction

from accounts.billing.limits import limit_of
from jobs import services as jobs
from jobs.models import Job
from studio.breakdown.mood import choose_mood
from studio.characters.services import check_limit
from studio.drawing.services import draw_animatics
from studio.errors import NothingTaken, TooManyScenes
from studio.models import Character, Run, Scene, SceneCharacter, Story
from studio.stories.services import create_story
from studio.timeline import order
from studio.timeline.film_settings import get_film_settings


@transaction.atomic
def import_scenes(
    *,
    workspace,
    by,
    shots,
    people,
    idem_key: str,
    story: Story | None = None,
    makes_film: bool = False,
    mood: str = "",
    **fields,
) -> Story:
    """Add ``shots`` (scene drafts) to the end of ``story``, or to a new story with ``fields``. Returns the story.

    ``people`` (character drafts) become characters, unless a character of that name exists. The animatics of the new
    scenes are drawn; ``makes_film``: the film is requested afterwards. The music of a story without scenes gets the
    ``mood``, or one that is chosen from the words of the scenes. A second call with the same ``idem_key`` returns the
    story of the first one.
    """
    if not shots:
        raise NothingTaken
    jobs.lock_workspace(workspace)
    key = f"import-{idem_key}"
    if job := Job.objects.filter(workspace=workspace, kind="run", idem_key=key).first():
        return Run.objects.select_related("story").get(job=job).story
    story = story or create_story(workspace=workspace, by=by, **fields)
    order.lock_story_row(story)
    count = len(order.get_scene_ids(story))
    limit = limit_of(workspace, "scenes")
    if count + len(shots) > limit:
        raise TooManyScenes(limit)
    scenes = [_build_scene(story, count + n, shot) for n, shot in enumerate(shots, 1)]
    Scene.objects.bulk_create(scenes)
    _cast_characters(_create_characters(story, by, people), scenes, shots)
    if count == 0:
        _set_mood(story, mood or choose_mood(" ".join(f"{shot.action} {shot.line}" for shot in shots)))
    order.touch_story(story, order=True)
    ids = [scene.pk for scene in scenes]
    draw_animatics(story=story, by=by, idem_key=key, scenes=ids, makes_film=makes_film)
    return story


def _set_mood(story: Story, mood: str) -> None:
    """Choose the mood of the film's music, unless the film has settings already."""
    settings = get_film_settings(story)
    if settings.pk is None:
        settings.mood = mood
        settings.save(force_insert=True)


def _build_scene(story: Story, position: int, shot) -> Scene:
    return Scene(
        story=story,
        position=position,
        prompt=shot.action,
        place_name=shot.place,
        time=shot.time,
        camera=shot.camera,
        speaker=shot.speaker,
        line=shot.line,
        note=shot.note,
        staging=shot.staging,
        seconds=shot.seconds,
        join_kind=shot.join or Scene.Join.CUT,
    )


def _create_characters(story: Story, by, people) -> dict[str, Character]:
    """Return name → character for all drafts. Characters that do not exist yet are added to the story."""
    rows = Character.objects.available_in(story).shown().order_by("-created_at")
    by_name = {row.name.casefold(): row for row in rows}
    missing = [character for character in people if character.name.casefold() not in by_name]
    created = [
        Character(
            workspace_id=story.workspace_id,
            story=story,
            created_by=by,
            name=character.name,
            kind=character.kind,
            description=character.description,
            colours=character.colours,
        )
        for character in missing
    ]
    if created:
        check_limit(story.workspace, story, len(created))
    Character.objects.bulk_create(created)
    by_name |= {character.name.casefold(): character for character in created}
    return {character.name: by_name[character.name.casefold()] for character in people}


def _cast_characters(characters: dict[str, Character], scenes, shots) -> None:
    parts = []
    for scene, shot in zip(scenes, shots, strict=True):
        ids = {characters[name].pk for name in [*shot.who, shot.place] if name in characters}
        parts += [SceneCharacter(scene=scene, character_id=pk) for pk in sorted(ids)]
    SceneCharacter.objects.bulk_create(parts)
