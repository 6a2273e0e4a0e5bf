"""Words written in a scene are never lost: what would replace them waits, asks, or leaves them where they are."""

import re

from playwright.sync_api import expect

from tests.browser.person import PASSWORD
from tests.browser.test_stories import WORDS, begin, said

LENGTH = "#scene-seconds"
NETWORK = ("Failed to load", "htmx")


def write_beside_an_empty_length(page):
    page.locator(LENGTH).fill("")
    page.locator("#scene-prompt").fill("a whale in the sky")


def go_to_scene(page, n):
    page.locator(".ekr .ek-e").nth(n - 1).click()


def sure(page):
    return page.locator("#sure")


def test_a_length_that_was_emptied_is_named_and_the_words_beside_it_are_saved(mika):
    page = mika.page
    url = begin(mika, *WORDS[:2])
    write_beside_an_empty_length(page)

    expect(page.locator("#saved")).to_have_text("Not saved: Length in seconds")
    expect(page.locator(LENGTH)).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".ekr .cl3").nth(1)).to_have_text("a whale in the sky")
    page.locator(LENGTH).fill("7")
    expect(page.locator("#saved")).to_have_text("Saved")
    expect(page.locator(LENGTH)).not_to_have_attribute("aria-invalid", "true")

    page.goto(url)
    assert said(page) == [WORDS[0], "a whale in the sky"]


def test_another_scene_opens_only_when_what_cannot_be_saved_is_let_go(mika):
    page = mika.page
    begin(mika, *WORDS[:2])
    write_beside_an_empty_length(page)
    go_to_scene(page, 1)
    expect(sure(page)).to_contain_text("Not saved: Length in seconds. Continue without saving?")
    sure(page).get_by_role("button", name="No, go back").click()
    expect(page.locator("#scene-h")).to_have_text("Scene 2")
    expect(page.locator("#scene-prompt")).to_have_value("a whale in the sky")
    expect(page.locator(".ekr.cur .key")).to_have_text("2")

    go_to_scene(page, 1)
    sure(page).get_by_role("button", name="Yes").click()
    expect(page.locator("#scene-h")).to_have_text("Scene 1")
    go_to_scene(page, 2)
    expect(page.locator("#scene-prompt")).to_have_value("a whale in the sky")
    expect(page.locator(LENGTH)).to_have_value("5")


def test_words_that_the_studio_did_not_get_are_asked_about_before_another_scene_opens(mika):
    page = mika.page
    begin(mika, *WORDS[:2])
    mika.expected = NETWORK
    page.route("**/stories/scenes/*/", lambda route: route.abort())
    page.locator("#scene-line").fill("I can fly")
    go_to_scene(page, 1)
    expect(sure(page)).to_contain_text("Not saved: Line")
    sure(page).get_by_role("button", name="No, go back").click()
    expect(page.locator("#scene-line")).to_have_value("I can fly")

    page.unroute("**/stories/scenes/*/")
    go_to_scene(page, 1)
    expect(page.locator("#scene-h")).to_have_text("Scene 1")
    go_to_scene(page, 2)
    expect(page.locator("#scene-line")).to_have_value("I can fly")


def test_a_scene_moved_by_arrow_key_leaves_both_versions_of_its_words_standing(mika):
    page = mika.page
    url = begin(mika, *WORDS[:2])
    page.goto(url)  # the editor shows the first scene
    other = page.context.new_page()
    other.goto(url)
    other.locator("#scene-prompt").fill("a cat")
    expect(other.locator("#saved")).to_have_text("Saved")
    mika.expected = ("409",)
    page.locator("#scene-prompt").fill("a fox")
    expect(page.locator("#merge")).to_contain_text("Current version")
    page.locator(".grip").nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".ekr .cl3").nth(1)).to_have_text("a cat")

    expect(page.locator("#scene-prompt")).to_have_value("a fox")
    page.locator("#merge").get_by_role("button", name="Keep mine").click()
    expect(page.locator(".ekr .cl3").nth(1)).to_have_text("a fox")


def test_what_was_opened_or_closed_stays_so_while_the_page_around_it_is_drawn_anew(mika):
    page = mika.page
    story = begin(mika, *WORDS[:2])
    page.goto(f"{story}film/")
    more, rev = page.locator("#row-1 details"), page.locator("#row-1 [name=rev]")

    def change(name, value):
        before = rev.input_value()
        page.locator(f"#row-1 [name={name}]").select_option(value)
        expect(rev).not_to_have_value(before)  # the answer is on the page

    more.locator("summary").click()
    change("join_kind", "crossfade")
    expect(more).to_have_attribute("open", "")
    change("sound", "muted")  # what is set in there opens it otherwise
    more.locator("summary").click()
    change("join_kind", "cut")
    expect(more).not_to_have_attribute("open", "")


def test_a_late_answer_brings_no_editor_over_words_that_were_written_meanwhile(mika):
    page = mika.page
    begin(mika, *WORDS[:2])
    held = []
    page.route("**/move/", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.locator(".ed-acts").get_by_role("button", name="Move up").click()
    mika.wait_until(lambda: held)
    page.locator(LENGTH).fill("")  # nothing that would be saved before the answer comes
    page.locator("#scene-note").evaluate("note => (note.value = 'in blue ink')")
    held[0].continue_()
    expect(page.locator(".ekr .cl3").nth(0)).to_have_text(WORDS[1])

    expect(page.locator(LENGTH)).to_have_value("")
    expect(page.locator("#scene-note")).to_have_value("in blue ink")


def test_a_picture_that_is_chosen_waits_for_the_words(mika, tmp_path):
    from PIL import Image

    page = mika.page
    Image.new("RGB", (640, 360), "teal").save(tmp_path / "sky.png")
    begin(mika, WORDS[0])
    page.locator(".ed-pics summary").click()
    page.locator(LENGTH).fill("99")
    page.locator("#scene-prompt").fill("a whale in the sky")

    def bring():
        page.locator(".ed-pics input[type=file]").first.set_input_files(tmp_path / "sky.png")
        page.locator("#crop").get_by_role("button", name="Use selection").click()

    bring()
    expect(page.locator("#toasts")).to_contain_text("Not saved: Length in seconds")
    expect(page.locator(LENGTH)).to_have_value("99")
    expect(page.locator(".ed-pics img")).to_have_count(0)
    page.locator(LENGTH).fill("9")
    bring()
    expect(page.locator(".ed-pics .frame img")).to_be_visible()
    expect(page.locator("#scene-prompt")).to_have_value("a whale in the sky")
    expect(page.locator(LENGTH)).to_have_value("9")


def test_a_deed_of_the_editor_waits_until_what_it_would_replace_is_put_right(mika):
    page = mika.page
    begin(mika, *WORDS[:2])
    write_beside_an_empty_length(page)
    up = page.locator(".ed-acts").get_by_role("button", name="Move up")
    up.click()
    expect(page.locator("#toasts")).to_contain_text("Not saved: Length in seconds")
    expect(page.locator(LENGTH)).to_be_focused()
    page.locator(LENGTH).fill("6")
    up.click()

    expect(page.locator(".ekr .cl3").nth(0)).to_have_text("a whale in the sky")
    expect(page.locator("#scene-h")).to_have_text(re.compile("Scene 1"))


def test_a_studio_that_was_away_gets_the_words_without_anybody_pressing(mika):
    page = mika.page
    begin(mika, WORDS[0])
    mika.expected = NETWORK
    page.route("**/stories/scenes/*/", lambda route: route.abort())
    page.locator("#scene-line").fill("I can fly")
    expect(page.locator("#saved")).to_have_text("Not saved")
    page.unroute("**/stories/scenes/*/")

    expect(page.locator("#saved")).to_have_text("Saved")


def test_whoever_is_signed_out_keeps_the_words_and_saves_them_once_signed_in_in_another_tab(mika):
    page = mika.page
    url = begin(mika, WORDS[0])
    mika.expected = ("401", "403")
    [session] = [each["name"] for each in page.context.cookies() if each["name"].endswith("session")]
    page.context.clear_cookies(name=session)
    page.locator("#scene-line").fill("I can fly")
    expect(page.locator("#toasts")).to_contain_text("Sign in in another tab")
    expect(page.locator("#scene-line")).to_have_value("I can fly")

    other = page.context.new_page()
    other.goto("/account/login/")
    other.locator("input[name=login]").fill(mika.email)
    other.locator("input[name=password]").fill(PASSWORD)
    other.locator("input[name=password]").press("Enter")
    other.wait_for_url("**/create/")
    page.locator(".ed").get_by_role("button", name="Retry").click()
    expect(page.locator("#saved")).to_have_text("Saved")
    other.goto(url)
    expect(other.locator("#scene-line")).to_have_value("I can fly")
