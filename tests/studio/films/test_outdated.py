"""Scenes whose words or people have changed since they were drawn: the film says so before it is made of them."""

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
from studio.drawing import take_services
from studio.films import plan as film_plan
from studio.films import plan_json
from studio.models import Film, Take
from studio.scenes import edit_services as scene_edit_services
from studio.scenes import services as scene_services

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(mika, sign_in):
    """``page(story)``: the page on which its film is made."""
    browser = sign_in(mika)
    return lambda story: html.unescape(browser.get(reverse("studio:film", args=[story.pk])).content.decode())


@pytest.fixture
def sketched(mika, write, work):
    """A story of four scenes with their animatics."""
    story = write(mika, "a girl on a hill", "a dog by the sea", "a cat on a roof", "a train at night")
    drawing_services.animate(story=story, by=mika, idem_key="sketches")
    work()
    return story


def rewrite(mika, story, *numbers):
    for scene in story.scenes.filter(position__in=numbers):
        scene_edit_services.edit_scene(
            scene=scene, by=mika, rev=scene.rev, changes={"prompt": f"{scene.prompt} in the rain"}
        )


def told(story):
    return [(each.words, each.help) for each in film_plan.lay(story).outdated]


def test_animatics_of_older_words_are_named_and_one_button_draws_them_anew(mika, sign_in, sketched, page, work):
    assert told(sketched) == [] and "rom older text" not in page(sketched)

    rewrite(mika, sketched, 2, 4)

    before = page(sketched)
    assert "Scenes 2 and 4 were drawn from older texts." in before and before.count("Draw the animatics") == 1
    assert before.count("Drawn from older text") == 2, "their rows say it too"
    sent = {"idem_key": "a" * 32, "back": "film"}
    assert sign_in(mika).post(reverse("studio:animate", args=[sketched.pk]), sent).status_code == 302
    busy = page(sketched)
    assert "Scenes 2 and 4 were drawn from older texts." in busy and "The result appears here when it is ready" in busy
    assert "Draw the animatics" not in busy and 'hx-trigger="every 3s"' in busy

    work()
    assert "rom older text" not in page(sketched) and told(sketched) == []


def test_the_film_that_is_made_of_older_words_all_the_same_says_so_for_ever(mika, sketched, ask):
    rewrite(mika, sketched, 3)

    film = ask(sketched)

    assert Film.objects.get(pk=film.pk).plan["notes"] == ["Scene 3 was drawn from an older text."]


def test_a_film_seen_in_another_language_is_still_the_one_that_was_seen(mika, sketched):
    rewrite(mika, sketched, 3)

    def seen():
        now = film_plan.lay(sketched)
        return plan_json.freeze(now)["notes"], plan_json.mark_of(now)

    english, before = seen()
    with override("zh-hans"):
        chinese, after = seen()
    assert english != chinese and before == after
    rewrite(mika, sketched, 1)
    assert len(seen()[0]) == len(english) and seen()[1] != before, "one more scene that shows older words"


def test_a_film_of_a_take_that_was_not_chosen_says_so_before_it_is_made_and_for_ever(mika, board, shoot, page, ask):
    story = board(3)
    taken = [shoot(story.scenes.get(position=n)) for n in (1, 3)]
    assert film_plan.lay(story).notes == [] and "in the bin" not in page(story)

    for take in taken:
        jobs.delete(take.clip.job, by=mika)

    words = "Scenes 1 and 3 play other takes because the selected ones are in the trash."
    seen = page(story)
    assert words in seen and seen.count("The take is in the trash") == 2, "their rows say it too"
    assert Film.objects.get(pk=ask(story).pk).plan["notes"] == [words]
    jobs.restore(taken[0].clip.job, by=mika)
    assert film_plan.lay(story).notes == ["Scene 3 plays another take because the selected one is in the trash."]


def test_final_takes_of_older_words_and_earlier_looks_are_named_each_with_the_step_that_helps(mika, board, page):
    story = board(3)
    Take.objects.filter(scene__position=1).update(recipe="of other words")
    Take.objects.filter(scene__position__in=[2, 3]).update(stale_since=timezone.now(), stale_why="Aki")

    assert told(story) == [
        ("Scene 1 was drawn from an older text.", "board"),
        ("Scenes 2 and 3 show a character’s earlier look.", "sheet"),
    ]
    seen = page(story)
    assert "Go to the storyboard" in seen and "which=stale" in seen and "Draw the animatics" not in seen
    assert seen.count("Aki changed") == 2


def test_a_locked_scene_is_named_without_a_button_that_would_not_draw_it(mika, sketched, page):
    rewrite(mika, sketched, 1)
    scene_services.lock_scene(scene=sketched.scenes.get(position=1), by=mika, is_locked=True)

    assert told(sketched) == [("Scene 1 was drawn from an older text.", "board")]
    assert "Draw the animatics" not in page(sketched)


def test_an_animatic_that_somebody_chose_is_drawn_anew_and_may_then_be_chosen(mika, sketched, work):
    """What plays stays what was chosen; the button draws the newer one once and is gone then."""
    scene = sketched.scenes.get(position=1)
    take_services.choose_take(take=scene.takes.get(), by=mika)
    scene.refresh_from_db()
    rewrite(mika, sketched, 1)
    assert told(sketched) == [("Scene 1 was drawn from an older text.", "animate")]

    drawing_services.animate(story=sketched, by=mika, idem_key="again")
    work()

    assert told(sketched) == [("Scene 1 was drawn from an older text.", "board")]
    assert drawing_services.animate(story=sketched, by=mika, idem_key="once more") is None


def test_an_animatic_chosen_over_a_final_take_is_drawn_anew_like_any_other(mika, sketched, shoot, work):
    scene = sketched.scenes.get(position=1)
    animatic = scene.takes.get()
    shoot(scene)
    take_services.choose_take(take=animatic, by=mika)
    rewrite(mika, sketched, 1)
    assert told(sketched) == [("Scene 1 was drawn from an older text.", "animate")]

    drawing_services.animate(story=sketched, by=mika, idem_key="again")
    work()

    assert scene.takes.filter(purpose="animatic").count() == 2


def test_a_viewer_reads_the_note_and_sees_no_button(mika, ren, sign_in, sketched):
    ren.memberships.create(workspace=sketched.workspace, role="viewer")
    rewrite(mika, sketched, 1)

    page = sign_in(ren).get(reverse("studio:film", args=[sketched.pk])).content.decode()

    assert "Scene 1 was drawn from an older text." in page and "Draw the animatics" not in page


def test_looking_for_older_words_asks_the_database_nothing_for_each_scene(mika, board):
    queries = []
    for count in (3, 12):
        story = board(count)
        aki = character_services.add_character(workspace=story.workspace, by=mika, story=story, name="Aki")
        for scene in story.scenes.all():
            scene.cast.create(character=aki)
        Take.objects.filter(scene__story=story).update(recipe="of other words")
        with CaptureQueriesContext(connection) as asked:
            assert len(film_plan.lay(story).outdated) == 1
        queries.append(len(asked))

    assert queries[0] == queries[1]
