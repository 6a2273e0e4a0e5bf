"""From an idea to a film that plays, on one page and in a few clicks."""

from playwright.sync_api import expect

from tests.browser.user import DRAWING_TIMEOUT_MS


def test_an_idea_becomes_a_film_on_one_page_in_three_clicks(mika):
    page = mika.open("/stories/").page
    page.get_by_role("link", name="Make a film").first.click()
    page.get_by_label("The idea").fill("two cats run a ramen shop on the moon")
    page.get_by_role("button", name="Make a film").click()

    expect(page.locator(".first-film-scenes > li")).to_have_count(4)
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    assert mika.axe_violations() == []

    expect(page.locator("cel-player")).to_be_visible(timeout=DRAWING_TIMEOUT_MS)
    expect(page.get_by_role("heading", name="Who comes back")).to_be_visible()
    assert mika.axe_violations() == []
    page.locator("cel-player [data-act=play]").first.click()
    mika.wait_until("document.querySelector('cel-player video').currentTime > 0")
