"""A text becomes a story; its character is suggested in other scenes, and gets an image."""

import re

from playwright.sync_api import expect

from tests.browser.media import png_upload
from tests.browser.stories import wait_for_animatics

TEXT = "EXT. PIER - DAY\n\nMika waits on the pier.\n\nMIKA\nThey never come.\n\nINT. TRAIN - NIGHT\n\nMika sleeps."


def find_scenes(user, text=TEXT):
    page = user.open("/stories/import/").page
    page.locator("#id_text").fill(text)
    page.get_by_role("button", name="Find the scenes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 scenes found")
    return page


def submit_review(page):
    page.get_by_role("button", name="Create story").click()
    page.wait_for_url("**/stories/*-*/")


def test_script_becomes_a_story_and_its_character_gets_a_picture_and_a_description(mika):
    page = find_scenes(mika)
    page.locator("#id_title").fill("The pier")
    submit_review(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("The pier")
    wait_for_animatics(page, 2)
    expect(page.locator(".scene-cast-chip")).to_have_text(["Mika"])

    check_suggestions(page)
    page.get_by_role("link", name="Characters").click()
    page.locator(".character-tile", has_text="Mika").click()
    page.locator("input[name=picture_file]").set_input_files(png_upload(size=(200, 200), name="mika.png"))
    page.locator("#crop button[value=keep]").click()
    page.get_by_role("button", name="Save image").click()
    expect(page.locator(".character-picture img")).to_have_count(1)
    page.locator("#id_description").fill("a girl with short hair")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("#id_description")).to_have_value("a girl with short hair")
    expect(page.locator("main")).to_contain_text("in 2 scenes")


def check_suggestions(page):
    """Type an at sign, and choose the suggested character by keyboard."""
    area = page.locator("#scene-prompt")
    area.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" A cat sits by @mi")
    expect(page.locator(".mention li")).to_have_text(["Mika"])
    page.keyboard.press("Enter")

    expect(area).to_have_value(re.compile(r" A cat sits by @Mika $"))
    expect(page.locator(".mention li")).to_have_count(0)
    expect(page.locator("#saved")).to_have_text("Saved")
