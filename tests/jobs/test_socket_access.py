"""Live socket: who may connect, and when it is closed."""

import json

import pytest
from django.conf import settings as site
from django.test import Client

from accounts import privacy
from accounts import services as accounts
from jobs import hints
from jobs.live import close_codes, consumers, feeds
from tests.factories import MembershipFactory
from tests.jobs.live import closing_code, in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_sockets")]


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://localhost:1", "https://localhost"])
async def test_foreign_origin_is_refused(open_socket, sign_in, mika, origin):
    assert not (await open_socket(await in_thread(sign_in)(mika), origin=origin))[1]


async def test_anonymous_socket_is_refused(open_socket, mika):
    assert not (await open_socket(Client()))[1]


async def test_invalid_session_is_refused(open_socket, mika):
    client = Client()
    client.cookies[site.SESSION_COOKIE_NAME] = "0" * 32

    assert not (await open_socket(client))[1]


async def test_sixth_tab_is_refused(open_socket, sign_in, mika):
    browser = await in_thread(sign_in)(mika)
    tabs = [(await open_socket(browser))[0] for _ in range(6)]

    assert await closing_code(tabs[5]) == close_codes.TOO_MANY
    await tabs[0].receive_from()
    await tabs[0].disconnect()
    seventh, _ = await open_socket(browser)
    assert "nav-jobs" in await seventh.receive_from()
    for tab in [*tabs[1:5], seventh]:
        await tab.disconnect()


@pytest.mark.parametrize("text", ["{", "hello", "[1", "[" * 60_000], ids=len)
async def test_malformed_message_closes_the_socket(open_socket, sign_in, mika, text):
    socket, _ = await open_socket(await in_thread(sign_in)(mika))

    await socket.send_to(text_data=text)

    assert await closing_code(socket) == close_codes.BAD_DATA


async def test_binary_message_closes_the_socket(open_socket, sign_in, mika):
    socket, _ = await open_socket(await in_thread(sign_in)(mika))

    await socket.send_to(bytes_data=b"\xff\x00")

    assert await closing_code(socket) == close_codes.BAD_DATA


async def test_message_flood_closes_the_socket(open_socket, sign_in, mika, monkeypatch):
    monkeypatch.setattr(consumers, "PER_SECONDS", 60.0)
    socket, _ = await open_socket(await in_thread(sign_in)(mika))

    for n in range(11):
        await socket.send_to(text_data=json.dumps({"topics": f"x.{n}"}))

    assert await closing_code(socket) == close_codes.NOT_ALLOWED


async def test_signing_out_elsewhere_closes_the_socket(open_socket, sign_in, mika, monkeypatch):
    monkeypatch.setattr(feeds, "RIGHTS_CHECK_SECONDS", 0.1)
    browser = await in_thread(sign_in)(mika)
    socket, _ = await open_socket(browser)

    await in_thread(browser.logout)()

    assert await closing_code(socket) == close_codes.NOT_ALLOWED


async def test_losing_workspace_access_closes_the_socket_at_once(open_socket, sign_in, mika):
    socket, _ = await open_socket(await in_thread(sign_in)(mika))
    await socket.receive_from()

    await in_thread(mika.memberships.all().delete)()
    await in_thread(hints.recheck_rights)(mika.pk)

    assert await closing_code(socket) == close_codes.GOING_AWAY


def sign_out_from_another_device(user, workspace):
    accounts.end_sessions(user)


def leave_workspace(user, workspace):
    user.memberships.get(workspace=workspace).delete()


def suspend(user, workspace):
    user.is_active = False
    user.save()


def close_account(user, workspace):
    accounts.close_account(user, by=user)


def erase(user, workspace):
    privacy.erase_all(user)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (leave_workspace, close_codes.GOING_AWAY),
        (sign_out_from_another_device, close_codes.NOT_ALLOWED),
        (suspend, close_codes.NOT_ALLOWED),
        (close_account, close_codes.NOT_ALLOWED),
        (erase, close_codes.NOT_ALLOWED),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_losing_access_closes_only_that_users_socket(
    open_socket, sign_in, submit, mika, ren, workspace, action, code
):
    await in_thread(MembershipFactory)(user=ren, workspace=workspace)
    browser = await in_thread(sign_in)(ren)
    await in_thread(browser.get)("/jobs/")  # the first visit of a session is recorded
    theirs, _ = await open_socket(browser)
    hers, _ = await open_socket(await in_thread(sign_in)(mika))
    await theirs.receive_from()
    await hers.receive_from()

    await in_thread(action)(ren, workspace)

    assert await closing_code(theirs) == code
    job = await in_thread(submit)()
    assert str(job.pk) in await hers.receive_from()
    await hers.disconnect()
