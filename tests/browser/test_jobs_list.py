"""The list of jobs for the eye and for a finger."""

import pytest
from playwright.sync_api import expect

ASKED = "a girl in the school yard"
LINES = "e => e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight)"


@pytest.fixture
def desk(mika):
    """Somebody with one job, of which it does not matter here how far it is."""
    expect(mika.ask(ASKED).card(ASKED)).to_be_visible()
    return mika.page.context.storage_state()


@pytest.mark.parametrize("width", [1000, 1280])
def test_when_a_job_was_sent_is_one_line_whichever_words_say_it(person, desk, width):
    page = person(width, storage_state=desk).go("/jobs/").page
    time = page.locator(".jr time").first

    for words in ("59 minutes ago", "16 seconds ago", "59分钟之前"):
        time.evaluate("(e, words) => (e.textContent = words)", words)
        assert time.locator("..").evaluate(LINES) < 1.5, words


def test_a_finger_ticks_a_job_beside_its_box_and_opens_it_wherever_it_meets_the_row(person, desk):
    page = person(375, storage_state=desk, has_touch=True, is_mobile=True).go("/jobs/").page
    box = page.locator(".jr input[name=id]")
    beside = box.bounding_box()

    page.touchscreen.tap(beside["x"] - 10, beside["y"] - 10)
    expect(box).to_be_checked()
    sizes = "all => all.map((each) => [each.innerText, each.getBoundingClientRect().height])"
    buttons = page.locator("main button:visible").evaluate_all(sizes)  # at one moment: a job that ends has fewer
    assert buttons and [(words, height) for words, height in buttons if height < 44] == []

    bar = page.locator(".jr .xbar").bounding_box()
    page.touchscreen.tap(bar["x"] + 20, bar["y"] + 2)
    page.wait_for_url("**/clips/*-*/")
