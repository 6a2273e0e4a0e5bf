"""Story pages in every state fit every width and pass axe, in both languages."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import layout_problems
from tests.browser.user import BrowserUser

# axe runs at phone, tablet and desktop widths in both themes in English; Chinese changes names, not roles and colours
AXE_WIDTHS = {"en": {"light": (375, 768, 1280), "dark": (375, 1280)}, "zh": {"light": (1280,)}}
SCRIPT = "INT. ATTIC - DAY\n\nAki opens a box.\n\nAKI\nIt is empty.\n\nEXT. HARBOUR - NIGHT\n\nShe waits for the ship."
REVIEW = "the scenes found in a text"
CONFLICT = "two texts of one scene"
DIALOG = "the quote over the storyboard"
OPEN_DETAILS = "document.querySelectorAll('details').forEach((details) => (details.open = true))"


@pytest.fixture(scope="module")
def users(site, chromium):
    """An author with every kind of page and a viewer of some, each with the paths."""
    contexts = [chromium.new_context(base_url=site.url, locale="en-GB") for _ in range(2)]
    author = BrowserUser(contexts[0], "story-pages@example.test").sign_up()
    viewer = BrowserUser(contexts[1], f"viewer-{author.email}").sign_up()
    output = site.run_python(f"from tests.browser.seed import print_story_pages; print_story_pages({author.email!r})")
    pages, shared = json.loads(output.strip().splitlines()[-1])
    yield {"author": (author, [*pages, REVIEW, CONFLICT, DIALOG]), "viewer": (viewer, shared)}
    for context in contexts:
        context.close()


def open_page(user, path, paths):
    if path == REVIEW:
        import_text(user)
    elif path == CONFLICT:
        cause_conflict(user, next(path for path in paths if re.search(r"/scenes/[^/]+/$", path)))
    elif path == DIALOG:
        user.open(quote_path(paths).partition("draw/")[0])
        user.page.locator("#story-acts [data-open=draw]").first.click()
        expect(user.page.locator("#draw .draw-total")).to_be_visible()
    else:
        user.open(path)
    user.page.evaluate(OPEN_DETAILS)


def quote_path(paths):
    return next(path for path in paths if "?which=all" in path)


def cause_conflict(user, scene):
    """Save another text in another tab first."""
    page, other = user.open(scene).page, user.page.context.new_page()
    other.goto(scene)
    other.locator("#scene-prompt").fill(f"a cat ({other.locator('html').get_attribute('lang')})")
    expect(other.locator("#scene-now")).to_have_attribute("data-rev", re.compile(r"\d"))  # saved
    other.close()
    user.expected = ("409",)
    page.locator("#scene-prompt").fill("a fox")
    expect(page.locator("#merge .editor-conflict")).to_be_visible()


def import_text(user):
    page = user.open("/stories/import/").page
    page.locator("#id_text").fill(SCRIPT)
    page.locator(".import-page form button.ink, form.sheet button.ink").first.click()
    expect(page.locator("input[name=digest]")).to_have_count(1)


@pytest.mark.deep
@pytest.mark.parametrize("role", ["author", "viewer"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_story_page_fits_each_width_and_passes_axe(users, language, role):
    user, paths = users[role]
    if language == "zh":
        page = user.open("/settings/look/").page
        page.get_by_role("button", name=re.compile("中文")).first.click()
        expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    problems = []
    for path in paths:
        open_page(user, path, paths)
        assert user.page.locator("html").get_attribute("lang").startswith(language), path
        assert user.page.locator("h1").count(), path
        problems += layout_problems(user, path, AXE_WIDTHS[language])

    assert not problems, "\n".join(problems)
