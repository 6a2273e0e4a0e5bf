"""What a person sees when something dies under them."""

from playwright.sync_api import expect

from tests.browser.person import DRAWN_MS
from tests.processes import kill


def test_the_workers_are_killed_in_the_middle_of_a_drawing_and_the_job_still_finishes(site, mika):
    page = mika.ask("a forest in the rain", seconds=8, lines=720).page
    card = mika.card("a forest")
    expect(card.locator("progress[value]")).to_be_visible(timeout=60_000)

    killed = site.workers()
    for pid in killed:
        kill(pid)

    assert killed
    expect(card.locator(".tag.done")).to_be_visible(timeout=DRAWN_MS * 2)
    assert page.url.endswith("/create/")


def test_without_a_socket_the_page_asks_by_itself_and_says_so(mika):
    mika.expected = ("WebSocket", "ERR_")
    page = mika.page
    page.add_init_script("window.WebSocket = class { constructor() { throw new Error('no sockets here'); } };")
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    mika.expected += ("no sockets here",)
    mika.ask("a balloon over the hill")

    expect(page.get_by_text("Checking every few seconds").first).to_be_visible(timeout=DRAWN_MS)
    mika.wait_until_done("a balloon")
    mika.complaints.clear()


def test_closing_the_window_loses_nothing(person):
    first = person()
    first.sign_up()
    first.ask("a bicycle by the sea")
    expect(first.card("a bicycle")).to_be_visible()
    state = first.page.context.storage_state()
    first.page.close()

    again = person(storage_state=state)
    again.go("/create/")

    again.wait_until_done("a bicycle")
