"""A take that nobody has looked at never replaces what a scene shows, and is not final."""

import pytest
from django.urls import reverse

from jobs import services as jobs
from studio.drawing import services as drawing_services
from studio.films.plan import build_film_plan
from studio.models import Take
from studio.scenes import services as scene_services
from studio.timeline.board import build_board


@pytest.fixture
def story(mika, create_story, atelier):
    return create_story(mika, "a girl on a hill", "a dog on a hill", provider="atelier")


@pytest.fixture
def draw_drafts(mika, story, run_jobs, key):
    def draw():
        drawing_services.draw_animatics(story=story, by=mika, idem_key=key())
        run_jobs()

    return draw


@pytest.fixture
def draw_finals(mika, story, run_jobs, key):
    """``draw_finals("one", scene=…)`` draws final takes, which nobody uses yet."""

    def draw(which, **more):
        drawing_services.start_run(story=story, by=mika, which=which, idem_key=key(), **more)
        run_jobs()

    return draw


def panels(story):
    return build_board(story).panels


def test_a_draft_stays_until_somebody_uses_the_new_take(mika, story, draw_drafts, draw_finals, sign_in):
    draw_drafts()
    draw_finals("all")
    panel, *_ = panels(story)
    client = sign_in(mika)

    assert panel.playing.purpose == Take.Purpose.ANIMATIC and panel.new_take.purpose == Take.Purpose.FINAL
    assert [row.is_final for row in panels(story)] == [False, False]
    page = client.get(story.get_absolute_url()).text
    assert page.count("New take</a>") == 2 and "Use 2 new takes" in page and "0 of 2 final" in page
    client.post(reverse("studio:choose", args=[panel.scene.pk]), {"take": panel.new_take.pk, "only_board": "1"})

    first, second = panels(story)
    assert (first.playing, first.is_final, first.new_take) == (panel.new_take, True, None)
    assert not second.is_final and second.new_take
    assert "1 of 2 final" in client.get(story.get_absolute_url()).text


def test_a_scene_without_a_draft_shows_its_new_take_as_not_final(mika, story, draw_finals, sign_in):
    draw_finals("all")

    assert [(row.playing, row.is_final) for row in panels(story)] == [(row.new_take, False) for row in panels(story)]
    assert not any(row.can_be_animated for row in panels(story)), "a draft would replace the take"
    assert build_film_plan(story).finals == 0 and build_film_plan(story).animatics == []
    sign_in(mika).post(reverse("studio:use_new_takes", args=[story.pk]))

    assert [row.is_final for row in panels(story)] == [True, True]
    assert build_film_plan(story).finals == 2


def test_new_takes_of_locked_scenes_and_in_the_trash_are_not_used(mika, story, scenes, draw_finals):
    draw_finals("all")
    first, second = scenes(story)
    scene_services.lock_scene(scene=first, by=mika, is_locked=True)
    jobs.delete(second.takes.get().clip.job, by=mika)

    assert drawing_services.use_new_takes(story=story, by=mika) == 0
    assert [row.is_final for row in panels(story)] == [False, False]


def test_a_redrawn_scene_keeps_its_final_take_and_the_film_says_so(mika, story, scenes, draw_finals):
    draw_finals("all")
    drawing_services.use_new_takes(story=story, by=mika)
    before = panels(story)[0].playing
    draw_finals("one", scene=scenes(story)[0])

    assert panels(story)[0].playing == before and panels(story)[0].is_final
    assert "Scene 1 has a new take that the film does not show yet. Use it on the storyboard." in map(
        str, build_film_plan(story).notes
    )
    drawing_services.use_new_takes(story=story, by=mika)
    assert panels(story)[0].playing != before and not build_film_plan(story).notes


def test_strangers_cannot_use_new_takes(ren, story, draw_finals, sign_in):
    draw_finals("all")

    assert sign_in(ren).post(reverse("studio:use_new_takes", args=[story.pk])).status_code == 404
    assert not any(row.is_final for row in panels(story))
