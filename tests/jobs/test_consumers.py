"""The live line: who gets one, what it says, and when it is cut."""

import contextlib
import json
import multiprocessing
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from asgiref.sync import sync_to_async
from channels.layers import channel_layers, get_channel_layer
from channels.routing import URLRouter
from channels.security.websocket import OriginValidator
from channels.sessions import CookieMiddleware
from channels.testing import WebsocketCommunicator
from django.conf import settings as site
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import privacy
from accounts import services as accounts
from accounts.models import Role
from jobs import services
from jobs.hints import push
from jobs.hints import sender as hint_sender
from jobs.lifecycle import engine
from jobs.live import consumers
from jobs.live.routing import websocket_urlpatterns
from jobs.models import Job
from jobs.views import cards
from jobs.worker import supervisor
from tests.factories import MembershipFactory, WorkspaceFactory

pytestmark = [pytest.mark.django_db(transaction=True)]
in_thread = sync_to_async
PATIENCE = 20


@pytest.fixture(autouse=True)
def fresh_line(monkeypatch):
    """No hint of another test, and no waiting for a second."""
    channel_layers.backends.clear()
    consumers._open.clear()
    monkeypatch.setattr(consumers, "AT_MOST_EVERY", 0.05)
    monkeypatch.setattr(consumers, "SETTLE", 0.0)
    monkeypatch.setattr(hint_sender, "LAST_SECONDS", PATIENCE)


class Socket(WebsocketCommunicator):
    """A page's end of the line; it waits as long as a busy machine needs."""

    async def connect(self, timeout=PATIENCE):
        return await super().connect(timeout)

    async def disconnect(self, code=1000, timeout=PATIENCE):
        await super().disconnect(code, timeout)

    async def receive_from(self, timeout=PATIENCE):
        return await super().receive_from(timeout)


@pytest.fixture
def listen():
    """``await listen(client)`` opens the socket as that browser would; gives (socket, whether it was let in)."""
    sockets = []

    async def open_socket(client, origin=None, **headers):
        door = CookieMiddleware(URLRouter(websocket_urlpatterns))
        app = OriginValidator(door, site.WEBSOCKET_ORIGINS)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        lines = [(b"cookie", cookies.encode()), (b"origin", (origin or site.SITE_URL).encode())]
        lines += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        socket = Socket(app, "/ws/jobs/", headers=lines)
        sockets.append(socket)
        return socket, (await socket.connect())[0]

    return open_socket


async def closing_code(socket):
    while (message := await socket.receive_output(PATIENCE))["type"] != "websocket.close":
        pass
    return message.get("code")


async def test_on_arrival_a_page_hears_how_its_jobs_stand(listen, sign_in, submit, mika):
    job = await in_thread(submit)(title="Koi under ice")
    other = await in_thread(submit)(workspace=await in_thread(WorkspaceFactory)(), title="Not yours")

    socket, _ = await listen(await in_thread(sign_in)(mika))
    html = await socket.receive_from()

    assert f'"li.jr#job-{job.pk}"' in html and "Koi under ice" in html
    assert str(other.pk) not in html
    assert 'hx-target="#nav-jobs"' in html and "1 being made" in html
    await socket.disconnect()


async def test_whoever_has_many_jobs_hears_of_all_in_messages_that_the_web_server_lets_through(
    listen, sign_in, submit, mika, settings
):
    settings.JOBS_PER_WORKSPACE = 100
    jobs = [await in_thread(submit)(title=f"水墨 {n} " + "雨" * 80) for n in range(consumers.SHOWN_AT_FIRST)]
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


async def test_a_change_is_seen_with_the_words_of_the_database_not_of_the_hint(listen, sign_in, submit, mika):
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(engine.advance)(job.pk)
    html = await socket.receive_from()
    while "Done" not in html:
        html = await socket.receive_from()

    assert f'"li.jr#job-{job.pk}"' in html and 'data-state="done"' in html
    await socket.disconnect()


async def test_the_app_that_made_the_job_draws_its_own_card(listen, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(cards, "_cards", {"test": lambda job: f"[card of {job.title}]"})
    job = await in_thread(submit)(title="<b>rain</b>")

    socket, _ = await listen(await in_thread(sign_in)(mika))
    html = await socket.receive_from()

    assert f'hx-target="article.job#job-{job.pk}"' in html
    assert "<b>rain" not in html
    await socket.disconnect()


@pytest.mark.parametrize(("role", "may"), [(Role.VIEWER, False), (Role.EDITOR, True)])
async def test_rows_offer_only_what_the_role_of_their_viewer_may_do(listen, sign_in, submit, ren, desk, role, may):
    await in_thread(MembershipFactory)(user=ren, workspace=desk, role=role)
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(ren))
    arriving = await socket.receive_from()

    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100, progress=5)
    await in_thread(push.hint)(job)
    later = await socket.receive_from()

    for html in (arriving, later):
        assert f'"li.jr#job-{job.pk}"' in html
        assert (reverse("jobs:cancel", args=[job.pk]) in html) == (f'value="{job.pk}"' in html) == may
    await socket.disconnect()


async def test_a_forged_hint_about_somebody_elses_job_tells_nothing(listen, sign_in, submit, mika, desk):
    other = await in_thread(submit)(workspace=await in_thread(WorkspaceFactory)(), title="Not yours")
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    hint = {"type": "job.hint", "job": str(other.pk), "rev": 9}
    await get_channel_layer().group_send(push.group(desk.pk), hint)
    await get_channel_layer().group_send(push.group(desk.pk), {"type": "job.hint", "job": "nonsense"})
    html = await socket.receive_from()

    assert "Not yours" not in html and str(other.pk) not in html
    await socket.disconnect()


async def test_a_deleted_job_is_taken_off_the_page(listen, sign_in, submit, mika):
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(services.delete)(job, by=mika)

    assert f'hx-target="#job-{job.pk}" hx-swap="delete"' in await socket.receive_from()
    await socket.disconnect()


async def test_progress_is_gathered_not_sent_one_by_one(listen, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(consumers, "AT_MOST_EVERY", 3600)
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    for n in range(20):
        await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100 + n, progress=n)
        await in_thread(push.hint)(job)

    await socket.receive_from()
    await in_thread(push.hint)(job)
    assert await socket.receive_nothing(0.2), "one message, and the next an hour later"
    await socket.disconnect()


async def test_what_was_gathered_is_sent_in_the_end(listen, sign_in, submit, mika):
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    for n in range(5):
        await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100 + n, state="running", progress=n * 100)
        await in_thread(push.hint)(job)

    while 'data-rev="104"' not in await socket.receive_from():
        pass
    await socket.disconnect()


async def test_a_change_that_nobody_hinted_at_is_seen_all_the_same(listen, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(consumers, "LOOK_AGAIN_EVERY", 0.1)
    job = await in_thread(submit)()
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=100, state="running", progress=500)
    assert 'data-rev="100"' in await socket.receive_from()
    await in_thread(Job.objects.filter(pk=job.pk).update)(rev=101, state="ready", finished_at=timezone.now())
    assert 'data-rev="101"' in await socket.receive_from()

    assert await socket.receive_nothing(0.5), "what is over is left alone"
    monkeypatch.setattr(push, "hint", lambda job: None)
    new = await in_thread(submit)()
    assert str(new.pk) in await socket.receive_from()
    await socket.disconnect()


async def test_a_hint_that_the_database_could_not_follow_is_followed_later(listen, sign_in, submit, mika, monkeypatch):
    monkeypatch.setattr(consumers, "LOOK_AGAIN_EVERY", 0.3)
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
    await in_thread(push.hint)(job)

    assert 'data-rev="100"' in await socket.receive_from()
    assert next(broken, None) is None
    await socket.disconnect()


@pytest.mark.parametrize("error", [OperationalError("the database is being started"), ZeroDivisionError()], ids=repr)
async def test_tabs_that_could_not_be_told_anything_take_no_place_of_those_that_can(
    listen, sign_in, submit, mika, monkeypatch, error
):
    browser = await in_thread(sign_in)(mika)

    def broken(consumer):
        raise error

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(consumers.JobConsumer, "current", broken)
        for _tab in range(consumers.SOCKETS_EACH):
            socket, _ = await listen(browser)
            if isinstance(error, OperationalError):
                assert await closing_code(socket) == consumers.TRY_LATER
            with contextlib.suppress(ZeroDivisionError):
                await socket.wait(PATIENCE)
    assert not consumers._open

    socket, _ = await listen(browser)
    assert "nav-jobs" in await socket.receive_from()
    await socket.disconnect()


async def test_what_is_its_askers_alone_is_not_told_to_who_shares_the_workspace(
    listen, sign_in, submit, kind, mika, ren, desk
):
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


async def test_a_visitor_hears_of_their_own_job(listen, visitor, submit):
    job = await in_thread(submit)(workspace=visitor.guest, by=None)

    socket, is_in = await listen(visitor)

    assert is_in and str(job.pk) in await socket.receive_from()
    await socket.disconnect()


async def test_words_are_in_the_viewers_language(listen, visitor, submit, monkeypatch):
    seen = []
    card = lambda job: seen.append(consumers.translation.get_language()) or ""  # noqa: E731
    monkeypatch.setattr(cards, "_cards", {"test": card})
    await in_thread(submit)(workspace=visitor.guest, by=None)

    socket, _ = await listen(visitor, accept_language="zh-CN,zh;q=0.9")
    await socket.receive_from()

    assert seen == ["zh-hans"]
    await socket.disconnect()


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://localhost:1", "https://localhost"])
async def test_pages_of_other_sites_are_refused(listen, sign_in, mika, origin):
    assert not (await listen(await in_thread(sign_in)(mika), origin=origin))[1]


async def test_nobody_in_particular_is_refused(listen, mika):
    assert not (await listen(Client()))[1]


async def test_a_made_up_session_is_refused(listen, mika):
    client = Client()
    client.cookies[site.SESSION_COOKIE_NAME] = "0" * 32

    assert not (await listen(client))[1]


async def test_a_sixth_tab_is_told_that_it_is_one_too_many(listen, sign_in, mika):
    browser = await in_thread(sign_in)(mika)
    tabs = [(await listen(browser))[0] for _ in range(6)]

    assert await closing_code(tabs[5]) == consumers.TOO_MANY
    await tabs[0].receive_from()
    await tabs[0].disconnect()
    seventh, _ = await listen(browser)
    assert "nav-jobs" in await seventh.receive_from()
    for tab in [*tabs[1:5], seventh]:
        await tab.disconnect()


@pytest.mark.parametrize("words", ["{", "hello", "[1", "[" * 60_000], ids=len)
async def test_nonsense_is_cut_off(listen, sign_in, mika, words):
    socket, _ = await listen(await in_thread(sign_in)(mika))

    await socket.send_to(text_data=words)

    assert await closing_code(socket) == consumers.BAD_DATA


async def test_bytes_are_cut_off(listen, sign_in, mika):
    socket, _ = await listen(await in_thread(sign_in)(mika))

    await socket.send_to(bytes_data=b"\xff\x00")

    assert await closing_code(socket) == consumers.BAD_DATA


async def test_whoever_talks_too_much_is_cut_off(listen, sign_in, mika, monkeypatch):
    monkeypatch.setattr(consumers, "PER_SECONDS", 60.0)
    socket, _ = await listen(await in_thread(sign_in)(mika))

    for n in range(11):
        await socket.send_to(text_data=json.dumps({"n": n}))

    assert await closing_code(socket) == consumers.NOT_ALLOWED


async def test_signing_out_elsewhere_cuts_the_line_within_its_next_check(listen, sign_in, mika, monkeypatch):
    monkeypatch.setattr(consumers, "CHECK_EVERY", 0.1)
    browser = await in_thread(sign_in)(mika)
    socket, _ = await listen(browser)

    await in_thread(browser.logout)()

    assert await closing_code(socket) == consumers.NOT_ALLOWED


async def test_losing_a_workspace_cuts_the_line_at_once_when_it_is_said(listen, sign_in, mika):
    socket, _ = await listen(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(mika.memberships.all().delete)()
    await in_thread(push.revoke)(mika.pk)

    assert await closing_code(socket) == consumers.GOING_AWAY


def is_signed_out_from_another_device(user, workspace):
    accounts.end_sessions(user)


def leaves(user, workspace):
    user.memberships.get(workspace=workspace).delete()


def is_shut_out(user, workspace):
    user.is_active = False
    user.save()


def closes_their_account(user, workspace):
    accounts.close_account(user)


def is_erased(user, workspace):
    privacy.erase_all(user)


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (leaves, consumers.GOING_AWAY),
        (is_signed_out_from_another_device, consumers.NOT_ALLOWED),
        (is_shut_out, consumers.NOT_ALLOWED),
        (closes_their_account, consumers.NOT_ALLOWED),
        (is_erased, consumers.NOT_ALLOWED),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_the_line_of_who_loses_their_rights_is_cut_at_once_and_nobody_elses(
    listen, sign_in, submit, mika, ren, desk, deed, code
):
    await in_thread(MembershipFactory)(user=ren, workspace=desk)
    browser = await in_thread(sign_in)(ren)
    await in_thread(browser.get)("/jobs/")  # where somebody is signed in is noted as they look at a page
    theirs, _ = await listen(browser)
    hers, _ = await listen(await in_thread(sign_in)(mika))
    await theirs.receive_from()
    await hers.receive_from()

    await in_thread(deed)(ren, desk)

    assert await closing_code(theirs) == code
    job = await in_thread(submit)()
    assert str(job.pk) in await hers.receive_from()
    await hers.disconnect()


async def test_without_redis_the_page_is_told_to_come_back_later_and_jobs_go_on(
    listen, sign_in, submit, mika, settings, caplog
):
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
    await in_thread(hint_sender.finish)()
    assert caplog.text.count("Live updates are off") == 1


async def test_a_hint_goes_through_a_real_redis(listen, sign_in, submit, mika, settings, redis_server):
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


def test_hints_from_many_threads_take_one_connection(submit, settings, redis_server):
    settings.CHANNEL_LAYERS = over(redis_server)
    job = submit()
    with redis.Redis(port=redis_server.port) as redis_itself, ThreadPoolExecutor(4) as threads:
        before = redis_itself.info("stats")["total_connections_received"]
        list(threads.map(push.hint, [job] * 40))
        hint_sender.finish()

        assert redis_itself.info("commandstats")["cmdstat_publish"]["calls"] >= 40
        assert redis_itself.info("stats")["total_connections_received"] - before <= 2


def test_a_hint_that_cannot_be_carried_holds_up_none_behind_it(submit, settings, redis_server, monkeypatch, caplog):
    settings.CHANNEL_LAYERS = over(redis_server)
    job, report, broken = submit(), hint_sender.Courier.report, iter([ZeroDivisionError])
    hint_sender.finish()  # of what is said of a new job

    def send(self, carry):
        for error in broken:
            raise error
        report(self, carry)

    monkeypatch.setattr(hint_sender.Courier, "report", send)
    with redis.Redis(port=redis_server.port) as redis_itself:
        redis_itself.config_resetstat()
        for _ in range(3):
            push.hint(job)
        hint_sender.finish()

        assert redis_itself.info("commandstats")["cmdstat_publish"]["calls"] == 2
    assert "was not carried" in caplog.text


def test_the_page_names_the_socket_and_where_to_ask_without_it(client, sign_in, mika):
    text = sign_in(mika).get(reverse("jobs:queue")).text

    assert 'hx-ws:connect="/ws/jobs/"' in text
    assert f'data-live="{reverse("jobs:live")}"' in text


def test_the_last_hint_of_a_worker_that_ends_is_still_carried(submit, settings, redis_server, monkeypatch):
    """django-q2 ends a worker after so many tasks, and the last of them may have been the end of a clip."""
    settings.CHANNEL_LAYERS = over(redis_server)
    job, report = submit(), hint_sender.Courier.report
    monkeypatch.setattr(hint_sender.Courier, "report", lambda self, send: (time.sleep(0.3), report(self, send)))
    worker = multiprocessing.get_context("fork").Process(target=push.hint, args=[job])
    hint_sender.finish()  # of what is said of a new job
    with redis.Redis(port=redis_server.port) as redis_itself:
        redis_itself.config_resetstat()
        worker.start()
        worker.join(PATIENCE)

        assert redis_itself.info("commandstats")["cmdstat_publish"]["calls"] == 1
