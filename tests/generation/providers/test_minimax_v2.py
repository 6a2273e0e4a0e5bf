"""MiniMax H3: tests of this provider only; test_contract*.py covers what all have in common."""

import time
from dataclasses import replace

import pytest

from generation.providers.adapters.minimax_v2.provider import MinimaxV2Provider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Event, Search, Stage, Stopped
from tests.fakes.minimax_v2 import MinimaxV2Fake
from tests.generation.providers.connected_fake import REF, catch_error, connect_fake
from tests.generation.providers.lost_submissions import lose_response

H3 = {"resolution": 768}


@pytest.fixture
def h3(fake_server, shipped_models, tmp_path):
    return connect_fake(MinimaxV2Provider(), MinimaxV2Fake(b"video"), fake_server, tmp_path)


def test_large_size_is_called_2k_and_the_frame_decides_the_ratio(h3):
    h3.submit(resolution=1440, ratio="21:9")
    h3.submit(Mode.FIRST_LAST, **H3)

    text, frames = (task.request for task in h3.fake.created)
    assert (text["resolution"], text["ratio"]) == ("2K", "21:9")
    assert (frames["resolution"], frames["ratio"]) == ("768P", "adaptive")
    assert [item.get("role") for item in frames["content"]] == [None, "first_frame", "last_frame"]


def test_references_keep_the_chosen_ratio(h3):
    h3.submit(Mode.REFERENCES, ratio="9:16", **H3)

    body = h3.fake.created[0].request
    assert body["ratio"] == "9:16"
    assert [item.get("role") for item in body["content"]] == [None, "reference_image", "reference_image"]


def test_missing_task_reported_as_500_is_lost(h3):
    submitted = h3.submit(**H3)
    h3.fake.created[0].is_deleted = True

    error = catch_error(lambda: h3.provider.poll(h3.connection, submitted.handle))

    assert (error.fault, error.status) == (Fault.LOST, 500)


def test_other_500_errors_change_nothing(h3):
    submitted = h3.submit(**H3)
    h3.fake.next("poll", "broken")

    assert catch_error(lambda: h3.provider.poll(h3.connection, submitted.handle)).fault == Fault.TRANSIENT
    assert h3.provider.poll(h3.connection, submitted.handle).stage == Stage.SUCCEEDED


def test_cancelling_a_finished_task_does_not_delete_it(h3):
    submitted = h3.submit(**H3)

    assert h3.provider.cancel(h3.connection, submitted.handle) == Stopped.TOO_LATE
    assert "DELETE" not in [call.method for call in h3.fake.calls]
    assert h3.provider.poll(h3.connection, submitted.handle).stage == Stage.SUCCEEDED


def test_task_with_another_prompt_length_size_or_time_is_not_adopted(h3, subtests):
    for change in (
        {"prompt": "two foxes"},
        {"seconds": 10},
        {"resolution": 1440},
        {"ago": 400},
        {"ago": -400},
    ):
        with subtests.test(change=change):
            h3.reset()
            h3.submit(**H3 | {name: value for name, value in change.items() if name != "ago"})
            h3.fake.created[0].notes["created_at"] -= change.get("ago", 0)
            lost, task = lose_response(h3, h3.request(**H3))
            task.is_deleted = True

            assert h3.provider.find(h3.connection, lost) == Search.ABSENT


def test_lost_task_is_found_by_its_prompt_on_the_second_page(h3):
    lost, task = lose_response(h3, h3.request(**H3))
    for _ in range(70):
        other = h3.fake.create({"model": "MiniMax-H3", "content": [{"type": "text", "text": "other"}]})
        other.notes["created_at"] = int(time.time())

    assert h3.provider.find(h3.connection, lost).task_id == task.id


def test_callback_contains_the_task_and_a_challenge_is_echoed(h3):
    h3.connection = replace(h3.connection, webhook="https://studio.example/hooks/x/")
    submitted = h3.submit(**H3)

    assert h3.fake.created[0].request["callback_url"] == f"https://studio.example/hooks/x/?ref={REF}"
    body = f'{{"task": {{"id": "{submitted.task_id}", "status": "succeeded"}}}}'.encode()
    assert h3.provider.read_callback(h3.connection, {}, body) == Event(submitted.task_id)
    assert h3.provider.answer_challenge(b'{"challenge": "abc"}') == {"challenge": "abc"}


def test_price_includes_pictures_that_cost_extra(h3, subtests):
    for model, mode, resolution, price in (
        ("MiniMax-H3", Mode.WORDS, 768, 400_000),
        ("MiniMax-H3", Mode.REFERENCES, 1440, 650_000),
        ("MiniMax-H3-Max", Mode.WORDS, 768, 400_000),
        ("MiniMax-H3-Max", Mode.FIRST_LAST, 480, 250_000),
    ):
        with subtests.test(model=model, mode=mode, resolution=resolution, price=price):
            estimate = h3.provider.estimate(h3.request(mode, model=model, resolution=resolution))

            assert (estimate.price, estimate.is_known) == (price, True)


def test_running_task_is_not_cancelled(h3):
    h3.fake.running = 60
    submitted = h3.submit(**H3)

    assert h3.provider.cancel(h3.connection, submitted.handle) == Stopped.TOO_LATE
    assert "DELETE" not in [call.method for call in h3.fake.calls]
