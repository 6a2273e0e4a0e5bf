"""Measure every page of somebody with tens of thousands of clips, on PostgreSQL.

A table lists what each page costs, dearest first: ``units``, the processor time of a request in turns of a loop
(benchmarks/pages_units.py), queries, and kB of HTML. ``page_units`` is the mean of the units, ``dearest_units`` the
dearest page, ``max_queries`` the largest number of queries of one page, ``page_kb`` the largest HTML of the library, a
story, the jobs and Create. QUICK=1 ends here, with 10,000 clips and 30,000 jobs: it takes a minute or two.

The person who owns half of all clips and jobs (manage.py seed_load) requests the pages and fragments in turn, 25 a
second, for SECONDS; ``p95_ms`` is over all of them, ``slowest`` names the slowest page by its median. ``ratio`` is the
median of the pages over that of a trivial view (/healthz/), which tells a slow machine from slow pages. There are as
many web processes as in docker-compose.yml. PEOPLE, CLIPS, JOBS, SECONDS, RATE and WEB (web processes) change the size.
DATABASE=sqlite measures the default installation, which is smaller: every page must be answered within 150 ms.

In Chromium (CHROMIUM=0 leaves it out) with 10 Mbit/s, 40 ms, a processor four times slower and an empty cache:
``lcp_s`` and ``cls`` are the worst of home, create, library, clip and story; ``js_kb`` and ``css_kb`` are what a page
transfers of scripts and sheets. The last line is JSON.
"""

import os
import statistics
import sys
import time
from pathlib import Path

import requests

from benchmarks import pages_load, verdict
from benchmarks.load_site import count_web_processes, percentile, seeded_site, sign_in_owner, web_processes
from config import env

IS_SQLITE, IS_QUICK = os.environ.get("DATABASE") == "sqlite", bool(os.environ.get("QUICK"))
LIMITS = {"p95_ms": 100, "max_queries": 10, "lcp_s": 1.0, "cls": 0.02, "js_kb": 60, "css_kb": 25}
LIMITS |= {"page_units": 0.20, "dearest_units": 0.45, "page_kb": 60}
MINIMUMS = {"people": 2000, "clips": 100_000, "jobs": 300_000, "rate": 25}
if IS_QUICK:
    MINIMUMS = {"people": 200, "clips": 10_000, "jobs": 30_000}
if IS_SQLITE:
    LIMITS |= {"p95_ms": 150, "slowest_ms": 150}
    MINIMUMS = {"people": 20, "clips": 10_000, "jobs": 10_000, "rate": 5}
PEOPLE, CLIPS, JOBS, RATE = (
    float(os.environ.get(name.upper(), MINIMUMS.get(name, 0))) for name in ("people", "clips", "jobs", "rate")
)
SECONDS = float(os.environ.get("SECONDS", "60"))
WEB = int(os.environ.get("WEB") or (1 if IS_SQLITE else count_web_processes()))
HAS_CHROMIUM = os.environ.get("CHROMIUM", "1") != "0"
TRIVIAL = "/healthz/"
IN_CHROMIUM = ("create", "library", "clip", "story")  # and the home page of a visitor


def main() -> None:
    env.IS_WEB_SERVER = True  # this process counts as one, with its pool of connections to PostgreSQL
    figures: dict = {"people": int(PEOPLE), "clips": int(CLIPS), "jobs": int(JOBS)}
    with seeded_site(**figures) as (url, folder):
        from benchmarks import pages_units

        pages = list_pages()
        figures |= pages_units.measure(pages, count_queries(pages))
        if not IS_QUICK:
            figures |= measure_site(url, folder, pages)
    limits, minimums = ({name: table[name] for name in table.keys() & figures.keys()} for table in (LIMITS, MINIMUMS))
    verdict.report(figures, verdict.list_above(figures, limits) + verdict.list_below(figures, minimums))


def measure_site(url: str, folder: Path, pages: dict) -> dict:
    """Measure the times of answers of the web processes, and the pages in Chromium."""
    cookies = sign_in_owner()
    with web_processes(url, folder, WEB) as urls:
        figures = {"rate": RATE, "web": WEB} | measure(urls, pages, cookies)
        if HAS_CHROMIUM:
            from benchmarks.pages_browser import measure_pages

            figures |= measure_pages(url, {name: pages[name][0] for name in IN_CHROMIUM}, cookies)
    return figures


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
        "library": "",
        "library, style": "?style=chibi",
        "library, longest": "?sort=longest",
        "library, titles": "?sort=title",
        "library, failed": "?state=failed",
        "library, running": "?state=unfinished",
        "library, favourites": "?favourite=yes",
        "library, provider": "?provider=kling&ratio=9:16&length=long",
        "library, story": f"?story={story.pk}",
        "library, trash": "?state=trashed",
        "library, search": "?q=lantern",
        "library, Chinese": "?q=雨巷",
        "library, rare": "?q=balagyn",
        "library, typo": "?q=lantrrn",
        "library, films": "?kind=film",
    }
    pages = {name: (f"/clips/{query}", {}) for name, query in library.items()}
    pages |= {f"{name}, as you type": (f"/clips/{query}", grid) for name, query in library.items() if "?q=" in query}
    plain = {
        "create": "/create/",
        "clip": f"/clips/{clip.pk}/",
        "card": f"/clips/{clip.pk}/card/",
        "jobs": "/jobs/",
        "jobs, failed": "/jobs/?state=failed",
        "jobs, search": "/jobs/?q=lantern",
        "job": f"/jobs/{clip.job_id}/",
        "live jobs": f"/jobs/live/?topics={topics}",
        "stories": "/stories/",
        "story": f"/stories/{story.pk}/",
        "live story": f"/stories/{story.pk}/live/",
        "scene": f"/stories/scenes/{scene.pk}/",
        "takes": f"/stories/{story.pk}/takes/",
        "connections": "/settings/connections/",
    }
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
    pages_load.warm_up(urls, pages, cookies)
    taken = pages_load.request_evenly(urls, pages, cookies, rate=RATE, seconds=SECONDS)
    trivial = time_trivial_view(urls[0])
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    for name, median in sorted(medians.items(), key=lambda pair: -pair[1]):
        report(f"{median * 1000:6.0f} ms  {name}")
    slowest = max(medians, key=medians.__getitem__)
    everything = [seconds for some in taken.values() for seconds in some]
    return {
        "p50_ms": percentile(everything, 0.5),
        "p95_ms": percentile(everything, 0.95),
        "slowest": slowest,
        "slowest_ms": round(medians[slowest] * 1000, 1),
        "ratio": round(statistics.median(everything) / statistics.median(trivial), 1),
    }


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
