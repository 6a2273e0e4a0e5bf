"""Unsaved text of a scene is never lost: other actions wait for the save, ask, or keep the text."""

import pytest
from playwright.sync_api import expect

from tests.browser.media import png_upload
from tests.browser.stories import PROMPTS, create_story, open_scene, scene_texts, wait_for_animatics
from tests.browser.user import sign_in

LENGTH_FIELD = "#scene-seconds"
NETWORK_ERRORS = ("Failed to load", "htmx")
SCENE_REQUESTS = "**/stories/scenes/*/"


def confirmation(page):
    return page.locator("#confirm-dialog")


def test_invalid_length_is_named_and_keeps_the_scene_open_until_fixed_or_dropped(mika):
    page = mika.page
    create_story(mika, *PROMPTS[:2])
    page.locator(LENGTH_FIELD).fill("")
    page.locator("#scene-prompt").fill("a whale in the sky")
    move_up = page.locator(".editor-actions").get_by_role("button", name="Move up")
    move_up.click()
    expect(page.locator("#toasts")).to_contain_text("Not saved: Length in seconds")
    expect(page.locator(LENGTH_FIELD)).to_be_focused()
    expect(page.locator("#saved")).to_have_text("Not saved: Length in seconds")
    expect(page.locator(LENGTH_FIELD)).to_have_attribute("aria-invalid", "true")
    text = page.locator(".storyboard-row .clamp-3").nth(1)  # the other field is saved
    expect(text).to_have_text("a whale in the sky")

    page.locator(".storyboard-row .storyboard-edit").nth(0).click()
    expect(confirmation(page)).to_contain_text("Not saved: Length in seconds. Continue without saving?")
    confirmation(page).get_by_role("button", name="No, go back").click()
    expect(page.locator("#scene-h")).to_have_text("Scene 2")
    expect(page.locator("#scene-prompt")).to_have_value("a whale in the sky")
    expect(page.locator(".storyboard-row.current .key")).to_have_text("2")

    page.locator(".storyboard-row .storyboard-edit").nth(0).click()
    confirmation(page).get_by_role("button", name="Yes").click()
    expect(page.locator("#scene-h")).to_have_text("Scene 1")
    open_scene(page, 2)
    expect(page.locator("#scene-prompt")).to_have_value("a whale in the sky")
    expect(page.locator(LENGTH_FIELD)).to_have_value("5")
    page.locator(LENGTH_FIELD).fill("99")
    expect(page.locator("#saved")).to_have_text("Not saved: Length in seconds")
    page.locator(LENGTH_FIELD).fill("6")
    expect(page.locator("#saved")).to_have_text("Saved")
    expect(page.locator(LENGTH_FIELD)).not_to_have_attribute("aria-invalid", "true")
    move_up.click()
    expect(page.locator(".storyboard-row .clamp-3").nth(0)).to_have_text("a whale in the sky")
    expect(page.locator("#scene-h")).to_have_text("Scene 1")


def test_text_typed_while_unavailable_or_signed_out_is_kept_and_saved_later(mika):
    page = mika.page
    story = create_story(mika, *PROMPTS[:2])
    mika.expected = (*NETWORK_ERRORS, "401", "403")
    page.route(SCENE_REQUESTS, lambda route: route.abort())
    page.locator("#scene-line").fill("I can fly")
    page.locator(".storyboard-row .storyboard-edit").nth(0).click()
    expect(confirmation(page)).to_contain_text("Not saved: Line")
    confirmation(page).get_by_role("button", name="No, go back").click()
    expect(page.locator("#scene-line")).to_have_value("I can fly")
    page.unroute(SCENE_REQUESTS)
    open_scene(page, 1)
    open_scene(page, 2)
    expect(page.locator("#scene-line")).to_have_value("I can fly")

    page.route(SCENE_REQUESTS, lambda route: route.abort())
    page.locator("#scene-line").fill("I can fly high")
    expect(page.locator("#saved")).to_have_text("Not saved")
    page.unroute(SCENE_REQUESTS)
    expect(page.locator("#saved")).to_have_text("Saved")  # without a click
    page.goto(story)
    wait_for_animatics(page, 2)  # afterwards the page sends no requests by itself
    save_after_signing_in_in_another_tab(mika, story)


def save_after_signing_in_in_another_tab(user, story):
    """Type while signed out, then sign in in another tab and save."""
    page = user.page
    [session] = [cookie["name"] for cookie in page.context.cookies() if cookie["name"].endswith("session")]
    page.context.clear_cookies(name=session)
    page.locator("#scene-line").fill("I can swim")
    expect(page.locator("#toasts")).to_contain_text("Sign in in another tab")
    expect(page.locator("#scene-line")).to_have_value("I can swim")

    other = page.context.new_page()
    other.goto("/account/login/")
    sign_in(other, user.email)
    other.wait_for_url("**/create/")
    page.locator(".editor").get_by_role("button", name="Retry").click()
    expect(page.locator("#saved")).to_have_text("Saved")
    page.goto(story)
    expect(page.locator("#scene-line")).to_have_value("I can swim")
    assert scene_texts(page) == list(PROMPTS[:2])


@pytest.mark.deep
def test_retry_saves_text_that_could_not_be_saved(mika):
    page = mika.page
    story = create_story(mika, PROMPTS[0])
    mika.expected = NETWORK_ERRORS
    page.route(SCENE_REQUESTS, lambda route: route.abort())
    page.locator("#scene-line").fill("I can fly")
    expect(page.locator("#saved")).to_have_text("Not saved")
    retry = page.locator(".editor").get_by_role("button", name="Retry")
    retry.click()
    expect(page.locator("#saved")).to_have_text("Not saved")
    page.unroute(SCENE_REQUESTS)
    retry.dispatch_event("click")  # the page may have saved by itself and hidden the button
    expect(page.locator("#saved")).to_have_text("Saved")
    expect(retry).to_be_hidden()

    page.goto(story)
    expect(page.locator("#scene-line")).to_have_value("I can fly")


@pytest.mark.deep
def test_scene_moved_by_arrow_key_keeps_both_texts_of_a_conflict(mika):
    page = mika.page
    story = create_story(mika, *PROMPTS[:2])
    page.goto(story)  # the editor shows the first scene
    other = page.context.new_page()
    other.goto(story)
    other.locator("#scene-prompt").fill("a cat")
    expect(other.locator("#saved")).to_have_text("Saved")
    mika.expected = ("409",)
    page.locator("#scene-prompt").fill("a fox")
    expect(page.locator("#merge")).to_contain_text("Current version")
    page.locator(".grip").nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".storyboard-row .clamp-3").nth(1)).to_have_text("a cat")

    expect(page.locator("#scene-prompt")).to_have_value("a fox")
    page.locator("#merge").get_by_role("button", name="Keep mine").click()
    expect(page.locator(".storyboard-row .clamp-3").nth(1)).to_have_text("a fox")


@pytest.mark.deep
def test_opened_details_stay_open_when_their_page_is_updated(mika):
    page = mika.page
    story = create_story(mika, *PROMPTS[:2])
    page.goto(f"{story}film/")
    details, rev = page.locator("#row-1 details"), page.locator("#row-1 [name=rev]")

    def change(name, value):
        before = rev.input_value()
        page.locator(f"#row-1 [name={name}]").select_option(value)
        expect(rev).not_to_have_value(before)  # the response is on the page

    details.locator("summary").click()
    change("join_kind", "crossfade")
    expect(details).to_have_attribute("open", "")
    change("sound", "muted")  # a changed setting opens the details
    details.locator("summary").click()
    change("join_kind", "cut")
    expect(details).not_to_have_attribute("open", "")


@pytest.mark.deep
def test_late_response_does_not_replace_text_written_meanwhile(mika):
    page = mika.page
    create_story(mika, *PROMPTS[:2])
    routes = []
    page.route("**/move/", lambda route: routes.append(route))  # noqa: PLW0108 - Playwright sets attributes on the handler
    page.locator(".editor-actions").get_by_role("button", name="Move up").click()
    mika.wait_until(lambda: routes)
    page.locator(LENGTH_FIELD).fill("")  # invalid, so that it is not saved before the response
    page.locator("#scene-note").evaluate("note => (note.value = 'in blue ink')")
    routes[0].continue_()
    expect(page.locator(".storyboard-row .clamp-3").nth(0)).to_have_text(PROMPTS[1])

    expect(page.locator(LENGTH_FIELD)).to_have_value("")
    expect(page.locator("#scene-note")).to_have_value("in blue ink")


@pytest.mark.deep
def test_chosen_picture_waits_until_the_text_is_saved(mika):
    page = mika.page
    create_story(mika, PROMPTS[0])
    page.locator(".editor-pictures summary").click()
    page.locator(LENGTH_FIELD).fill("99")
    page.locator("#scene-prompt").fill("a whale in the sky")

    def add_picture():
        page.locator(".editor-pictures input[type=file]").first.set_input_files(png_upload((640, 360)))
        page.locator("#crop").get_by_role("button", name="Use selection").click()

    add_picture()
    expect(page.locator("#toasts")).to_contain_text("Not saved: Length in seconds")
    expect(page.locator(LENGTH_FIELD)).to_have_value("99")
    expect(page.locator(".editor-pictures img")).to_have_count(0)
    page.locator(LENGTH_FIELD).fill("9")
    add_picture()
    expect(page.locator(".editor-pictures .frame img")).to_be_visible()
    expect(page.locator("#scene-prompt")).to_have_value("a whale in the sky")
    expect(page.locator(LENGTH_FIELD)).to_have_value("9")
