"""One site and one Chromium for all walks; each walk has a window and a person of its own."""

import itertools
import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.person import Person
from tests.browser.site import Site, running_site
from tests.conftest import WHAT_A_SITE_WAS_AT

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
NUMBERS = itertools.count(1)
expect.set_options(timeout=60_000)  # a window's default timeout does not reach what is expected; 5 s are too few


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A walk that failed says what its studio was at."""
    report = yield
    if report.failed:
        for name, each in item.funcargs.items():
            each = each[0] if isinstance(each, tuple) else each
            if isinstance(each, Site):
                with suppress(OSError, sqlite3.Error):  # it may be what broke
                    report.sections.append((f"{WHAT_A_SITE_WAS_AT}: {name}", each.said()))
    return report


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "chromium is missing: install it (Debian: apt install chromium)"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def person(site, chromium):
    """``person(width=375, theme="dark", …)`` opens a window; what its console complained of fails the walk."""
    opened = []

    def open_window(width=1280, height=900, **more):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=site.url, locale="en-GB", **more
        )
        context.set_default_timeout(60_000)
        new = Person(context, f"walker{next(NUMBERS)}@example.test")
        opened.append(new)
        return new

    yield open_window
    complaints = [line for each in opened for line in each.complaints]
    for each in opened:
        each.page.context.close()
    assert complaints == []


@pytest.fixture
def mika(person):
    """Mika, signed up and at her desk."""
    new = person()
    new.sign_up()
    return new
