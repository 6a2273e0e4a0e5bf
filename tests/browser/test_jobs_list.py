"""The list of jobs for the eye and for a finger, and when its line to the studio breaks."""

import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

ASKED = "a girl in the school yard"
LINES = "e => e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight)"
SOCKET = "document.querySelector('main')._htmx?.ws?.connection?.socket"
IN_ITS_PLACE = """(row, looks) => {
    looks.forEach((look, n) => {
        const other = row.cloneNode(true);
        other.id = `job-00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
        other.dataset.state = look;
        row.before(other);
    });
    row.remove();
}"""  # more jobs than anybody has who may have ten under way


@pytest.fixture
def desk(mika):
    """Somebody with one job, of which it does not matter here how far it is."""
    expect(mika.ask(ASKED).card(ASKED)).to_be_visible()
    return mika.page.context.storage_state()


@pytest.mark.parametrize("width", [1000, 1280])
def test_when_a_job_was_sent_is_one_line_whichever_words_say_it(person, desk, width):
    page = person(width, storage_state=desk).go("/jobs/").page
    sent = page.locator(".jr time").first

    for words in ("59 minutes ago", "16 seconds ago", "59分钟之前"):
        sent.evaluate("(e, words) => (e.textContent = words)", words)
        assert sent.locator("..").evaluate(LINES) < 1.5, words


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


@pytest.mark.parametrize(
    ("looks", "asked"),
    [
        (["done", "work", "fail", "wait", "off"], [[1, 3]]),
        (["work"] * 208, [range(100), range(100, 200), range(200, 208)]),
    ],
    ids=["some", "very many"],
)
def test_when_its_socket_is_back_a_page_asks_once_what_became_of_all_that_it_shows_as_unfinished(
    person, desk, looks, asked
):
    mika, sockets, urls = person(storage_state=desk), [], []
    mika.page.route_web_socket("**/ws/**", lambda socket: (socket.connect_to_server(), sockets.append(socket)))
    mika.page.route("**/jobs/live/**", lambda route: (route.fulfill(status=204), urls.append(route.request.url)))
    mika.go("/jobs/").wait_until(lambda: len(sockets) == 1)
    mika.page.locator(".jr").evaluate(IN_ITS_PLACE, looks)
    questions = ["ids=" + ",".join(f"00000000-0000-4000-8000-{n:012}" for n in ids) for ids in asked]

    for times in (1, 2):  # one question too many after the first break is seen by the end of the second
        mika.wait_until(lambda times=times: len(sockets) == times and len(urls) >= len(questions) * (times - 1))
        sockets[-1].close(code=1006)
        mika.wait_until(lambda times=times: len(urls) >= len(questions) * times)

    assert [urlsplit(url).query for url in urls] == questions * 2


def test_a_page_has_its_socket_where_the_script_of_it_comes_late(person, desk):
    mika = person(storage_state=desk)
    mika.page.route("**/hx-ws*.js", lambda route: (time.sleep(1), route.continue_()))

    mika.go("/jobs/").wait_until(f"{SOCKET}?.readyState === WebSocket.OPEN")


def test_all_that_are_shown_are_ticked_up_to_as_many_as_can_be_done_at_one_time(person, desk):
    page = person(storage_state=desk).go("/jobs/").page
    page.locator(".jr").evaluate(IN_ITS_PLACE, ["done"] * 208)
    everything, ticked = page.get_by_label("Select all shown"), page.locator(".jr input:checked")

    everything.check()
    expect(ticked).to_have_count(200)
    everything.uncheck()

    expect(ticked).to_have_count(0)
