"""A finished clip: preview in the library, player, and continuing from its last frame."""

from playwright.sync_api import expect

from tests.browser.user import STUDIO_CLIP

VIDEO = "document.querySelector('cel-player video')"


def test_library_previews_a_clip_under_the_mouse_in_a_frame_of_its_colour(owner):
    page = owner.open("/clips/").page
    frame = page.locator(".tile", has_text=STUDIO_CLIP).last.locator(".frame")

    frame.hover()

    expect(frame.locator("video.preview.on")).to_be_visible()
    hexadecimal, computed = frame.evaluate("frame => [frame.dataset.colour, getComputedStyle(frame).backgroundColor]")
    assert computed == "rgb({}, {}, {})".format(*bytes.fromhex(hexadecimal[1:]))
    page.mouse.move(0, 0)
    expect(frame.locator("video.preview")).to_have_count(0)


def test_player_is_controlled_by_keyboard_and_the_next_clip_starts_on_the_last_frame(owner, studio):
    page = owner.open(studio.clip).page
    owner.wait_until(f"{VIDEO}.readyState >= 1")
    page.locator("cel-player").focus()

    page.keyboard.press("5")
    owner.wait_until(f"Math.abs({VIDEO}.currentTime - 1) < 0.1")
    before = page.evaluate(f"{VIDEO}.currentTime")
    page.keyboard.press(".")
    owner.wait_until(f"Math.floor({VIDEO}.currentTime * 24) === Math.floor({before} * 24 + 0.01) + 1")
    page.evaluate(f"{VIDEO}.loop = true")  # otherwise the clip may end before the next check
    page.keyboard.press("k")
    owner.wait_until(f"!{VIDEO}.paused")
    page.keyboard.press("<")
    assert page.evaluate(f"{VIDEO}.playbackRate") == 0.75
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Continue from last frame").click()
    expect(page.locator("#start video")).to_be_visible()
    owner.wait_until("document.querySelector('#start video').currentTime > 1.9")  # of two seconds
    owner.wait_until("document.querySelector('#start video').readyState >= 2")


def test_player_previews_where_to_seek_repeats_a_part_and_remembers_speed_and_volume(owner, studio):
    requests = []
    owner.page.on("request", lambda request: requests.append(request.url) if "/play/" in request.url else None)
    page = owner.open(studio.clip).page
    player, preview = page.locator("cel-player"), page.locator(".seek-preview")
    owner.wait_until(f"{VIDEO}.readyState >= 1")

    def point_at_three_quarters():
        box = page.locator(".scrub").bounding_box()
        for dx in (0, 1):  # the script of the preview loads after the page: only a later movement reaches it
            page.mouse.move(box["x"] + box["width"] * 0.75 + dx, box["y"] + box["height"] / 2)
        return preview.locator(".seek-tile").is_visible()

    owner.wait_until(point_at_three_quarters)
    expect(preview).to_contain_text("01+")
    assert page.evaluate(f"{VIDEO}.currentTime") == 0
    page.mouse.move(0, 0)
    expect(preview).to_be_hidden()

    player.focus()
    for key, seconds in (("2", 0.4), ("4", 0.8)):
        page.keyboard.press(key)
        owner.wait_until(f"Math.abs({VIDEO}.currentTime - {seconds}) < 0.05 && !{VIDEO}.seeking")
        page.keyboard.press("b")
    expect(page.locator(".buttons [data-act=part]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("9")
    page.keyboard.press("k")
    owner.wait_until(f"!{VIDEO}.paused && {VIDEO}.currentTime < 0.9")
    page.keyboard.press("k")
    assert len(requests) == 1  # seeking loads nothing again

    page.keyboard.press(">")
    page.keyboard.press(">")
    page.keyboard.press("ArrowDown")
    page.reload()
    owner.wait_until(f"{VIDEO}.playbackRate === 1.5 && Math.abs({VIDEO}.volume - 0.9) < 0.01")


def test_player_reloads_a_clip_that_broke_off_and_reports_one_that_is_unavailable(owner, studio):
    """The link of a file expires within minutes, while a page stays open for hours."""
    owner.expected = ("Failed to load",)
    page, player, aborted = owner.page, owner.page.locator("cel-player"), []

    def break_once(route):
        if aborted:
            route.fallback()
        else:
            aborted.append(route.request.url)
            route.abort()

    page.route("**/play/", break_once)
    owner.open(studio.clip).wait_until(lambda: aborted)
    owner.play_clip()
    expect(player.locator(".broken")).to_be_hidden()

    page.unroute("**/play/")
    page.route("**/play/", lambda route: route.abort())
    page.reload()
    expect(player.locator(".broken")).to_be_visible()
    expect(player.locator(".big")).to_have_css("opacity", "0")  # the button would cover the message

    page.unroute("**/play/")
    player.locator(".controls [data-act=play]").click()
    owner.wait_until(f"{VIDEO}.currentTime > 0.2")
    expect(player.locator(".broken")).to_be_hidden()
