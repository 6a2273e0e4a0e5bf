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

AXE_WIDTHS = {"light": (320, 375, 768, 1280, 1920), "dark": (375, 1280)}
COLOURS_ALONE = "{resultTypes: ['violations'], runOnly: ['color-contrast']}"  # all that another light can change
SCRIPT = "INT. ATTIC - DAY\n\nAki opens a box.\n\nAKI\nIt is empty.\n\nEXT. HARBOUR - NIGHT\n\nShe waits for the ship."
REVIEW = "the scenes found in a text"
COLLISION = "two people's words for one scene"
DIALOG = "the sheet over the storyboard"
LAID_OUT = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"  # after another width
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


def trouble(someone, path):
    """What is too wide or wrong on the page that is open."""
    page, found = someone.page, []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for light, axe_widths in AXE_WIDTHS.items():
        page.emulate_media(color_scheme=light)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(LAID_OUT)
            if (over := someone.overflow()) > 0:
                found.append(f"{path} at {width}, {light}: {over} pixels too wide")
            if width in axe_widths:
                someone.wait_until(STANDS_STILL)
                how = "{resultTypes: ['violations']}" if light == "light" else COLOURS_ALONE
                rows = page.evaluate(f"axe.run({how})")["violations"]
                found += [f"{path} at {width}, {light}: {each['id']} {each['nodes'][0]['target']}" for each in rows]
    return found


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
        found += trouble(someone, path)

    assert not found, "\n".join(found)
