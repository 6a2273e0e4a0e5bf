"""Live socket: what it pushes, and how hints reach it."""

import contextlib
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
from django.utils import timezone

from accounts.models import Role
from jobs import services
from jobs.hints import push
from jobs.hints import sender as hint_sender
from jobs.lifecycle import engine
from jobs.live import consumers
from jobs.models import Job
from jobs.views import cards
from jobs.worker import supervisor
from tests.factories import MembershipFactory, WorkspaceFactory
from tests.hooks import use_only
from tests.jobs.live import PATIENCE, closing_code, in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_sockets")]


@pytest.mark.rows
async def test_page_receives_current_jobs_on_connect(listen, sign_in, submit, mika):
    job = await in_thread(submit)(title="Koi under ice")
    other = await in_thread(submit)(workspace=await in_thread(WorkspaceFactory)(), title="Not yours")

    socket, _ = await listen(await in_thread(sign_in)(mika))
    html = await socket.receive_from()

    assert f'"li.job-row#job-{job.pk}"' in html and "Koi under ice" in html
    assert str(other.pk) not in html
    assert 'hx-target="#nav-jobs"' in html and "1 in progress" in html
    await socket.disconnect()


async def test_many_jobs_are_split_into_small_messages(listen, sign_in, submit, mika, settings):
    settings.JOBS_PER_WORKSPACE = 100
    jobs = [await in_thread(submit)(title=f"水墨 {n} " + "雨" * 80) for n in range(consumers.INITIAL_JOBS)]
    socket, _ = await listen(await in_thread(sign_in)(mika))
    messages = []
    while "nav-jobs" not in "".join(messages):  # the badge comes last
        messages.append(await socket.receive_from())

    assert [job.pk for job in jobs if str(job.pk) not in "".join(messages)] == []
    assert len(messages) > 1 and max(len(each.encode()) for each in messages) < largest_message()
    await socket.disconnect()


def largest_message() -> int:
    """Of the web server, wherever it is started: autobahn holds what it sends to it as well."""
    commands = [" ".join(supervisor.web("127.0.0.1", 80).command)]
    commands += [(site.BASE_DIR / name).read_text() for name in ("deploy/start", "deploy/systemd/tapwari-web.service")]
    found = {re.search(r"--websocket-max-message-size (\d+)", each)[1] for each in commands}
    assert len(found) == 1
    return int(found.pop())


async def test_change_is_read_from_the_database_not_the_hint(listen, sign_in, submit, mika):
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(engine.advance)(job.pk)
    html = await socket.receive_from()
    while "Done" not in html:
        html = await socket.receive_from()

    assert f'"li.job-row#job-{job.pk}"' in html and 'data-state="done"' in html
    await socket.disconnect()


async def test_job_card_is_rendered_by_its_app(listen, sign_in, submit, mika, monkeypatch):
    use_only(monkeypatch, job_cards={"test": lambda job: f"[card of {job.title}]"})
    job = await in_thread(submit)(title="<b>rain</b>")

    socket, _ = await listen(await in_thread(sign_in)(mika))
    html = await socket.receive_from()

    assert f'hx-target="article.job#job-{job.pk}"' in html
    assert "<b>rain" not in html
    await socket.disconnect()


@pytest.mark.parametrize(("role", "may"), [(Role.VIEWER, False), (Role.EDITOR, True)])
async def test_pushed_rows_offer_what_the_role_allows(listen, sign_in, submit, ren, desk, role, may):
    await in_thread(MembershipFactory)(user=ren, workspace=desk, role=role)
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(ren))
    arriving = await socket.receive_from()

    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100, progress=5)
    await in_thread(push.send_hint)(job)
    later = await socket.receive_from()

    for html in (arriving, later):
        assert f'"li.job-row#job-{job.pk}"' in html
        assert (reverse("jobs:cancel", args=[job.pk]) in html) == (f'value="{job.pk}"' in html) == may
    await socket.disconnect()


async def test_forged_hint_reveals_nothing(listen, sign_in, submit, mika, desk):
    other = await in_thread(submit)(workspace=await in_thread(WorkspaceFactory)(), title="Not yours")
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    hint = {"type": "job.hint", "job": str(other.pk), "rev": 9}
    await get_channel_layer().group_send(push.group_name(desk.pk), hint)
    await get_channel_layer().group_send(push.group_name(desk.pk), {"type": "job.hint", "job": "nonsense"})
    html = await socket.receive_from()

    assert "Not yours" not in html and str(other.pk) not in html
    await socket.disconnect()


async def test_deleted_job_is_removed_from_the_page(listen, sign_in, submit, mika):
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(services.delete)(job, by=mika)

    assert f'hx-target="#job-{job.pk}" hx-swap="delete"' in await socket.receive_from()
    await socket.disconnect()


async def test_progress_updates_are_batched(listen, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(consumers, "SEND_EVERY", 3600)
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    for n in range(20):
        await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100 + n, progress=n)
        await in_thread(push.send_hint)(job)

    await socket.receive_from()
    await in_thread(push.send_hint)(job)
    assert await socket.receive_nothing(0.2), "one message, and the next an hour later"
    await socket.disconnect()


async def test_batched_updates_are_sent_eventually(listen, sign_in, submit, mika):
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    for n in range(5):
        await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100 + n, state="running", progress=n * 100)
        await in_thread(push.send_hint)(job)

    while 'data-rev="104"' not in await socket.receive_from():
        pass
    await socket.disconnect()


async def test_change_without_a_hint_is_noticed(listen, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(consumers, "REFRESH_SECONDS", 0.1)
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100, state="running", progress=500)
    assert 'data-rev="100"' in await socket.receive_from()
    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=101, state="ready", finished_at=timezone.now())
    assert 'data-rev="101"' in await socket.receive_from()

    assert await socket.receive_nothing(0.5), "what is over is left alone"
    monkeypatch.setattr(push, "send_hint", lambda job: None)
    new = await in_thread(submit)()
    assert str(new.pk) in await socket.receive_from()
    await socket.disconnect()


@pytest.mark.rows
async def test_hint_is_retried_after_a_database_error(listen, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(consumers, "REFRESH_SECONDS", 0.3)
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()
    badge, broken = cards.badge, iter([OperationalError("the database is being started")])

    def badge_of(count):
        for error in broken:
            raise error
        return badge(count)

    monkeypatch.setattr(cards, "badge", badge_of)
    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100, state="running", progress=500)
    await in_thread(push.send_hint)(job)

    assert 'data-rev="100"' in await socket.receive_from()
    assert next(broken, None) is None
    await socket.disconnect()


@pytest.mark.parametrize("error", [OperationalError("the database is being started"), ZeroDivisionError()], ids=repr)
async def test_failed_tabs_take_no_connection_slots(listen, sign_in, submit, mika, monkeypatch, error):
    browser = await in_thread(sign_in)(mika)

    def broken(consumer):
        raise error

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(consumers.JobConsumer, "current", broken)
        for _tab in range(consumers.MAX_SOCKETS):
            socket, _ = await listen(browser)
            if isinstance(error, OperationalError):
                assert await closing_code(socket) == consumers.TRY_LATER
            with contextlib.suppress(ZeroDivisionError):
                await socket.wait(PATIENCE)
    assert not consumers._open

    socket, _ = await listen(browser)
    assert "nav-jobs" in await socket.receive_from()
    await socket.disconnect()


async def test_personal_job_is_not_pushed_to_workspace_members(listen, sign_in, submit, kind, mika, ren, desk):
    await in_thread(MembershipFactory)(workspace=desk, user=ren)
    kind("own", is_private=True)
    job = await in_thread(submit)(kind="own", title="Koi under ice")
    theirs, _ = await listen(await in_thread(sign_in)(ren))
    hers, _ = await listen(await in_thread(sign_in)(mika))
    first = await theirs.receive_from()
    assert "Koi" not in first and "being made" not in first
    assert "Koi" in await hers.receive_from()

    await in_thread(services.cancel)(job, by=mika)

    while "Cancelled" not in await hers.receive_from():
        pass
    shared = await in_thread(submit)(title="A crane")
    told = await theirs.receive_from()
    while str(shared.pk) not in told:
        told += await theirs.receive_from()
    assert "Koi" not in told and str(job.pk) not in told
    await theirs.disconnect()
    await hers.disconnect()


async def test_guest_receives_updates_of_their_job(listen, visitor, submit):
    job = await in_thread(submit)(workspace=visitor.guest, by=None)

    socket, is_in = await listen(visitor)

    assert is_in and str(job.pk) in await socket.receive_from()
    await socket.disconnect()


async def test_pushed_text_is_in_the_viewers_language(listen, visitor, submit, monkeypatch):
    seen = []
    card = lambda job: seen.append(consumers.translation.get_language()) or ""  # noqa: E731
    use_only(monkeypatch, job_cards={"test": card})
    await in_thread(submit)(workspace=visitor.guest, by=None)

    socket, _ = await listen(visitor, accept_language="zh-CN,zh;q=0.9")
    await socket.receive_from()

    assert seen == ["zh-hans"]
    await socket.disconnect()


async def test_socket_reports_unavailable_redis_and_jobs_continue(listen, sign_in, submit, mika, settings, caplog):
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["unix:///nowhere/valkey.sock"]},
        }
    }
    job = await in_thread(submit)()
    await in_thread(engine.advance)(job.pk)

    _socket, is_in = await listen(await in_thread(sign_in)(mika))

    assert not is_in
    assert (await in_thread(Job.objects.get)(pk=job.pk)).is_good
    await in_thread(hint_sender.flush)()
    assert caplog.text.count("Live updates are off") == 1


async def test_hint_travels_through_redis(listen, sign_in, submit, mika, settings, redis_server):
    settings.CHANNEL_LAYERS = over(redis_server)
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(services.cancel)(job, by=mika)

    while "Cancelled" not in await socket.receive_from():
        pass  # a hint of what was before
    await socket.disconnect()


def over(redis_server):
    return {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [f"redis://127.0.0.1:{redis_server.port}/0"]},
        }
    }


def test_hints_of_many_threads_share_one_connection(submit, settings, redis_server):
    settings.CHANNEL_LAYERS = over(redis_server)
    job = submit()
    with redis.Redis(port=redis_server.port) as redis_itself, ThreadPoolExecutor(4) as threads:
        before = redis_itself.info("stats")["total_connections_received"]
        list(threads.map(push.send_hint, [job] * 40))
        hint_sender.flush()

        assert redis_itself.info("commandstats")["cmdstat_publish"]["calls"] >= 40
        assert redis_itself.info("stats")["total_connections_received"] - before <= 2


def test_failed_hint_does_not_block_later_ones(submit, settings, redis_server, monkeypatch, caplog):
    settings.CHANNEL_LAYERS = over(redis_server)
    job, report, broken = submit(), hint_sender.HintSender.send, iter([ZeroDivisionError])
    hint_sender.flush()  # of what is said of a new job

    def send(self, carry):
        for error in broken:
            raise error
        report(self, carry)

    monkeypatch.setattr(hint_sender.HintSender, "send", send)
    with redis.Redis(port=redis_server.port) as redis_itself:
        redis_itself.config_resetstat()
        for _ in range(3):
            push.send_hint(job)
        hint_sender.flush()

        assert redis_itself.info("commandstats")["cmdstat_publish"]["calls"] == 2
    assert "cannot send a hint" in caplog.text


def test_page_names_socket_and_polling_urls(client, sign_in, mika):
    text = sign_in(mika).get(reverse("jobs:queue")).text

    assert 'hx-ws:connect="/ws/jobs/"' in text
    assert f'data-live="{reverse("jobs:live")}"' in text


def test_last_hint_of_a_stopping_worker_is_sent(submit, settings, redis_server, monkeypatch):
    """django-q2 ends a worker after so many tasks, and the last of them may have been the end of a clip."""
    settings.CHANNEL_LAYERS = over(redis_server)
    job, report = submit(), hint_sender.HintSender.send
    monkeypatch.setattr(hint_sender.HintSender, "send", lambda self, send: (time.sleep(0.3), report(self, send)))
    worker = multiprocessing.get_context("fork").Process(target=push.send_hint, args=[job])
    hint_sender.flush()  # of what is said of a new job
    with redis.Redis(port=redis_server.port) as redis_itself:
        redis_itself.config_resetstat()
        worker.start()
        worker.join(PATIENCE)

        assert redis_itself.info("commandstats")["cmdstat_publish"]["calls"] == 1
