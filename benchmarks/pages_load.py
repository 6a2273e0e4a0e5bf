"""Request pages at an even rate, whether or not the last ones have been answered."""

import math
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import quote

Page = tuple[str, dict[str, str]]  # address and headers


def warm_up(urls: list[str], pages: dict[str, Page], cookies: dict[str, str]) -> None:
    """Request each page from each web process, since the first request of a page compiles its templates."""
    for name in pages:
        for url in urls:
            request_page(url, name, pages[name], cookies)


def request_evenly(
    urls: list[str],
    pages: dict[str, Page],
    cookies: dict[str, str],
    *,
    rate: float,
    seconds: float,
    patience: float = math.inf,
) -> dict[str, list[float]]:
    """Request the pages in turn, ``rate`` a second. The web processes take turns, as behind nginx.

    A request that is not sent ``patience`` seconds after it was due is left out and counts with its delay. Returns name
    of the page → seconds of each request from when it was due until its answer.
    """
    names, began = list(pages), time.monotonic() + 1

    def request(number: int) -> tuple[str, float]:
        name, turn = names[number % len(names)], number // len(names)
        due = began + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        if time.monotonic() - due <= patience:
            request_page(urls[(number + turn) % len(urls)], name, pages[name], cookies)
        return name, time.monotonic() - due

    taken: dict[str, list[float]] = defaultdict(list)
    with ThreadPoolExecutor(32) as threads:
        for name, delay in threads.map(request, range(int(seconds * rate))):
            taken[name].append(delay)
    return taken


def request_page(url: str, name: str, page: Page, cookies: dict[str, str]) -> None:
    """Request a page with as little work of this process as possible, since it shares the machine."""
    path, headers = page
    sent = {"Accept-Encoding": "gzip", "Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())}
    connection = HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", quote(path, safe="/?=&:+"), headers=sent | headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise SystemExit(f"{name} ({path}) answers {answer.status}")
