"""The film page names scenes whose text or characters changed since they were drawn."""

import html

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from jobs import services as jobs
from studio.characters import services as character_services
from studio.drawing import services as drawing_services
from studio.films import plan as film_plan
from studio.films import plan_json
from studio.models import Film, Take
from studio.scenes import edits
from studio.scenes import services as scene_services

pytestmark = pytest.mark.django_db


@pytest.fixture
def read_page(mika, sign_in):
    """``read_page(story)`` returns the text of the film page."""
    browser = sign_in(mika)
    return lambda story: html.unescape(browser.get(reverse("studio:film", args=[story.pk])).content.decode())


@pytest.fixture
def animated_story(mika, create_story, run_jobs):
    """A story of four scenes with their animatics."""
    story = create_story(mika, "a girl on a hill", "a dog by the sea", "a cat on a roof", "a train at night")
    drawing_services.draw_animatics(story=story, by=mika, idem_key="sketches")
    run_jobs()
    return story


def change_prompts(mika, story, *numbers):
    for scene in story.scenes.filter(position__in=numbers):
        edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"prompt": f"{scene.prompt} in the rain"})


def list_outdated(story):
    return [(notice.message, notice.remedy) for notice in film_plan.build_film_plan(story).outdated]


def test_outdated_animatics_are_named_and_redrawn_by_one_button(mika, sign_in, animated_story, read_page, run_jobs):
    assert list_outdated(animated_story) == [] and "rom older text" not in read_page(animated_story)

    change_prompts(mika, animated_story, 2, 4)

    page_before = read_page(animated_story)
    assert "Scenes 2 and 4 were drawn from older texts." in page_before and page_before.count("Draw the drafts") == 1
    assert page_before.count("Drawn from older text") == 2, "not in every row"
    data = {"idem_key": "a" * 32, "back": "film"}
    assert sign_in(mika).post(reverse("studio:animate", args=[animated_story.pk]), data).status_code == 302
    page_during = read_page(animated_story)
    assert (
        "Scenes 2 and 4 were drawn from older texts." in page_during
        and "The result appears here when it is ready" in page_during
    )
    assert "Draw the drafts" not in page_during and 'hx-trigger="live"' in page_during

    run_jobs()
    assert "rom older text" not in read_page(animated_story) and list_outdated(animated_story) == []


def test_a_film_of_outdated_scenes_keeps_the_note(mika, animated_story, request_film):
    change_prompts(mika, animated_story, 3)

    film = request_film(animated_story)

    assert Film.objects.get(pk=film.pk).notes == ["Scene 3 was drawn from an older text."]


def test_notes_and_mark_of_a_plan_do_not_depend_on_the_language(mika, animated_story):
    change_prompts(mika, animated_story, 3)

    def read_notes_and_mark():
        now = film_plan.build_film_plan(animated_story)
        return plan_json.dump_plan(now)["notes"], plan_json.get_mark(now)

    english, mark_before = read_notes_and_mark()
    with override("zh-hans"):
        chinese, mark_after = read_notes_and_mark()
    assert english == chinese and mark_before == mark_after
    change_prompts(mika, animated_story, 1)
    assert len(read_notes_and_mark()[0]) == len(english) and read_notes_and_mark()[1] != mark_before, (
        "one more outdated scene"
    )


def test_a_film_that_plays_unchosen_takes_says_so(mika, create_storyboard, add_take, read_page, request_film):
    story = create_storyboard(3)
    takes = [add_take(story.scenes.get(position=n)) for n in (1, 3)]
    assert film_plan.build_film_plan(story).notes == [] and "in the trash" not in read_page(story)

    for take in takes:
        jobs.delete(take.clip.job, by=mika)

    note = "Scenes 1 and 3 play other takes because the selected ones are in the trash."
    text = read_page(story)
    assert note in text and text.count("The take is in the trash") == 2, "not in every row"
    assert Film.objects.get(pk=request_film(story).pk).notes == [note]
    jobs.restore(takes[0].clip.job, by=mika)
    assert film_plan.build_film_plan(story).notes == [
        "Scene 3 plays another take because the selected one is in the trash."
    ]


def test_outdated_final_takes_are_named_with_a_remedy(mika, create_storyboard, read_page):
    story = create_storyboard(3)
    Take.objects.filter(scene__position=1).update(recipe="older")
    Take.objects.filter(scene__position__in=[2, 3]).update(stale_since=timezone.now(), stale_characters="Aki")

    assert list_outdated(story) == [
        ("Scene 1 was drawn from an older text.", "board"),
        ("Scenes 2 and 3 show a character’s earlier look.", "quote"),
    ]
    text = read_page(story)
    assert "Go to the storyboard" in text and "which=stale" in text and "Draw the drafts" not in text
    assert text.count("Aki changed") == 2


def test_a_locked_outdated_scene_has_no_redraw_button(mika, animated_story, read_page):
    change_prompts(mika, animated_story, 1)
    scene_services.lock_scene(scene=animated_story.scenes.get(position=1), by=mika, is_locked=True)

    assert list_outdated(animated_story) == [("Scene 1 was drawn from an older text.", "board")]
    assert "Draw the drafts" not in read_page(animated_story)


def test_a_chosen_outdated_animatic_is_redrawn_once(mika, animated_story, run_jobs):
    """The chosen take keeps playing; the button disappears after the redraw."""
    scene = animated_story.scenes.get(position=1)
    drawing_services.choose_take(take=scene.takes.get(), by=mika)
    scene.refresh_from_db()
    change_prompts(mika, animated_story, 1)
    assert list_outdated(animated_story) == [("Scene 1 was drawn from an older text.", "animate")]

    drawing_services.draw_animatics(story=animated_story, by=mika, idem_key="again")
    run_jobs()

    assert list_outdated(animated_story) == [("Scene 1 was drawn from an older text.", "board")]
    assert drawing_services.draw_animatics(story=animated_story, by=mika, idem_key="once more") is None


def test_an_animatic_chosen_over_a_final_take_is_redrawn_too(mika, animated_story, add_take, run_jobs):
    scene = animated_story.scenes.get(position=1)
    animatic = scene.takes.get()
    add_take(scene)
    drawing_services.choose_take(take=animatic, by=mika)
    change_prompts(mika, animated_story, 1)
    assert list_outdated(animated_story) == [("Scene 1 was drawn from an older text.", "animate")]

    drawing_services.draw_animatics(story=animated_story, by=mika, idem_key="again")
    run_jobs()

    assert scene.takes.filter(purpose="animatic").count() == 2


def test_a_viewer_sees_the_note_without_a_button(mika, ren, sign_in, animated_story):
    ren.memberships.create(workspace=animated_story.workspace, role="viewer")
    change_prompts(mika, animated_story, 1)

    page = sign_in(ren).get(reverse("studio:film", args=[animated_story.pk])).content.decode()

    assert "Scene 1 was drawn from an older text." in page and "Draw the drafts" not in page


def test_staleness_checks_need_no_query_per_scene(mika, create_storyboard):
    queries = []
    for count in (3, 12):
        story = create_storyboard(count)
        aki = character_services.add_character(workspace=story.workspace, by=mika, story=story, name="Aki")
        for scene in story.scenes.all():
            scene.cast.create(character=aki)
        Take.objects.filter(scene__story=story).update(recipe="older")
        with CaptureQueriesContext(connection) as captured:
            assert len(film_plan.build_film_plan(story).outdated) == 1
        queries.append(len(captured))

    assert queries[0] == queries[1]
