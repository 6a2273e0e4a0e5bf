"""Luma Dream Machine: tests of this provider only; test_contract*.py covers what all have in common."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from generation.providers.adapters.luma_dream_machine.provider import PAGE, LumaDreamMachineProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Lost, Search, Stopped
from tests.fakes.luma_dream_machine import LumaDreamMachineFake
from tests.generation.providers.connected_fake import REF, connect_fake

HOOK = "https://studio.example/webhooks/luma-dream-machine/t0ken/"


@pytest.fixture
def talk(fake_server, film, tmp_path, shipped_models):
    return connect_fake(LumaDreamMachineProvider(), LumaDreamMachineFake(film), fake_server, tmp_path)


def test_picture_without_a_public_link_is_refused_before_sending(talk):
    error = talk.submit_refused(Mode.PICTURE)

    assert error.fault == Fault.INVALID and "needs a public https address" in error.message
    assert not talk.fake.calls


def test_finished_film_is_not_deleted(talk):
    provider, fake, connection = talk
    done = talk.submit()

    assert provider.cancel(connection, done.handle) == Stopped.TOO_LATE
    assert not fake.created[0].is_cancelled


def lost(talk, handle):
    return Lost(REF, datetime.now(UTC), talk.request(), handle, lambda task_id: False)


def test_callback_address_distinguishes_equal_prompts(talk):
    provider, _fake, connection = talk
    connection = talk.connection = replace(connection, webhook=HOOK)
    first, second = talk.submit(ref="one"), talk.submit(ref=REF)

    handle = {"model": "ray-2", "has_callbacks": True}
    assert provider.find(connection, lost(talk, handle)).task_id == second.task_id != first.task_id


def test_equal_prompts_without_a_callback_address_are_undecided(talk):
    provider, _fake, connection = talk
    handle = talk.submit().handle
    assert provider.find(connection, lost(talk, handle)).task_id == handle["id"]

    talk.submit()

    assert provider.find(connection, lost(talk, handle)) == Search.UNDECIDED


def test_lost_task_is_found_behind_newer_ones_but_not_behind_older(talk):
    provider, fake, connection = talk
    handle = talk.submit().handle
    for _ in range(PAGE + 5):
        talk.submit(prompt="something else")
    assert provider.find(connection, lost(talk, handle)).task_id == handle["id"]

    fake.created[0].notes["created_at"] = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    assert provider.find(connection, lost(talk, handle)) == Search.ABSENT


@pytest.fixture
def behind(talk, monkeypatch):
    """The record of a lost clip behind two newer ones with other prompts, which fill a page of the list."""
    monkeypatch.setattr("generation.providers.adapters.luma_dream_machine.provider.PAGE", 2)
    handle = talk.submit().handle
    for _ in range(2):
        talk.submit(prompt="something else")
    return lost(talk, handle)


@pytest.mark.parametrize("time", [None, "soon", "0001-01-01T00:00:00Z"])
def test_unreadable_time_does_not_end_the_search(talk, behind, time):
    talk.fake.created[1].notes["created_at"] = time  # the last of the first page
    assert talk.provider.find(talk.connection, behind).task_id == talk.fake.created[0].id

    talk.fake.created[0].notes["created_at"] = time
    assert talk.provider.find(talk.connection, behind) == Search.UNDECIDED


def test_six_full_pages_without_a_match_are_undecided(talk, behind):
    for _ in range(10):
        talk.submit(prompt="something else")
    assert talk.provider.find(talk.connection, behind) == Search.UNDECIDED

    talk.fake.created[0].is_deleted = talk.fake.created[1].is_deleted = True
    assert talk.provider.find(talk.connection, behind) == Search.ABSENT, "eleven others, and the list says that it ends"


def test_list_in_ascending_order_is_read_to_its_end(talk, behind):
    for minutes, task in zip((90, 80), talk.fake.created[1:], strict=True):
        task.notes["created_at"] = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
    upside_down = {task.id: task for task in [*talk.fake.created[1:], talk.fake.created[0]]}
    talk.fake.tasks = dict(reversed(upside_down.items()))

    assert talk.provider.find(talk.connection, behind).task_id == talk.fake.created[0].id


def test_short_pages_are_read_without_gaps(talk, behind):
    talk.submit(prompt="something else")
    list_tasks = talk.fake.list_tasks
    talk.fake.list_tasks = lambda request: list_tasks(replace(request, query=request.query | {"limit": "1"}))

    assert talk.provider.find(talk.connection, behind).task_id == talk.fake.created[0].id
