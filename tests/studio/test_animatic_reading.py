"""The scene editor shows what the animatic will draw and which words it ignores."""

import re

import pytest
from django.urls import reverse

from studio.drawing.clip_request import read_animatic
from studio.models import Character, SceneCharacter
from studio.timeline.scenes import load_scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(mika, create_story, scenes):
    (row,) = scenes(create_story(mika, "Aki waits at the lake by day with a zorkmid"))
    return row


@pytest.fixture
def aki(scene):
    """A girl of the story who appears in the scene."""
    row = Character.objects.create(
        workspace=scene.story.workspace, story=scene.story, name="Aki", description="a girl with short hair"
    )
    SceneCharacter.objects.create(scene=scene, character=row)
    return row


def read_shown(response):
    """Return what the page says the animatic will draw."""
    page = response.content.decode()
    match = re.search(r'(?:id="scene-reading"|hx-target="#scene-reading")[^>]*>(.*?)</(?:div|hx-partial)>', page, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", match[1]).split())


def test_the_editor_shows_what_will_and_will_not_be_drawn(sign_in, mika, scene, aki):
    browser, url = sign_in(mika), reverse("studio:scene", args=[scene.pk])
    assert read_shown(browser.get(url)) == (
        "Who or what Aki Girl Action waits Standing Where lake Sea When day "
        "The animatic does not draw: zorkmid. It draws the rest."
    )

    response = browser.post(
        url,
        {"rev": scene.rev, "prompt": "@Aki at the lake with a unicorn", "time": "night"},
        headers={"HX-Request": "true"},
    )

    assert read_shown(response) == (
        "Who or what Aki Girl Where lake Sea The animatic does not draw: unicorn. It draws the rest."
    )
    assert read_shown(browser.get(scene.story.get_absolute_url())) == read_shown(response)


def test_a_chosen_time_overrides_the_prompt(sign_in, mika, scene):
    scene.time = "night"
    scene.save()

    assert "day Night" in read_shown(sign_in(mika).get(reverse("studio:scene", args=[scene.pk])))


def test_an_empty_scene_shows_no_reading(sign_in, mika, scene):
    scene.prompt = ""
    scene.save()

    assert read_shown(sign_in(mika).get(reverse("studio:scene", args=[scene.pk]))) == ""


def test_reading_a_scene_needs_no_query(scene, aki, django_assert_num_queries):
    (row,) = load_scenes(scene.story)

    with django_assert_num_queries(0):
        assert read_animatic(row)["unknown"] == ("zorkmid",)
