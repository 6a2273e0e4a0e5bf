"""The scene editor shows what the animatic will draw and which words it ignores."""

import re

import pytest
from django.urls import reverse

from studio.drawing.clip_request import read_animatic
from studio.drawing.quote import load_scenes
from studio.models import Character, SceneCharacter

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(mika, create_story, scenes):
    (found,) = scenes(create_story(mika, "Aki waits at the lake by day with a zorkmid"))
    return found


@pytest.fixture
def aki(scene):
    """A girl of the story who appears in the scene."""
    row = Character.objects.create(
        workspace=scene.story.workspace, story=scene.story, name="Aki", description="a girl with short hair"
    )
    SceneCharacter.objects.create(scene=scene, character=row)
    return row


def said(answer):
    """Return the page's reading of the scene."""
    page = answer.content.decode()
    place = re.search(r'(?:id="scene-reading"|hx-target="#scene-reading")[^>]*>(.*?)</(?:div|hx-partial)>', page, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", place[1]).split())


def test_the_editor_shows_what_will_and_will_not_be_drawn(sign_in, mika, scene, aki):
    browser, at = sign_in(mika), reverse("studio:scene", args=[scene.pk])
    assert said(browser.get(at)) == "Aki Girl waits Standing lake Sea day The animatic can’t draw: zorkmid"

    answer = browser.post(
        at,
        {"rev": scene.rev, "prompt": "@Aki at the lake with a dragon", "time": "night"},
        headers={"HX-Request": "true"},
    )

    assert said(answer) == "Aki Girl lake Sea The animatic can’t draw: dragon"
    assert said(browser.get(scene.story.get_absolute_url())) == said(answer)


def test_a_chosen_time_overrides_the_prompt(sign_in, mika, scene):
    scene.time = "night"
    scene.save()

    assert "day Night" in said(sign_in(mika).get(reverse("studio:scene", args=[scene.pk])))


def test_an_empty_scene_shows_no_reading(sign_in, mika, scene):
    scene.prompt = ""
    scene.save()

    assert said(sign_in(mika).get(reverse("studio:scene", args=[scene.pk]))) == ""


def test_reading_a_scene_needs_no_query(scene, aki, django_assert_num_queries):
    (row,) = load_scenes(scene.story)

    with django_assert_num_queries(0):
        assert read_animatic(row)["unknown"] == ("zorkmid",)
