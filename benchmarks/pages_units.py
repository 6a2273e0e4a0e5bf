"""What each page costs the processor of a web process, in units that slow and busy machines share.

A unit is a million turns of a plain loop in the same process. Both are timed as processor time, in turns, and the
smallest of each counts, since other programs on the machine only add to it.
"""

import time

from django.test import Client

from accounts.models import User
from studio.management.commands.seed_load import OWNER

REQUESTS, WARM_UP = 15, 3


def measure_pages(pages: dict[str, tuple[str, dict[str, str]]]) -> dict[str, float]:
    """Return the units of one request by name of the page: the cheapest of REQUESTS requests."""
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(User.objects.get(email=OWNER))
    for _ in range(WARM_UP):
        for path, headers in pages.values():
            client.get(path, headers=headers)
    units = {}
    for name, (path, headers) in pages.items():
        loops, requests = [], []
        for _ in range(REQUESTS):
            loops.append(time_loop())
            requests.append(_time_request(client, path, headers))
        units[name] = min(requests) / min(loops)
    return units


def time_loop() -> float:
    """Return the processor time of a fifth of a million turns, times five, in seconds."""
    at, x = time.thread_time(), 0
    for i in range(200_000):
        x += i * i % 7
    return (time.thread_time() - at) * 5


def _time_request(client: Client, path: str, headers: dict[str, str]) -> float:
    at = time.process_time()
    client.get(path, headers=headers)
    return time.process_time() - at


def measure_sizes(pages: dict[str, tuple[str, dict[str, str]]]) -> dict[str, float]:
    """Return the kB of HTML of each of these pages, before compression."""
    client = Client(headers={"Host": "127.0.0.1", "Accept-Encoding": "identity"})
    client.force_login(User.objects.get(email=OWNER))
    return {
        name: round(len(client.get(path, headers=headers).content) / 1000, 1) for name, (path, headers) in pages.items()
    }
