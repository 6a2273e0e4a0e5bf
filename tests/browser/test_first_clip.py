"""The walk of the README: sign up, say what happens, watch it being drawn, play it, keep it."""

import hashlib
import re
import time

from playwright.sync_api import expect

from tests.browser.person import DRAWN_MS, choose

WORDS = "a girl on a hill at sunset, cherry petals in the wind"


def test_words_become_a_clip_live_and_the_clip_plays_and_is_kept(mika):
    page = mika.ask(WORDS, seconds=8).page  # long enough for its title to be seen

    expect(mika.card(WORDS)).to_be_visible()
    expect(page.locator("#nav-jobs")).to_contain_text("1")
    expect(page).to_have_title(re.compile(r"^(\d+ % · |\(1\) )Create"))
    bar = mika.card(WORDS).locator("progress[value]")
    expect(bar.or_(mika.card(WORDS).locator(".tag.done")).first).to_be_visible(timeout=60_000)
    mika.wait_until_done(WORDS)
    assert page.url.endswith("/create/"), "the page was never loaded again"
    expect(page).to_have_title(re.compile("^Create"))

    mika.open_clip(WORDS)
    video = page.locator("cel-player video")
    page.locator("cel-player").get_by_role("button", name=re.compile("^Play")).first.click()
    mika.wait_until("document.querySelector('cel-player video').currentTime > 0.2")
    assert video.evaluate("v => [v.videoWidth, v.videoHeight]") == [854, 480]

    with page.expect_download() as got:
        page.get_by_role("link", name="Download").click()
    body = got.value.path().read_bytes()
    assert body[4:8] == b"ftyp"
    assert got.value.suggested_filename.startswith("a girl on a hill")
    played = page.request.get(page.url + "play/").body()
    assert hashlib.sha256(body).digest() == hashlib.sha256(played).digest()


def test_the_library_shows_a_clip_moving_under_the_mouse_in_a_frame_of_its_colour(mika):
    page = mika.ask("a cat on a roof at night").wait_until_done("a cat").go("/clips/").page
    frame = page.locator(".tile .frame").first

    frame.hover()

    expect(frame.locator("video.preview.on")).to_be_visible()
    colour = frame.evaluate("frame => [frame.dataset.colour, getComputedStyle(frame).backgroundColor]")
    assert colour[1] == "rgb({}, {}, {})".format(*bytes.fromhex(colour[0][1:]))
    page.mouse.move(0, 0)
    expect(frame.locator("video.preview")).to_have_count(0)


def test_the_browser_tells_when_a_long_job_ended_while_one_looked_elsewhere(mika):
    page = mika.page
    page.add_init_script("""
        window.told = [];
        window.Notification = class extends EventTarget {
            static permission = "granted";
            static requestPermission = async () => "granted";
            constructor(title, more) { super(); told.push(`${title}: ${more.body}`); }
        };
        Object.defineProperty(document, "visibilityState", { get: () => window.away ? "hidden" : "visible" });
    """)
    mika.ask("a lamp in the rain", seconds=15, lines=1080)
    expect(mika.card("a lamp")).to_be_visible()
    page.evaluate(
        "localStorage.setItem('notify', 'yes'); const now = Date.now; Date.now = () => now() + 20_000; away = true"
    )

    mika.card("a lamp").get_by_role("button", name="Cancel").click()

    mika.wait_until("told.length === 1")
    assert page.evaluate("told") == ["A job has ended: a lamp in the rain"]


def test_what_goes_on_from_a_clip_shows_the_very_frame_it_starts_on(mika):
    page = mika.ask("a cat on a roof at night").wait_until_done("a cat").open_clip("a cat").page
    page.get_by_role("link", name="Continue from last frame").click()

    expect(page.locator("#start video")).to_be_visible()
    mika.wait_until("document.querySelector('#start video').currentTime > 1.9")  # of two seconds
    mika.wait_until("document.querySelector('#start video').readyState >= 2")


def test_the_player_steps_frames_seeks_loops_and_changes_speed_by_keyboard(mika):
    page = mika.ask("a cat on a roof at night").wait_until_done("a cat").open_clip("a cat").page
    mika.wait_until("document.querySelector('cel-player video').readyState >= 1")
    page.locator("cel-player").focus()
    time = "document.querySelector('cel-player video').currentTime"

    page.keyboard.press("5")
    mika.wait_until(f"Math.abs({time} - 1) < 0.1")
    before = page.evaluate(time)
    page.keyboard.press(".")
    mika.wait_until(f"Math.floor({time} * 24) === Math.floor({before} * 24 + 0.01) + 1")
    page.evaluate("document.querySelector('cel-player video').loop = true")  # else it may have ended before we look
    page.keyboard.press("k")
    mika.wait_until("!document.querySelector('cel-player video').paused")
    page.keyboard.press("<")
    assert page.evaluate("document.querySelector('cel-player video').playbackRate") < 1


def test_a_film_that_broke_off_once_is_asked_for_anew(mika):
    """Its address lasts minutes, and a page stays open for hours."""
    mika.ask("a balloon over the hill").wait_until_done("a balloon")
    mika.expected = ("Failed to load",)
    mika.open_clip("a balloon")
    page, broken = mika.page, []

    def break_once(route):
        if broken:
            route.fallback()
        else:
            broken.append(route.request.url)
            route.abort()

    page.route("**/play/", break_once)
    page.reload()
    mika.wait_until(lambda: broken)

    page.locator("cel-player").get_by_role("button", name=re.compile("^Play")).first.click()
    mika.wait_until("document.querySelector('cel-player video').currentTime > 0.2")
    expect(page.locator("cel-player .broken")).to_be_hidden()


def test_a_film_that_cannot_be_had_says_so_and_plays_when_asked_again_once_it_can(mika):
    mika.ask("a ferry in the fog").wait_until_done("a ferry")
    mika.expected = ("Failed to load",)
    mika.open_clip("a ferry")
    page, player = mika.page, mika.page.locator("cel-player")
    page.route("**/play/", lambda route: route.abort())
    page.reload()

    expect(player.locator(".broken")).to_be_visible()
    expect(player.locator(".big")).to_have_css("opacity", "0")  # it would lie on the words

    page.unroute("**/play/")
    player.locator(".ctl [data-act=play]").click()
    mika.wait_until("document.querySelector('cel-player video').currentTime > 0.2")
    expect(player.locator(".broken")).to_be_hidden()


def test_a_picture_becomes_a_clip(mika, tmp_path):
    from PIL import Image

    picture = Image.linear_gradient("L").resize((400, 300)).convert("RGB")
    picture.save(tmp_path / "sky.png")
    page = mika.go("/create/?tab=picture").page
    page.locator("input[type=file]").set_input_files(tmp_path / "sky.png")
    page.get_by_role("button", name="Use selection").click()
    choose(page, "resolution", "480")
    page.locator("input[name=seconds]").fill("2")
    page.get_by_role("button", name="Generate").click()

    mika.wait_until_done("From an image")


def test_the_part_of_a_picture_drawn_in_the_box_is_what_starts_the_clip(mika, tmp_path):
    from PIL import Image

    Image.linear_gradient("L").resize((400, 300)).convert("RGB").save(tmp_path / "sky.png")
    page = mika.go("/create/?tab=picture").page
    choose(page, "ratio", "1:1")
    page.locator("input[type=file]").set_input_files(tmp_path / "sky.png")
    page.get_by_role("button", name="1:1").click()
    page.get_by_role("button", name="Use selection").click()

    shares = {side: float(page.locator(f"input[name=crop_{side}]").input_value()) for side in "xywh"}
    assert shares == {"x": 0.125, "y": 0, "w": 0.75, "h": 1}
    choose(page, "resolution", "480")
    page.locator("input[name=seconds]").fill("2")
    page.get_by_role("button", name="Generate").click()
    mika.wait_until_done("From an image").open_clip("From an image")
    page.goto(f"/create/?from={page.url.rstrip('/').rpartition('/')[2]}")
    kept = page.locator("img.start-picture")
    assert (kept.get_attribute("width"), kept.get_attribute("height")) == ("300", "300")


def test_a_wrong_file_is_refused_beside_the_drop_zone(mika, tmp_path):
    (tmp_path / "notes.png").write_text("not a picture")
    mika.expected = ("415",)
    page = mika.go("/create/?tab=picture").page
    page.locator("input[type=file]").set_input_files(tmp_path / "notes.png")
    page.get_by_role("button", name="Generate").click()

    expect(page.get_by_text("This is not a JPEG, PNG or WebP image")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)  # the form takes the form's place, not a page


def test_on_a_phone_what_is_missing_comes_into_view(mika):
    mika.expected = ("422",)
    page = mika.page
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto("/create/")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.get_by_role("button", name="Generate").click()

    expect(page.get_by_text("Describe what happens in the shot, or start from an image.")).to_be_in_viewport()
    expect(page.locator("#prompt")).to_be_focused()


def test_a_running_job_can_be_stopped_and_tried_again(mika):
    page = mika.ask("a train in the snow", seconds=15, lines=1080).page
    card = mika.card("a train")
    card.get_by_role("button", name="Cancel").click()
    expect(card.get_by_text("Cancelled")).to_be_visible()

    card.get_by_role("button", name="Retry").click()
    page.wait_for_url("**/clips/*-*/")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Retry")).to_be_visible()


def test_stop_keeps_the_focus_while_its_page_follows_the_work(mika):
    mika.ask("a boat in the fog", seconds=15, lines=1080).open_clip("a boat")
    stop = mika.page.get_by_role("button", name="Cancel")
    stop.focus()

    for _ in range(2):
        with mika.page.expect_response(lambda answer: answer.url == mika.page.url):
            pass
        mika.page.wait_for_timeout(200)

    expect(stop).to_be_focused()
    stop.press("Enter")
    expect(mika.page.get_by_role("button", name="Retry")).to_be_visible()


def test_what_happens_to_a_job_is_told_on_its_page_while_it_happens(mika):
    mika.ask("a dog on the beach", seconds=4)
    mika.open_clip("a dog")
    page = mika.page
    page.get_by_role("link", name="View history").click()
    page.wait_for_url("**/jobs/*-*/")
    expect(page.locator(".told > li").first).to_contain_text("Queued")

    expect(page.locator(".told > li").last).to_contain_text("Done", timeout=DRAWN_MS)
    expect(page.locator(".jr[data-state=done]")).to_be_visible()
    times = page.locator(".told time").all_inner_texts()
    assert len(set(map(len, times))) <= 2  # all of them by the reader's own clock, the new ones too
    expect(page.locator("#told[hx-get]")).to_have_count(0)


def test_the_button_says_at_once_what_more_takes_and_longer_ones_cost_in_time(mika):
    page = mika.go("/create/").page
    page.locator("#prompt").fill("a girl at sunset")
    for change in (
        lambda: choose(page, "takes", "3"),
        lambda: page.locator("input[name=seconds]").fill("12"),
    ):
        before = page.locator("#estimate").inner_text()
        change()
        expect(page.locator("#estimate")).not_to_have_text(before)


def test_no_question_carries_the_key_to_deeds_in_its_address(mika):
    asked = []
    page = mika.go("/create/").page
    expect(page.locator("#understood .chip").first).to_be_visible()
    page.on("request", lambda request: asked.append((request.method, request.url)))
    choose(page, "takes", "2")
    page.locator("#prompt").fill("a cat on a roof")
    expect(page.locator("#understood")).to_contain_text("cat")

    assert any("/create/understood/" in url for _method, url in asked)
    assert [url for method, url in asked if method == "GET" and "csrfmiddlewaretoken" in url] == []


def test_not_even_the_first_question_does_where_the_scripts_of_the_page_come_late(mika):
    asked, page = [], mika.page
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/js/main*.js", lambda route: (time.sleep(1), route.continue_()))

    page.goto("/create/")

    expect(page.locator("#composer")).to_be_visible()
    mika.wait_until(lambda: any("/create/understood/" in url for url in asked))
    assert [url for url in asked if "csrfmiddlewaretoken" in url] == []


def test_what_was_typed_is_still_there_on_the_tab_for_pictures(mika):
    page = mika.go("/create/").page
    page.locator("#prompt").fill("a lighthouse in the storm")
    page.locator("input[name=seconds]").fill("7")
    page.get_by_role("link", name="Image", exact=True).click()
    page.wait_for_url("**tab=picture")

    expect(page.locator("#prompt")).to_have_value("a lighthouse in the storm")
    expect(page.locator("input[name=seconds]")).to_have_value("7")


def test_a_guest_makes_one_clip_and_keeps_it_by_signing_up(person):
    guest = person()
    page = guest.go("/").page
    page.locator("textarea[name=prompt], input[name=prompt]").first.fill("a ship on the sea at dawn")
    page.get_by_role("button", name="Draw it").click()
    page.wait_for_url("**/clips/*-*/")
    expect(page.locator("cel-player")).to_be_visible(timeout=120_000)
    clip = page.url

    guest.fill_in_sign_up()

    page.goto(clip)
    expect(page.locator("cel-player")).to_be_visible()
    expect(page.get_by_role("link", name="Sign up to keep it")).to_have_count(0)
