"""One site, one Chromium and one set of fake providers per worker process; windows and users per test."""

import fcntl
import itertools
import os
import shutil
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.chromium import Chromium
from tests.browser.media import moving_video
from tests.browser.site import Site, prepare_folder, running_site
from tests.browser.stories import create_story, wait_for_animatics
from tests.browser.user import DESKTOP_SIZE, STUDIO_CLIP, TIMEOUT_MS, BrowserUser
from tests.fakes.comfyui import ComfyUIFake
from tests.fakes.kling import KlingFake
from tests.fakes.server import FakeServer
from tests.shared_folder import get_shared_folder
from tests.suite_report import SITE_STATE

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
NUMBERS = itertools.count(1)
expect.set_options(timeout=TIMEOUT_MS)  # a window's default timeout does not apply to expect(), whose own is 5 s


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add the newest jobs and the log of the site to the report of a failed test."""
    report = yield
    if report.failed:
        for name, value in item.funcargs.items():
            if isinstance(value, Site):
                with suppress(OSError, sqlite3.Error):  # the site may be what broke
                    report.sections.append((f"{SITE_STATE}: {name}", value.describe()))
    return report


@dataclass
class Providers:
    """Two fake providers, shared by all tests of a worker process."""

    kling: KlingFake
    comfyui: ComfyUIFake
    fake_server: FakeServer

    @property
    def hosts(self) -> str:
        """Return PROVIDER_PRIVATE_HOSTS: the host of the API and the host of the files."""
        return ",".join(f"{host}:{self.fake_server.server_port}" for host in ("127.0.0.1", "localhost"))


@pytest.fixture(scope="session")
def providers():
    kling = KlingFake(moving_video(2), queued=0.2, running=0.5)
    comfyui = ComfyUIFake(moving_video(2, size=(320, 180)), running=1)
    with FakeServer([kling, comfyui]) as fake_server:
        yield Providers(kling, comfyui, fake_server)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A folder with a migrated database and static files, which the first of all worker processes prepares."""
    shared = get_shared_folder(tmp_path_factory)
    folder = shared / "prepared"
    with (shared / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            prepare_folder(folder)
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory, prepared, providers):
    drawings = str(prepared.with_name("drawings"))
    variables = {"GALLERY": "public", "FIRST_LOOK": "none", "GALLERY_MATURE": "yes"}
    variables |= {"PROVIDER_PRIVATE_HOSTS": providers.hosts, "SHARED_DRAWINGS": drawings, "JOB_LEASE_SECONDS": "30"}
    with running_site(tmp_path_factory.mktemp("site"), prepared, **variables) as running:
        yield running


@pytest.fixture(scope="session")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "chromium is missing: install it (Debian: apt install chromium)"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
    with sync_playwright() as playwright:
        created = Chromium(lambda: playwright.chromium.launch(executable_path=path, args=FLAGS))
        yield created
        created.browser.close()


@pytest.fixture
def new_user(site, chromium):
    """``new_user(width=375, color_scheme="dark", …)`` opens a window. Errors in its console fail the test."""
    opened = []

    def open_window(width=1280, height=900, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=site.url, locale="en-GB", **options
        )
        context.set_default_timeout(TIMEOUT_MS)
        opened.append(BrowserUser(context, f"user{next(NUMBERS)}@example.test"))
        return opened[-1]

    yield open_window
    console_errors = [line for user in opened for line in user.console_errors]
    for user in opened:
        user.page.context.close()
    assert console_errors == []


@pytest.fixture
def mika(new_user):
    """Mika, signed up, on the Create page."""
    return new_user().sign_up()


@pytest.fixture
def phone(new_user):
    """Mika on a phone, signed up."""
    return new_user(375, 760, has_touch=True, is_mobile=True).sign_up()


@dataclass
class Studio:
    """A user with a finished clip of two seconds and a story of two animatics, which tests only read."""

    state: dict
    clip: str
    job: str
    story: str


@pytest.fixture(scope="session")
def studio(site, chromium):
    context = chromium.new_context(base_url=site.url, locale="en-GB", viewport=DESKTOP_SIZE)
    context.set_default_timeout(TIMEOUT_MS)
    owner = BrowserUser(context, "studio@example.test").sign_up()
    story = create_story(owner, "a girl on a hill", "a dog by the sea")
    owner.create_clip(STUDIO_CLIP).wait_until_done(STUDIO_CLIP).open_clip(STUDIO_CLIP)
    clip = owner.page.url.removeprefix(site.url)
    job = owner.page.get_by_role("link", name="View history").get_attribute("href")
    owner.open(story)
    wait_for_animatics(owner.page, 2)
    created = Studio(context.storage_state(), clip, job, story)
    context.close()
    assert owner.console_errors == []
    return created


@pytest.fixture
def owner(new_user, studio):
    """The owner of ``studio`` in a window of their own."""
    return new_user(storage_state=studio.state)
