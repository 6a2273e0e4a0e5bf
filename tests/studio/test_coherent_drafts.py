"""In a coherent story, each draft draws its scene's own words and keeps what they leave open from earlier scenes."""

import pytest

from generation.animatic.continuity import apply_story_place, understand_in_story
from generation.providers.adapters.local.options import apply_options
from jobs.lifecycle import engine
from studio.characters import services as character_services
from studio.drawing import services as drawing_services
from studio.models import Scene, Take
from studio.scenes import services as scene_services
from studio.timeline.board import build_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def draw_all(mika, run_jobs, key):
    """``draw_all(story)`` requests all scenes in a coherent run and returns the newest take of each.

    Drafts are not drawn, since what a clip shows follows from its settings. Takes of the atelier are.
    """

    def draw(story):
        run = drawing_services.start_run(story=story, by=mika, which="all", mode="coherent", idem_key=key())
        if story.provider == "animatic":
            engine.advance(run.job_id)
        else:
            run_jobs()
        return [scene.takes.latest("id") for scene in story.scenes.in_order()]

    return draw


@pytest.fixture
def draw_scenes_of(mika, run_jobs, key):
    def draw(story, scene):
        drawing_services.start_run(story=story, by=mika, which="one", scene=scene, idem_key=key())
        run_jobs()
        return list(scene.takes.all())

    return draw


def understand_take(take):
    """Return the scene that the animatic drew for a take."""
    clip = take.clip
    found = understand_in_story(clip.prompt, clip.options, seed=clip.seed, style=clip.style)
    return apply_options(apply_story_place(found.scene, clip.options, found.chips), clip.options)


def test_each_draft_shows_the_place_of_its_own_scene(mika, create_story, draw_all):
    story = create_story(mika, "A girl waits on the platform at night", "She reads a letter by the sea")

    first, second = draw_all(story)

    assert [understand_take(take).place for take in (first, second)] == ["platform", "sea"]
    assert understand_take(second).time == "night", "the light was not carried over"
    assert second.clip.continues is None
    assert {take.purpose for take in (first, second)} == {Take.Purpose.ANIMATIC}, "nobody has seen them yet"
    assert [panel.is_final for panel in build_board(story).panels] == [False, False]


def test_a_scene_that_names_nothing_keeps_place_light_weather_and_seed(mika, create_story, draw_all):
    story = create_story(mika, "A girl waits in a bamboo grove at night in the rain", "She turns around", "A cat")

    drawn = [understand_take(take) for take in draw_all(story)]

    for scene in drawn:
        assert (scene.place, scene.setting, scene.time, scene.weather) == ("forest", "grove", "night", "rain")
    assert len(set(Take.objects.values_list("clip__seed", flat=True))) == 1


def test_a_draft_does_not_replace_a_final_take(mika, create_story, scenes, atelier, draw_scenes_of, draw_all):
    story = create_story(mika, "A girl on a hill", "A dog by the sea", provider="atelier")
    (final,) = draw_scenes_of(story, scenes(story)[1])
    drawing_services.use_new_takes(story=story, by=mika)
    type(story).objects.filter(pk=story.pk).update(provider="animatic")
    story.refresh_from_db()

    draw_all(story)

    panel = build_board(story).panels[1]
    assert panel.playing == final and panel.is_final
    assert [take.purpose for take in panel.takes] == ["animatic", "final"]


def test_she_is_the_person_of_the_scene_before(mika, create_story, draw_all):
    story = create_story(mika)
    aki = {"name": "Aki", "description": "a girl with red hair"}
    character_services.add_character(workspace=story.workspace, by=mika, story=story, **aki)
    for prompt in ("@Aki waits at the harbour at dusk", "She opens a letter"):
        scene_services.add_scene(story=story, by=mika, prompt=prompt)

    _first, second = draw_all(story)

    assert [subject.name for subject in understand_take(second).subjects] == ["Aki"]


def test_a_scene_at_another_place_starts_without_the_last_frame(mika, create_story, scenes, atelier, draw_all):
    story = create_story(mika, "a girl", "a dog", "a cat", provider="atelier")
    for scene, place in zip(scenes(story), ("The harbour", "the  Harbour", "Kitchen"), strict=True):
        Scene.objects.filter(pk=scene.pk).update(place_name=place)

    first, second, third = (take.clip for take in draw_all(story))

    assert (second.continues, third.continues) == (first, None)


@pytest.mark.parametrize(
    "prompts",
    [
        ("A girl waits on the platform", "She looks up", "Inside the tram she sleeps"),
        ("一个女孩在站台等车", "她抬头", "电车里，女孩看着窗外"),
        ("@Aki waits on the platform", "She looks up", "@Bo waves"),
    ],
    ids=["another place", "another place in Chinese", "another person"],
)
def test_a_scene_that_names_another_place_or_person_starts_on_its_own(mika, create_story, atelier, draw_all, prompts):
    story = create_story(mika, provider="atelier")
    for name in ("Aki", "Bo"):
        character_services.add_character(workspace=story.workspace, by=mika, story=story, name=name)
    for prompt in prompts:
        scene_services.add_scene(story=story, by=mika, prompt=prompt, seconds=2)

    first, second, third = (take.clip for take in draw_all(story))

    assert (second.continues, third.continues) == (first, None)


def test_drawing_a_draft_again_gives_another_one_and_shows_it(mika, create_story, scenes, draw_scenes_of):
    story = create_story(mika, "A girl on a hill")
    scene = scenes(story)[0]
    (first,) = draw_scenes_of(story, scene)
    drawing_services.choose_take(take=first, by=mika)

    draw_scenes_of(story, scene)

    second = scene.takes.latest("id")
    assert second.clip.seed != first.clip.seed
    scene.refresh_from_db()
    assert scene.chosen == second
