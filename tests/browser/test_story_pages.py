"""Every page of Story Studio at every width, in both lights and both languages: within the window, and clean to axe."""

import json
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.look_over import trouble
from tests.browser.person import Person
from tests.browser.site import ROOT

# Axe looks at phones, tablets and desks, in English in both lights; other words change names, not roles and colours.
AXE = {"en": {"light": (375, 768, 1280), "dark": (375, 1280)}, "zh": {"light": (1280,)}}
SCRIPT = "INT. ATTIC - DAY\n\nAki opens a box.\n\nAKI\nIt is empty.\n\nEXT. HARBOUR - NIGHT\n\nShe waits for the ship."
REVIEW = "the scenes found in a text"
COLLISION = "two people's words for one scene"
DIALOG = "the sheet over the storyboard"
UNFOLD = "document.querySelectorAll('details').forEach((each) => (each.open = true))"


@pytest.fixture(scope="module")
def studio(site, chromium):
    """Somebody who has every kind of page, somebody who may only look at some of them, and their paths."""
    contexts = [chromium.new_context(base_url=site.url, locale="en-GB") for _ in range(2)]
    someone = Person(contexts[0], "story-pages@example.test").sign_up()
    viewer = Person(contexts[1], f"viewer-{someone.email}").sign_up()
    told = f"from tests.browser.seed import studio_pages; studio_pages({someone.email!r})"
    environment = os.environ | {"TAPWARI_VAR": str(site.folder)}
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", told]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    pages, seen = json.loads(done.stdout.strip().splitlines()[-1])
    yield {"somebody who writes": (someone, [*pages, REVIEW, COLLISION, DIALOG]), "a viewer": (viewer, seen)}
    for context in contexts:
        context.close()


def open_page(someone, path, paths):
    if path == REVIEW:
        bring_text(someone)
    elif path == COLLISION:
        collide(someone, next(each for each in paths if re.search(r"/scenes/[^/]+/$", each)))
    elif path == DIALOG:
        someone.go(next(each for each in paths if "?which=all" in each).partition("draw/")[0])
        someone.page.locator("#story-acts [data-open=draw]").first.click()
        expect(someone.page.locator("#draw .draw-total")).to_be_visible()
    else:
        someone.go(path)
    someone.page.evaluate(UNFOLD)


def collide(someone, scene):
    """Another tab saves other words first."""
    page, other = someone.go(scene).page, someone.page.context.new_page()
    other.goto(scene)
    other.locator("#scene-prompt").fill(f"a cat ({other.locator('html').get_attribute('lang')})")
    expect(other.locator("#scene-now")).to_have_attribute("data-rev", re.compile(r"\d"))  # it is saved
    other.close()
    someone.expected = ("409",)
    page.locator("#scene-prompt").fill("a fox")
    expect(page.locator("#merge .ed-both")).to_be_visible()


def bring_text(someone):
    page = someone.go("/stories/import/").page
    page.locator("#id_text").fill(SCRIPT)
    page.locator(".im form button.ink, form.sheet button.ink").first.click()
    expect(page.locator("input[name=digest]")).to_have_count(1)


@pytest.mark.parametrize("who", ["somebody who writes", "a viewer"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_of_the_studio_fits_each_window_and_is_clean_to_axe(studio, language, who):
    someone, paths = studio[who]
    if language == "zh":
        page = someone.go("/settings/look/").page
        page.get_by_role("button", name=re.compile("中文")).first.click()
        expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    found = []
    for path in paths:
        open_page(someone, path, paths)
        assert someone.page.locator("html").get_attribute("lang").startswith(language), path
        assert someone.page.locator("h1").count(), path
        found += trouble(someone, path, AXE[language])

    assert not found, "\n".join(found)
