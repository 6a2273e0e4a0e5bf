"""Measure every page of somebody with tens of thousands of clips, on PostgreSQL.

The person who owns half of all clips and jobs (manage.py seed_load) requests the pages and fragments in turn, 25 a
second, for SECONDS; ``p95_ms`` is over all of them, ``slowest`` names the slowest page by its median. ``ratio`` is the
median of the pages over that of a trivial view (/healthz/), which tells a slow machine from slow pages. ``max_queries``
is the largest number of queries of one page. ``page_units`` and ``dearest_units`` are the processor time of a request,
the mean and the dearest, in turns of a loop (benchmarks/pages_units.py); ``page_kb`` is the largest HTML of the pages
in SIZED. There are as many web processes as in docker-compose.yml. PEOPLE, CLIPS, JOBS, SECONDS, RATE and WEB (web
processes) change the size. DATABASE=sqlite measures the default installation, which is smaller: every page must be
answered within 150 ms.

In Chromium (CHROMIUM=0 leaves it out) with 10 Mbit/s, 40 ms, a processor four times slower and an empty cache:
``lcp_s`` and ``cls`` are the worst of home, create, library, clip and story; ``js_kb`` and ``css_kb`` are what a page
transfers of scripts and sheets. The last line is JSON.
"""

import itertools
import os
import statistics
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks import verdict
from benchmarks.load_site import count_web_processes, percentile, seeded_site, sign_in_owner, web_processes

IS_SQLITE = os.environ.get("DATABASE") == "sqlite"
LIMITS = {"p95_ms": 100, "max_queries": 10, "lcp_s": 1.0, "cls": 0.02, "js_kb": 60, "css_kb": 25}
LIMITS |= {"page_units": 0.20, "dearest_units": 0.45, "page_kb": 60}
MINIMUMS = {"people": 2000, "clips": 100_000, "jobs": 300_000, "rate": 25}
if IS_SQLITE:
    LIMITS |= {"p95_ms": 150, "slowest_ms": 150}
    MINIMUMS = {"people": 20, "clips": 10_000, "jobs": 10_000, "rate": 5}
PEOPLE, CLIPS, JOBS, RATE = (float(os.environ.get(name.upper(), least)) for name, least in MINIMUMS.items())
SECONDS = float(os.environ.get("SECONDS", "60"))
WEB = int(os.environ.get("WEB") or (1 if IS_SQLITE else count_web_processes()))
HAS_CHROMIUM = os.environ.get("CHROMIUM", "1") != "0"
TRIVIAL = "/healthz/"
SIZED = ("library", "story", "jobs", "create")
IN_CHROMIUM = ("create", "library", "clip", "story")  # and the home page of a visitor


def main() -> None:
    options = {"people": int(PEOPLE), "clips": int(CLIPS), "jobs": int(JOBS)}
    with seeded_site(**options) as (url, folder):
        pages, cookies = list_pages(), sign_in_owner()
        queries = count_queries(pages)
        for name, count in sorted(queries.items(), key=lambda pair: -pair[1]):
            report(f"{count:3} queries  {name}")
        units = measure_units(pages)
        with web_processes(url, folder, WEB) as urls:
            figures = options | {"rate": RATE, "web": WEB} | measure(urls, pages, cookies)
            figures |= {"max_queries": max(queries.values())} | units
            if HAS_CHROMIUM:
                from benchmarks.pages_browser import measure_pages

                figures |= measure_pages(url, {name: pages[name][0] for name in IN_CHROMIUM}, cookies)
    limits = {name: limit for name, limit in LIMITS.items() if name in figures}
    verdict.report(figures, verdict.list_above(figures, limits) + verdict.list_below(figures, MINIMUMS))


def measure_units(pages: dict) -> dict[str, float]:
    from benchmarks import pages_units

    units = pages_units.measure_pages(pages)
    for name, count in sorted(units.items(), key=lambda pair: -pair[1]):
        report(f"{count:5.2f} units  {name}")
    sizes = pages_units.measure_sizes({name: pages[name] for name in SIZED})
    mean = statistics.mean(units.values())
    figures = {"page_units": mean, "dearest_units": max(units.values()), "page_kb": max(sizes.values())}
    return {name: round(value, 3) for name, value in figures.items()}


def list_pages() -> dict[str, tuple[str, dict[str, str]]]:
    """Return address and headers of each page and fragment by name."""
    from accounts.models import User
    from studio.management.commands.seed_load import OWNER

    home = User.objects.get(email=OWNER).home
    clip = home.clips.exclude(ready_at=None).order_by("-created_at")[10]
    story = home.stories.order_by("-touched_at")[0]
    scene = story.scenes.order_by("position")[0]
    topics = "+".join(f"job:{job.pk}" for job in home.jobs.order_by("-created_at")[:30])
    grid = {"HX-Request": "true", "HX-Target": "div#grid"}
    library = {
        "library": "", "library, style": "?style=chibi", "library, longest": "?sort=longest",
        "library, titles": "?sort=title", "library, failed": "?state=failed", "library, running": "?state=unfinished",
        "library, favourites": "?favourite=yes", "library, provider": "?provider=kling&ratio=9:16&length=long",
        "library, story": f"?story={story.pk}", "library, trash": "?state=trashed", "library, search": "?q=lantern",
        "library, Chinese": "?q=雨巷", "library, rare": "?q=balagyn", "library, typo": "?q=lantrrn",
        "library, films": "?kind=film",
    }  # fmt: skip
    pages = {name: (f"/clips/{query}", {}) for name, query in library.items()}
    pages |= {f"{name}, as you type": (f"/clips/{query}", grid) for name, query in library.items() if "?q=" in query}
    plain = {
        "create": "/create/", "clip": f"/clips/{clip.pk}/", "card": f"/clips/{clip.pk}/card/",
        "jobs": "/jobs/", "jobs, failed": "/jobs/?state=failed", "jobs, search": "/jobs/?q=lantern",
        "job": f"/jobs/{clip.job_id}/", "live jobs": f"/jobs/live/?topics={topics}", "stories": "/stories/",
        "story": f"/stories/{story.pk}/", "live story": f"/stories/{story.pk}/live/",
        "scene": f"/stories/scenes/{scene.pk}/", "takes": f"/stories/{story.pk}/takes/", "films": "/stories/films/",
        "connections": "/settings/connections/",
    }  # fmt: skip
    return pages | {name: (path, {}) for name, path in plain.items()}


def count_queries(pages: dict) -> dict[str, int]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User
    from studio.management.commands.seed_load import OWNER

    client, found = Client(headers={"Host": "127.0.0.1"}), {}
    client.force_login(User.objects.get(email=OWNER))
    for name, (path, headers) in pages.items():
        client.get(path, headers=headers)
        with CaptureQueriesContext(connection) as context:
            answer = client.get(path, headers=headers)
        if answer.status_code != 200:
            raise SystemExit(f"{name} ({path}) answers {answer.status_code}")
        found[name] = len(context)
    return found


def measure(urls: list[str], pages: dict, cookies: dict[str, str]) -> dict:
    """Request the pages in turn at an even rate, whether or not the last ones have been answered.

    The web processes take turns, as behind nginx.
    """
    taken: dict[str, list[float]] = defaultdict(list)
    turn = itertools.cycle(urls)

    def request(name: str, due: float, url: str) -> None:
        path, headers = pages[name]
        time.sleep(max(0.0, due - time.monotonic()))
        answer = requests.get(url + path, headers=headers, cookies=cookies, timeout=60)
        if answer.status_code != 200:
            raise SystemExit(f"{name} ({path}) answers {answer.status_code}")
        taken[name].append(time.monotonic() - due)

    for name in pages:  # the first request of each page compiles its templates
        for url in urls:
            request(name, time.monotonic(), url)
    taken.clear()
    names, began = list(pages), time.monotonic() + 1
    with ThreadPoolExecutor(32) as threads:
        waits = [
            threads.submit(request, names[n % len(names)], began + n / RATE, next(turn))
            for n in range(int(SECONDS * RATE))
        ]
    for wait in waits:
        wait.result()
    trivial = time_trivial_view(urls[0])
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    for name, median in sorted(medians.items(), key=lambda pair: -pair[1]):
        report(f"{median * 1000:6.0f} ms  {name}")
    slowest = max(medians, key=medians.__getitem__)
    everything = [seconds for some in taken.values() for seconds in some]
    return {
        "p50_ms": percentile(everything, 0.5), "p95_ms": percentile(everything, 0.95), "slowest": slowest,
        "slowest_ms": round(medians[slowest] * 1000, 1),
        "ratio": round(statistics.median(everything) / statistics.median(trivial), 1),
    }  # fmt: skip


def time_trivial_view(url: str) -> list[float]:
    """Return the seconds of 50 requests of the trivial view, one after the other."""
    seconds = []
    for _ in range(50):
        at = time.monotonic()
        requests.get(url + TRIVIAL, timeout=60)
        seconds.append(time.monotonic() - at)
    return seconds


def report(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
