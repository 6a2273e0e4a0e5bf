"""A text becomes a story that plays, and whoever comes back in it gets a face: by mouse, and without a script."""

import io

from PIL import Image
from playwright.sync_api import expect

from tests.browser.person import DRAWN_MS

TEXT = "EXT. PIER - DAY\n\nMika waits on the pier.\n\nMIKA\nThey never come.\n\nINT. TRAIN - NIGHT\n\nMika sleeps."


def bring(person, text=TEXT):
    page = person.go("/stories/import/").page
    page.locator("#id_text").fill(text)
    page.get_by_role("button", name="Find the scenes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 scenes found")
    return page


def picture():
    raw = io.BytesIO()
    Image.new("RGB", (200, 200), "teal").save(raw, "PNG")
    return {"name": "mika.png", "mimeType": "image/png", "buffer": raw.getvalue()}


def test_a_script_is_looked_at_and_becomes_a_story_that_plays_within_minutes_for_free(mika):
    page = bring(mika)
    page.locator("#id_title").fill("The pier")
    page.get_by_role("button", name="Create story").click()
    page.wait_for_url("**/stories/*-*/")

    expect(page.get_by_role("heading", level=1)).to_have_text("The pier")
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(2, timeout=DRAWN_MS)
    expect(page.locator(".sc-who")).to_have_text(["Mika"])


def test_somebody_found_in_a_text_gets_a_picture_and_a_look(mika):
    page = bring(mika)
    page.get_by_role("button", name="Create story").click()
    page.wait_for_url("**/stories/*-*/")
    page.get_by_role("link", name="Characters").click()
    page.locator(".ch-tile", has_text="Mika").click()
    page.locator("input[name=picture_file]").set_input_files(picture())
    page.locator("#crop button[value=keep]").click()
    page.get_by_role("button", name="Save image").click()
    expect(page.locator(".ch-pic img")).to_have_count(1)
    page.locator("#id_description").fill("a girl with short hair")
    page.get_by_role("button", name="Save").click()

    expect(page.locator("#id_description")).to_have_value("a girl with short hair")
    expect(page.locator("main")).to_contain_text("in 2 scenes")


def test_a_text_becomes_a_story_without_any_script(person, mika):
    plain = person(375, java_script_enabled=False, storage_state=mika.page.context.storage_state())
    page = bring(plain)
    page.locator("input[name=take]").nth(1).uncheck()
    page.get_by_role("button", name="Create story").click()
    page.wait_for_url("**/stories/*-*/")

    expect(page.locator(".ekr")).to_have_count(1)


def test_an_at_sign_offers_who_can_be_meant_by_keyboard(mika):
    page = bring(mika)
    page.locator("input[name=take]").nth(1).uncheck()
    page.get_by_role("button", name="Create story").click()
    page.wait_for_url("**/stories/*-*/")
    area = page.locator("#scene-prompt")
    area.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" A cat sits by @mi")
    expect(page.locator(".mention li")).to_have_text(["Mika"])
    page.keyboard.press("Enter")

    expect(area).to_have_value("Mika waits on the pier. A cat sits by @Mika ")
    expect(page.locator(".mention li")).to_have_count(0)
    expect(page.locator("#saved")).to_have_text("Saved")
