"""The actions of a user in a browser window."""

import re
import time
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.chromium import kill_if_hanging

PASSWORD = "petals in the wind 9"
ANIMATIONS_ENDED = (
    "document.getAnimations().every(e => e.playState !== 'running' || e.effect.getTiming().iterations > 9)"
)
AXE = Path(__file__).parent / "vendor/axe-4.14.1.min.js"
DRAWING_TIMEOUT_MS = 300_000  # a short clip on a busy two-core machine
TIMEOUT_MS = 60_000
DESKTOP_SIZE = {"width": 1280, "height": 900}
STUDIO_CLIP = "a cat on a roof at night"  # the finished clip of the fixture ``studio``


def choose(page, name, value):
    """Click the label of a radio button, whose own circle is hidden."""
    choice = page.locator(f"input[type=radio][name={name}][value='{value}']")
    page.locator("label").filter(has=choice).click()
    expect(choice).to_be_checked()


def sign_in(page, email):
    """Fill in and submit the open sign-in form."""
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")


class BrowserUser:
    """One window and its user. Errors in its console are collected in ``console_errors``.

    Messages that contain a text in ``expected`` are ignored.
    """

    def __init__(self, context, email):
        with kill_if_hanging():
            self.page = context.new_page()
        self.email, self.console_errors = email, []
        self.expected = ()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.console_errors.append(f"script error: {error}"))

    def _on_console(self, message):
        if message.type == "error" and not any(part in message.text for part in self.expected):
            self.console_errors.append(f"{self.page.url}: {message.text}")

    def open(self, path):
        self.page.goto(path)
        return self

    def sign_up(self):
        """Sign up without opening the page of the form."""
        request = self.page.context.request
        form = request.get("/account/signup/").text()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
        fields = {"csrfmiddlewaretoken": token, "email": self.email, "password1": PASSWORD}
        response = request.post("/account/signup/", form=fields)
        assert response.url.endswith("/create/"), response.text()
        return self.open("/create/")

    def fill_in_sign_up(self):
        """Fill in the sign-up form and submit it."""
        self.open("/account/signup/")
        self.page.get_by_label("Email").fill(self.email)
        self.page.locator("input[name=password1]").fill(PASSWORD)
        self.page.locator("input[name=password1]").press("Enter")
        return self

    def create_clip(self, prompt, seconds=2, resolution=480, **choices):
        """Fill in Create and submit it."""
        self.open("/create/")
        self.page.locator("#prompt").fill(prompt)
        choose(self.page, "resolution", resolution)
        self.page.locator("input[name=seconds]").fill(str(seconds))
        for name, value in choices.items():
            choose(self.page, name, value)
        self.page.get_by_role("button", name="Generate").click()
        return self

    def job_card(self, prompt):
        return self.page.locator("article.job", has_text=prompt).first

    def wait_until_done(self, prompt):
        expect(self.job_card(prompt).locator(".tag.done")).to_be_visible(timeout=DRAWING_TIMEOUT_MS)
        return self

    def open_clip(self, prompt):
        self.job_card(prompt).locator("a.title").click()
        self.page.wait_for_url("**/clips/*-*/")
        return self

    def play_clip(self):
        """Press play and wait until the clip plays."""
        self.page.locator("cel-player").get_by_role("button", name=re.compile("^Play")).first.click()
        self.wait_until("document.querySelector('cel-player video').currentTime > 0.2")

    def axe_violations(self) -> list[str]:
        """Return the accessibility rules of axe that this page breaks."""
        self.wait_until(ANIMATIONS_ENDED)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        violations = self.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [
            f"{self.page.url} {violation['id']}: {node['target']} {violation['help']}"
            for violation in violations
            for node in violation["nodes"]
        ]

    def wait_until(self, condition, milliseconds=TIMEOUT_MS):
        """Wait for a JavaScript expression or a Python callable. (Pages may not evaluate strings: content policy.)"""
        deadline = time.monotonic() + milliseconds / 1000
        while time.monotonic() < deadline:
            if condition() if callable(condition) else self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"still false: {condition}")

    def overflow(self) -> int:
        """Return the pixels by which the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
