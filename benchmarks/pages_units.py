"""What each page costs the processor of a web process, in units that slow and busy machines share.

A unit is a million turns of a plain loop in the same process. Loop and requests are timed as processor time and in
turns, so that what other programs do to the processor meanwhile affects both. PostgreSQL's time does not count.
"""

import statistics
import sys
import time

from django.test import Client

from accounts.models import User
from studio.management.commands.seed_load import OWNER

REQUESTS, WARM_UP = 15, 3
SIZED = ("library", "story", "jobs", "create")


def measure(pages: dict[str, tuple[str, dict[str, str]]], queries: dict[str, int]) -> dict[str, float]:
    """Return ``page_units``, ``dearest_units``, ``page_kb`` and ``max_queries``, and print a table of all pages."""
    units, sizes = measure_pages(pages), measure_sizes(pages)
    sys.stdout.write(" units queries     kB  page\n")
    for name in sorted(units, key=units.__getitem__, reverse=True):
        sys.stdout.write(f"{units[name]:6.3f} {queries[name]:7} {sizes[name]:6.1f}  {name}\n")
    sys.stdout.flush()
    return {
        "page_units": round(statistics.mean(units.values()), 3),
        "dearest_units": round(max(units.values()), 3),
        "page_kb": max(sizes[name] for name in SIZED),
        "max_queries": max(queries.values()),
    }


def measure_pages(pages: dict[str, tuple[str, dict[str, str]]]) -> dict[str, float]:
    """Return the units of one request by name of the page: the mean of REQUESTS requests."""
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(User.objects.get(email=OWNER))
    for _ in range(WARM_UP):
        for path, headers in pages.values():
            client.get(path, headers=headers)
    units = {}
    for name, (path, headers) in pages.items():
        loops = requests = 0.0
        for _ in range(REQUESTS):
            loops += time_loop()
            requests += _time_request(client, path, headers)
        units[name] = requests / loops
    return units


def time_loop() -> float:
    """Return the processor time of a fifth of a million turns, times five, in seconds."""
    at, x = time.process_time(), 0
    for i in range(200_000):
        x += i * i % 7
    return (time.process_time() - at) * 5


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
