"""From the pasted key to the film: an account is connected and tested, and the same form then drives its provider."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.site import running_site
from tests.fakes.kling import KlingFake
from tests.fakes.server import Town
from tests.generation.test_videos import film

WORDS = "a fox under the lanterns"


@pytest.fixture(scope="module")
def kling():
    fake = KlingFake(film(2, size=(640, 360)), queued=0.2, running=0.5)
    with Town([fake]) as town:
        fake.port, fake.address = town.server_port, town.url("kling")
        yield fake


@pytest.fixture(scope="module")
def site(tmp_path_factory, kling):
    hosts = f"127.0.0.1:{kling.port},localhost:{kling.port}"  # as with every cloud, films lie elsewhere than the API
    folder = tmp_path_factory.mktemp("paid")
    with running_site(folder, PROVIDER_PRIVATE_HOSTS=hosts, JOB_LEASE_SECONDS="30") as running:
        yield running


def connect(mika, kling, key):
    page = mika.go("/settings/connections/add/?provider=kling").page
    page.locator("input[name=key_api_key]").fill(key)
    page.locator("summary", has_text="Address").click()
    page.locator("input[name=base_url]").fill(kling.address)
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url("**/settings/connections/")
    row = page.locator(".conns tbody tr").last
    row.get_by_role("button", name="Test").click()
    return row.locator("td[role=status]")


def test_a_key_is_tested_drives_the_form_and_brings_a_film_that_was_bought_once(mika, kling):
    page = mika.page
    expect(connect(mika, kling, kling.key)).to_contain_text("Works")
    assert kling.created == [], "a test costs nothing"

    page.goto("/create/")
    page.locator("#prompt").fill(WORDS)
    page.get_by_role("radio", name=re.compile("^Kling")).check()
    expect(page.locator("#model")).to_be_visible()
    page.get_by_role("button", name="Generate").click()
    mika.wait_until_done(WORDS).open_clip(WORDS)

    page.locator("cel-player").get_by_role("button", name=re.compile("^Play")).first.click()
    mika.wait_until("document.querySelector('cel-player video').currentTime > 0.2")
    assert len(kling.created) == 1


def test_a_wrong_key_is_said_beside_its_account(mika, kling):
    expect(connect(mika, kling, "not-this-key-0123456789")).to_contain_text("rejected the key")
