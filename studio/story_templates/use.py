"""Make a story of a template."""

from collections.abc import Mapping

from django.db import transaction

from generation.animatic.scene import PEOPLE
from generation.animatic.understanding import understand
from generation.models import Picture
from studio.breakdown.looks import choose_person_colours
from studio.characters.services import add_character_picture
from studio.films.services import change_film_settings
from studio.importing.services import import_scenes
from studio.models import Character, CharacterPicture, Scene, Story
from studio.parsing.drafts import CharacterDraft, SceneDraft
from studio.story_templates.body import FILM_TEXTS, TemplateBody, TemplateCharacter, TemplateScene
from studio.story_templates.pictures import copy_picture

KEY = "template-"
RUN_KEY = f"import-{KEY}"  # begins the key of the job that draws a story made from a template


@transaction.atomic
def create_story(
    body: TemplateBody, *, title: str, workspace, by, idem_key: str, pictures: Mapping[int, list[Picture]]
) -> Story:
    """Create a story from a template whose blanks are filled in, and draw its free animatics and its film.

    ``pictures``: number of a character → its reference images, in the story's workspace. A second call with the same
    ``idem_key`` returns the story of the first one. Raises StudioRefused and what the drawing raises.
    """
    story = import_scenes(
        workspace=workspace,
        by=by,
        shots=[_draft_scene(scene, body) for scene in body.scenes],
        people=[_draft_character(character, number) for number, character in enumerate(body.cast)],
        idem_key=f"{KEY}{idem_key}",
        makes_film=True,
        mood=body.film.mood,
        title=(body.film.title_text or title)[:120],
        style=body.style,
        ratio=body.ratio,
    )
    _finish_story(story, body, pictures, by)
    return story


def _draft_character(character: TemplateCharacter, number: int) -> CharacterDraft:
    """Return the character with the colours that its words name, and others for what they leave open, so that it looks
    the same in every scene."""
    colours = list(character.colours)
    if character.kind == Character.Kind.PERSON and not colours:
        subjects = understand(character.words, seed=0, has_names=False).scene.subjects if character.words else ()
        person = next((subject for subject in subjects if subject.kind in PEOPLE), None)
        if person or not subjects:
            own = (person.hair_colour, person.clothes_colour, person.eye_colour) if person else ("", "", "")
            others = choose_person_colours(number)
            colours = [named or other for named, other in zip(own, others, strict=True)]
    return CharacterDraft(character.name, character.kind, character.words, colours=colours)


def _draft_scene(scene: TemplateScene, body: TemplateBody) -> SceneDraft:
    text = f"{scene.text}\n{scene.speaker}"
    return SceneDraft(
        action=scene.text,
        place=scene.place,
        time=scene.time,
        camera=scene.camera,
        speaker=scene.speaker,
        line=scene.line,
        seconds=scene.seconds,
        staging=scene.staging,
        join=scene.transition,
        who=[character.name for character in body.cast if character.name in text],
    )


def _finish_story(story: Story, body: TemplateBody, pictures: Mapping[int, list[Picture]], by) -> None:
    """Set what the import does not know: cards and mood of the film, seeds, and images of characters."""
    texts = {name: text for name in FILM_TEXTS if (text := getattr(body.film, name))}
    if texts:
        change_film_settings(story=story, by=by, changes=texts)
    for position, scene in enumerate(body.scenes, 1):
        if scene.seed is not None:
            Scene.objects.filter(story=story, position=position).update(seed=scene.seed)
    names = {number: character.name for number, character in enumerate(body.cast)}
    rows = {row.name: row for row in story.characters.filter(name__in=names.values())}
    for number, copies in pictures.items():
        for picture in copies if names[number] in rows else ():
            role = CharacterPicture.Role.OTHER
            add_character_picture(character=rows[names[number]], picture=picture, role=role, by=by)


def copy_pictures(body: TemplateBody, *, owner, workspace, by) -> dict[int, list[Picture]]:
    """Copy the images that travel to the new story's workspace. Returns number of the character → copies.

    ``owner``: the workspace of the template's author, whose images these are.
    """
    wanted = [pk for character in body.cast for pk in character.pictures]
    if not wanted:
        return {}
    rows = {str(row.pk): row for row in Picture.objects.filter(pk__in=wanted, workspace=owner)}
    return {
        number: [copy_picture(rows[pk], workspace=workspace, by=by) for pk in character.pictures if pk in rows]
        for number, character in enumerate(body.cast)
        if character.pictures
    }
