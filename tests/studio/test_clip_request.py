"""Settings of scenes and stories reach the provider unchanged."""

import pytest

from generation.animatic.continuity import understand_in_story
from generation.models import Clip, StyleWords
from generation.providers.adapters.local.options import apply_options
from generation.providers.prompt import compose_prompt
from studio.drawing.clip_request import build_spec, estimate_take
from studio.models import Character, CharacterPicture, Scene, Story
from studio.timeline.scenes import load_scenes

pytestmark = pytest.mark.django_db
SCENE_SETTINGS = [
    ({"negative_prompt": "rain"}, "negative_prompt", "rain"),
    ({"seed": 41}, "seed", 41),
    ({"style": "chibi"}, "style", "chibi"),
    ({"seconds": 7}, "seconds", 7),
    ({"provider": "zhipu"}, "provider", "zhipu"),
    ({"provider": "ark", "model": "seedance-1-5-pro-251215"}, "model", "seedance-1-5-pro-251215"),
]
STORY_SETTINGS = [
    ({"style": "ink_wash"}, "style", "ink_wash"),
    ({"resolution": 720}, "resolution", 720),
    ({"ratio": "9:16"}, "ratio", "9:16"),
    ({"provider": "zhipu"}, "provider", "zhipu"),
    ({"provider": "ark", "model": "seedance-1-5-pro-251215"}, "model", "seedance-1-5-pro-251215"),
]


@pytest.fixture
def story(mika, create_story):
    return create_story(mika, "a girl on a hill", style="cel", provider="kling")


@pytest.fixture
def picture(story):
    return story.workspace.pictures.create(key="pictures/x.png", width=64, height=64, bytes=1, sha256="0" * 64)


def build(story, purpose="final"):
    [scene] = load_scenes(Story.objects.get(pk=story.pk))
    return build_spec(scene, purpose=purpose)


@pytest.mark.parametrize(("fields", "name", "expected"), SCENE_SETTINGS)
def test_scene_settings_reach_the_request(story, fields, name, expected):
    before = getattr(build(story), name)
    Scene.objects.update(**fields)

    assert getattr(build(story), name) == expected != before


@pytest.mark.parametrize(("fields", "name", "expected"), STORY_SETTINGS)
def test_story_settings_reach_the_request(story, fields, name, expected):
    before = getattr(build(story), name)
    Story.objects.update(**fields)

    assert getattr(build(story), name) == expected != before


def test_words_of_the_workspace_for_a_style_reach_the_provider_only(story):
    StyleWords.objects.create(workspace=story.workspace, style="cel", words="cel, by hand")

    assert compose_prompt(build(story).to_request()).prompt == "a girl on a hill. cel, by hand"
    assert "workspace_style_words" not in build(story, purpose="animatic").options


@pytest.mark.parametrize(
    ("scene_settings", "story_settings", "name"),
    [
        ({"style": "chibi"}, {"style": "ink_wash"}, "style"),
        ({"provider": "zhipu"}, {"provider": "ark", "model": "seedance-1-5-pro-251215"}, "provider"),
    ],
)
def test_scene_settings_override_story_settings(story, scene_settings, story_settings, name):
    Story.objects.update(**story_settings)
    Scene.objects.update(**scene_settings)

    assert getattr(build(story), name) == scene_settings[name]


@pytest.mark.parametrize(
    ("field", "name"), [("picture", "picture"), ("first_frame", "picture"), ("last_frame", "last_picture")]
)
def test_scene_pictures_reach_the_request(story, picture, field, name):
    Story.objects.update(provider="kling", model="")
    Scene.objects.update(**{field: picture})

    assert getattr(build(story), name) == picture
    assert [key for key in ("picture", "last_picture") if getattr(build(story), key)] == [name]


def test_reference_pictures_go_to_models_that_take_them(story, picture):
    Story.objects.update(provider="ark")
    Scene.objects.update(picture=picture)

    request = build(story)

    assert (request.references, request.picture) == ((picture,), None)


@pytest.mark.parametrize(
    ("fields", "name", "expected"), [({"seed": 41}, "seed", 41), ({"style": "chibi"}, "style", "chibi")]
)
def test_settings_reach_the_free_animatic(story, fields, name, expected):
    Scene.objects.update(**fields)

    assert getattr(build(story, purpose="animatic"), name) == expected


def list_reasons(story, **more):
    Story.objects.update(resolution=720)
    Scene.objects.update(seconds=5)
    [scene] = load_scenes(Story.objects.get(pk=story.pk))
    return estimate_take(scene, purpose="final", **more)[1]


def wide_picture(story, n=1, width=900):
    fields = {"key": f"pictures/{n}.jpg", "width": width, "height": 300, "bytes": 1, "sha256": str(n) * 64}
    return story.workspace.pictures.create(**fields)


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("picture", "The first frame"),
        ("first_frame", "The first frame"),
        ("last_frame", "The last frame"),
    ],
)
def test_an_unsupported_picture_is_a_reason_in_the_quote(story, field, label):
    Scene.objects.update(first_frame=wide_picture(story, 1, 600))
    Scene.objects.update(**{field: wide_picture(story, 2)})
    if field == "picture":
        Scene.objects.update(first_frame=None)

    [reason] = list_reasons(story)

    assert reason.startswith(f"{label}: Kling 3.0 accepts images") and "2.5 times" in reason


def test_a_character_picture_is_named_after_the_character(story):
    Story.objects.update(provider="vidu", model="viduq2")
    character = Character.objects.create(story=story, workspace=story.workspace, name="Aki")
    character.scenes.add(Scene.objects.get())
    row = CharacterPicture.objects.create(character=character, picture=wide_picture(story, 1), role="face")
    assert list_reasons(story) == []

    CharacterPicture.objects.filter(pk=row.pk).update(picture=wide_picture(story, 2, 1201))

    [reason] = list_reasons(story)
    assert reason.startswith("Aki: Vidu Q2") and "4 times" in reason


def test_the_previous_last_frame_replaces_the_scene_picture_in_limits(story):
    Scene.objects.update(picture=wide_picture(story))

    assert list_reasons(story, continues=True, before=Clip(width=1280, height=720)) == []
    assert list_reasons(story, continues=True) == [], "an undrawn scene is checked by the run"
    [reason] = list_reasons(story, continues=True, before=Clip(width=640, height=250))
    assert reason.startswith("The frame to continue from: Kling 3.0")


@pytest.mark.parametrize(("prompt", "ambience"), [("a boat by the sea", "waves"), ("the sea, sound of wind", "wind")])
def test_animatics_of_stories_have_the_sound_of_their_place(story, prompt, ambience):
    Scene.objects.update(prompt=prompt)
    spec = build(story, "animatic")

    scene = apply_options(understand_in_story(spec.prompt, spec.options).scene, spec.options)

    assert (scene.ambience, scene.mood) == (ambience, "")
    assert "sound" not in build(story).options, "providers decide about their own sound"
