"""What is peculiar to Luma's older interface: pictures by public address, and a list that shows what was asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from generation.providers.base import Mode
from generation.providers.faults import Fault
from generation.providers.luma_dream_machine.provider import PAGE, LumaDreamMachineProvider
from generation.providers.remote import Lost, Search, Stopped
from tests.fakes.luma_dream_machine import LumaDreamMachineFake
from tests.generation.providers.talking import REF, talking

HOOK = "https://studio.example/webhooks/luma-dream-machine/t0ken/"


@pytest.fixture
def talk(town, film, tmp_path, shipped_models):
    return talking(LumaDreamMachineProvider(), LumaDreamMachineFake(film), town, tmp_path)


def test_a_picture_without_a_public_address_is_refused_in_words_and_nothing_is_sent(talk):
    error = talk.refused(Mode.PICTURE)

    assert error.fault == Fault.INVALID and "needs one of its own (https)" in error.words
    assert not talk.fake.calls


def test_a_film_that_is_finished_is_not_deleted(talk):
    provider, fake, account = talk
    done = talk.send()

    assert provider.cancel(account, done.handle) == Stopped.TOO_LATE
    assert not fake.created[0].is_cancelled


def lost(talk, handle):
    return Lost(REF, datetime.now(UTC), talk.request(), handle, lambda task_id: False)


def test_the_callback_address_tells_two_tasks_of_the_same_words_apart(talk):
    provider, _fake, account = talk
    account = talk.account = replace(account, webhook=HOOK)
    first, second = talk.send(ref="one"), talk.send(ref=REF)

    handle = {"model": "ray-2", "calls_back": True}
    assert provider.find(account, lost(talk, handle)).task_id == second.task_id != first.task_id


def test_without_a_callback_address_two_of_the_same_words_are_not_guessed_at(talk):
    provider, _fake, account = talk
    handle = talk.send().handle
    assert provider.find(account, lost(talk, handle)).task_id == handle["id"]

    talk.send()

    assert provider.find(account, lost(talk, handle)) == Search.UNDECIDED


def test_it_is_found_behind_many_newer_ones_and_not_behind_older(talk):
    provider, fake, account = talk
    handle = talk.send().handle
    for _ in range(PAGE + 5):
        talk.send(prompt="something else")
    assert provider.find(account, lost(talk, handle)).task_id == handle["id"]

    fake.created[0].notes["created_at"] = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    assert provider.find(account, lost(talk, handle)) == Search.ABSENT
