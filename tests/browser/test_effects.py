"""Effects make a new clip of a finished one."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.user import DRAWING_TIMEOUT_MS


@pytest.mark.deep
def test_effects_are_chosen_and_make_a_new_clip(owner, studio):
    page = owner.open(studio.clip).page
    old_url = page.url
    page.get_by_role("link", name="Add effects").click()
    owner.expected = ("422",)
    page.get_by_role("button", name=re.compile("Apply effects")).click()
    expect(page.get_by_role("alert")).to_contain_text("Choose an effect")
    page.locator("label", has_text="Iris out").click()
    page.get_by_label("Title card").fill("The last train")
    page.get_by_role("button", name=re.compile("Apply effects")).click()

    page.wait_for_url(re.compile(r"/clips/(?!.*effects)"))
    assert page.url != old_url
    expect(page.locator("cel-player video")).to_be_visible(timeout=DRAWING_TIMEOUT_MS)
    expect(page.locator("#clip-head")).to_contain_text(
        "animatic, drawn by this studio · effects applied by this studio"
    )
    page.get_by_role("link", name="Change the effects").click()
    expect(page.get_by_label("Title card")).to_have_value("The last train")
    expect(page.get_by_label("Iris out")).to_be_checked()
