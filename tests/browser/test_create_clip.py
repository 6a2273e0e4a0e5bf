"""Create: describe a clip, follow its progress, cancel and retry it, start from an image."""

import hashlib
import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.media import heic_upload
from tests.browser.user import DRAWING_TIMEOUT_MS, choose

PROMPT = "a girl on a hill at sunset, cherry petals in the wind"
TOKEN = "csrfmiddlewaretoken"
WRONG_FILES = [
    ("notes.png", "image/png", "The image is damaged and cannot be read."),
    ("sketch.svg", "image/svg+xml", "This studio can’t read this file as an image."),
]
RECORD_NOTIFICATIONS = """
    window.notifications = [];
    window.Notification = class extends EventTarget {
        static permission = "granted";
        static requestPermission = async () => "granted";
        constructor(title, more) { super(); notifications.push(`${title}: ${more.body}`); }
    };
    Object.defineProperty(document, "visibilityState", { get: () => window.away ? "hidden" : "visible" });
"""


def test_prompt_becomes_a_clip_live_with_its_history_that_plays_and_downloads(mika):
    page = mika.create_clip(PROMPT, seconds=8).page  # long enough to see the progress in the title

    expect(mika.job_card(PROMPT)).to_be_visible()
    expect(page.locator("#nav-jobs")).to_contain_text("1")
    expect(page.locator(".side .workspace-name")).to_contain_text("Personal workspace")
    expect(page.locator(".side .workspace-name")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^(\d+ % · |\(1\) )Create"))
    history = open_history(mika)
    bar = mika.job_card(PROMPT).locator("progress[value]")
    expect(bar.or_(mika.job_card(PROMPT).locator(".tag.done")).first).to_be_visible()
    mika.wait_until_done(PROMPT)
    assert page.url.endswith("/create/"), "the page was loaded again"
    expect(page).to_have_title(re.compile("^Create"))
    check_history(history)

    mika.open_clip(PROMPT).play_clip()
    video = page.locator("cel-player video")
    assert video.evaluate("v => [v.videoWidth, v.videoHeight]") == [854, 480]

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    content = download.value.path().read_bytes()
    assert content[4:8] == b"ftyp"
    assert download.value.suggested_filename.startswith("a girl on a hill")
    played = page.request.get(page.url + "play/").body()
    assert hashlib.sha256(content).digest() == hashlib.sha256(played).digest()


def open_history(user):
    """Open the page of the running job in another tab."""
    tab = user.page.context.new_page()
    tab.goto(user.job_card(PROMPT).locator("a.title").get_attribute("href"))
    tab.get_by_role("link", name="View history").click()
    tab.wait_for_url("**/jobs/*-*/")
    expect(tab.locator(".job-history > li").first).to_contain_text("Queued")
    return tab


def check_history(tab):
    """Check that the open page of the job has shown its events to the end."""
    expect(tab.locator(".job-history > li").last).to_contain_text("Done", timeout=DRAWING_TIMEOUT_MS)
    expect(tab.locator(".job-row[data-state=done]")).to_be_visible()
    times = tab.locator(".job-history time").all_inner_texts()
    assert len(set(map(len, times))) <= 2  # all rows use the user's time zone
    expect(tab.locator("#live-job")).to_be_visible()
    tab.close()


def test_job_is_cancelled_with_a_notification_retried_and_cancelled_by_keyboard(mika):
    page = mika.page
    page.add_init_script(RECORD_NOTIFICATIONS)
    mika.create_clip("a lamp in the rain", seconds=15, resolution=1080)
    expect(mika.job_card("a lamp")).to_be_visible()
    page.evaluate(
        "localStorage.setItem('notify', 'yes'); const now = Date.now; Date.now = () => now() + 20_000; away = true"
    )
    mika.job_card("a lamp").get_by_role("button", name="Cancel").click()
    mika.wait_until("notifications.length === 1")
    assert page.evaluate("notifications") == ["A job has ended: a lamp in the rain"]
    expect(mika.job_card("a lamp").get_by_text("Cancelled")).to_be_visible()

    mika.job_card("a lamp").get_by_role("button", name="Retry").click()
    page.wait_for_url("**/clips/*-*/")
    stop = page.get_by_role("button", name="Cancel")
    stop.focus()
    for _ in range(2):  # the button keeps the focus although the page is updated
        with page.expect_response(lambda response: response.url == page.url):
            pass
        page.wait_for_timeout(200)
    expect(stop).to_be_focused()
    stop.press("Enter")
    expect(page.get_by_role("button", name="Retry")).to_be_visible()


def test_wrong_file_is_refused_and_the_crop_of_a_picture_starts_the_clip(mika):
    page = mika.open("/create/?tab=picture").page
    page.locator("#prompt").fill("a cat on a roof")
    generate = page.get_by_role("button", name="Generate")
    for name, kind, reason in WRONG_FILES:
        page.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": b"no picture"})
        expect(page.locator("[data-drop]")).to_contain_text(f"{name}: {reason}")
        expect(generate).to_be_disabled()
        expect(page.locator("#held")).to_be_visible()
    page.locator("#prompt").press("Control+Enter")
    expect(page.locator("article.job")).to_have_count(0)
    page.get_by_role("button", name="Remove").click()
    expect(generate).to_be_enabled()

    choose(page, "ratio", "1:1")
    page.locator("input[type=file]").set_input_files(heic_upload())
    page.get_by_role("button", name="1:1").click()
    assert page.locator("#crop img").evaluate("image => [image.naturalWidth, image.naturalHeight]") == [400, 300]
    page.get_by_role("button", name="Use selection").click()
    expect(page.locator("img.drop-preview")).to_be_visible()
    expect(page.locator("input[name=crop_h]")).not_to_have_value("")
    crop = {side: float(page.locator(f"input[name=crop_{side}]").input_value()) for side in "xywh"}
    assert crop == {"x": 0.125, "y": 0, "w": 0.75, "h": 1}
    choose(page, "resolution", "480")
    page.locator("input[name=seconds]").fill("2")
    page.get_by_role("button", name="Generate").click()
    mika.wait_until_done("a cat on a roof").open_clip("a cat on a roof")
    page.goto(f"/create/?from={page.url.rstrip('/').rpartition('/')[2]}")
    picture = page.locator("img.start-picture")
    assert (picture.get_attribute("width"), picture.get_attribute("height")) == ("300", "300")


def test_phone_scrolls_to_the_missing_field(mika):
    mika.expected = ("422",)
    page = mika.page
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto("/create/")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.get_by_role("button", name="Generate").click()

    expect(page.get_by_text("Describe what happens in the shot, or start from an image.")).to_be_in_viewport()
    expect(page.locator("#prompt")).to_be_focused()


def test_generate_is_in_one_row_that_covers_nothing_of_the_form(mika):
    mika.page.set_viewport_size({"width": 1280, "height": 900})
    page = mika.open("/create/").page
    tops = "parts => new Set(parts.map(part => part.getBoundingClientRect().top)).size"
    foot = page.locator(".composer-foot")
    ends = page.locator(".composer-main > *").evaluate_all("parts => parts.map(p => p.getBoundingClientRect().bottom)")

    assert foot.locator("fieldset").evaluate_all(tops) == 1
    assert foot.bounding_box()["height"] < 110
    assert max(ends) <= foot.bounding_box()["y"]

    for language in ("en", "zh-hans"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
        page.goto("/create/")
        for width in (768, 900, 1023):
            page.set_viewport_size({"width": width, "height": 900})
            boxes = (foot.locator(part).bounding_box() for part in (".segmented", "output", "button"))
            ratios, length, generate = boxes
            assert foot.locator("label").evaluate_all(tops) == 1, width
            assert ratios["x"] + ratios["width"] <= length["x"], width
            assert length["x"] + length["width"] <= generate["x"], width
            assert foot.bounding_box()["height"] < 110, width


def test_estimate_follows_takes_and_length_and_a_long_prompt_stays_on_the_image_tab(mika):
    page = mika.open("/create/").page
    page.locator("#prompt").fill("a lighthouse in the storm")
    expect(page.get_by_role("list", name="What the panel draws")).to_contain_text("lighthouse")
    for change in (
        lambda: choose(page, "takes", "3"),
        lambda: page.locator("input[name=seconds]").fill("12"),
    ):
        before = page.locator("#estimate").inner_text()
        change()
        expect(page.locator("#estimate")).not_to_have_text(before)

    long_prompt = ("a lighthouse in the storm, " * 70).strip()
    page.locator("#prompt").fill(long_prompt)
    expect(page.get_by_role("button", name="Generate")).to_be_in_viewport(ratio=1)
    strip = page.locator(".composer-styles .strip")
    assert strip.evaluate("strip => strip.scrollWidth - strip.clientWidth") == 0
    page.get_by_role("link", name="Image", exact=True).click()
    page.wait_for_url("**tab=picture")
    expect(page.locator("#prompt")).to_have_value(long_prompt)
    expect(page.locator("input[name=seconds]")).to_have_value("12")


def test_choice_made_while_the_form_is_redrawn_is_kept(mika):
    page = mika.open("/create/").page
    requests = []

    def hold_first(route):
        requests.append(route)
        if len(requests) > 1:
            route.continue_()

    page.route("**/create/composer/", hold_first)
    page.locator("input[name=provider]").first.dispatch_event("input")
    mika.wait_until(lambda: requests)
    choose(page, "ratio", "9:16")

    with page.expect_response(lambda response: "ratio=9%3A16" in (response.request.post_data or "")):
        requests[0].continue_()

    mika.wait_until("!document.querySelector('.htmx-request')")
    expect(page.locator("input[name=ratio][value='9:16']")).to_be_checked()


def test_one_click_without_a_network_shows_one_message(mika):
    page = mika.open("/create/").page
    mika.expected = ("ERR_FAILED", "Failed to fetch")
    failed = []
    page.route("**/create/*/", lambda route: (failed.append(route.request.url), route.abort()))

    page.locator("input[name=style]").nth(3).check(force=True)
    mika.wait_until(lambda: len(failed) > 1)

    expect(page.locator("#toasts .toast")).to_have_count(1)


@pytest.mark.deep
def test_no_url_contains_the_csrf_token(mika):
    requests = []
    page = mika.open("/create/").page
    expect(page.locator("#understood .chip").first).to_be_visible()
    page.on("request", lambda request: requests.append((request.method, request.url)))
    choose(page, "takes", "2")
    page.locator("#prompt").fill("a cat on a roof")
    expect(page.locator("#understood .understood-chip")).to_contain_text(["cat", "roof"])

    assert any("/create/understood/" in url for _method, url in requests)
    assert [url for method, url in requests if method == "GET" and TOKEN in url] == []


@pytest.mark.deep
def test_first_url_contains_no_csrf_token_when_scripts_load_late(mika):
    urls, page = [], mika.page
    page.on("request", lambda request: urls.append(request.url))
    page.route("**/js/main*.js", lambda route: (time.sleep(1), route.continue_()))

    page.goto("/create/")

    expect(page.locator("#composer")).to_be_visible()
    mika.wait_until(lambda: any("/create/understood/" in url for url in urls))
    assert [url for url in urls if TOKEN in url] == []


def test_guest_creates_one_clip_and_keeps_it_by_signing_up(new_user):
    guest = new_user()
    page = guest.open("/").page
    page.locator("textarea[name=prompt], input[name=prompt]").first.fill("a ship on the sea at dawn")
    page.get_by_role("button", name="Make a clip").click()
    page.wait_for_url("**/clips/*-*/")
    expect(page.locator("cel-player")).to_be_visible(timeout=DRAWING_TIMEOUT_MS)
    video = page.locator("cel-player video")
    expect(video).to_have_js_property("ended", True)
    assert video.evaluate("video => [video.muted, video.loop]") == [True, False], "it plays once, without sound"
    clip = page.url

    guest.fill_in_sign_up()
    page.wait_for_url(clip)

    expect(page.locator("cel-player")).to_be_visible()
    expect(page.get_by_role("link", name="Sign up to keep it")).to_have_count(0)
