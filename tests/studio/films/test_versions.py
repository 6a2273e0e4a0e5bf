"""Versions of a film side by side: whatever they are made of differently is told, and nothing else."""

import uuid

import pytest

from jobs.models import Job, State
from studio.films import plan_json
from studio.films import services as film_services
from studio.models import Film
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions(board, ask):
    """``versions(deed)``: what is told of two films of one story between which ``deed(story)`` was done."""

    def told(deed):
        story = board(2)
        first = ask(story)
        deed(story)
        return plan_json.differences(first, ask(story))

    return told


def test_versions_made_of_the_same_are_told_no_difference(versions):
    assert versions(lambda story: None) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_levelled": False}, "levels the loudness"),
        ({"fit": "crop"}, "another aspect ratio"),
        ({"title_text": "Harbour"}, "The cards differ."),
        ({"resolution": 1080}, "Size: 1280 × 720 and 1920 × 1080."),
    ],
)
def test_each_way_in_which_the_film_was_set_differently_is_told(mika, versions, changes, words):
    found = versions(lambda story: film_services.change_film_settings(story=story, by=mika, changes=changes))

    assert any(words in each for each in found), found
    assert not any("only in" in each for each in found)


def test_another_shape_of_as_many_lines_is_told(mika, versions):
    found = versions(lambda story: story_services.change_story(story=story, by=mika, changes={"ratio": "1:1"}))

    assert found == ["Size: 1280 × 720 and 720 × 720."]


def test_other_music_is_told(mika, versions, tune, work):
    def bring(story):
        film_services.bring_music(upload=tune(), story=story, by=mika)
        work()

    assert versions(bring) == ["The music or its volume differs."]


def test_a_scene_that_was_empty_in_one_and_has_a_take_in_the_other_is_told(mika, board, ask, shoot, scenes):
    story = board(2)
    scene = scene_services.add_scene(story=story, by=mika)
    first = ask(story)
    shoot(scene, frames=120)

    assert plan_json.differences(first, ask(story)) == ["Scene 3 shows a different take."]


@pytest.fixture
def ready(ask):
    """The film of a story, ready as far as its rows say."""

    def made(story, **more):
        film = ask(story, **more)
        Job.objects.filter(pk=film.job_id).update(state=State.READY)
        Film.objects.filter(pk=film.pk).update(key=film.place, bytes=1, ready_at=film.created_at)
        return Film.objects.get(pk=film.pk)

    return made


def test_only_another_version_of_the_same_story_is_shown_beside_a_film(
    mika, board, ready, write, shoot, scenes, sign_in
):
    """Neither a film of her own other story nor a stranger's: not its name, not what it is made of, not its file."""
    story, stranger = board(1), UserFactory(email="stranger@example.test")
    film, version = ready(story), ready(story, name="Colder")
    foreign = write(stranger, "Something secret happens")
    shoot(scenes(foreign)[0])
    others = [ready(board(1), name="Elsewhere"), ready(foreign, by=stranger, name="Secret")]
    before = list(Film.objects.order_by("pk").values())
    browser, page = sign_in(mika), f"/stories/films/{film.pk}/"
    assert browser.get(page, {"with": version.pk}).context["other"] == version

    for named in [*(each.pk for each in others), film.pk, uuid.uuid4()]:
        shown = browser.get(page, {"with": named})
        text = shown.content.decode()
        assert (shown.status_code, shown.context["other"], shown.context["differences"]) == (200, None, [])
        assert "Elsewhere" not in text and "Secret" not in text and "secret happens" not in text

    assert all(each.is_ready for each in others)
    assert list(Film.objects.order_by("pk").values()) == before
