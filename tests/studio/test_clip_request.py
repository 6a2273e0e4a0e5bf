"""Settings of scenes and stories reach the provider unchanged."""

import pytest

from generation.models import Clip
from studio.drawing.clip_request import build_spec, estimate_take
from studio.drawing.quote import load_scenes
from studio.models import Character, CharacterPicture, Scene, Story

pytestmark = pytest.mark.django_db
OF_THE_SCENE = [
    ({"negative_prompt": "rain"}, "negative_prompt", "rain"),
    ({"seed": 41}, "seed", 41),
    ({"style": "chibi"}, "style", "chibi"),
    ({"seconds": 7}, "seconds", 7),
    ({"provider": "zhipu"}, "provider", "zhipu"),
    ({"provider": "ark", "model": "seedance-1-5-pro-251215"}, "model", "seedance-1-5-pro-251215"),
]
OF_THE_STORY = [
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


def spec(story, purpose="final"):
    [scene] = load_scenes(Story.objects.get(pk=story.pk))
    return build_spec(scene, purpose=purpose)


@pytest.mark.parametrize(("given", "name", "wanted"), OF_THE_SCENE)
def test_scene_settings_reach_the_request(story, given, name, wanted):
    before = getattr(spec(story), name)
    Scene.objects.update(**given)

    assert getattr(spec(story), name) == wanted != before


@pytest.mark.parametrize(("given", "name", "wanted"), OF_THE_STORY)
def test_story_settings_reach_the_request(story, given, name, wanted):
    before = getattr(spec(story), name)
    Story.objects.update(**given)

    assert getattr(spec(story), name) == wanted != before


@pytest.mark.parametrize(
    ("of_scene", "of_story", "name"),
    [
        ({"style": "chibi"}, {"style": "ink_wash"}, "style"),
        ({"provider": "zhipu"}, {"provider": "ark", "model": "seedance-1-5-pro-251215"}, "provider"),
    ],
)
def test_scene_settings_override_story_settings(story, of_scene, of_story, name):
    Story.objects.update(**of_story)
    Scene.objects.update(**of_scene)

    assert getattr(spec(story), name) == of_scene[name]


@pytest.mark.parametrize(
    ("field", "name"), [("picture", "picture"), ("first_frame", "picture"), ("last_frame", "last_picture")]
)
def test_scene_pictures_reach_the_request(story, picture, field, name):
    Story.objects.update(provider="kling", model="")
    Scene.objects.update(**{field: picture})

    assert getattr(spec(story), name) == picture
    assert [key for key in ("picture", "last_picture") if getattr(spec(story), key)] == [name]


def test_reference_pictures_go_to_models_that_take_them(story, picture):
    Story.objects.update(provider="ark")
    Scene.objects.update(picture=picture)

    wish = spec(story)

    assert (wish.references, wish.picture) == ((picture,), None)


@pytest.mark.parametrize(
    ("given", "name", "wanted"), [({"seed": 41}, "seed", 41), ({"style": "chibi"}, "style", "chibi")]
)
def test_settings_reach_the_free_animatic(story, given, name, wanted):
    Scene.objects.update(**given)

    assert getattr(spec(story, purpose="animatic"), name) == wanted


def reasons(story, **more):
    Story.objects.update(resolution=720)
    Scene.objects.update(seconds=5)
    [scene] = load_scenes(Story.objects.get(pk=story.pk))
    return estimate_take(scene, purpose="final", **more)[1]


def wide(story, n=1, width=900):
    facts = {"key": f"pictures/{n}.jpg", "width": width, "height": 300, "bytes": 1, "sha256": str(n) * 64}
    return story.workspace.pictures.create(**facts)


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("picture", "The first frame"),
        ("first_frame", "The first frame"),
        ("last_frame", "The last frame"),
    ],
)
def test_an_unsupported_picture_is_a_reason_in_the_quote(story, field, what):
    Scene.objects.update(first_frame=wide(story, 1, 600))
    Scene.objects.update(**{field: wide(story, 2)})
    if field == "picture":
        Scene.objects.update(first_frame=None)

    [said] = reasons(story)

    assert said.startswith(f"{what}: Kling 3.0 accepts images") and "2.5 times" in said


def test_a_character_picture_is_named_after_the_character(story):
    Story.objects.update(provider="vidu", model="viduq2")
    who = Character.objects.create(story=story, workspace=story.workspace, name="Aki")
    who.scenes.add(Scene.objects.get())
    fits = CharacterPicture.objects.create(character=who, picture=wide(story, 1), role="face")
    assert reasons(story) == []

    CharacterPicture.objects.filter(pk=fits.pk).update(picture=wide(story, 2, 1201))

    [said] = reasons(story)
    assert said.startswith("Aki: Vidu Q2") and "4 times" in said


def test_the_previous_last_frame_replaces_the_scene_picture_in_limits(story):
    Scene.objects.update(picture=wide(story))

    assert reasons(story, continues=True, before=Clip(width=1280, height=720)) == []
    assert reasons(story, continues=True) == [], "it is not drawn yet; the run looks again"
    [said] = reasons(story, continues=True, before=Clip(width=640, height=250))
    assert said.startswith("The frame to continue from: Kling 3.0")
