"""An account at a provider, from the pasted key to the red button, in a real browser."""

import re

from playwright.sync_api import expect

from tests.browser.person import choose
from tests.generation.test_create import picture_file

KEY = "kling-key-0123456789-abcd"


def connect(person, **more):
    page = person.go("/settings/connections/").page
    page.get_by_role("link", name="Kling", exact=True).click()
    page.locator("input[name=key_api_key]").fill(KEY)
    for name, value in more.items():
        page.locator(f"input[name={name}]").fill(value)
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url("**/settings/connections/")
    return page


def test_a_key_is_pasted_masked_and_makes_its_provider_drawable(mika):
    page = connect(mika)
    expect(page.locator(".conns tbody tr")).to_contain_text("…abcd")
    assert KEY not in page.content()

    page.goto("/create/")
    page.locator("#prompt").fill("a cat on a roof")
    expect(page.locator("#model")).to_have_count(0)
    page.get_by_role("radio", name=re.compile("^Kling")).check()

    expect(page.locator("#model")).to_be_visible()
    expect(page.locator("#cz-set")).to_contain_text("720p")
    expect(page.locator("#cost-note")).to_contain_text("Kling")
    expect(page.locator("#prompt")).to_have_value("a cat on a roof")
    page.locator("#model").focus()
    page.locator("#model").select_option(index=1)
    expect(page.locator("#cz-set .seg", has_text="10 s")).to_be_visible()
    expect(page.locator("#model")).to_be_focused()
    page.get_by_role("radio", name=re.compile("^Animatic")).check()
    expect(page.locator("#seed")).to_be_visible()
    expect(page.locator("#estimate")).to_contain_text("free")


def test_the_longest_words_hinder_no_question_of_the_page(mika):
    """Two thousand Chinese characters would be an address of eighteen thousand, which no server takes."""
    page = connect(mika)
    page.goto("/create/")
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    page.locator("#prompt").fill("海" * 2000)
    page.get_by_role("radio", name=re.compile("^Kling")).check()

    expect(page.locator("#model")).to_be_visible()
    expect(page.locator("#cost-note")).to_contain_text("Kling")
    expect(page.locator("#prompt")).to_have_value("海" * 2000)
    assert max(map(len, addresses)) < 1000
    assert any(address.endswith("/create/composer/") for address in addresses)


def test_an_account_is_made_the_default_switched_off_and_deleted_by_keyboard(mika):
    page = connect(mika, label="Mine")
    page.get_by_role("button", name="More actions for Mine").press("Enter")
    page.get_by_role("button", name="Use as default on Create").press("Enter")
    expect(page.locator(".conns tbody tr")).to_contain_text("default")
    page.goto("/create/")
    expect(page.get_by_role("radio", name=re.compile("^Kling"))).to_be_checked()

    page.goto("/settings/connections/")
    page.get_by_role("button", name="More actions for Mine").press("Enter")
    page.get_by_role("link", name="Delete").press("Enter")
    page.get_by_role("button", name="Delete").press("Enter")
    expect(page.get_by_text("No connections yet")).to_be_visible()


def test_another_engine_shows_its_choices_without_any_script(person, mika):
    connect(mika)
    plain = person(java_script_enabled=False, storage_state=mika.page.context.storage_state())
    page = plain.go("/create/").page
    page.locator("#prompt").fill("a cat on a roof")
    choose(page, "provider", "kling")
    page.get_by_role("button", name="Show options").click()

    expect(page.locator("#model")).to_be_visible()
    expect(page.locator("#prompt")).to_have_value("a cat on a roof")
    expect(page.locator("input[name=provider][value=kling]")).to_be_checked()


def test_a_length_chosen_for_one_model_is_still_that_length_after_a_reload(mika):
    page = connect(mika)
    page.goto("/create/")
    page.get_by_role("radio", name=re.compile("^Kling")).check()
    model = page.locator("#model option").nth(1).get_attribute("value")
    asked = f"model={model}"  # what it brings takes the place of the choices
    with page.expect_response(lambda answer: asked in (answer.request.post_data or "")):
        page.locator("#model").select_option(index=1)
    choose(page, "seconds", "5")
    page.locator("#prompt").fill("a cat on a roof")

    page.reload()

    expect(page.locator("#prompt")).to_have_value("a cat on a roof")
    expect(page.locator("#model")).to_be_visible()
    expect(page.locator("#cz-set input[name=seconds]").first).to_have_value("5")


LATE = "const now = setTimeout; window.setTimeout = (act, ms = {}, ...more) => now(act, ms, ...more)"


def test_settings_follow_the_engine_of_a_draft_however_late_htmx_begins_to_listen(mika):
    """htmx begins in a timer, before or after the scripts of the page, as the machine has it."""
    page = connect(mika)
    page.goto("/create/")
    page.get_by_role("radio", name=re.compile("^Kling")).check()
    expect(page.locator("#model")).to_be_visible()
    page.add_init_script(LATE.replace("{}", "200"))

    page.reload()

    expect(page.get_by_role("radio", name=re.compile("^Kling"))).to_be_checked()
    expect(page.locator("#model")).to_be_visible()
    expect(page.locator("#cost-note")).to_contain_text("Kling")


def test_what_is_chosen_before_htmx_listens_is_kept_for_a_reload(mika):
    page = connect(mika)
    page.add_init_script(LATE.replace("{}", "60_000"))
    page.goto("/create/")

    page.get_by_role("radio", name=re.compile("^Kling")).check()

    assert "kling" in page.evaluate("JSON.stringify({...sessionStorage})")


def test_first_and_last_picture_are_dropped_seen_taken_out_and_outlive_another_model(mika):
    page = connect(mika)
    page.goto("/create/")
    page.get_by_role("radio", name=re.compile("^Kling")).check()
    file = {"name": "gate.png", "mimeType": "image/png", "buffer": picture_file(size=(400, 300)).read()}
    page.locator("input[name=last_picture_file]").set_input_files(file)
    expect(page.locator("#last-picture img.drop-preview")).to_be_visible()

    page.locator("#model").select_option(index=1)
    expect(page.locator("#cz-set .seg", has_text="10 s")).to_be_visible()
    expect(page.locator("#last-picture img.drop-preview")).to_be_visible()
    assert page.evaluate("document.querySelector('[name=last_picture_file]').files.length") == 1

    page.locator("#last-picture").get_by_role("button", name="Remove").click()
    expect(page.locator("#last-picture img.drop-preview")).to_have_count(0)
    assert page.evaluate("document.querySelector('[name=last_picture_file]').files.length") == 0
    expect(page.locator("input[name=last_picture_file]")).to_be_focused()


def test_on_a_phone_the_settings_begin_at_the_tab_one_stands_on(person, mika):
    phone = person(320, 640, storage_state=mika.page.context.storage_state())
    page = phone.go("/settings/connections/").page

    expect(page.locator(".tabs [aria-current]")).to_have_text("Connections")
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.95)


def test_engines_lie_below_each_other_however_large_the_words_are(mika):
    page = connect(mika)
    page.goto("/create/")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    rows = [row.bounding_box() for row in page.locator(".provs.many .prov:has(input)").all()]
    words = [part.bounding_box() for part in page.locator(".provs.many .prov:has(input) > span:first-of-type").all()]

    assert len(rows) == 2
    assert all(inner["height"] <= outer["height"] for inner, outer in zip(words, rows, strict=True))


def test_a_sharpness_that_does_not_go_with_the_length_cannot_be_pressed_and_says_why(mika):
    page = mika.go("/settings/connections/add/?provider=pixverse").page
    page.locator("input[name=key_api_key]").fill("pixverse-key-0123456789")
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url("**/settings/connections/")
    page.goto("/create/?provider=pixverse&model=v5")
    page.locator("#prompt").fill("a cat on a roof")
    lines, why = page.locator("input[name=resolution][value='1080']"), "doesn’t support 8 seconds at 1080p"

    choose(page, "seconds", "8")
    expect(lines).to_be_disabled()
    expect(page.locator("#cz-sharpness")).to_contain_text(why)
    expect(page.locator("input[name=seconds][value='8']")).to_be_focused()

    choose(page, "seconds", "5")
    expect(lines).to_be_enabled()
    choose(page, "resolution", "1080")
    expect(page.locator("input[name=seconds][value='8']")).to_be_disabled()
    expect(page.locator("#cz-length")).to_contain_text(why)
    expect(page.locator("#prompt")).to_have_value("a cat on a roof")


def test_of_what_a_model_cannot_do_one_line_is_seen_and_the_rest_by_touch(person, mika):
    state = connect(mika).context.storage_state()
    page = person(375, storage_state=state, has_touch=True, is_mobile=True).go("/create/?provider=kling").page
    line, more = (
        page.get_by_text("Cannot be cancelled once started"),
        page.get_by_text("If the provider’s response is lost"),
    )

    expect(more).to_be_hidden()
    assert line.bounding_box()["height"] >= 44
    line.tap()
    expect(more).to_be_visible()


def test_both_zones_for_pictures_begin_and_end_together_and_one_alone_takes_the_width(person, mika):
    page = person(375, storage_state=connect(mika).context.storage_state()).go("/create/?provider=kling").page
    first, last = (page.locator(".cz-pics .drop").nth(n).bounding_box() for n in (0, 1))
    assert (first["y"], first["height"]) == (last["y"], last["height"])

    page.goto("/create/?tab=picture")  # the animatic: one picture, and a box below it
    alone, side = page.locator(".cz-pics .drop").bounding_box(), page.locator(".cz-pics").bounding_box()
    assert alone["width"] == side["width"]
