"""A submission whose answer was lost is found again, and only that one; callbacks are believed only when genuine."""

import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from generation.providers.adapters.replicate import provider as replicate
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http import client, transport
from generation.providers.remote import Event, Forged, Recovery, Search, Submitted
from generation.providers.webhooks import signing_keys

SEARCHABLE = (Recovery.OWN_ID, Recovery.LIST)
OTHER = {"prompt": "two foxes in the snow", "seed": 77}
MOMENTS = frozenset({"created_at", "gmt_create", "submit_time"})
UNTOLD = object()


@pytest.fixture
def searching(desk):
    if desk.engine.manners.recovery not in SEARCHABLE:
        pytest.skip(f"{desk.entry.slug} cannot be asked: {desk.engine.manners.recovery}")
    return desk


def lose(desk, request, ref="0d9f6c1e-7f0b-4c5a-8a55-aa0000000001"):
    """Created there, and the answer lost: what is on record here, and the task that nobody told us of."""
    prepared, ref = desk.prepare(request, ref)
    before = {task.id for task in desk.fake.created}
    desk.fake.next("submit", "cut_after_create")
    with pytest.raises(NoAnswer):
        desk.engine.submit(desk.account, prepared, ref)
    (task,) = [task for task in desk.fake.created if task.id not in before]
    return desk.lost(request, prepared.handle, ref), task


def test_a_lost_submission_is_found_among_others(searching):
    desk = searching
    desk.submit(desk.request(**OTHER), ref="0d9f6c1e-7f0b-4c5a-8a55-aa0000000002")
    lost, task = lose(desk, desk.request())
    found = desk.engine.find(desk.account, lost)
    assert isinstance(found, Submitted), found
    assert found.task_id == task.id == found.handle["id"]
    assert desk.engine.poll(desk.account, found.handle).output
    assert desk.submissions == 2, "looking must not buy"


def test_what_was_never_created_is_said_to_be_absent(searching):
    desk = searching
    desk.submit(desk.request(**OTHER), ref="0d9f6c1e-7f0b-4c5a-8a55-aa0000000002")
    request = desk.request()
    prepared, ref = desk.prepare(request)
    assert desk.engine.find(desk.account, desk.lost(request, prepared.handle, ref)) == Search.ABSENT


def test_another_jobs_task_is_not_adopted(searching):
    desk = searching
    lost, task = lose(desk, desk.request())
    desk.taken.add(task.id)
    assert desk.engine.find(desk.account, lost) == Search.ABSENT


def test_of_two_alike_the_right_one_is_found_or_none(searching):
    desk = searching
    request = desk.request()
    first, _task = lose(desk, request)
    _second, twin = lose(desk, request, ref="0d9f6c1e-7f0b-4c5a-8a55-aa0000000003")
    found = desk.engine.find(desk.account, first)
    if desk.engine.manners.recovery == Recovery.OWN_ID:
        assert found.task_id == _task.id
    elif found != Search.UNDECIDED:
        assert found.task_id == _task.id
        assert found.task_id != twin.id


def test_of_two_alike_the_one_that_is_free_is_found(searching):
    desk = searching
    request = desk.request()
    lost, task = lose(desk, request)
    _, twin = lose(desk, request, ref="0d9f6c1e-7f0b-4c5a-8a55-aa0000000003")
    desk.taken.add(twin.id)
    assert desk.engine.find(desk.account, lost).task_id == task.id


@pytest.mark.parametrize("kind", ["html_502", "cut", "busy"])
def test_a_look_that_fails_proves_nothing(kind, searching):
    desk = searching
    request = desk.request()
    prepared, ref = desk.prepare(request)
    desk.fake.next(desk.entry.look, kind)
    try:
        found = desk.engine.find(desk.account, desk.lost(request, prepared.handle, ref))
    except NoAnswer:
        return
    except RemoteError as error:
        assert error.fault == Fault.TRANSIENT
        return
    assert found == Search.UNDECIDED


def tells(desk, change, *, but=""):
    """From now on all that is told of a task goes through ``change(name, value)``, and what comes out UNTOLD is left
    out; ``but`` is the id of a task that is told of as ever."""

    def changed(told):
        if isinstance(told, list):
            return [changed(each) for each in told]
        if not isinstance(told, dict) or (but and but in (told.get("id"), told.get("task_id"))):
            return told
        members = {name: changed(change(name, value)) for name, value in told.items()}
        return {name: value for name, value in members.items() if value is not UNTOLD}

    def otherwise(request, act):
        reply = act()
        return replace(reply, body=changed(reply.body))

    desk.fake.fault_otherwise = otherwise
    for sort in ("poll", desk.entry.look):
        desk.fake.next(sort, *["otherwise"] * 9)


def without(*names):
    return lambda name, value: UNTOLD if name in names else value


def long_before(value):
    """A moment that is told in any form, a quarter of an hour and more before."""
    if isinstance(value, str):
        return (datetime.fromisoformat(value) - timedelta(seconds=1000)).isoformat()
    return value - (1_000_000 if value > 10**11 else 1000)


@pytest.mark.parametrize("moments", [frozenset(), MOMENTS], ids=["moment-told", "no-moment"])
def test_a_list_that_tells_nothing_of_a_task_proves_nothing(moments, searching):
    desk = searching
    assert desk.entry.told_apart, "its entry says what a task is known by"
    lost, task = lose(desk, desk.request())
    tells(desk, without(*desk.entry.told_apart, *moments))
    assert desk.engine.find(desk.account, lost) == Search.UNDECIDED

    desk.taken.add(task.id)
    assert desk.engine.find(desk.account, lost) == Search.ABSENT, "it is another job's"


@pytest.mark.parametrize("told", [UNTOLD, None, "soon", "", 0], ids=["untold", "null", "soon", "empty", "zero"])
def test_a_task_whose_moment_cannot_be_read_is_not_overlooked(told, searching):
    desk = searching
    lost, task = lose(desk, desk.request())
    tells(desk, lambda name, value: told if name in MOMENTS else value)
    found = desk.engine.find(desk.account, lost)
    assert found == Search.UNDECIDED or found.task_id == task.id


def test_what_tells_nothing_and_was_made_long_before_does_not_matter(searching):
    desk = searching
    lost, _task = lose(desk, desk.request())
    gone = without(*desk.entry.told_apart)
    tells(desk, lambda name, value: long_before(value) if name in MOMENTS else gone(name, value))
    assert desk.engine.find(desk.account, lost) == Search.ABSENT


def test_a_task_that_tells_nothing_does_not_hide_the_one_that_is_ours(searching):
    desk = searching
    desk.submit(desk.request(**OTHER), ref="0d9f6c1e-7f0b-4c5a-8a55-aa0000000002")
    lost, task = lose(desk, desk.request())
    tells(desk, without(*desk.entry.told_apart), but=task.id)
    assert desk.engine.find(desk.account, lost).task_id == task.id


def test_a_provider_that_cannot_be_asked_says_so(desk):
    if desk.engine.manners.recovery in SEARCHABLE:
        pytest.skip("it can be asked")
    lost, _task = lose(desk, desk.request())
    assert desk.engine.find(desk.account, lost) == Search.UNDECIDED
    assert desk.submissions == 1


# --- callbacks ------------------------------------------------------------------------------------------------------


@pytest.fixture
def called(caller, desk_of):
    """A desk and a callback about its one task, as the provider would send it now."""
    desk = desk_of(caller)
    if not desk.engine.manners.has_webhooks:
        with pytest.raises(Forged):
            desk.engine.event(desk.account, {}, b"{}")
        pytest.skip(f"{desk.entry.slug} does not call back")
    done = desk.submit()
    task = desk.fake.tasks[done.task_id]
    headers, body = desk.entry.callback(desk.fake, task, time.time())
    return desk, task, headers, body


def test_a_genuine_callback_names_the_task_also_twice(called):
    desk, task, headers, body = called
    first = desk.engine.event(desk.account, headers, body)
    assert first.task_id == task.id or first.ref
    assert desk.engine.event(desk.account, headers, body) == first
    assert desk.submissions == 1


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b'"text"', b"null", b"{}", b"\xff\xfe", b"[" * 100_000])
def test_rubbish_is_no_callback(rubbish, called):
    desk, _task, headers, _body = called
    try:
        event = desk.engine.event(desk.account, headers, rubbish)
    except Forged:
        return
    assert event == Event()
    covers_body = desk.entry.is_signed and "test_a_forged_callback_is_refused" not in desk.entry.skips
    assert not covers_body


def test_a_forged_callback_is_refused(called):
    desk, _task, headers, body = called
    if not desk.entry.is_signed:
        pytest.skip("unsigned: only the secret path keeps strangers off")
    bare = {name: value for name, value in headers.items() if "signature" not in name.lower()}
    bent = {name: value[::-1] if "signature" in name.lower() else value for name, value in headers.items()}
    for wrong_headers, wrong_body in ((headers, body + b" "), (bare, body), (bent, body), ({}, body)):
        with pytest.raises(Forged):
            desk.engine.event(desk.account, wrong_headers, wrong_body)


@pytest.mark.parametrize("side", [-1, 1], ids=["late", "early"])
def test_a_signed_callback_counts_for_as_long_as_the_note_allows(side, called, monkeypatch):
    desk, task, _headers, _body = called
    if not desk.entry.is_signed:
        pytest.skip("unsigned: it only wakes the poller")
    now = int(time.time())
    monkeypatch.setattr(time, "time", lambda: float(now))  # else a slow machine makes it older

    def heard(seconds):
        return desk.engine.event(desk.account, *desk.entry.callback(desk.fake, task, now + side * seconds))

    near = heard(desk.entry.tolerance - 2)
    assert near.task_id == task.id or near.ref
    for seconds in (desk.entry.tolerance + 2, 7 * 86_400):
        with pytest.raises(Forged):
            heard(seconds)


def test_a_callback_waits_only_briefly_for_what_proves_it(called, monkeypatch):
    """Its sender wants an answer at once, and a thread of the site is held. It is sent again, and polling goes on."""
    desk, _task, headers, body = called
    for module in (signing_keys, replicate):
        monkeypatch.setattr(module, "BRIEFLY", client.BRIEFLY)
    asks = {"fal": "jwks", "gemini": "jwks", "replicate": "secret"}.get(desk.entry.name)
    if asks:
        desk.fake.next(asks, "hang")
    patience, begin = [], transport.Trip.begin
    monkeypatch.setattr(transport.Trip, "begin", lambda trip, seconds: patience.append(seconds) or begin(trip, 0.1))

    with pytest.raises(Forged) if asks else nullcontext():
        desk.engine.event(desk.account, headers, body)

    assert patience == ([client.BRIEFLY] if asks else [])
    assert max(client.BRIEFLY, *client._patience(client.BRIEFLY)) <= 2
