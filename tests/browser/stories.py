"""Helpers of the story tests: create a story, read its scenes, wait until they are drawn."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.user import DRAWING_TIMEOUT_MS

PROMPTS = ("a girl on a hill", "a dog by the sea", "a cat on a roof")


def create_story(user, *prompts, title="The last summer train"):
    """Create a story with these scenes and return its path."""
    page = user.open("/stories/new/blank/").page
    page.get_by_label("Title").fill(title)
    page.locator("#id_words").fill(prompts[0])
    page.get_by_role("button", name="Create story").click()
    page.wait_for_url("**/stories/*-*/")
    for n, prompt in enumerate(prompts[1:], 2):
        page.locator("#add-words").fill(prompt)
        page.get_by_role("button", name="Add a scene").click()
        expect(page.locator(".storyboard-row")).to_have_count(n)
        expect(page.locator("#scene-h")).to_have_text(f"Scene {n}")  # the editor of the new scene follows its row
    return urlsplit(page.url).path


def scene_texts(page):
    """Return the prompts of the scenes in the order of the document."""
    return [text.strip() for text in page.locator(".storyboard-row .storyboard-edit .clamp-3").all_text_contents()]


def wait_for_animatics(page, count):
    """Wait until ``count`` scenes have an animatic."""
    expect(page.locator(".storyboard-row[data-look=animatic]")).to_have_count(count, timeout=DRAWING_TIMEOUT_MS)


def open_scene(page, n):
    """Open the n-th scene in the editor."""
    page.locator(".storyboard-row .storyboard-edit").nth(n - 1).click()
    expect(page.locator("#scene-h")).to_have_text(f"Scene {n}")
