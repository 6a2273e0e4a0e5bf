"""Feeds: when changes are sent, and what the tabs of one browser share."""

import pytest
from django.urls import reverse

from jobs import hints
from jobs.hooks import JobHooks
from jobs.live import feeds
from jobs.models import Job
from tests.factories import WorkspaceFactory
from tests.hooks import use_only
from tests.jobs.live import in_thread, receive_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_sockets")]
NEVER = 3600  # seconds


@in_thread
def change(job, revision, *, is_hinted=True):
    Job.objects.filter(pk=job.pk).update(rev=revision, state="running", progress=revision)
    if is_hinted:
        hints.send_hint(job)


async def test_first_change_after_quiet_is_sent_at_once(open_socket, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(feeds, "SETTLE_SECONDS", NEVER)
    monkeypatch.setattr(feeds, "SEND_EVERY", NEVER)
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await change(job, 100)

    assert '.100"' in await socket.receive_from()
    await socket.disconnect()


async def test_change_by_a_request_leaves_time_for_its_response(open_socket, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(feeds, "SETTLE_SECONDS", NEVER)
    job = await in_thread(submit)()
    browser = await in_thread(sign_in)(mika)
    socket, _ = await open_socket(browser)
    await socket.receive_from()

    await in_thread(browser.post)(reverse("jobs:cancel", args=[job.pk]))
    await change(job, 100)

    assert await socket.receive_nothing(0.2)
    await socket.disconnect()


async def test_tabs_of_a_browser_share_what_is_rendered(open_socket, sign_in, submit, mika, monkeypatch):
    rendered = []
    use_only(monkeypatch, JobHooks, cards={"test": lambda job: rendered.append(job.rev) or "[card]"})
    job = await in_thread(submit)()
    browser = await in_thread(sign_in)(mika)
    tabs = [(await open_socket(browser))[0] for _ in range(3)]
    for tab in tabs:
        await tab.receive_from()

    await change(job, 100)

    assert len({await receive_until(tab, '.100"') for tab in tabs}) == 1
    assert rendered.count(100) == 1
    for tab in tabs:
        await tab.disconnect()
    assert not feeds._feeds


async def test_change_noticed_by_a_new_tab_reaches_the_other_tabs(open_socket, sign_in, submit, mika):
    job = await in_thread(submit)()
    browser = await in_thread(sign_in)(mika)
    old, _ = await open_socket(browser, job.topic)
    await old.receive_from()
    await change(job, 100, is_hinted=False)

    new, _ = await open_socket(browser, job.topic)

    assert '.100"' in await new.receive_from()
    assert '.100"' in await old.receive_from()
    await new.disconnect()
    await old.disconnect()


async def test_page_receives_only_what_it_lacks(open_socket, sign_in, submit, mika):
    same, changed, ended = [await in_thread(submit)() for _ in range(3)]
    other = await in_thread(submit)(workspace=await in_thread(WorkspaceFactory)(), title="Not yours")
    await in_thread(Job.objects.filter(pk=ended.pk).update)(rev=7, state="cancelled")
    browser, shown = await in_thread(sign_in)(mika), f"job:{changed.pk}.99"

    socket, _ = await open_socket(browser, same.topic, shown, f"job:{ended.pk}.0", f"job:{other.pk}.0")
    careless, _ = await open_socket(browser, f"job:{same.pk}", "x.1", "", ".")
    topics, html, repeated = await socket.receive_topics(), await socket.receive_from(), await careless.receive_from()

    assert topics == {f"job:{changed.pk}": str(changed.rev), f"job:{ended.pk}": "7"}
    assert [str(job.pk) in html for job in (same, changed, ended, other)] == [False, True, True, False]
    assert "2 in progress" in html and "Not yours" not in html
    assert str(same.pk) in repeated
    await change(same, 100)
    assert await socket.receive_topics() == {f"job:{same.pk}": "100"}
    await socket.disconnect()
    await careless.disconnect()


async def test_change_of_a_job_on_the_page_is_noticed_without_a_hint(open_socket, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(feeds, "REFRESH_SECONDS", 0.1)
    job, other = [await in_thread(submit)() for _ in range(2)]
    socket, _ = await open_socket(await in_thread(sign_in)(mika), job.topic)
    await socket.receive_from()

    await change(job, 100, is_hinted=False)

    html = await socket.receive_from()
    assert '.100"' in html and str(other.pk) not in html
    await socket.disconnect()


async def test_change_that_the_pages_show_already_is_not_sent(open_socket, sign_in, submit, mika):
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(mika), job.topic)
    await socket.receive_from()

    await in_thread(hints.send_hint)(job)

    assert await socket.receive_nothing(0.5)
    await socket.disconnect()


async def test_deleted_job_that_still_runs_is_sent_once(open_socket, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(feeds, "REFRESH_SECONDS", 0.1)
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(mika), job.topic)
    await socket.receive_from()

    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100, state="running", deleted_at=job.created_at)

    await receive_until(socket, 'hx-swap="delete"')
    assert await socket.receive_nothing(0.5)
    await socket.disconnect()


async def test_topic_that_the_viewer_may_no_longer_see_is_gone(open_socket, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(feeds, "REFRESH_SECONDS", 0.1)
    job = await in_thread(submit)()
    await in_thread(Job.objects.filter(pk=job.pk).update)(state="ready")
    socket, _ = await open_socket(await in_thread(sign_in)(mika), job.topic)
    await socket.receive_from()

    await in_thread(Job.objects.filter(pk=job.pk).update)(workspace=await in_thread(WorkspaceFactory)(), rev=100)

    assert await socket.receive_topics() == {f"job:{job.pk}": ""}
    assert await socket.receive_nothing(0.5)
    await socket.disconnect()
