"""Luma Dream Machine: tests of this provider only; test_contract*.py covers what all have in common."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from generation.providers.adapters.luma_dream_machine.provider import PAGE, LumaDreamMachineProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Lost, Search
from tests.fakes.luma_dream_machine import LumaDreamMachineFake
from tests.generation.providers.connected_fake import REF, connect_fake

HOOK = "https://studio.example/webhooks/luma-dream-machine/t0ken/"


@pytest.fixture
def luma(fake_server, video_bytes, tmp_path, shipped_models):
    return connect_fake(LumaDreamMachineProvider(), LumaDreamMachineFake(video_bytes), fake_server, tmp_path)


def test_picture_without_a_public_link_is_refused_before_sending(luma):
    error = luma.submit_refused(Mode.PICTURE)

    assert error.fault == Fault.INVALID and "needs a public https address" in error.message
    assert not luma.fake.calls


def build_lost(luma, handle):
    return Lost(REF, datetime.now(UTC), luma.request(), handle, lambda task_id: False)


def test_callback_address_distinguishes_equal_prompts(luma):
    provider, _fake, connection = luma
    connection = luma.connection = replace(connection, webhook=HOOK)
    first, second = luma.submit(ref="one"), luma.submit(ref=REF)

    handle = {"model": "ray-2", "has_callbacks": True}
    assert provider.find(connection, build_lost(luma, handle)).task_id == second.task_id != first.task_id


def test_equal_prompts_without_a_callback_address_are_undecided(luma):
    provider, _fake, connection = luma
    handle = luma.submit().handle
    assert provider.find(connection, build_lost(luma, handle)).task_id == handle["id"]

    luma.submit()

    assert provider.find(connection, build_lost(luma, handle)) == Search.UNDECIDED


def test_lost_task_is_found_behind_newer_ones_but_not_behind_older(luma):
    provider, fake, connection = luma
    handle = luma.submit().handle
    for _ in range(PAGE + 5):
        luma.submit(prompt="something else")
    assert provider.find(connection, build_lost(luma, handle)).task_id == handle["id"]

    fake.created[0].notes["created_at"] = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    assert provider.find(connection, build_lost(luma, handle)) == Search.ABSENT


@pytest.fixture
def lost_on_page_two(luma, monkeypatch):
    """The record of a lost clip behind two newer ones with other prompts, which fill a page of the list."""
    monkeypatch.setattr("generation.providers.adapters.luma_dream_machine.provider.PAGE", 2)
    handle = luma.submit().handle
    for _ in range(2):
        luma.submit(prompt="something else")
    return build_lost(luma, handle)


@pytest.mark.parametrize("time", [None, "soon", "0001-01-01T00:00:00Z"])
def test_unreadable_time_does_not_end_the_search(luma, lost_on_page_two, time):
    luma.fake.created[1].notes["created_at"] = time  # the last of the first page
    assert luma.provider.find(luma.connection, lost_on_page_two).task_id == luma.fake.created[0].id

    luma.fake.created[0].notes["created_at"] = time
    assert luma.provider.find(luma.connection, lost_on_page_two) == Search.UNDECIDED


def test_six_full_pages_without_a_match_are_undecided(luma, lost_on_page_two):
    for _ in range(10):
        luma.submit(prompt="something else")
    assert luma.provider.find(luma.connection, lost_on_page_two) == Search.UNDECIDED

    luma.fake.created[0].is_deleted = luma.fake.created[1].is_deleted = True
    assert luma.provider.find(luma.connection, lost_on_page_two) == Search.ABSENT, (
        "the list has eleven others and an end"
    )


def test_list_in_ascending_order_is_read_to_its_end(luma, lost_on_page_two):
    for minutes, task in zip((90, 80), luma.fake.created[1:], strict=True):
        task.notes["created_at"] = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
    reordered = {task.id: task for task in [*luma.fake.created[1:], luma.fake.created[0]]}
    luma.fake.tasks = dict(reversed(reordered.items()))

    assert luma.provider.find(luma.connection, lost_on_page_two).task_id == luma.fake.created[0].id


def test_short_pages_are_read_without_gaps(luma, lost_on_page_two):
    luma.submit(prompt="something else")
    list_tasks = luma.fake.list_tasks
    luma.fake.list_tasks = lambda request: list_tasks(replace(request, query=request.query | {"limit": "1"}))

    assert luma.provider.find(luma.connection, lost_on_page_two).task_id == luma.fake.created[0].id
