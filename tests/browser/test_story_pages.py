"""Every page of Story Studio at every width, in both lights and both languages: within the window, and clean to axe.

Each page is loaded once in each language; width and light then change under it.
"""

import json
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.person import AXE, Person
from tests.browser.site import ROOT
from tests.browser.test_pages import STANDS_STILL, WIDTHS

LIGHTS = ("light", "dark")
AXE_WIDTHS = (375, 1280)
COLOURS_ALONE = "{resultTypes: ['violations'], runOnly: ['color-contrast']}"  # all that another light can change
SCRIPT = "INT. ATTIC - DAY\n\nAki opens a box.\n\nAKI\nIt is empty.\n\nEXT. HARBOUR - NIGHT\n\nShe waits for the ship."
REVIEW = "the scenes found in a text"
COLLISION = "two people's words for one scene"


@pytest.fixture(scope="module")
def studio(site, chromium):
    """Somebody who has every kind of page, and the paths of all."""
    context = chromium.new_context(base_url=site.url, locale="en-GB")
    someone = Person(context, "story-pages@example.test")
    someone.sign_up()
    told = f"from tests.browser.seed import studio_pages; studio_pages({someone.email!r})"
    environment = os.environ | {"TAPWARI_VAR": str(site.folder)}
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", told]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    yield someone, [*json.loads(done.stdout.strip().splitlines()[-1]), REVIEW, COLLISION]
    context.close()


def open_page(someone, path, paths):
    if path == REVIEW:
        bring_text(someone)
    elif path == COLLISION:
        collide(someone, next(each for each in paths if re.search(r"/scenes/[^/]+/$", each)))
    else:
        someone.go(path)


def collide(someone, scene):
    """Another tab saves other words first."""
    page, other = someone.go(scene).page, someone.page.context.new_page()
    other.goto(scene)
    before = other.locator("#scene-rev").input_value()
    other.locator("#scene-prompt").fill(f"a cat ({other.locator('html').get_attribute('lang')})")
    expect(other.locator("#scene-rev")).not_to_have_value(before)
    other.close()
    someone.expected = ("409",)
    page.locator("#scene-prompt").fill("a fox")
    expect(page.locator("#merge .ed-both")).to_be_visible()


def bring_text(someone):
    page = someone.go("/stories/import/").page
    page.locator("#id_text").fill(SCRIPT)
    page.locator(".im form button.ink, form.sheet button.ink").first.click()
    expect(page.locator("input[name=digest]")).to_have_count(1)


def trouble(someone, path):
    """What is too wide or wrong on the page that is open."""
    page, found = someone.page, []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for light in LIGHTS:
        page.emulate_media(color_scheme=light)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if (over := someone.overflow()) > 0:
                found.append(f"{path} at {width}, {light}: {over} pixels too wide")
            if width in AXE_WIDTHS:
                someone.wait_until(STANDS_STILL)
                how = "{resultTypes: ['violations']}" if light == "light" else COLOURS_ALONE
                rows = page.evaluate(f"axe.run({how})")["violations"]
                found += [f"{path} at {width}, {light}: {each['id']} {each['nodes'][0]['target']}" for each in rows]
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_of_the_studio_fits_each_window_and_is_clean_to_axe(studio, language):
    someone, paths = studio
    if language == "zh":
        page = someone.go("/settings/look/").page
        page.get_by_role("button", name=re.compile("中文")).first.click()
        expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    found = []
    for path in paths:
        open_page(someone, path, paths)
        assert someone.page.locator("html").get_attribute("lang").startswith(language), path
        assert someone.page.locator("h1").count(), path
        found += trouble(someone, path)

    assert found == []
