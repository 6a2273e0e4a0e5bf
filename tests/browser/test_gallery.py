"""A work from its publication to its withdrawal, as its author, a visitor and a reader see it."""

from playwright.sync_api import expect

from tests.browser.user import STUDIO_CLIP, choose


def test_work_is_published_watched_liked_remixed_and_withdrawn(site, studio, owner, new_user):
    page = owner.open(studio.clip).page
    page.get_by_role("link", name="Publish").click()
    assert owner.axe_violations() == [] and owner.overflow() <= 0
    choose(page, "visibility", "public")
    page.get_by_label("Your handle").fill("studio_owner")
    page.get_by_label("Show my prompt").check()
    page.get_by_label("Others may remix it").check()
    page.get_by_label("Licence").select_option("by")
    page.get_by_role("button", name="Publish").click()
    link = page.locator("#work-link").get_attribute("href")

    reader = new_user()
    reader.open(link).play_clip()
    assert reader.axe_violations() == [] and reader.overflow() <= 0
    film = reader.page.locator("cel-player video").get_attribute("src")
    reader.page.get_by_role("link", name="Sign in to like").click()
    expect(reader.page.locator("input[name=login]")).to_be_visible()
    reader.sign_up()
    site.age_accounts()
    reader.open(link).page.get_by_role("button", name="Like").click()
    expect(reader.page.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    expect(reader.page.get_by_role("button", name="Like")).to_contain_text("1")

    react_in_place(reader)
    reader.page.get_by_role("button", name="Remix").click()
    reader.page.get_by_role("button", name="Reuse the prompt").click()
    expect(reader.page.locator("#prompt")).to_have_value(STUDIO_CLIP)
    reader.page.get_by_role("button", name="Generate").click()
    reader.wait_until_done(STUDIO_CLIP).open_clip(STUDIO_CLIP)
    reader.page.get_by_role("link", name="Publish").click()
    expect(reader.page.locator("main")).to_contain_text(f"“{STUDIO_CLIP}”")

    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("button", name="Publish")).to_be_visible()
    visitor = new_user()
    visitor.expected = ("404",)
    assert visitor.page.goto(link).status == 404
    assert visitor.page.request.get(film).status == 404


def react_in_place(reader):
    """Comment on the frame that the player shows, and save the work to a new playlist, without leaving the page."""
    page = reader.page
    page.get_by_role("button", name="At this frame").click()
    page.get_by_label("Your comment").fill("Hold this frame")
    page.get_by_role("button", name="Comment", exact=True).click()
    comment = page.locator(".comment", has_text="Hold this frame")
    expect(comment.get_by_role("link", name="Go to")).to_be_visible()
    expect(page.get_by_label("Your comment")).to_have_value("")
    page.get_by_role("link", name="Save").click()
    page.get_by_label("New playlist").fill("Trains")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Saved")).to_be_visible()
