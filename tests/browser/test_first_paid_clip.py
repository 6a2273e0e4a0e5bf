"""A pasted key is tested and makes a clip of a paid provider, which is bought once, also after a top-up."""

import re

import pytest
from playwright.sync_api import expect

PROMPT = "a fox under the lanterns"


def connect_kling(user, providers, key):
    """Connect to the fake of Kling and return the cell with the result of the test of the saved key."""
    page = user.open("/settings/connections/add/?provider=kling").page
    page.locator("input[name=key_api_key]").fill(key)
    page.locator("summary", has_text="Address").click()
    page.locator("input[name=base_url]").fill(providers.fake_server.url("kling"))
    page.get_by_role("button", name="Connect", exact=True).click()
    page.wait_for_url("**/settings/connections/")
    return page.locator(".connections tbody tr").last.locator("td[role=status]")


@pytest.fixture
def empty_account(providers):
    """Let Kling have no credit left until the function is called."""

    def top_up():
        providers.kling.refuses = ""

    providers.kling.refuses = "quota"
    yield top_up
    top_up()


def generate(user):
    page = user.open("/create/").page
    page.locator("#prompt").fill(PROMPT)
    page.get_by_role("radio", name=re.compile("^Kling")).check()
    expect(page.locator("#model")).to_be_visible()
    expect(page.get_by_role("button", name="+ camera")).to_be_visible()
    expect(page.get_by_text("$0.42").first).to_be_visible()  # five seconds of Kling 3.0
    page.get_by_role("button", name="Generate").click()


def test_wrong_key_is_reported_and_a_right_one_buys_a_clip_once_after_a_top_up(mika, providers, empty_account):
    before = len(providers.kling.created)
    page = mika.page
    mika.expected = ("422",)
    expect(connect_kling(mika, providers, "not-this-key-0123456789")).to_contain_text("rejected the key")
    page.locator(".connections tbody tr").last.get_by_role("button", name=re.compile("^More")).click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(connect_kling(mika, providers, providers.kling.key)).to_contain_text("Works")
    assert len(providers.kling.created) == before, "the test created a task"

    generate(mika)
    card = mika.job_card(PROMPT)
    expect(card).to_contain_text("Kling has no credit left. Top up there, then resume. Nothing was charged.")
    expect(card.locator("progress")).to_have_count(0)
    expect(card.get_by_role("link", name="Check the connection")).to_be_visible()
    empty_account()
    card.get_by_role("button", name="Resume").click()
    mika.wait_until_done(PROMPT).open_clip(PROMPT)

    mika.play_clip()
    assert len(providers.kling.created) == before + 1
