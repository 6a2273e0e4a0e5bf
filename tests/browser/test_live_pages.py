"""Open pages request nothing but what has changed: named by hints or, without a socket, by one poll in ten seconds."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from jobs.live.close_codes import TOO_MANY

JOB = "#live-job"
QUIET_MS = 10_000  # polls came every three seconds once


@pytest.fixture
def job_page(owner):
    """Return (page, topic and revision of its job). Call ``route_web_socket`` before."""

    def open_job():
        path = owner.open("/jobs/").page.locator(".job-row-details").first.get_attribute("href")
        page = owner.open(path).page
        topic, _, revision = page.locator(JOB).get_attribute("data-topics").partition(".")
        return page, topic, revision

    return open_job


def test_open_page_requests_only_what_hints_name(owner, job_page):
    sockets, messages, requests = [], [], []

    def serve(socket):
        sockets.append(socket)
        socket.on_message(lambda text: messages.append(json.loads(text)["topics"]))

    owner.page.route_web_socket("**/ws/**", serve)
    page, topic, revision = job_page()
    owner.wait_until(lambda: f"{topic}.{revision}" in messages)
    page.wait_for_load_state("networkidle")
    page.on("request", lambda request: requests.append(request.url))

    def hint(*revisions):
        for each in revisions:
            sockets[-1].send(json.dumps({"topics": {topic: each, "story:other": "1"}}))

    hint(revision)
    page.wait_for_timeout(500)
    assert requests == [], "the page shows this revision"
    hint("1000", "1001", "1002")
    owner.wait_until(lambda: requests)
    page.wait_for_timeout(QUIET_MS)

    assert requests == [page.url]


def test_page_without_a_socket_asks_once_in_ten_seconds_and_fetches_what_differs(owner, job_page):
    owner.expected = ("WebSocket",)
    owner.page.route_web_socket("**/ws/**", lambda socket: socket.close(code=TOO_MANY))
    owner.page.clock.install()
    requests = []
    page, topic, revision = job_page()
    owner.wait_until("document.querySelector('main')._htmx?.ws !== undefined")
    page.wait_for_load_state("networkidle")
    page.on("request", lambda request: requests.append(request.url))

    for times in (1, 2):
        page.clock.run_for(10_000)
        owner.wait_until(lambda times=times: len(requests) == times)
    assert {urlsplit(url).path for url in requests} == {"/jobs/live/"}
    assert parse_qs(urlsplit(requests[0]).query)["topics"] == [f"{topic}.{revision}"]

    page.route("**/jobs/live/**", lambda route: route.fulfill(json=[{"topics": {topic: "1000"}}]))
    page.clock.run_for(10_000)
    owner.wait_until(lambda: (page.clock.run_for(200), requests[3:])[1])

    assert [urlsplit(url).path for url in requests[2:]] == ["/jobs/live/", urlsplit(page.url).path]
