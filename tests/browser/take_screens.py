"""Take the screenshots of the README on a site with demo clips. `make screens` runs this."""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.site import ROOT, running_site

FOLDER = ROOT / "docs/screens"
WIDTH, HEIGHT = 1280, 832
MAX_BYTES = 250_000
TIMEOUT_MS = 600_000  # drawing the demo clips on a busy machine
THEMES = ("light", "dark")
FIRST_CLIP = "A girl on a hill at sunset"
FORM_HEIGHT = 1040  # pixels, so that the whole Create form is visible
PROMPT = "A shrine in the snow at dusk, lanterns, a girl, slow tilt up"
STORY = """EXT. HILL - SUNSET

Mika, a schoolgirl, stands on the hill. Cherry petals in the wind.

MIKA
The last train of summer.

EXT. TRAIN PLATFORM - NIGHT

Mika waits under the lanterns. A cat sits beside her.

INT. TRAIN - NIGHT

Mika looks out of the window at the moon.

EXT. SEA - DAWN

Gulls over the sea. A lighthouse, far away.

MIKA
I will write to you.
"""


def create_demo(site) -> str:
    """Create the demo clips. Returns the password of their user."""
    environment = os.environ | {"TAPWARI_VAR": str(site.folder)}
    command = [sys.executable, "manage.py", "create_demo", "--no-story"]
    output = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    return re.search(r"with the password (\S+)", output)[1]


def sign_in(page, password: str) -> None:
    page.goto("/account/login/")
    page.locator("input[name=login]").fill("demo@example.com")
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/create/")
    page.goto("/jobs/")
    expect(page.locator(".job-row:not([data-state=done])")).to_have_count(0, timeout=TIMEOUT_MS)


def import_story(page) -> str:
    """Import a short script and wait for the animatics of its scenes. Returns the URL of the story."""
    page.goto("/stories/import/")
    page.locator("#id_text").fill(STORY)
    page.get_by_role("button", name="Find the scenes").click()
    page.locator("#id_title").fill("The last summer train")
    page.get_by_role("button", name="Create story").click()
    page.wait_for_url("**/stories/*-*/")
    expect(page.locator(".storyboard-row[data-look=animatic]")).to_have_count(4, timeout=TIMEOUT_MS)
    return page.url


def save(page, name: str) -> None:
    """Save the window as WebP, in the best quality below MAX_BYTES."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for quality in (90, 80, 70, 60):
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= MAX_BYTES:
            (FOLDER / f"{name}.webp").write_bytes(file.getvalue())
            sys.stdout.write(f"{name}.webp  {file.tell() // 1000} kB\n")
            return
    raise SystemExit(f"{name} is larger than {MAX_BYTES} bytes even at quality 60.")


def take_screens(browser, site, state, story: str, theme: str) -> None:
    def open_window(**more):
        return browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, base_url=site.url, locale="en-GB", color_scheme=theme, **more
        ).new_page()

    page = open_window()
    page.goto("/")
    save(page, f"home-{theme}")
    page = open_window(storage_state=state)
    page.goto("/create/")
    page.locator("#prompt").fill(PROMPT)
    expect(page.locator("#understood .chip").first).to_be_visible()
    page.locator("#prompt").blur()
    expect(page.locator(".live-dot:not(.off, .polling)")).to_be_visible(timeout=TIMEOUT_MS)
    page.set_viewport_size({"width": WIDTH, "height": FORM_HEIGHT})
    save(page, f"create-{theme}")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.goto("/clips/")
    save(page, f"library-{theme}")
    page.locator("article.tile", has_text=FIRST_CLIP).locator("a").first.click()
    page.wait_for_url("**/clips/*-*/")
    save(page, f"clip-{theme}")
    page.set_viewport_size({"width": WIDTH, "height": FORM_HEIGHT})
    page.goto(story)
    save(page, f"story-{theme}")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site, sync_playwright() as playwright:
        password = create_demo(site)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        context = browser.new_context(base_url=site.url, locale="en-GB")
        page = context.new_page()
        sign_in(page, password)
        story = import_story(page)
        for theme in THEMES:
            take_screens(browser, site, context.storage_state(), story, theme)
        browser.close()


if __name__ == "__main__":
    main()
