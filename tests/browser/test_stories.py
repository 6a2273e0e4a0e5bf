"""Scenes of a story are written, ordered by mouse, keyboard and touch, played and drawn, also without scripts."""

import itertools
import re

import pytest
from playwright.sync_api import expect

from tests.browser.stories import PROMPTS, create_story, scene_texts, wait_for_animatics
from tests.browser.user import DRAWING_TIMEOUT_MS


def test_idea_becomes_scenes_that_play_and_one_is_drawn_after_its_price_was_shown(mika):
    page = mika.page
    story = create_story(mika, *PROMPTS[:2])
    wait_for_animatics(page, 2)
    expect(page.locator("#story-share")).to_contain_text("0 of 2 final")
    reel = page.locator("cel-reel")
    reel.get_by_role("button", name="Next scene").click()
    expect(reel.locator("[data-label]")).to_have_text("2 · Draft")
    reel.get_by_role("button", name="Previous scene").click()
    reel.locator(".buttons [data-act=play]").click()
    expect(reel.locator("[data-label]")).to_have_text("2 · Draft")
    expect(reel).not_to_have_class(re.compile("playing"))
    expect(reel.locator("[data-now]")).to_have_text(reel.locator("[data-end]").inner_text())

    page.goto(story)
    page.locator(".storyboard-row .storyboard-edit").first.click()  # the URL now names the scene
    page.wait_for_url("**scene=*")
    page.locator(".editor a.primary").click()
    expect(page.locator("#draw")).to_contain_text("free")
    page.locator("#draw").get_by_role("button", name="Draw 1 draft").click()
    expect(page.locator("#draw")).to_be_hidden()
    expect(page.locator("#takes .story-take")).to_have_count(2)
    expect(page.locator("#takes .story-take").first).to_contain_text("Selected", timeout=DRAWING_TIMEOUT_MS)
    expect(page.locator("#story-share")).to_contain_text("0 of 2 final")


def drag_to_the_end(user):
    """Drag the first of three scenes to the end without releasing it."""
    page = user.page
    wait_for_animatics(page, 3)  # afterwards rows keep their height
    grip, target = page.locator(".grip").nth(0).bounding_box(), page.locator(".storyboard-row").nth(2).bounding_box()
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 8, target["y"] + target["height"] - 20, steps=12)
    offsets = itertools.count()

    def is_last():  # moving rows are compared again only when the mouse moves
        page.mouse.move(grip["x"] + 8, target["y"] + target["height"] - 20 - next(offsets) % 2)
        return scene_texts(page)[2] == PROMPTS[0]

    user.wait_until(is_last)


@pytest.mark.parametrize("failure", ["no network", pytest.param("server error", marks=pytest.mark.deep)])
def test_scenes_are_moved_by_dragging_and_keyboard_and_return_if_that_was_not_saved(mika, failure):
    page = mika.page
    create_story(mika, *PROMPTS)
    mika.expected = ("ERR_FAILED", "Failed to fetch", "500")
    respond = (lambda route: route.abort()) if failure == "no network" else (lambda route: route.fulfill(status=500))
    page.route("**/order/", respond)
    drag_to_the_end(mika)
    with page.expect_request("**/order/"):
        page.mouse.up()
    expect(page.locator("#toasts .bad")).to_be_visible()
    mika.wait_until(lambda: scene_texts(page) == list(PROMPTS))

    page.unroute("**/order/")
    drag_to_the_end(mika)
    with page.expect_response("**/order/"):
        page.mouse.up()
    expect(page.locator(".storyboard-row .key").nth(0)).to_have_text("1")
    page.reload()
    assert scene_texts(page) == [PROMPTS[1], PROMPTS[2], PROMPTS[0]]
    move_by_keyboard(page)


def move_by_keyboard(page):
    """Move the last scene up twice. Its grip keeps the focus."""
    text, grip = page.locator(".storyboard-row .clamp-3"), page.locator(".storyboard-row .grip")
    grip.nth(2).focus()
    for position, key in ((1, "ArrowUp"), (0, "Alt+ArrowUp")):
        page.keyboard.press(key)
        expect(text.nth(position)).to_have_text(PROMPTS[0])
        expect(grip.nth(position)).to_be_focused()
    page.reload()
    assert scene_texts(page) == list(PROMPTS)


def test_scenes_are_moved_by_touch(phone):
    page = phone.page
    create_story(phone, *PROMPTS)
    wait_for_animatics(page, 3)  # afterwards rows keep their height
    page.locator(".storyboard-row").nth(0).scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    grip, target = page.locator(".grip").nth(0).bounding_box(), page.locator(".storyboard-row").nth(1).bounding_box()
    session = page.context.new_cdp_session(page)

    def touch_at(kind, y):
        points = [] if kind == "touchEnd" else [{"x": grip["x"] + 22, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(60)

    start = grip["y"] + 22
    touch_at("touchStart", start)
    expect(page.locator(".storyboard-row.sortable-chosen")).to_have_count(1)
    end = target["y"] + target["height"] * 0.7
    for n in range(1, 11):
        touch_at("touchMove", start + (end - start) * n / 10)
    offsets = itertools.count()

    def is_second():
        touch_at("touchMove", end - next(offsets) % 2)
        return scene_texts(page)[0] == PROMPTS[1]

    phone.wait_until(is_second)
    with page.expect_response("**/order/"):
        touch_at("touchEnd", 0)

    page.reload()
    assert scene_texts(page)[0] == PROMPTS[1]


def test_text_is_saved_while_typing_and_the_scene_menu_changes_the_story(mika):
    page = mika.page
    story = create_story(mika, PROMPTS[0])
    page.locator("#scene-prompt").fill("She waits. The train comes.")
    expect(page.locator("#saved")).to_have_text("Saved")
    page.locator("#scene-line").fill("I can fly")
    expect(page.locator(".storyboard-row .pen")).to_have_text("I can fly")
    expect(page.locator("#saved")).to_have_text("Saved")
    page.goto(story)
    assert scene_texts(page) == ["She waits. The train comes."]

    page.get_by_role("button", name="Improve").click()
    page.get_by_role("button", name="Use these words").click()
    expect(page.locator(".storyboard-row .clamp-3")).not_to_have_text("She waits. The train comes.")
    page.locator("#improved").get_by_role("button", name="Undo").click()
    expect(page.locator(".storyboard-row .clamp-3")).to_have_text("She waits. The train comes.")
    expect(page.locator("#saved")).to_have_text("Saved")

    def use_menu(action):
        page.locator(".editor-actions [popovertarget]").click()
        page.locator("#m-scene").get_by_role("button", name=action).click()

    for count, action in enumerate(("Split in two", "Duplicate", "Insert a scene before"), 2):
        use_menu(action)
        expect(page.locator(".storyboard-row")).to_have_count(count)
    use_menu("Delete")
    expect(page.locator(".storyboard-row")).to_have_count(3)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".storyboard-row")).to_have_count(4)
    page.goto(story)
    use_menu("Lock")
    expect(page.locator(".editor")).to_contain_text("This scene is locked")


def test_two_tabs_lose_nothing_and_a_conflict_asks_which_text_to_keep(mika):
    first = mika.page
    story = create_story(mika, PROMPTS[0])
    second = first.context.new_page()
    second.goto(story)

    first.locator("#scene-line").fill("Hello")
    expect(first.locator("#saved")).to_have_text("Saved")
    second.locator("#scene-place_name").fill("Onomichi")
    expect(second.locator("#saved")).to_have_text("Saved")
    expect(second.locator("#scene-line")).to_have_value("Hello")

    mika.expected = ("409",)
    first.locator("#scene-prompt").fill("a cat")
    expect(first.locator(".storyboard-row .clamp-3")).to_have_text("a cat")
    second.locator("#scene-prompt").fill("a fox")
    merge = second.locator("#merge")
    expect(merge).to_contain_text("Current version")
    expect(merge).to_contain_text("a cat")
    expect(second.locator("#saved")).to_have_text("Not saved")
    merge.get_by_role("button", name="Keep mine").click()
    expect(second.locator("#saved")).to_have_text("Saved")

    first.goto(story)
    assert scene_texts(first) == ["a fox"]
    expect(first.locator("#scene-line")).to_have_value("Hello")
    expect(first.locator("#scene-place_name")).to_have_value("Onomichi")


def test_story_is_written_and_drawn_without_scripts(new_user, mika):
    story = create_story(mika, *PROMPTS[:2])
    plain = new_user(java_script_enabled=False, storage_state=mika.page.context.storage_state())
    page = plain.open(story).page
    page.locator("#add-words").fill(PROMPTS[2])
    page.get_by_role("button", name="Add a scene").click()
    expect(page.locator(".storyboard-row")).to_have_count(3)
    page.locator(".storyboard-row .storyboard-edit").nth(2).click()
    page.locator("#scene-prompt").fill("a fox in the snow")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".storyboard-row .clamp-3").nth(2)).to_have_text("a fox in the snow")
    page.locator("#story-acts").get_by_role("link", name=re.compile("final take")).click()
    draw = page.get_by_role("button", name=re.compile("Draw 3 drafts"))
    plain.wait_until(lambda: draw.count() or not page.reload())  # the first drafts are being drawn
    draw.click()

    expect(page.locator("#toasts")).to_contain_text("being drawn")
