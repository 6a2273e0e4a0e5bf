"""Effects laid over a finished clip, from its page to the new clip, at a desk and on a phone."""

import re

from playwright.sync_api import expect

from tests.browser.person import DRAWN_MS

WORDS = "a girl on a hill at sunset"


def test_effects_are_chosen_and_laid_over_a_finished_clip(mika):
    page = mika.ask(WORDS).wait_until_done(WORDS).open_clip(WORDS).page
    old = page.url
    page.get_by_role("link", name="Add effects").click()
    mika.expected = ("422",)
    page.get_by_role("button", name=re.compile("Apply effects")).click()
    expect(page.get_by_role("alert")).to_contain_text("Choose an effect")
    page.locator("label", has_text="Iris out").click()
    page.get_by_label("Title card").fill("The last train")
    page.get_by_role("button", name=re.compile("Apply effects")).click()

    page.wait_for_url(re.compile(r"/clips/(?!.*effects)"))
    assert page.url != old
    expect(page.locator("cel-player video")).to_be_visible(timeout=DRAWN_MS)
    expect(page.locator("#clip-head")).to_contain_text(
        "animatic, drawn by this studio · effects applied by this studio"
    )
    page.get_by_role("link", name="Change the effects").click()
    expect(page.get_by_label("Title card")).to_have_value("The last train")
    expect(page.get_by_label("Iris out")).to_be_checked()
