"""The job list works by mouse, by touch, and after its WebSocket broke."""

import json
import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.user import STUDIO_CLIP

LINES = "e => e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight)"
VIDEO = "document.querySelector('cel-player video')"
IPHONE = f"""  // only videos can fill its screen
    {VIDEO}.closest("cel-player").requestFullscreen = undefined;
    {VIDEO}.webkitEnterFullscreen = () => (window.isFullScreen = true);
"""
CONNECTION = "document.querySelector('main')._htmx.ws.connection"
SOCKET = "document.querySelector('main')._htmx?.ws?.connection?.socket"
REPLACE_ROW = """(row, states) => {
    states.forEach((state, n) => {
        const copy = row.cloneNode(true);
        copy.id = `job-00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
        copy.dataset.state = state;
        if (["work", "wait"].includes(state)) copy.dataset.topics = `job:${copy.id.slice(4)}.7`;
        row.before(copy);
    });
    row.remove();
}"""  # adds rows for more jobs than one user may have running
MANY_JOBS = 208
# as TIME in jobs/templatetags/job_list.py renders the time of a running job
RUNNING = '<i data-elapsed="65" data-usual="180" data-slow="300"><i data-clock></i>, <i data-left></i></i>'


def keep_one_row(page):
    """Remove all rows but that of the clip of ``studio``, and return it."""
    row = page.locator(".job-row").last
    page.evaluate("document.querySelectorAll('.job-row').forEach((row, n, all) => n < all.length - 1 && row.remove())")
    return row


@pytest.mark.deep
def test_time_of_a_job_fits_one_line_in_every_language(owner):
    for width in (1200, 1280):
        owner.page.set_viewport_size({"width": width, "height": 900})
        time_element = owner.open("/jobs/").page.locator(".job-row time").first
        for text in ("59 minutes ago", "16 seconds ago", "59分钟之前"):
            time_element.evaluate("(e, text) => (e.textContent = text)", text)
            assert time_element.locator("..").evaluate(LINES) < 1.5, (width, text)


def test_touch_selects_a_job_beside_its_checkbox_opens_it_elsewhere_and_seeks_in_its_clip(new_user, studio):
    user = new_user(375, storage_state=studio.state, has_touch=True, is_mobile=True)
    page = user.open("/jobs/").page
    row = page.locator(".job-row", has_text=STUDIO_CLIP).last
    checkbox = row.locator("input[name=id]")
    checkbox.scroll_into_view_if_needed()
    box = checkbox.bounding_box()

    page.touchscreen.tap(box["x"] - 10, box["y"] - 10)
    expect(checkbox).to_be_checked()
    expect(page.locator(".bulk [data-fits]:visible")).to_have_text(re.compile("Move to trash"))  # the clip is finished
    row.locator(".eta").evaluate("(place, markup) => place.insertAdjacentHTML('afterend', markup)", RUNNING)
    expect(row.locator("[data-elapsed]")).to_have_text(re.compile(r"^1:[0-5]\d, about (2 min|\d+ s) left"))
    sizes = "all => all.map((button) => [button.innerText, button.getBoundingClientRect().height])"
    buttons = page.locator("main button:visible").evaluate_all(sizes)  # one call: buttons disappear when a job ends
    assert buttons and [(text, height) for text, height in buttons if height < 44] == []

    bar = row.locator(".progress-bar").bounding_box()
    page.touchscreen.tap(bar["x"] + 20, bar["y"] + 2)
    page.wait_for_url("**/clips/*-*/")

    video = page.locator("cel-player video")
    user.wait_until(f"{VIDEO}.readyState >= 1")
    page.wait_for_load_state("networkidle")  # scripts of the player load after the page
    box = video.bounding_box()
    for _ in range(2):
        page.touchscreen.tap(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    expect(page.locator(".seek-flash")).to_have_text("+5 s")
    user.wait_until(f"{VIDEO}.currentTime > 1.8 && {VIDEO}.paused")  # of two seconds
    page.evaluate(IPHONE)
    page.locator("[data-act=full]").tap()
    user.wait_until("window.isFullScreen")


def test_reconnected_page_says_once_what_it_shows(owner):
    sockets, messages, requests = [], [], []

    def serve(socket):
        sockets.append(socket)
        socket.on_message(lambda text: messages.append(json.loads(text)["topics"]))

    owner.page.route_web_socket("**/ws/**", serve)
    owner.open("/jobs/").wait_until(f"{SOCKET}?.readyState === WebSocket.OPEN")
    owner.page.evaluate(f"{CONNECTION}.config.reconnectDelay = 20")
    keep_one_row(owner.page).evaluate(REPLACE_ROW, ["done", "work", "fail", "wait", "off"])
    shown = " ".join(f"job:{fake_id(number)}.7" for number in (1, 3))
    owner.wait_until(lambda: messages[-1:] == [shown])
    owner.page.on("request", lambda request: requests.append(request.url))

    for times in (1, 2):  # the second break would reveal an extra message after the first
        sockets[-1].close(code=1006)
        owner.wait_until(lambda times=times: len(sockets) == times + 1)
        owner.wait_until(f"{SOCKET}?.readyState === WebSocket.OPEN")

    assert messages[-3:] == [shown] * 3 and len(messages) == 4
    assert requests == []


def fake_id(number: int) -> str:
    """Return the id that REPLACE_ROW gives to a row."""
    return f"00000000-0000-4000-8000-{number:012}"


def test_narrow_desktop_shows_titles_and_one_row_of_filters(owner):
    owner.page.set_viewport_size({"width": 1000, "height": 900})
    page = owner.open("/jobs/").page
    tops = "elements => new Set(elements.map(e => e.getBoundingClientRect().top)).size"

    assert page.locator(".job-filters .select").evaluate_all(tops) == 1
    assert page.locator(".job-row-title").first.bounding_box()["width"] > 250


def test_rows_are_low_and_a_story_is_named_once(owner, studio):
    page = owner.open("/jobs/").page
    heights = "rows => rows.map(row => row.getBoundingClientRect().height)"

    assert max(page.locator(".job-row").evaluate_all(heights)) <= 60
    expect(page.locator(f"#rows .job-list-group a[href='{studio.story}']")).to_have_count(1)
    expect(page.locator("#rows .job-row-story-title:visible")).to_have_count(0)
    expect(page.locator("main").get_by_role("link", name="New clip")).to_be_visible()


@pytest.mark.deep
def test_page_opens_its_socket_when_the_script_loads_late(owner):
    owner.page.route("**/hx-ws*.js", lambda route: (time.sleep(1), route.continue_()))

    owner.open("/jobs/").wait_until(f"{SOCKET}?.readyState === WebSocket.OPEN")


@pytest.mark.deep
def test_select_all_selects_at_most_as_many_jobs_as_one_request_takes(owner):
    page = owner.open("/jobs/").page
    keep_one_row(page).evaluate(REPLACE_ROW, ["done"] * MANY_JOBS)
    everything, selected = page.get_by_label("Select all shown"), page.locator(".job-row input:checked")

    everything.check()
    expect(selected).to_have_count(200)
    everything.uncheck()

    expect(selected).to_have_count(0)
