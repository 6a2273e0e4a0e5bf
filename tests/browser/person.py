"""What a person does in a browser window, in their words."""

import re
import time
from pathlib import Path

from playwright.sync_api import expect

PASSWORD = "petals in the wind 9"
STANDS_STILL = "document.getAnimations().every(e => e.playState !== 'running' || e.effect.getTiming().iterations > 9)"
AXE = Path(__file__).parent / "vendor/axe-4.14.1.min.js"
DRAWN_MS = 300_000  # a short clip on a busy two-core machine


def choose(page, name, value):
    """Press the words of a choice: its circle is not drawn, and the words may still be moving."""
    choice = page.locator(f"input[type=radio][name={name}][value='{value}']")
    page.locator("label").filter(has=choice).click()
    expect(choice).to_be_checked()


class Person:
    def __init__(self, context, email):
        self.page, self.email, self.complaints = context.new_page(), email, []
        self.expected = ()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))

    def _hear(self, message):
        if message.type == "error" and not any(words in message.text for words in self.expected):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path):
        self.page.goto(path)
        return self

    def sign_up(self):
        """What the form would send, without its page; the walks that are about signing up fill it in."""
        asked = self.page.context.request
        form = asked.get("/account/signup/").text()
        key = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
        facts = {"csrfmiddlewaretoken": key, "email": self.email, "password1": PASSWORD}
        answer = asked.post("/account/signup/", form=facts)
        assert answer.url.endswith("/create/"), answer.text()
        return self.go("/create/")

    def fill_in_sign_up(self):
        """Sign up as a person does."""
        self.go("/account/signup/")
        self.page.get_by_label("Email").fill(self.email)
        self.page.locator("input[name=password1]").fill(PASSWORD)
        self.page.locator("input[name=password1]").press("Enter")
        self.page.wait_for_url("**/create/")
        return self

    def ask(self, words, seconds=2, lines=480, **more):
        """Fill the composer and press the red button."""
        self.go("/create/")
        self.page.locator("#prompt").fill(words)
        choose(self.page, "resolution", lines)
        self.page.locator("input[name=seconds]").fill(str(seconds))
        for name, value in more.items():
            choose(self.page, name, value)
        self.page.get_by_role("button", name="Generate").click()
        return self

    def card(self, words):
        return self.page.locator("article.job", has_text=words).first

    def wait_until_done(self, words):
        expect(self.card(words).locator(".tag.done")).to_be_visible(timeout=DRAWN_MS)
        return self

    def open_clip(self, words):
        self.card(words).locator("a.ttl").click()
        self.page.wait_for_url("**/clips/*-*/")
        return self

    def violations(self, *leave_out) -> list[str]:
        """What axe finds wrong with this page for people who use it otherwise than by eye and mouse."""
        self.wait_until(STANDS_STILL)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [
            f"{self.page.url} {each['id']}: {node['target']} {each['help']}"
            for each in found
            if each["id"] not in leave_out
            for node in each["nodes"]
        ]

    def wait_until(self, truth, milliseconds=60_000):
        """Wait for a JavaScript expression, or what a test itself sees, without having the page evaluate a string."""
        deadline = time.monotonic() + milliseconds / 1000
        while time.monotonic() < deadline:
            if truth() if callable(truth) else self.page.evaluate(truth):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never true: {truth}")

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
