"""The callbacks of providers while workers are killed: each fake's own words, at the studio's real door."""

import threading
import time
from urllib.parse import urlsplit

ENDS = ("succeeded", "failed", "moderated")
TWICE = 10  # every tenth comes twice, as providers send again what they think was not heard


class Callers(threading.Thread):
    """Calls once for each task that has ended there. The door answers in this process, which nobody kills: a web server
    that is down is a callback that never comes, and polling alone finishes the job then (tests/generation/steps)."""

    def __init__(self, fakes: dict, entries: dict):
        super().__init__(daemon=True)
        self.fakes = {slug: fake for slug, fake in fakes.items() if entries[slug].callback}
        self.entries, self.calls, self.heard, self.is_over = entries, 0, set(), threading.Event()
        self.doors: dict[str, str] = {}

    def run(self) -> None:
        from django.conf import settings
        from django.db import connection
        from django.test import Client

        browser = Client(SERVER_NAME=settings.SITE.hostname)
        while not self.is_over.wait(0.1):
            for slug, door in list(self.doors.items()):
                for task in self.fakes[slug].created:
                    if task.id not in self.heard and self.fakes[slug].stage(task) in ENDS:
                        self.heard.add(task.id)
                        self.call(browser, slug, door, task)
        connection.close()

    def call(self, browser, slug: str, door: str, task) -> None:
        """``?ref=`` of ours stands in the address that the provider was given with the task."""
        given = task.ref if task.ref.startswith("https://") else task.request.get("callback_url", "")
        headers, body = self.entries[slug].callback(self.fakes[slug], task, time.time())
        for _time in range(2 if len(self.heard) % TWICE == 0 else 1):
            answer = browser.post(
                f"{door}?{urlsplit(given).query}", body, "application/json", secure=True, headers=headers
            )
            self.calls += 200 <= answer.status_code < 300

    def answer_for(self, account) -> None:
        if account.provider in self.fakes:
            self.doors[account.provider] = f"/webhooks/{account.provider}/{account.webhook_token}/"

    def end(self) -> None:
        self.is_over.set()
        self.join(60)
