"""Send the fake providers' callbacks to the studio's webhook endpoint while workers are killed."""

import threading
import time
from urllib.parse import urlsplit

ENDS = ("succeeded", "failed", "moderated")
TWICE = 10  # every tenth callback is sent twice, as providers do without an acknowledgement


class CallbackSender(threading.Thread):
    """Sends a callback for each finished task of the fakes.

    The endpoint runs in this process, which is never killed: callbacks to a web server that is down are lost, and
    polling alone then finishes the job (tests/generation/worker).
    """

    def __init__(self, fakes: dict, entries: dict):
        super().__init__(daemon=True)
        self.fakes = {slug: fake for slug, fake in fakes.items() if entries[slug].callback}
        self.entries, self.calls, self.reported, self.is_over = entries, 0, set(), threading.Event()
        self.endpoints: dict[str, str] = {}

    def run(self) -> None:
        from django.conf import settings
        from django.db import connection as database
        from django.test import Client

        browser = Client(SERVER_NAME=settings.SITE.hostname)
        while not self.is_over.wait(0.1):
            for slug, endpoint in list(self.endpoints.items()):
                for task in self.fakes[slug].created:
                    if task.id not in self.reported and self.fakes[slug].stage(task) in ENDS:
                        self.reported.add(task.id)
                        self.call(browser, slug, endpoint, task)
        database.close()

    def call(self, browser, slug: str, endpoint: str, task) -> None:
        """Send one callback. Its ``?ref=`` is taken from the address that the provider was given with the task."""
        given = task.ref if task.ref.startswith("https://") else task.request.get("callback_url", "")
        headers, body = self.entries[slug].callback(self.fakes[slug], task, time.time())
        for _time in range(2 if len(self.reported) % TWICE == 0 else 1):
            answer = browser.post(
                f"{endpoint}?{urlsplit(given).query}", body, "application/json", secure=True, headers=headers
            )
            self.calls += 200 <= answer.status_code < 300

    def register(self, connection) -> None:
        if connection.provider in self.fakes:
            self.endpoints[connection.provider] = f"/webhooks/{connection.provider}/{connection.webhook_token}/"

    def end(self) -> None:
        self.is_over.set()
        self.join(60)
