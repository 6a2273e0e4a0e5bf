"""A draw sheet that has become another one since somebody looked says what has changed, scene by scene."""

import html
import re
from dataclasses import replace

import pytest

from jobs import services as jobs
from studio.characters import services as character_services
from studio.drawing.consent import MOST_TOLD
from studio.drawing.quote import lay
from studio.scenes import edit_services as scene_edit_services
from studio.scenes import services as scene_services
from tests.studio.atelier import PRICE

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def story(theirs):
    return theirs


@pytest.fixture
def sheet(sign_in, ren, story):
    """``sheet(which="all")``: Ren opens it. ``confirm()`` presses its button, and gives the page of a refusal."""

    class Opened:
        def __init__(self, **asked):
            self.browser, self.url, self.asked = sign_in(ren), f"/stories/{story.pk}/draw/", {"mode": "fast"} | asked
            page = self.browser.get(self.url, self.asked, headers=HTMX).content.decode()
            names = ("agreed", "told", "idem_key")
            self.told = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in names}

        def confirm(self, **more):
            answer = self.browser.post(self.url, self.asked | self.told | more, headers=HTMX)
            assert answer.status_code == 409
            return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))

    return Opened


def changed(page) -> list[int]:
    """The numbers of the rows that are marked."""
    rows = page.split('<span class="key">')[1:]
    return [int(row.partition("<")[0]) for row in rows if ">Changed<" in row]


def test_the_new_sheet_names_the_scenes_that_were_drawn_meanwhile(sheet, story, scenes, draw):
    old = sheet(which="all")
    draw("one", scene=scenes(story)[1])
    draw("one", scene=scenes(story)[2])

    page = old.confirm()

    assert "review and confirm again. Scenes 2 and 3 are not as your page showed them." in page
    assert changed(page) == [2, 3] and page.count("It was drawn meanwhile, or a take") == 2


def test_the_new_sheet_says_what_a_scene_was_to_cost_before(sheet, atelier):
    old = sheet(which="all")
    atelier.priced = lambda request: PRICE + 100_000 * ("dog" in request.prompt)

    page = old.confirm()

    assert "Scene 2 is not as your page showed it." in page and changed(page) == [2]
    assert "It was $0.40 when you looked." in page and "$0.50" in page


def test_the_new_sheet_says_that_a_price_was_not_known_before(sheet, atelier):
    estimate = atelier.estimate
    atelier.estimate = lambda request: replace(estimate(request), price=0, is_known=False)
    old = sheet(which="all")
    del atelier.estimate

    page = old.confirm()

    assert page.count("Its price was not known when you looked.") == 3 and "another model" not in page


def test_the_new_sheet_names_scenes_that_would_go_through_another_account(sheet, monkeypatch):
    old = sheet(which="all")
    monkeypatch.setattr("studio.drawing.quote.account_for", lambda by, workspace, slug, model: "another")
    assert "It goes through another account now." in old.confirm()


def test_the_new_sheet_names_a_scene_that_would_go_on_from_something_else(mika, sheet, story, scenes, third, draw):
    draw("one", scene=scenes(story)[0])
    old = sheet(which="one", scene=third.pk, mode="coherent", on_failure="continue")
    jobs.delete(scenes(story)[0].takes.get().clip.job, by=mika)

    page = old.confirm()

    assert "Scene 3 is not as your page showed it." in page and "It starts on something else now." in page


def test_the_new_sheet_names_scenes_whose_words_or_people_are_others_now(mika, sheet, story, scenes, third):
    bo = character_services.add_character(workspace=story.workspace, by=mika, name="Bo", description="a small girl")
    character_services.cast_character(scene=third, character=bo, by=mika, is_in=True)
    old = sheet(which="all")
    dog = scenes(story)[1]
    scene_edit_services.edit_scene(scene=dog, by=mika, rev=dog.rev, changes={"prompt": "a dog in the sea"})
    character_services.change_character(character=bo, by=mika, changes={"description": "a tall girl"})

    page = old.confirm()

    assert "Scenes 2 and 3 are not as your page showed them." in page and changed(page) == [2, 3]
    assert page.count("It says something else now.") == 2 and "a dog in the sea" in page


def test_the_new_sheet_names_scenes_that_came_and_went(mika, sheet, story, scenes):
    old = sheet(which="missing")
    scene_services.lock_scene(scene=scenes(story)[0], by=mika, is_locked=True)
    scene_services.add_scene(story=story, by=mika, prompt="a bird in a tree", seconds=2)

    page = old.confirm()

    assert "Scenes 1 and 4 are not as your page showed them." in page and changed(page) == [1, 4]
    assert "It was to be drawn when you looked." in page and "It was not on your page." in page


@pytest.mark.parametrize("told", ["", "nonsense", "0:0,1:1", "\u0661" * 40])
def test_a_sheet_that_tells_nonsense_of_its_rows_is_refused_all_the_same(sheet, atelier, told):
    old = sheet(which="all")
    atelier.price += 1

    page = old.confirm(told=told)

    assert "The price or the scenes have changed." in page and changed(page) == []


def test_what_is_told_of_the_rows_of_a_long_story_does_not_fill_an_address(mika, story, scenes):
    for scene in scenes(story) * 13:
        scene_services.duplicate_scene(scene=scene, by=mika)

    most = [MOST_TOLD, MOST_TOLD + 1]
    sheets = [lay(story, by=mika, which="all", mode="fast", caps={"USD": n * PRICE}) for n in most]

    assert [len(sheet.shots) for sheet in sheets] == most
    assert 0 < len(sheets[0].told) < 2000 and sheets[1].told == ""
