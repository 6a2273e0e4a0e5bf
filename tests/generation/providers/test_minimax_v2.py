"""What is peculiar to MiniMax H3; what every provider must do stands in test_contract.py."""

import time
from dataclasses import replace

import pytest

from generation.providers.adapters.minimax_v2.provider import MinimaxV2Provider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Event, Search, Stage, Stopped, Stopping
from tests.fakes.minimax_v2 import MinimaxV2Fake
from tests.generation.providers.losing import lose
from tests.generation.providers.talking import REF, fault_of, talking

H3 = {"resolution": 768}


@pytest.fixture
def h3(town, shipped_models, tmp_path):
    return talking(MinimaxV2Provider(), MinimaxV2Fake(b"film"), town, tmp_path)


def test_the_larger_size_is_called_2k_and_a_frame_decides_the_ratio(h3):
    h3.send(resolution=1440, ratio="21:9")
    h3.send(Mode.FIRST_LAST, **H3)

    words, frames = (task.request for task in h3.fake.created)
    assert (words["resolution"], words["ratio"]) == ("2K", "21:9")
    assert (frames["resolution"], frames["ratio"]) == ("768P", "adaptive")
    assert [each.get("role") for each in frames["content"]] == [None, "first_frame", "last_frame"]


def test_references_keep_the_ratio_that_was_asked_for(h3):
    h3.send(Mode.REFERENCES, ratio="9:16", **H3)

    asked = h3.fake.created[0].request
    assert asked["ratio"] == "9:16"
    assert [each.get("role") for each in asked["content"]] == [None, "reference_image", "reference_image"]


def test_a_task_that_is_gone_is_lost_though_http_says_500(h3):
    done = h3.send(**H3)
    h3.fake.created[0].is_gone = True

    error = fault_of(lambda: h3.provider.poll(h3.account, done.handle))

    assert (error.fault, error.status) == (Fault.LOST, 500)


def test_any_other_500_changes_nothing(h3):
    done = h3.send(**H3)
    h3.fake.next("poll", "broken")

    assert fault_of(lambda: h3.provider.poll(h3.account, done.handle)).fault == Fault.TRANSIENT
    assert h3.provider.poll(h3.account, done.handle).stage == Stage.SUCCEEDED


def test_a_finished_film_is_not_forgotten_by_trying_to_stop_it(h3):
    done = h3.send(**H3)

    assert h3.provider.cancel(h3.account, done.handle) == Stopped.TOO_LATE
    assert "DELETE" not in [call.method for call in h3.fake.calls]
    assert h3.provider.poll(h3.account, done.handle).stage == Stage.SUCCEEDED


@pytest.mark.parametrize(
    "change", [{"prompt": "two foxes"}, {"seconds": 10}, {"resolution": 1440}, {"ago": 400}, {"ago": -400}]
)
def test_a_foreign_task_of_other_words_length_size_or_minute_is_not_taken_for_ours(change, h3):
    h3.send(**H3 | {name: value for name, value in change.items() if name != "ago"})
    h3.fake.created[0].notes["created_at"] -= change.get("ago", 0)
    lost, task = lose(h3, h3.request(**H3))
    task.is_gone = True

    assert h3.provider.find(h3.account, lost) == Search.ABSENT


def test_a_lost_task_is_found_by_its_words_behind_a_page_of_others(h3):
    lost, task = lose(h3, h3.request(**H3))
    for _ in range(70):
        other = h3.fake.create({"model": "MiniMax-H3", "content": [{"type": "text", "text": "other"}]})
        other.notes["created_at"] = int(time.time())

    assert h3.provider.find(h3.account, lost).task_id == task.id


def test_a_callback_names_the_task_and_a_challenge_is_given_back(h3):
    h3.account = replace(h3.account, webhook="https://studio.example/hooks/x/")
    done = h3.send(**H3)

    assert h3.fake.created[0].request["callback_url"] == f"https://studio.example/hooks/x/?ref={REF}"
    body = f'{{"task": {{"id": "{done.task_id}", "status": "succeeded"}}}}'.encode()
    assert h3.provider.event(h3.account, {}, body) == Event(done.task_id)
    assert h3.provider.echo(b'{"challenge": "abc"}') == {"challenge": "abc"}


@pytest.mark.parametrize(
    ("model", "mode", "resolution", "price"),
    [
        ("MiniMax-H3", Mode.WORDS, 768, 400_000),
        ("MiniMax-H3", Mode.REFERENCES, 1440, 650_000),
        ("MiniMax-H3-Max", Mode.WORDS, 768, 400_000),
        ("MiniMax-H3-Max", Mode.FIRST_LAST, 480, 398_000),
    ],
)
def test_the_price_counts_the_pictures_where_they_cost(model, mode, resolution, price, h3):
    estimate = h3.provider.estimate(h3.request(mode, model=model, resolution=resolution))

    assert (estimate.price, estimate.is_known) == (price, True)


def test_what_runs_is_stopped_only_where_an_operator_says_that_it_can(h3, say):
    h3.fake.running, h3.fake.stops_running = 60, True
    done = h3.send(**H3)
    assert h3.provider.cancel(h3.account, done.handle) == Stopped.TOO_LATE
    assert "DELETE" not in [call.method for call in h3.fake.calls]

    say("minimax-v2", ways={"stop": "all"})

    assert h3.provider.manners.stopping == Stopping.ANY
    assert h3.provider.cancel(h3.account, done.handle) == Stopped.DONE
    assert h3.provider.poll(h3.account, done.handle).stage == Stage.CANCELLED


def test_what_is_finished_is_not_deleted_though_delete_stops_what_runs(h3, say):
    say("minimax-v2", ways={"stop": "all"})
    done = h3.send(**H3)

    assert h3.provider.cancel(h3.account, done.handle) == Stopped.TOO_LATE
    assert h3.provider.poll(h3.account, done.handle).stage == Stage.SUCCEEDED
