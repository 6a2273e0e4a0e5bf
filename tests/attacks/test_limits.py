"""Limits of characters and uploads."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from studio.characters import services as character_services
from studio.drawing.clip_request import MAX_CAST, build_spec
from studio.errors import TooManyCharacters
from studio.importing import services as import_services
from studio.models import Character, Music, SceneCharacter, Take
from studio.parsing.drafts import CharacterDraft, SceneDraft
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from studio.timeline.scenes import load_scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika):
    created = story_services.create_story(workspace=mika.workspaces.get(), by=mika, title="A crowd")
    scene_services.add_scene(story=created, by=mika, prompt="Everybody waits.", seconds=2)
    return created


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


def create_character(story, n):
    return Character(workspace=story.workspace, story=story, name=f"n{n}", description="x" * 1000)


def test_restoring_from_the_trash_keeps_the_limit_of_characters(browser, story, mika, settings):
    settings.CHARACTERS_PER_STORY = 1
    first = character_services.add_character(workspace=story.workspace, story=story, by=mika, name="Ito")
    character_services.delete_character(character=first, by=mika)
    character_services.add_character(workspace=story.workspace, story=story, by=mika, name="Sato")

    answer = browser.post(f"/stories/characters/{first.pk}/restore/", follow=True)

    assert "“Ito” was restored" not in answer.content.decode()
    assert [character.name for character in Character.objects.shown()] == ["Sato"]


def test_restoring_a_character_that_is_not_deleted_changes_nothing(story, mika, settings):
    settings.CHARACTERS_PER_STORY = 1
    existing = character_services.add_character(workspace=story.workspace, story=story, by=mika, name="Ito")

    character_services.restore_character(character=existing, by=mika)

    assert Character.objects.shown().count() == 1


def test_an_import_keeps_the_limit_of_characters(story, mika, settings):
    settings.CHARACTERS_PER_STORY = 2

    with pytest.raises(TooManyCharacters):
        import_services.import_scenes(
            workspace=story.workspace, by=mika, story=story, shots=[SceneDraft(action="They wait.", seconds=3)],
            idem_key="k", people=[CharacterDraft(f"n{n}") for n in range(3)],
        )  # fmt: skip

    assert not Character.objects.exists()
    assert story.scenes.count() == 1


def test_a_scene_with_many_characters_sends_only_a_few_to_its_provider(story):
    scene = story.scenes.get()
    people = Character.objects.bulk_create([create_character(story, n) for n in range(200)])
    SceneCharacter.objects.bulk_create(SceneCharacter(scene=scene, character=character) for character in people)

    [scene] = load_scenes(story)

    assert len(build_spec(scene, purpose=Take.Purpose.ANIMATIC).options["cast"]) == MAX_CAST


def upload_often(browser, url, name, **more):
    statuses = []
    for n in range(5):
        file = SimpleUploadedFile("a.png", b"no picture %d" % n)
        statuses.append(browser.post(url, {name: file, **more}, headers={"hx-request": "true"}).status_code)
    return statuses


@pytest.mark.parametrize("kind", ["scene", "character"])
def test_picture_uploads_are_rate_limited(browser, story, mika, settings, kind):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"upload": "3/m/user"}
    ito = character_services.add_character(workspace=story.workspace, story=story, by=mika, name="Ito")
    url = {"scene": f"scenes/{story.scenes.get().pk}/picture", "character": f"characters/{ito.pk}/picture"}[kind]

    statuses = upload_often(browser, f"/stories/{url}/", "picture_file", part="picture")

    assert 429 not in statuses[:3]
    assert statuses[3:] == [429, 429]


def test_music_uploads_are_rate_limited(browser, story, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"upload": "3/m/user"}

    statuses = upload_often(browser, f"/stories/{story.pk}/film/music/", "music_file")

    assert statuses[3:] == [429, 429]
    assert Music.objects.count() <= 3
