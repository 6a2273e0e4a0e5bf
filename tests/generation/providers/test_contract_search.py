"""Contract of every adapter: a lost submission is found by searching the provider, and only if it is unambiguous."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.remote import Recovery, Search, Submitted
from tests.generation.providers.contract import CONTRACT, SEARCHABLE

OTHER = {"prompt": "two foxes in the snow", "seed": 77}
TIMES = frozenset({"created_at", "gmt_create", "submit_time"})
MISSING = object()
REF, OTHER_REF = "0d9f6c1e-7f0b-4c5a-8a55-aa0000000001", "0d9f6c1e-7f0b-4c5a-8a55-aa0000000002"


def lose_response(harness, request, ref=REF):
    """Create a task whose answer is lost. Returns what is recorded here, and the task."""
    prepared, ref = harness.prepare(request, ref)
    before = {task.id for task in harness.fake.created}
    harness.fake.next("submit", "cut_after_create")
    with pytest.raises(NoAnswer):
        harness.provider.submit(harness.connection, prepared, ref)
    (task,) = [task for task in harness.fake.created if task.id not in before]
    return harness.lost(request, prepared.handle, ref), task


def test_lost_submission_is_found_among_others_without_buying_again(searchable_harness):
    harness = searchable_harness
    harness.submit(harness.request(**OTHER), ref=OTHER_REF)
    lost, task = lose_response(harness, harness.request())
    found = harness.provider.find(harness.connection, lost)
    assert isinstance(found, Submitted), found
    assert found.task_id == task.id == found.handle["id"]
    assert harness.provider.poll(harness.connection, found.handle).output
    assert harness.submissions == 2, "a search must not buy"


def test_submission_that_created_nothing_is_absent(searchable_harness):
    harness = searchable_harness
    harness.submit(harness.request(**OTHER), ref=OTHER_REF)
    request = harness.request()
    prepared, ref = harness.prepare(request)
    assert harness.provider.find(harness.connection, harness.lost(request, prepared.handle, ref)) == Search.ABSENT


def test_task_of_another_job_is_not_adopted(searchable_harness):
    harness = searchable_harness
    lost, task = lose_response(harness, harness.request())
    harness.taken.add(task.id)
    assert harness.provider.find(harness.connection, lost) == Search.ABSENT


def test_two_identical_tasks_are_told_apart_by_our_id_or_left_undecided(searchable_harness):
    harness = searchable_harness
    request = harness.request()
    lost, task = lose_response(harness, request)
    _other, match = lose_response(harness, request, ref=OTHER_REF)
    found = harness.provider.find(harness.connection, lost)
    if harness.provider.traits.recovery == Recovery.OWN_ID or found != Search.UNDECIDED:
        assert found.task_id == task.id

    harness.taken.add(match.id)
    assert harness.provider.find(harness.connection, lost).task_id == task.id


def test_failed_search_proves_nothing(searchable_harness, subtests):
    harness = searchable_harness
    request = harness.request()
    prepared, ref = harness.prepare(request)
    for kind in ("html_502", "cut", "busy"):
        with subtests.test(kind=kind):
            harness.fake.next(harness.entry.list_route, kind)
            try:
                found = harness.provider.find(harness.connection, harness.lost(request, prepared.handle, ref))
            except NoAnswer:
                continue
            except RemoteError as error:
                assert error.fault == Fault.TRANSIENT
                continue
            assert found == Search.UNDECIDED


def test_adapter_that_cannot_search_is_undecided(build_harness, subtests):
    others = [entry for entry in CONTRACT if entry not in SEARCHABLE]
    assert others
    for entry in others:
        with subtests.test(entry.slug):
            harness = build_harness(entry)
            lost, _task = lose_response(harness, harness.request())
            assert harness.provider.find(harness.connection, lost) == Search.UNDECIDED
            assert harness.submissions == 1


# --- lists that leave fields out ------------------------------------------------------------------------------------


def change_answers(harness, change, *, but=""):
    """Pass every field of the provider's tasks through ``change(name, value)``; MISSING removes it. ``but`` is the id
    of a task that stays unchanged."""

    def changed(value):
        if isinstance(value, list):
            return [changed(inner) for inner in value]
        if not isinstance(value, dict) or (but and but in (value.get("id"), value.get("task_id"))):
            return value
        members = {name: changed(change(name, inner)) for name, inner in value.items()}
        return {name: inner for name, inner in members.items() if inner is not MISSING}

    def change_reply(request, act):
        reply = act()
        return replace(reply, body=changed(reply.body))

    harness.fake.fault_changed = change_reply
    for route in ("poll", harness.entry.list_route):
        harness.fake.next(route, *["changed"] * 9)


def without(*names):
    return lambda name, value: MISSING if name in names else value


def long_before(value):
    """A creation time of any format, moved back by at least a quarter of an hour."""
    if isinstance(value, str):
        return (datetime.fromisoformat(value) - timedelta(seconds=1000)).isoformat()
    return value - (1_000_000 if value > 10**11 else 1000)


def test_unidentifiable_task_in_the_list_is_undecided(searchable_entry, build_harness, subtests):
    assert searchable_entry.identifying_fields, "the entry names the identifying fields"
    for times in (frozenset(), TIMES):
        with subtests.test("without creation times" if times else "with creation times"):
            harness = build_harness(searchable_entry)
            lost, task = lose_response(harness, harness.request())
            change_answers(harness, without(*searchable_entry.identifying_fields, *times))
            assert harness.provider.find(harness.connection, lost) == Search.UNDECIDED

            harness.taken.add(task.id)
            assert harness.provider.find(harness.connection, lost) == Search.ABSENT, "the task belongs to another job"


def test_task_with_an_unreadable_creation_time_is_not_overlooked(searchable_entry, build_harness, subtests):
    for time in (MISSING, None, "soon", "", 0):
        with subtests.test(time=time):
            harness = build_harness(searchable_entry)
            lost, task = lose_response(harness, harness.request())
            change_answers(harness, lambda name, value, time=time: time if name in TIMES else value)
            found = harness.provider.find(harness.connection, lost)
            assert found == Search.UNDECIDED or found.task_id == task.id


def test_old_unidentifiable_task_does_not_matter(searchable_harness):
    harness = searchable_harness
    lost, _task = lose_response(harness, harness.request())
    remove_fields = without(*harness.entry.identifying_fields)
    change_answers(harness, lambda name, value: long_before(value) if name in TIMES else remove_fields(name, value))
    assert harness.provider.find(harness.connection, lost) == Search.ABSENT


def test_unidentifiable_task_does_not_hide_the_matching_one(searchable_harness):
    harness = searchable_harness
    harness.submit(harness.request(**OTHER), ref=OTHER_REF)
    lost, task = lose_response(harness, harness.request())
    change_answers(harness, without(*harness.entry.identifying_fields), but=task.id)
    assert harness.provider.find(harness.connection, lost).task_id == task.id
