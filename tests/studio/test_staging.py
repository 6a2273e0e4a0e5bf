"""A panel that was directed by hand: stored with its scene, drawn instead of the words, and copied with the scene."""

from dataclasses import replace

import pytest

from generation.animatic.panels import build_panel
from generation.animatic.storyboard.panel import Figure, Panel
from generation.animatic.storyboard.panel_json import write_panel
from studio.drawing.clip_request import build_coherent_draft, build_spec, estimate_take, read_animatic
from studio.drawing.staging import find_panel, save_panel
from studio.errors import Collision, SceneLocked
from studio.models import Scene, Take
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.scenes.history import describe_edits
from studio.stories.copy_story import duplicate_story
from studio.story_templates.body import TemplateBody, TemplateRefused
from studio.story_templates.save import build_body_from_story
from studio.story_templates.use import create_story as create_from_template
from studio.timeline.scenes import get_recipe, load_scenes

PANEL = Panel(note="She waits.", place="shore", variant="harbour", figures=(Figure("witch", "sit", (0.2, 0.9)),))
BY_HAND = write_panel(PANEL)


@pytest.fixture
def story(mika, create_story):
    return create_story(mika, "A girl waits in the library", "She opens the letter", style="storyboard")


def save(scene, by, panel=PANEL):
    return save_panel(scene=scene, by=by, rev=scene.rev, panel=panel)


def load(story):
    return load_scenes(story)


def test_the_draft_is_drawn_from_the_panel_directed_by_hand(story, mika):
    save(load(story)[0], mika)
    first, second = load(story)
    spec = build_coherent_draft(first, [])

    assert spec.options["staging"] == BY_HAND
    assert build_panel(spec.prompt, spec.options) == PANEL
    assert build_coherent_draft(second, [first]).options["panel"] == {
        "place": "shore",
        "variant": "harbour",
        "hour": "day",
    }
    assert "staging" not in build_spec(second, purpose=Take.Purpose.ANIMATIC).options


def test_a_scene_without_anybody_shows_who_is_at_the_same_place(mika, create_story):
    texts = "A girl waits in the library", "Nobody comes", "The sea at night", "It rains"
    scenes = load(create_story(mika, *texts, style="storyboard"))
    carried = [build_coherent_draft(scene, scenes[:n]).options.get("panel", {}) for n, scene in enumerate(scenes)]

    assert [panel.get("shown") for panel in carried] == [None, texts[0], None, None]


def test_a_colour_draft_and_a_provider_do_not_get_the_panel(story, mika):
    scene = save(load(story)[0], mika)
    scene.style = "cel"

    assert "staging" not in build_spec(scene, purpose=Take.Purpose.ANIMATIC).options


def test_a_provider_gets_the_panel_as_sentences_of_its_prompt(story, mika):
    story.scenes.update(provider="kling")
    save(load(story)[0], mika, replace(PANEL, camera="push"))
    scene = load(story)[0]
    told = "On the left: a witch sitting, facing right"

    assert build_spec(scene, purpose=Take.Purpose.FINAL).prompt == f"A girl waits in the library. {told}. slow push in"
    assert build_spec(scene, purpose=Take.Purpose.ANIMATIC).prompt == "A girl waits in the library"
    scene.camera = "pan_left"
    assert build_spec(scene, purpose=Take.Purpose.FINAL).prompt == f"A girl waits in the library. pan left. {told}"


def test_the_panel_stays_when_the_words_change_and_the_editor_says_so(story, mika):
    scene = save(load(story)[0], mika)
    edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"prompt": "A whale sings"})
    scene = load(story)[0]

    assert scene.staging == BY_HAND
    assert read_animatic(scene)["is_by_hand"]
    assert read_animatic(scene)["panel"] == [{"text": "witch", "label": "Sits"}]
    assert find_panel(scene).figures == PANEL.figures
    assert [figure.role for figure in find_panel(scene, is_from_words=True).figures] == ["whale"]


def test_without_a_panel_the_words_are_read(story, mika):
    scene = save(load(story)[0], mika)
    scene = save(scene, mika, panel=None)

    assert scene.staging is None
    assert Scene.objects.filter(pk=scene.pk, staging__isnull=True).exists()
    assert [figure.role for figure in find_panel(scene).figures] == ["girl"]
    labels = [row for edit in describe_edits(scene, list(scene.edits.all())) for row in edit["rows"]]
    assert [row["after"][0] for row in labels] == ["From the words", "Directed"]


def test_a_provider_is_told_that_an_image_is_a_layout(story):
    file = {"key": "pictures/x.webp", "width": 1280, "height": 720, "bytes": 1, "sha256": "0" * 64}
    layout = story.workspace.pictures.create(**file, is_layout=True)
    story.scenes.update(provider="ark", picture=layout)
    spec = build_spec(load(story)[0], purpose=Take.Purpose.FINAL)
    assert spec.references == (layout,)
    assert "Picture 1: a pencil layout: keep who stands where" in spec.prompt
    assert build_spec(load(story)[0], purpose=Take.Purpose.ANIMATIC).picture is None

    story.scenes.update(provider="kling", picture=None, first_frame=layout)
    spec = build_spec(load(story)[0], purpose=Take.Purpose.FINAL)
    assert spec.picture == layout
    assert "The first frame is a pencil layout" in spec.prompt


def test_a_panel_of_a_later_version_is_refused_before_anything_is_charged(story, mika):
    story.scenes.update(provider="kling", staging={"version": 99})
    price, reasons = estimate_take(load(story)[0], purpose=Take.Purpose.FINAL)

    assert price is None
    assert "staging.version" in str(reasons[0]) or "version" in str(reasons[0])


def test_takes_are_outdated_afterwards_that_show_the_panel(story, mika):
    scene = load(story)[0]
    draft, final = get_recipe(scene, Take.Purpose.ANIMATIC), get_recipe(scene)
    assert draft == final
    save(scene, mika)
    scene = load(story)[0]

    assert get_recipe(scene, Take.Purpose.ANIMATIC) != draft
    assert get_recipe(scene) != final
    scene.style = "cel"
    with_panel = get_recipe(scene, Take.Purpose.ANIMATIC)
    scene.staging = None
    assert get_recipe(scene, Take.Purpose.ANIMATIC) == with_panel


def test_a_locked_scene_and_somebody_elses_panel_are_kept(story, mika):
    scene = load(story)[0]
    save(scene, mika)
    with pytest.raises(Collision):
        save_panel(scene=scene, by=mika, rev=scene.rev, panel=Panel(note="Another"))
    scene_services.lock_scene(scene=scene, by=mika, is_locked=True)
    scene = load(story)[0]
    with pytest.raises(SceneLocked):
        save(scene, mika, panel=None)

    assert load(story)[0].staging == BY_HAND


def test_copies_of_scene_and_story_keep_the_panel(story, mika):
    scene = save(load(story)[0], mika)
    scene_services.duplicate_scene(scene=scene, by=mika)
    copy = duplicate_story(story=story, by=mika)

    assert [row.staging for row in load(story)] == [BY_HAND, BY_HAND, None]
    assert [row.staging for row in load(copy)] == [BY_HAND, BY_HAND, None]


def test_the_first_half_of_a_split_scene_keeps_the_panel(story, mika):
    scene = save(load(story)[0], mika)
    scene_services.split_scene(scene=scene, by=mika)

    assert [row.staging for row in load(story)] == [BY_HAND, None, None]


def test_a_template_keeps_the_panel(story, mika):
    save(load(story)[0], mika)
    body = TemplateBody.from_json(build_body_from_story(story).to_json())
    made = create_from_template(
        body, title="Again", workspace=mika.workspaces.get(), by=mika, idem_key="again", pictures={}
    )

    assert [row.staging for row in load(made)] == [BY_HAND, None]


def test_a_template_with_another_panel_is_refused(story):
    body = build_body_from_story(story).to_json()
    body["scenes"][0]["staging"] = BY_HAND | {"strokes": []}

    with pytest.raises(TemplateRefused):
        TemplateBody.from_json(body)
