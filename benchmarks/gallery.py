"""Measure the gallery: 100,000 public works of 2,000 profiles, 200,000 works for the search.

Visitors and a member request the pages in turn, RATE a second, for SECONDS: ``explore_p95_ms`` is over the explore
pages, ``profile_p95_ms`` and ``work_p95_ms`` over those of profiles and works. ``ratio`` is the median of all of them
over that of a trivial view (/healthz/). ``max_queries`` is the largest number of queries of one page. ``like_p95_ms``
is of a like, or of taking it back, by one client. ``embed_kb`` is what the embedded player transfers without the film,
with the largest poster that there can be. ``search_p95_ms`` is of QUERIES in three languages, asked ROUNDS times by one
client. WORKS, PROFILES, SEARCH_WORKS, SECONDS, RATE, ROUNDS and WEB (web processes) change the size. DATABASE=sqlite
measures the default installation, ONLY=search the search alone. The last line is JSON.
"""

import os
import re
import statistics
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import requests

from benchmarks import verdict
from benchmarks.load_site import (
    count_web_processes,
    percentile,
    seeded_site,
    sign_in_owner,
    update_statistics,
    web_processes,
)

WORKS, PROFILES = int(os.environ.get("WORKS", "100000")), int(os.environ.get("PROFILES", "2000"))
SEARCH_WORKS = max(int(os.environ.get("SEARCH_WORKS", str(2 * WORKS))), WORKS)
SECONDS, RATE = float(os.environ.get("SECONDS", "60")), float(os.environ.get("RATE", "25"))
ROUNDS = int(os.environ.get("ROUNDS", "20"))
WEB = int(os.environ.get("WEB") or count_web_processes())
READY = 0.88  # share of the clips of seed_load that are ready, and a little less
TRIVIAL = "/healthz/"
TOKEN = "c" * 32
LIKES = 100  # fewer than a user may give in an hour
QUERIES = (
    "lantern", "lantern ramen", "la", "balagyn", "balagyn lantern", "tero", "lantrrn", "gyroscope", "@person7",
    "neon umbrella sea", "watercolour", "少女", "猫", "雨巷", "夕焼けの丘", "夕焼けの丘 傘", "末班车", "水墨",
    "两只猫 ramen",
)  # fmt: skip
LIMITS = {
    "explore_p95_ms": 100,
    "profile_p95_ms": 100,
    "work_p95_ms": 100,
    "search_p95_ms": 50,
    "like_p95_ms": 30,
    "embed_kb": 60,
    "max_queries": 10,
}
MINIMUMS = {"works": 100_000, "profiles": 2000, "search_works": 200_000, "rate": 25}


def main() -> None:
    os.environ |= {"GALLERY": "public", "FIRST_LOOK": "none"}
    clips = int(SEARCH_WORKS / READY)
    with seeded_site(people=PROFILES, clips=clips, jobs=clips, owner_share=0.02) as (url, folder):
        figures: dict = {"database": "sqlite" if os.environ.get("DATABASE") == "sqlite" else "postgresql"}
        if os.environ.get("ONLY") == "search":
            publish(SEARCH_WORKS)
        else:
            publish(WORKS)
            figures |= measure_site(url, folder)
            publish(SEARCH_WORKS - WORKS)
        figures |= {"search_works": SEARCH_WORKS} | measure_search()
    limits, minimums = ({name: table[name] for name in table.keys() & figures.keys()} for table in (LIMITS, MINIMUMS))
    verdict.report(figures, verdict.list_above(figures, limits) + verdict.list_below(figures, minimums))


def measure_site(url: str, folder: Path) -> dict:
    """Measure all that visitors and a member request."""
    pages, cookies = list_pages(), sign_in_owner()
    queries = count_queries(pages)
    for name, count in sorted(queries.items(), key=lambda pair: -pair[1]):
        report(f"{count:3} queries  {name}")
    figures: dict = {"works": WORKS, "profiles": PROFILES, "rate": RATE, "web": WEB}
    with web_processes(url, folder, WEB) as urls:
        figures |= measure_pages(urls, pages, cookies) | measure_likes(url, cookies)
        figures |= measure_embed(url, pages["embed"])
    return figures | {"max_queries": max(queries.values())}


def publish(count: int) -> None:
    from django.core.management import call_command

    began = time.monotonic()
    call_command("seed_gallery", works=count)
    update_statistics()
    report(f"published in {time.monotonic() - began:.0f} s")


def list_pages() -> dict[str, str]:
    """Return the path of each page by name; the first word of a name is the group that is measured together."""
    from gallery.models import Profile, Work

    works = Work.objects.order_by("-published_at")
    handle = Profile.objects.filter(workspace=works[20].workspace_id).get().handle
    explore = {
        "new": "",
        "trending": "?sort=trending",
        "week": "?sort=top-week",
        "month": "?sort=top-month",
        "year": "?sort=top-year",
        "ever": "?sort=top",
        "style": "?style=chibi",
        "licence": "?licence=by&remix=yes",
        "films": "?kind=film",
        "tag": "tags/anime/",
        "rare tag": "tags/tag250/",
        "tag by score": "tags/sea/?sort=trending",
        "search": "?q=lantern",
        "search, Chinese": "?q=雨巷",
        "search by likes": "?q=猫&sort=top",
    }
    pages = {f"explore, {name}": f"/explore/{query}" for name, query in explore.items()}
    pages |= {"profile": f"/@{handle}/", "profile of the largest author": "/@owner/"}
    pages |= {f"work {n}": works[n].get_absolute_url() for n in (0, 100, WORKS // 2)}
    code = works[0].code
    return pages | {
        "home": "/",
        "embed": f"/embed/{code}/",
        "feed": "/explore/feed.atom",
        "tag feed": "/explore/tags/anime/feed.atom",
        "oembed": f"/oembed/?url={os.environ['SITE_URL']}/w/{code}/",
    }


def count_queries(pages: dict[str, str]) -> dict[str, int]:
    """Return the number of queries of each page for a visitor or for a member, whichever is larger."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User
    from studio.management.commands.seed_load import OWNER

    visitor, member = (Client(headers={"Host": "127.0.0.1"}) for _n in range(2))
    member.force_login(User.objects.get(email=OWNER))
    found: dict[str, int] = defaultdict(int)
    for name, path in pages.items():
        for client in (visitor,) if name == "home" else (visitor, member):
            client.get(path)
            with CaptureQueriesContext(connection) as context:
                answer = client.get(path)
            if answer.status_code != 200:
                raise SystemExit(f"{name} ({path}) answers {answer.status_code}")
            found[name] = max(found[name], len(context))
    return found


def request_page(url: str, name: str, path: str, due: float, cookies: dict[str, str]) -> float:
    """Request a page at the time ``due``. Returns the seconds from then until its answer."""
    time.sleep(max(0.0, due - time.monotonic()))
    answer = requests.get(url + path, cookies=cookies, timeout=60, allow_redirects=False)
    if answer.status_code != 200:
        raise SystemExit(f"{name} ({path}) answers {answer.status_code}")
    return time.monotonic() - due


def request_evenly(urls: list[str], pages: dict[str, str], cookies: dict[str, str]) -> dict[str, list[float]]:
    """Return name of the page → seconds of each request, half of them as a visitor and half as a user."""
    names, began, answers = list(pages), time.monotonic() + 1, []
    with ThreadPoolExecutor(32) as threads:
        for n in range(int(SECONDS * RATE)):
            name, turn = names[n % len(names)], n // len(names)
            sent = cookies if turn % 2 and name != "home" else {}
            url = urls[(n + turn // 2) % len(urls)]
            answers.append((name, threads.submit(request_page, url, name, pages[name], began + n / RATE, sent)))
    taken: dict[str, list[float]] = defaultdict(list)
    for name, answer in answers:
        taken[name].append(answer.result())
    return taken


def measure_pages(urls: list[str], pages: dict[str, str], cookies: dict[str, str]) -> dict:
    """Request the pages in turn at an even rate, whether or not the last ones have been answered.

    The web processes take turns, as behind nginx.
    """
    for name in pages:  # the first request of each page compiles its templates
        for url in urls:
            request_page(url, name, pages[name], time.monotonic(), {})
    taken = request_evenly(urls, pages, cookies)
    trivial = measure(partial(requests.get, urls[0] + TRIVIAL, timeout=60), 50)
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    for name, median in sorted(medians.items(), key=lambda pair: -pair[1]):
        report(f"{median * 1000:6.0f} ms  {name}")
    everything = [seconds for some in taken.values() for seconds in some]
    return {
        f"{group}_p95_ms": percentile([s for name in taken if name.startswith(group) for s in taken[name]], 0.95)
        for group in ("explore", "profile", "work")
    } | {"ratio": round(statistics.median(everything) / statistics.median(trivial), 1)}


def measure_likes(url: str, cookies: dict[str, str]) -> dict:
    """Let the member like a work and take the like back, as htmx does."""
    from django.conf import settings

    from gallery.models import Work
    from studio.management.commands.seed_load import OWNER

    work = Work.objects.exclude(workspace__home_of__email=OWNER).order_by("-published_at")[0]
    session = requests.Session()
    session.cookies.update(cookies | {settings.CSRF_COOKIE_NAME: TOKEN})
    headers = {"HX-Request": "true", "X-CSRFToken": TOKEN, "Referer": url}
    likes = iter(range(LIKES))

    def like() -> None:
        data = {"like": "1" if next(likes) % 2 == 0 else "0"}
        answer = session.post(f"{url}{work.get_absolute_url()}like/", data, headers=headers, timeout=60)
        if answer.status_code != 200:
            raise SystemExit(f"A like answers {answer.status_code}: {answer.text[:300]}")

    return {"like_p95_ms": percentile(measure(like, LIKES), 0.95)}


def measure_embed(url: str, path: str) -> dict:
    """Return the kilobytes of the embedded player's page, its sheet and script, and the largest poster."""
    from generation.media.poster import POSTER_BYTES

    headers = {"Accept-Encoding": "br, gzip"}
    page = requests.get(url + path, headers=headers, timeout=60)
    size = len(page.content) + POSTER_BYTES
    for name in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        with requests.get(url + name, headers=headers, timeout=60, stream=True) as answer:
            size += len(answer.raw.read(decode_content=False))
    return {"embed_kb": round(size / 1000, 1)}


def measure_search() -> dict:
    from django.http import QueryDict
    from django.utils.http import urlencode

    from gallery.explore.filters import read_chosen
    from gallery.explore.pages import fetch_explore
    from gallery.sharing.visitors import VISITOR

    taken: dict[str, list[float]] = {}
    for query in QUERIES:
        chosen = read_chosen(QueryDict(urlencode({"q": query})))
        fetch_explore(VISITOR, chosen, "")
        taken[query] = measure(partial(fetch_explore, VISITOR, chosen, ""), ROUNDS)
        hits = len(fetch_explore(VISITOR, chosen, "").rows)
        report(f"{statistics.median(taken[query]) * 1000:7.1f} ms  {hits:2} hits  {query}")
    return {"search_p95_ms": percentile([seconds for some in taken.values() for seconds in some], 0.95)}


def measure(act, count: int) -> list[float]:
    """Return the seconds of each call."""
    taken = []
    for _n in range(count):
        at = time.perf_counter()
        act()
        taken.append(time.perf_counter() - at)
    return taken


def report(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
