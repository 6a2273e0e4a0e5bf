"""Open pages for ``push`` in a separate process: one WebSocket each, which connects again when it breaks.

Reads one JSON object from standard input: ``url`` of the site, the ``cookies`` and ids of the ``jobs`` of each page,
``per_second`` (how many pages are opened a second) and ``page``, the HTML with the rule for reconnecting. Prints a JSON
list a line, with the number of the page and the seconds of the monotonic clock, which all processes share:
``["open", page, at]``, ``["try", page, at]``, ``["poll", page, at]`` and, for each job of a message,
``["job", page, at, id, revision]``. Runs until it is terminated.
"""

import asyncio
import html
import json
import random
import re
import sys
import time
from dataclasses import dataclass

import requests
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

GRACE_SECONDS, POLL_SECONDS = 15.0, 10.0  # static/js/live-updates.js
HX_WS_DEFAULTS = {"reconnectDelay": 500, "reconnectMaxDelay": 60_000, "reconnectJitter": 0.3}
CONFIG = re.compile(r"<meta name=\"htmx-config\" content='([^']*)'")


@dataclass(frozen=True)
class ReconnectRule:
    """When hx-ws connects again, from its settings in templates/base.html (milliseconds)."""

    delay: float
    max_delay: float
    jitter: float

    @classmethod
    def from_page(cls, page: str) -> "ReconnectRule":
        found = HX_WS_DEFAULTS | json.loads(html.unescape(CONFIG.search(page)[1]))["ws"]
        return cls(found["reconnectDelay"], found["reconnectMaxDelay"], found["reconnectJitter"])

    def seconds(self, attempt: int, chance=random.random) -> float:
        """Return the seconds before an attempt (1, 2, …), as static/vendor/hx-ws-4.0.1.min.js computes them."""
        delay = min(self.delay * 2 ** (attempt - 1), self.max_delay)
        return max(0.0, delay + (2 * chance() - 1) * delay * self.jitter) / 1000


class Page:
    def __init__(self, number: int, orders: dict):
        self.number, self.url = number, orders["url"]
        self.cookies, self.shown = orders["cookies"][number], dict.fromkeys(orders["jobs"][number], "0")
        self.rule = ReconnectRule.from_page(orders["page"])
        self.changed: dict[str, str] = {}
        self.polling: asyncio.Task | None = None

    async def stay_open(self, wait: float) -> None:
        await asyncio.sleep(wait)
        attempt = 0
        while True:
            self.report("try")
            try:
                async with self.connect() as socket:
                    attempt = 0
                    self.stop_polling()
                    self.report("open")
                    await socket.send(json.dumps({"topics": self.write_topics()}))
                    async for message in socket:
                        self.take(json.loads(message))
            except (WebSocketException, OSError):
                pass
            attempt += 1
            self.polling = self.polling or asyncio.create_task(self.poll())
            await asyncio.sleep(self.rule.seconds(attempt))

    def take(self, message: dict) -> None:
        """Report the jobs of the last topics when their rows have arrived."""
        if "topics" in message:
            self.changed = {topic: rev for topic, rev in message["topics"].items() if topic.startswith("job:")}
            return
        for topic, revision in self.changed.items():
            job = topic.removeprefix("job:")
            self.report("job", job, int(revision))
            self.shown[job] = revision
        self.changed = {}

    def write_topics(self) -> str:
        return " ".join(f"job:{job}.{revision}" for job, revision in self.shown.items())

    def connect(self) -> connect:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return connect(
            f"{self.url.replace('http', 'ws', 1)}/ws/jobs/",
            origin=self.url,
            additional_headers={"Cookie": cookies},
            compression=None,
            ping_interval=None,  # browsers only answer pings
            open_timeout=60,
            proxy=None,
        )

    async def poll(self) -> None:
        await asyncio.sleep(GRACE_SECONDS)
        while True:
            self.report("poll")
            await asyncio.to_thread(self.request_jobs)
            await asyncio.sleep(POLL_SECONDS)

    def request_jobs(self) -> None:
        try:
            requests.get(f"{self.url}/jobs/live/", {"topics": self.write_topics()}, cookies=self.cookies, timeout=30)
        except requests.RequestException:
            return

    def stop_polling(self) -> None:
        if self.polling:
            self.polling.cancel()
            self.polling = None

    def report(self, event: str, *facts) -> None:
        sys.stdout.write(json.dumps([event, self.number, time.monotonic(), *facts]) + "\n")
        sys.stdout.flush()


async def main() -> None:
    orders = json.loads(sys.stdin.readline())
    pages = [Page(number, orders) for number in range(len(orders["cookies"]))]
    await asyncio.gather(*(page.stay_open(page.number / orders["per_second"]) for page in pages))


if __name__ == "__main__":
    asyncio.run(main())
