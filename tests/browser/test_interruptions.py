"""Jobs finish although workers or the WebSocket disappear."""

import pytest
from playwright.sync_api import expect

from jobs.live.close_codes import TOO_MANY
from tests.browser.user import DRAWING_TIMEOUT_MS
from tests.processes import kill


@pytest.mark.deep  # jobs/test_faults.py kills workers, test_job_list.py breaks the socket in every run
def test_job_finishes_after_all_workers_were_killed_while_drawing(site, mika):
    page = mika.create_clip("a forest in the rain", seconds=8, resolution=720).page
    card = mika.job_card("a forest")
    expect(card.locator("progress[value]")).to_be_visible()

    killed = site.worker_pids()
    for pid in killed:
        kill(pid)
    site.expire_leases()

    assert killed
    expect(card.locator(".tag.done")).to_be_visible(timeout=DRAWING_TIMEOUT_MS * 2)
    assert page.url.endswith("/create/")


def test_page_without_a_websocket_polls_and_says_so(mika):
    mika.expected = ("WebSocket", "ERR_", "no sockets here")
    page = mika.page
    page.add_init_script("window.WebSocket = class { constructor() { throw new Error('no sockets here'); } };")
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    mika.create_clip("a balloon over the hill")

    expect(page.get_by_text("Checking every few seconds").first).to_be_visible(timeout=DRAWING_TIMEOUT_MS)
    mika.wait_until_done("a balloon")
    mika.console_errors.clear()


def test_tab_beyond_the_limit_of_sockets_says_why_it_is_not_live(mika):
    mika.expected = ("WebSocket",)
    mika.page.route_web_socket("**/ws/**", lambda socket: socket.close(code=TOO_MANY))

    page = mika.open("/jobs/").page

    expect(page.get_by_text("because five other tabs are live")).to_be_visible()
    expect(page.get_by_text("Reconnecting")).to_be_hidden()
