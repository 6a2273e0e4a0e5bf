"""Live socket: what it pushes, and how hints reach it."""

import contextlib
import json
import multiprocessing
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from channels.layers import get_channel_layer
from django.conf import settings as site
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Role
from common.live import sender as hint_sender
from common.live.hints import workspace_group
from jobs import hints, services
from jobs.hooks import JobHooks
from jobs.lifecycle import engine
from jobs.live import close_codes, consumers, feeds
from jobs.models import Job
from jobs.views import cards
from jobs.worker import startup
from tests.factories import MembershipFactory, WorkspaceFactory
from tests.hooks import use_only
from tests.jobs.live import PATIENCE, closing_code, in_thread, receive_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_sockets")]


@pytest.mark.rows
async def test_page_receives_its_jobs_on_connect(open_socket, sign_in, submit, mika):
    job = await in_thread(submit)(title="Koi under ice")
    other = await in_thread(submit)(workspace=await in_thread(WorkspaceFactory)(), title="Not yours")

    socket, _ = await open_socket(await in_thread(sign_in)(mika), job, other)
    html = await socket.receive_from()

    assert f'"li.job-row#job-{job.pk}"' in html and "Koi under ice" in html
    assert str(other.pk) not in html
    assert 'hx-target="#nav-jobs"' in html and "1 in progress" in html
    await socket.disconnect()


async def test_many_jobs_are_split_into_small_messages(open_socket, sign_in, submit, mika, settings):
    settings.JOBS_PER_WORKSPACE = 100
    jobs = [await in_thread(submit)(title=f"水墨 {n} " + "雨" * 80) for n in range(50)]
    socket, _ = await open_socket(await in_thread(sign_in)(mika), *jobs)
    messages = []
    while "nav-jobs" not in "".join(messages):  # the badge comes last
        messages.append(await socket.receive_from())
    sizes = [len(json.dumps({"content": message}, ensure_ascii=False).encode()) for message in messages]

    assert [job.pk for job in jobs if str(job.pk) not in "".join(messages)] == []
    assert len(messages) > 1 and max(sizes) < largest_message()
    await socket.disconnect()


def largest_message() -> int:
    """Return the web server's limit, which applies to messages in both directions, from all commands that start it."""
    commands = [" ".join(startup.build_web("127.0.0.1", 80).command)]
    commands += [(site.BASE_DIR / name).read_text() for name in ("deploy/start", "deploy/systemd/tapwari-web.service")]
    found = {re.search(r"--websocket-max-message-size (\d+)", command)[1] for command in commands}
    assert len(found) == 1
    return int(found.pop())


async def test_change_is_read_from_the_database_not_the_hint(open_socket, sign_in, submit, mika):
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(engine.advance)(job.pk)
    html = await receive_until(socket, "Done")

    assert f'"li.job-row#job-{job.pk}"' in html and 'data-state="done"' in html
    await socket.disconnect()


async def test_job_card_is_rendered_by_its_app(open_socket, sign_in, submit, mika, monkeypatch):
    use_only(monkeypatch, JobHooks, cards={"test": lambda job: f"[card of {job.title}]"})
    job = await in_thread(submit)(title="<b>rain</b>")

    socket, _ = await open_socket(await in_thread(sign_in)(mika), job)
    html = await socket.receive_from()

    assert f'hx-target="article.job#job-{job.pk}"' in html
    assert "<b>rain" not in html
    await socket.disconnect()


@pytest.mark.parametrize(("role", "may_edit"), [(Role.VIEWER, False), (Role.EDITOR, True)])
async def test_pushed_rows_offer_what_the_role_allows(open_socket, sign_in, submit, ren, workspace, role, may_edit):
    await in_thread(MembershipFactory)(user=ren, workspace=workspace, role=role)
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(ren), job)
    first = await socket.receive_from()

    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100, progress=5)
    await in_thread(hints.send_hint)(job)
    later = await socket.receive_from()

    for html in (first, later):
        assert f'"li.job-row#job-{job.pk}"' in html
        assert (reverse("jobs:cancel", args=[job.pk]) in html) == (f'value="{job.pk}"' in html) == may_edit
    await socket.disconnect()


async def test_forged_hint_reveals_nothing(open_socket, sign_in, submit, mika, workspace):
    other = await in_thread(submit)(workspace=await in_thread(WorkspaceFactory)(), title="Not yours")
    socket, _ = await open_socket(await in_thread(sign_in)(mika))
    await socket.receive_from()

    for topics in [[f"job:{other.pk}"], ["job:nonsense", "story:1", ":"], 7]:
        await get_channel_layer().group_send(workspace_group(workspace.pk), {"type": "live.hint", "topics": topics})
    own = await in_thread(submit)(title="A crane")
    html = await receive_until(socket, str(own.pk))

    assert "Not yours" not in html and str(other.pk) not in html
    await socket.disconnect()


async def test_deleted_job_is_removed_from_the_page(open_socket, sign_in, submit, mika):
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(services.delete)(job, by=mika)

    assert f'hx-target="#job-{job.pk}" hx-swap="delete"' in await socket.receive_from()
    await socket.disconnect()


async def test_progress_updates_are_batched(open_socket, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(feeds, "SEND_EVERY", 3600)
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(mika))
    await socket.receive_from()

    for n in range(20):
        await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100 + n, progress=n)
        await in_thread(hints.send_hint)(job)

    await socket.receive_from()
    await in_thread(hints.send_hint)(job)
    assert await socket.receive_nothing(0.2), "the next message is an hour later"
    await socket.disconnect()


async def test_batched_updates_are_sent_eventually(open_socket, sign_in, submit, mika):
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(mika))
    await socket.receive_from()

    for n in range(5):
        await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100 + n, state="running", progress=n * 100)
        await in_thread(hints.send_hint)(job)

    assert f"job-{job.pk}" in await receive_until(socket, '.104"')
    await socket.disconnect()


async def test_change_without_a_hint_is_noticed(open_socket, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(feeds, "REFRESH_SECONDS", 0.1)
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(mika), job)
    await socket.receive_from()

    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100, state="running", progress=500)
    assert '.100"' in await socket.receive_from()
    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=101, state="ready", finished_at=timezone.now())
    assert "Done" in await receive_until(socket, "li.job-row")

    assert await socket.receive_nothing(0.5), "ended jobs are not sent again"
    monkeypatch.setattr(hints, "send_hint", lambda job: None)
    await in_thread(submit)()
    assert "1 in progress" in await socket.receive_from()
    await socket.disconnect()


@pytest.mark.rows
async def test_hint_is_retried_after_a_database_error(open_socket, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(feeds, "REFRESH_SECONDS", 0.3)
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(mika), job)
    await socket.receive_from()
    render, errors = cards.render_partials, iter([OperationalError("the database is being started")])

    def fail_once(*jobs):
        for error in errors:
            raise error
        return render(*jobs)

    monkeypatch.setattr(cards, "render_partials", fail_once)
    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100, state="running", progress=500)
    await in_thread(hints.send_hint)(job)

    assert '.100"' in await socket.receive_from()
    assert next(errors, None) is None
    await socket.disconnect()


@pytest.mark.parametrize("error", [OperationalError("the database is being started"), ZeroDivisionError()], ids=repr)
async def test_failed_tabs_take_no_connection_slots(open_socket, sign_in, submit, mika, monkeypatch, error):
    browser = await in_thread(sign_in)(mika)

    def fail(names, viewer):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(feeds.topics, "list_revisions", fail)
        for _ in range(consumers.MAX_SOCKETS):
            socket, _ = await open_socket(browser)
            if isinstance(error, OperationalError):
                assert await closing_code(socket) == close_codes.TRY_LATER
            with contextlib.suppress(ZeroDivisionError):
                await socket.wait(PATIENCE)
    assert not consumers._open

    socket, _ = await open_socket(browser)
    assert "nav-jobs" in await socket.receive_from()
    await socket.disconnect()


async def test_personal_job_is_not_pushed_to_workspace_members(
    open_socket, sign_in, submit, register_kind, mika, ren, workspace
):
    await in_thread(MembershipFactory)(workspace=workspace, user=ren)
    register_kind("own", is_private=True)
    job = await in_thread(submit)(kind="own", title="Koi under ice")
    theirs, _ = await open_socket(await in_thread(sign_in)(ren), job)
    hers, _ = await open_socket(await in_thread(sign_in)(mika), job)
    first = await theirs.receive_from()
    assert "Koi" not in first and "being made" not in first
    assert "Koi" in await hers.receive_from()

    await in_thread(services.cancel)(job, by=mika)

    await receive_until(hers, "Cancelled")
    shared = await in_thread(submit)(title="A crane")
    html = await theirs.receive_from()
    while str(shared.pk) not in html:
        html += await theirs.receive_from()
    assert "Koi" not in html and str(job.pk) not in html
    await theirs.disconnect()
    await hers.disconnect()


async def test_guest_receives_updates_of_their_job(open_socket, guest_browser, submit):
    job = await in_thread(submit)(workspace=guest_browser.guest, by=None)

    socket, is_accepted = await open_socket(guest_browser, job)

    assert is_accepted and str(job.pk) in await socket.receive_from()
    await socket.disconnect()


async def test_pushed_text_is_in_the_viewers_language(open_socket, guest_browser, submit, monkeypatch):
    languages = []

    def render(job):
        languages.append(translation.get_language())
        return ""

    use_only(monkeypatch, JobHooks, cards={"test": render})
    job = await in_thread(submit)(workspace=guest_browser.guest, by=None)

    socket, _ = await open_socket(guest_browser, job, accept_language="zh-CN,zh;q=0.9")
    await socket.receive_from()

    assert languages == ["zh-hans"]
    await socket.disconnect()


async def test_socket_reports_unavailable_redis_and_jobs_continue(open_socket, sign_in, submit, mika, settings, caplog):
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["unix:///nowhere/valkey.sock"]},
        }
    }
    job = await in_thread(submit)()
    await in_thread(engine.advance)(job.pk)

    _socket, is_accepted = await open_socket(await in_thread(sign_in)(mika))

    assert not is_accepted
    assert (await in_thread(Job.objects.get)(pk=job.pk)).is_good
    await in_thread(hint_sender.flush)()
    assert caplog.text.count("Live updates are off") == 1


async def test_hint_travels_through_redis(open_socket, sign_in, submit, mika, settings, redis_server):
    settings.CHANNEL_LAYERS = layers_over(redis_server)
    job = await in_thread(submit)()
    socket, _ = await open_socket(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(services.cancel)(job, by=mika)

    assert f"job-{job.pk}" in await receive_until(socket, "Cancelled")
    await socket.disconnect()


def layers_over(redis_server):
    return {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [f"redis://127.0.0.1:{redis_server.port}/0"]},
        }
    }


def test_hints_of_many_threads_share_one_connection(submit, settings, redis_server):
    settings.CHANNEL_LAYERS = layers_over(redis_server)
    job = submit()
    with redis.Redis(port=redis_server.port) as client, ThreadPoolExecutor(4) as threads:
        before = client.info("stats")["total_connections_received"]
        list(threads.map(hints.send_hint, [job] * 40))
        hint_sender.flush()

        assert client.info("commandstats")["cmdstat_publish"]["calls"] >= 40
        assert client.info("stats")["total_connections_received"] - before <= 2


def test_failed_hint_does_not_block_later_ones(submit, settings, redis_server, monkeypatch, caplog):
    settings.CHANNEL_LAYERS = layers_over(redis_server)
    job, send, errors = submit(), hint_sender.HintSender.send, iter([ZeroDivisionError])
    hint_sender.flush()  # the hints of the new job

    def fail_once(self, send_now):
        for error in errors:
            raise error
        send(self, send_now)

    monkeypatch.setattr(hint_sender.HintSender, "send", fail_once)
    with redis.Redis(port=redis_server.port) as client:
        client.config_resetstat()
        for _ in range(3):
            hints.send_hint(job)
        hint_sender.flush()

        assert client.info("commandstats")["cmdstat_publish"]["calls"] == 2
    assert "cannot send a hint" in caplog.text


def test_page_names_socket_and_polling_urls(client, sign_in, mika):
    text = sign_in(mika).get(reverse("jobs:queue")).text

    assert 'hx-ws:connect="/ws/jobs/"' in text
    assert f'data-live="{reverse("jobs:live")}"' in text


def test_last_hint_of_a_stopping_worker_is_sent(submit, settings, redis_server, monkeypatch):
    """django-q2 ends a worker after some number of tasks, the last of which may have ended a clip."""
    settings.CHANNEL_LAYERS = layers_over(redis_server)
    job, send = submit(), hint_sender.HintSender.send
    monkeypatch.setattr(hint_sender.HintSender, "send", lambda self, send_now: (time.sleep(0.3), send(self, send_now)))
    worker = multiprocessing.get_context("fork").Process(target=hints.send_hint, args=[job])
    hint_sender.flush()  # the hints of the new job
    with redis.Redis(port=redis_server.port) as client:
        client.config_resetstat()
        worker.start()
        worker.join(PATIENCE)

        assert client.info("commandstats")["cmdstat_publish"]["calls"] == 1
