"""From an idea to a story that plays: written, ordered, drawn, by mouse, keyboard, touch and without a script."""

import itertools
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.person import DRAWN_MS

WORDS = ("a girl on a hill", "a dog by the sea", "a cat on a roof")


def begin(person, *words, title="The last summer train"):
    """A new story with these scenes; its path."""
    page = person.go("/stories/new/").page
    page.get_by_label("Title").fill(title)
    page.locator("#id_words").fill(words[0])
    page.get_by_role("button", name="Create story").click()
    page.wait_for_url("**/stories/*-*/")
    for n, each in enumerate(words[1:], 2):
        page.locator("#add-words").fill(each)
        page.get_by_role("button", name="Add a scene").click()
        expect(page.locator(".ekr")).to_have_count(n)
    return urlsplit(page.url).path


def said(page):
    """By their text, not as drawn: rows that were just moved are drawn with the next frame (content-visibility)."""
    return [words.strip() for words in page.locator(".ekr .ek-e .cl3").all_text_contents()]


def test_an_idea_becomes_scenes_that_play_one_after_the_other_for_free(mika):
    page = mika.page
    begin(mika, *WORDS[:2])
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(2, timeout=DRAWN_MS)
    expect(page.locator("#story-share")).to_contain_text("0 of 2 final")

    reel = page.locator("cel-reel")
    reel.get_by_role("button", name="Next scene").click()
    expect(reel.locator("[data-slip]")).to_have_text("2 · Animatic")
    reel.get_by_role("button", name="Previous scene").click()
    reel.locator(".btns [data-act=play]").click()

    expect(reel.locator("[data-slip]")).to_have_text("2 · Animatic")
    expect(reel).not_to_have_class(re.compile("playing"))
    expect(reel.locator("[data-now]")).to_have_text(reel.locator("[data-end]").inner_text())


def test_a_scene_is_drawn_after_its_price_was_said_and_is_final_then(mika):
    page = mika.page
    page.goto(begin(mika, WORDS[0]))
    page.locator(".ekr .ek-e").click()  # the address of the page names the scene now
    page.wait_for_url("**scene=*")
    page.locator(".ed a.pri").click()
    expect(page.locator("#draw")).to_contain_text("free")
    page.locator("#draw").get_by_role("button", name="Draw 1 scene").click()
    expect(page.locator("#draw")).to_be_hidden()

    expect(page.locator("#story-share")).to_contain_text("1 of 1 final", timeout=DRAWN_MS)
    expect(page.locator("#takes .st-take.on")).to_have_count(1)


def test_scenes_are_moved_by_keyboard_and_the_focus_goes_with_them(mika):
    page = mika.page
    begin(mika, *WORDS)
    page.locator(".ekr").nth(0).locator(".grip").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".ekr .cl3").nth(1)).to_have_text(WORDS[0])
    expect(page.locator(".ekr .grip").nth(1)).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".ekr .cl3").nth(2)).to_have_text(WORDS[0])

    expect(page.locator(".ekr .grip").nth(2)).to_be_focused()
    page.reload()
    assert said(page) == [WORDS[1], WORDS[2], WORDS[0]]


def drag_to_the_end(person):
    """The first of three scenes, not yet let go."""
    page = person.page
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(3, timeout=DRAWN_MS)  # rows stay as they are now
    grip, goal = page.locator(".grip").nth(0).bounding_box(), page.locator(".ekr").nth(2).bounding_box()
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 8, goal["y"] + goal["height"] - 20, steps=12)
    nudges = itertools.count()

    def lies_there():  # rows that still glide aside are asked again only when the mouse moves
        page.mouse.move(grip["x"] + 8, goal["y"] + goal["height"] - 20 - next(nudges) % 2)
        return said(page)[2] == WORDS[0]

    person.wait_until(lies_there)


def test_scenes_are_moved_by_dragging(mika):
    page = mika.page
    begin(mika, *WORDS)
    drag_to_the_end(mika)
    with page.expect_response("**/order/"):
        page.mouse.up()
    expect(page.locator(".ekr .key").nth(0)).to_have_text("1")

    page.reload()
    assert said(page)[2] == WORDS[0]


@pytest.mark.parametrize("trouble", ["no network", "an answer that is not one"])
def test_an_order_that_does_not_reach_the_studio_does_not_stay_on_the_page(mika, trouble):
    page = mika.page
    begin(mika, *WORDS)
    mika.expected = ("ERR_FAILED", "Failed to fetch", "500")
    answer = (lambda route: route.abort()) if trouble == "no network" else (lambda route: route.fulfill(status=500))
    page.route("**/order/", answer)
    drag_to_the_end(mika)
    with page.expect_request("**/order/"):
        page.mouse.up()
    expect(page.locator("#toasts .bad")).to_be_visible()
    mika.wait_until(lambda: said(page) == list(WORDS))

    page.unroute("**/order/")
    drag_to_the_end(mika)
    with page.expect_response("**/order/"):
        page.mouse.up()
    page.reload()
    assert said(page) == [WORDS[1], WORDS[2], WORDS[0]]


def test_scenes_are_moved_by_touch(person):
    phone = person(375, 720, has_touch=True, is_mobile=True)
    phone.sign_up()
    page = phone.page
    begin(phone, *WORDS)
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(3, timeout=DRAWN_MS)  # rows stay as they are now
    page.locator(".ekr").nth(0).scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    grip, goal = page.locator(".grip").nth(0).bounding_box(), page.locator(".ekr").nth(1).bounding_box()
    touch = page.context.new_cdp_session(page)

    def finger(kind, y):
        points = [] if kind == "touchEnd" else [{"x": grip["x"] + 22, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(60)

    start = grip["y"] + 22
    finger("touchStart", start)
    expect(page.locator(".ekr.sortable-chosen")).to_have_count(1)
    end = goal["y"] + goal["height"] * 0.7
    for n in range(1, 11):
        finger("touchMove", start + (end - start) * n / 10)
    nudges = itertools.count()

    def lies_there():  # as with the mouse
        finger("touchMove", end - next(nudges) % 2)
        return said(page)[0] == WORDS[1]

    phone.wait_until(lies_there)
    with page.expect_response("**/order/"):
        finger("touchEnd", 0)

    page.reload()
    assert said(page)[0] == WORDS[1]


def test_words_are_saved_as_they_are_typed(mika):
    page = mika.page
    url = begin(mika, WORDS[0])
    page.locator("#scene-prompt").fill("a whale in the sky")
    expect(page.locator("#saved")).to_have_text("Saved")
    page.locator("#scene-line").fill("I can fly")
    expect(page.locator(".ekr .pen")).to_have_text("I can fly")
    expect(page.locator("#saved")).to_have_text("Saved")

    page.goto(url)
    assert said(page) == ["a whale in the sky"]


def test_two_tabs_lose_nothing_and_the_same_field_asks_which_words_to_keep(mika):
    first = mika.page
    url = begin(mika, WORDS[0])
    second = first.context.new_page()
    second.goto(url)

    first.locator("#scene-line").fill("Hello")
    expect(first.locator("#saved")).to_have_text("Saved")
    second.locator("#scene-place_name").fill("Onomichi")
    expect(second.locator("#saved")).to_have_text("Saved")
    expect(second.locator("#scene-line")).to_have_value("Hello")

    mika.expected = ("409",)
    first.locator("#scene-prompt").fill("a cat")
    expect(first.locator(".ekr .cl3")).to_have_text("a cat")
    second.locator("#scene-prompt").fill("a fox")
    merge = second.locator("#merge")
    expect(merge).to_contain_text("Current version")
    expect(merge).to_contain_text("a cat")
    expect(second.locator("#saved")).to_have_text("Not saved")
    merge.get_by_role("button", name="Keep mine").click()
    expect(second.locator("#saved")).to_have_text("Saved")

    first.goto(url)
    assert said(first) == ["a fox"]
    expect(first.locator("#scene-line")).to_have_value("Hello")
    expect(first.locator("#scene-place_name")).to_have_value("Onomichi")


def test_a_scene_thrown_away_comes_back_by_undo(mika):
    page = mika.page
    begin(mika, *WORDS[:2])
    page.locator(".ed-acts [popovertarget]").click()
    page.locator("#m-scene").get_by_role("button", name="Delete").click()
    expect(page.locator(".ekr")).to_have_count(1)
    page.locator("#toasts").get_by_role("button", name="Undo").click()

    expect(page.locator(".ekr")).to_have_count(2)


@pytest.mark.parametrize("deed", ["Duplicate", "Split in two", "Insert a scene before", "Lock"])
def test_the_menu_of_a_scene_does_what_it_says(mika, deed):
    page = mika.page
    begin(mika, "She waits. The train comes.")
    page.locator(".ed-acts [popovertarget]").click()
    page.locator("#m-scene").get_by_role("button", name=deed).click()

    if deed == "Lock":
        expect(page.locator(".ed")).to_contain_text("This scene is locked")
    else:
        expect(page.locator(".ekr")).to_have_count(2)


def test_a_story_is_written_and_drawn_without_any_script(person, mika):
    url = begin(mika, *WORDS[:2])
    plain = person(java_script_enabled=False, storage_state=mika.page.context.storage_state())
    page = plain.go(url).page
    page.locator("#add-words").fill(WORDS[2])
    page.get_by_role("button", name="Add a scene").click()
    expect(page.locator(".ekr")).to_have_count(3)
    page.locator(".ekr .ek-e").nth(2).click()
    page.locator("#scene-prompt").fill("a fox in the snow")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".ekr .cl3").nth(2)).to_have_text("a fox in the snow")
    page.locator("#story-acts").get_by_role("link", name=re.compile("missing")).click()
    page.get_by_role("button", name=re.compile("Draw 3 scenes")).click()

    expect(page.locator("#toasts")).to_contain_text("being drawn")
