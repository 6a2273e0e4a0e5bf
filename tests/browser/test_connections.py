"""Provider connections, from the pasted key to the options on Create."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.media import png_upload
from tests.browser.user import choose

KEY = "kling-key-0123456789-abcd"
# delays every timer without a delay: htmx starts in one, before or after the scripts of the page
DELAY_HTMX = "const now = setTimeout; window.setTimeout = (act, ms = {}, ...more) => now(act, ms, ...more)"


def connect(user, **fields):
    page = user.open("/settings/connections/").page
    page.get_by_role("link", name="Kling", exact=True).click()
    page.locator("input[name=key_api_key]").fill(KEY)
    for name, value in fields.items():
        page.locator(f"input[name={name}]").fill(value)
    page.get_by_role("button", name="Connect", exact=True).click()
    page.wait_for_url("**/settings/connections/")
    return page


def provider_radio(page, name):
    return page.get_by_role("radio", name=re.compile(f"^{name}"))


def test_connected_provider_adds_its_models_prices_and_a_last_picture_to_create(mika):
    page = connect(mika)
    expect(page.locator(".connections tbody tr")).to_contain_text("…abcd")
    assert KEY not in page.content()

    page.goto("/create/")
    page.locator("#prompt").fill("a cat on a roof")
    expect(page.locator("#model")).to_have_count(0)
    provider_radio(page, "Kling").check()

    expect(page.locator("#model")).to_be_visible()
    expect(page.locator("#cz-sharpness")).to_contain_text("720p")
    expect(page.locator("#cost-note")).to_contain_text("Kling")
    expect(page.locator("#prompt")).to_have_value("a cat on a roof")
    page.locator("input[name=last_picture_file]").set_input_files(png_upload())
    expect(page.locator("#last-picture img.drop-preview")).to_be_visible()
    page.locator("#model").focus()
    page.locator("#model").select_option(label="Kling 2.6")
    expect(page.locator("#cz-set .segmented", has_text="10 s")).to_be_visible()
    expect(page.locator("#model")).to_be_focused()
    check_last_picture(page)
    provider_radio(page, "Animatic").check()
    expect(page.locator("#seed")).to_be_visible()
    expect(page.locator("#estimate")).to_contain_text("free")


def check_last_picture(page):
    """Check that the last picture survived another model, and remove it."""
    expect(page.locator("#last-picture img.drop-preview")).to_be_visible()
    assert page.evaluate("document.querySelector('[name=last_picture_file]').files.length") == 1
    page.locator("#last-picture").get_by_role("button", name="Remove").click()
    expect(page.locator("#last-picture img.drop-preview")).to_have_count(0)
    assert page.evaluate("document.querySelector('[name=last_picture_file]').files.length") == 0
    expect(page.locator("input[name=last_picture_file]")).to_be_focused()


@pytest.mark.deep
def test_longest_prompt_is_posted_and_never_part_of_a_url(mika):
    """Two thousand Chinese characters would make a URL of 18,000 bytes, which servers refuse."""
    page = connect(mika)
    page.goto("/create/")
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    page.locator("#prompt").fill("海" * 2000)
    provider_radio(page, "Kling").check()

    expect(page.locator("#model")).to_be_visible()
    expect(page.locator("#cost-note")).to_contain_text("Kling")
    expect(page.locator("#prompt")).to_have_value("海" * 2000)
    assert max(map(len, addresses)) < 1000
    assert any(address.endswith("/create/composer/") for address in addresses)


def test_connection_becomes_the_default_and_is_deleted_by_keyboard(mika):
    page = connect(mika, label="Mine")
    page.get_by_role("button", name="More actions for Mine").press("Enter")
    page.get_by_role("button", name="Use as default on Create").press("Enter")
    expect(page.locator(".connections tbody tr")).to_contain_text("default")
    page.goto("/create/")
    expect(provider_radio(page, "Kling")).to_be_checked()

    page.goto("/settings/connections/")
    page.get_by_role("button", name="More actions for Mine").press("Enter")
    page.get_by_role("link", name="Delete").press("Enter")
    page.get_by_role("button", name="Delete").press("Enter")
    expect(page.get_by_text("No connections yet")).to_be_visible()


@pytest.mark.deep
def test_length_chosen_for_a_model_survives_a_reload(mika):
    page = connect(mika)
    page.goto("/create/")
    provider_radio(page, "Kling").check()
    model = page.locator("#model option", has_text="Kling 2.6").get_attribute("value")
    with page.expect_response(lambda response: f"model={model}" in (response.request.post_data or "")):
        page.locator("#model").select_option(label="Kling 2.6")
    choose(page, "seconds", "5")
    page.locator("#prompt").fill("a cat on a roof")

    page.reload()

    expect(page.locator("#prompt")).to_have_value("a cat on a roof")
    expect(page.locator("#model")).to_be_visible()
    expect(page.locator("#cz-set input[name=seconds]").first).to_have_value("5")


@pytest.mark.deep
def test_options_follow_the_provider_of_a_draft_when_htmx_starts_late(mika):
    page = connect(mika)
    page.goto("/create/")
    provider_radio(page, "Kling").check()
    expect(page.locator("#model")).to_be_visible()
    page.add_init_script(DELAY_HTMX.replace("{}", "200"))

    page.reload()

    expect(provider_radio(page, "Kling")).to_be_checked()
    expect(page.locator("#model")).to_be_visible()
    expect(page.locator("#cost-note")).to_contain_text("Kling")


@pytest.mark.deep
def test_choice_made_before_htmx_started_is_kept_for_a_reload(mika):
    page = connect(mika)
    page.add_init_script(DELAY_HTMX.replace("{}", "60_000"))
    page.goto("/create/")

    provider_radio(page, "Kling").check()

    assert "kling" in page.evaluate("JSON.stringify({...sessionStorage})")


@pytest.mark.deep
def test_providers_are_stacked_when_text_is_large(mika):
    page = connect(mika)
    page.goto("/create/")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    options = page.locator(".provider-options.many .provider-option:has(input)")
    rows = [row.bounding_box() for row in options.all()]
    labels = [label.bounding_box() for label in options.locator(":scope > span:first-of-type").all()]

    assert len(rows) == 2
    assert all(inner["height"] <= outer["height"] for inner, outer in zip(labels, rows, strict=True))


def test_resolution_that_excludes_a_length_is_disabled_and_says_why(mika):
    page = mika.open("/settings/connections/add/?provider=pixverse").page
    page.locator("input[name=key_api_key]").fill("pixverse-key-0123456789")
    page.get_by_role("button", name="Connect", exact=True).click()
    page.wait_for_url("**/settings/connections/")
    page.goto("/create/?provider=pixverse&model=v5.6")
    page.locator("#prompt").fill("a cat on a roof")
    resolution, reason = page.locator("input[name=resolution][value='1080']"), "doesn’t support 10 seconds at 1080p"

    choose(page, "seconds", "10")
    expect(resolution).to_be_disabled()
    expect(page.locator("#cz-sharpness")).to_contain_text(reason)
    expect(page.locator("input[name=seconds][value='10']")).to_be_focused()

    choose(page, "seconds", "5")
    expect(resolution).to_be_enabled()
    choose(page, "resolution", "1080")
    expect(page.locator("input[name=seconds][value='10']")).to_be_disabled()
    expect(page.locator("#cz-length")).to_contain_text(reason)
    expect(page.locator("#prompt")).to_have_value("a cat on a roof")


def test_phone_shows_model_limits_by_touch_equal_picture_zones_and_the_current_page(phone):
    page = connect(phone)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/settings/connections/")
    page.locator(".settings-nav").get_by_role("button", name="Connections").click()
    expect(page.locator(".settings-nav [aria-current]")).to_have_text("Connections")
    expect(page.locator(".settings-nav [aria-current]")).to_be_in_viewport(ratio=0.95)

    page.set_viewport_size({"width": 375, "height": 760})
    page.goto("/create/?provider=kling")
    summary, details = (
        page.get_by_text("Cannot be cancelled once started"),
        page.get_by_text("If the provider’s response is lost"),
    )
    expect(details).to_be_hidden()
    assert summary.bounding_box()["height"] >= 44
    summary.tap()
    expect(details).to_be_visible()
    first, last = (page.locator(".composer-pictures .drop").nth(n).bounding_box() for n in (0, 1))
    assert (first["y"], first["height"]) == (last["y"], last["height"])

    page.goto("/create/?tab=picture")  # the animatic takes one image
    side = page.locator(".composer-pictures")
    alone, side = side.locator(".drop").bounding_box(), side.bounding_box()
    assert alone["width"] == side["width"]
