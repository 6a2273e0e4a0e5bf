"""Ark: tests of this provider only; test_contract*.py covers what all have in common."""

import json
import time
from dataclasses import replace

import pytest

from generation.providers.adapters.ark.provider import ArkProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Event, Search, Stage, Stopped
from tests.fakes.ark import ArkFake
from tests.fakes.server import Reply
from tests.generation.providers.connected_fake import REF, catch_error, connect_fake
from tests.generation.providers.lost_submissions import lose

OTHER = "5f0c1f6e-0000-4000-8000-000000000002"


@pytest.fixture
def ark(fake_server, shipped_models, tmp_path):
    return connect_fake(ArkProvider(), ArkFake(b"film"), fake_server, tmp_path)


def test_each_picture_is_sent_with_its_frame_role(ark):
    ark.submit(Mode.FIRST_LAST)
    ark.submit(Mode.REFERENCES)

    frames, references = ([item.get("role") for item in task.request["content"]] for task in ark.fake.created)
    assert frames == [None, "first_frame", "last_frame"]
    assert references == [None, "reference_image", "reference_image"]


@pytest.mark.parametrize(
    ("model", "resolution", "said"),
    [("dreamina-seedance-2-0-260128", 1080, "1080p"), ("doubao-seedance-2-0-260128", 2160, "4k")],
)
def test_size_seed_and_sound_are_top_level_fields(model, resolution, said, ark):
    ark.submit(model=model, resolution=resolution, options={"audio": True}, seed=2**31 - 1, ratio="21:9")

    sent = ark.fake.created[0].request
    assert (sent["resolution"], sent["ratio"], sent["seed"]) == (said, "21:9", 2**31 - 1)
    assert sent["generate_audio"] is True


def test_sound_is_switched_off_for_models_that_default_to_it(ark):
    ark.submit()
    ark.submit(model="seedance-1-0-pro-250528")

    new, old = (task.request for task in ark.fake.created)
    assert (new["generate_audio"], "generate_audio" in old) == (False, False)


def test_error_codes_map_to_faults(ark, subtests):
    for status, code, at_submit, at_poll in (
        (400, "InputImageSensitiveContentDetected.PrivacyInformation", Fault.MODERATION, Fault.MODERATION),
        (400, "SensitiveContentDetected.Violence", Fault.MODERATION, Fault.MODERATION),
        (400, "InputTextRiskDetection", Fault.MODERATION, Fault.MODERATION),
        (400, "ContentSecurityDetectionError", Fault.FAILED, Fault.FAILED),
        (400, "InvalidEndpoint.ClosedEndpoint", Fault.INVALID, Fault.LOST),
        (404, "InvalidEndpointOrModel.NotFound", Fault.INVALID, Fault.LOST),
        (404, "ModelNotOpen", Fault.AUTH, Fault.AUTH),
        (403, "OperationDenied.ServiceOverdue", Fault.AUTH, Fault.AUTH),
        (403, "AccountOverdueError", Fault.QUOTA, Fault.QUOTA),
        (429, "AccountQuotaExceeded", Fault.QUOTA, Fault.QUOTA),
        (429, "QuotaExceeded", Fault.TRANSIENT, Fault.TRANSIENT),
        (429, "ModelAccountRpmRateLimitExceeded", Fault.TRANSIENT, Fault.TRANSIENT),
        (429, "ServerOverloaded", Fault.TRANSIENT, Fault.TRANSIENT),
        (429, "", Fault.UNKNOWN, Fault.TRANSIENT),
        (503, "ServerOverloaded", Fault.UNKNOWN, Fault.TRANSIENT),  # a proxy may have forwarded the request
        (500, "InternalServiceError", Fault.UNKNOWN, Fault.TRANSIENT),
    ):
        with subtests.test(status=status, code=code, at_submit=at_submit, at_poll=at_poll):
            done = ark.submit()
            ark.fake.fault_named = lambda request, act, status=status, code=code: Reply(
                status, {"error": {"code": code, "message": "no"}}
            )
            ark.fake.next("submit", "named")
            ark.fake.next("poll", "named")

            assert ark.submit_refused().fault == at_submit
            assert catch_error(lambda done=done: ark.provider.poll(ark.connection, done.handle)).fault == at_poll


def test_cost_is_recorded_in_tokens(ark):
    done = ark.submit()

    assert ark.provider.poll(ark.connection, done.handle).cost == "108900 tokens"


def test_cancelling_a_finished_task_does_not_delete_it(ark):
    done = ark.submit()

    assert ark.provider.cancel(ark.connection, done.handle) == Stopped.TOO_LATE
    assert [call.method for call in ark.fake.calls] == ["POST", "GET"]
    assert ark.provider.poll(ark.connection, done.handle).stage == Stage.SUCCEEDED


def test_task_that_starts_during_cancel_continues(ark):
    ark.fake.queued = 60
    done = ark.submit()
    ark.fake.fault_begins = lambda request, act: begun(ark.fake, act)
    ark.fake.next("poll", "begins")

    assert ark.provider.cancel(ark.connection, done.handle) == Stopped.TOO_LATE
    assert ark.fake.calls[-1].method == "DELETE"
    assert not ark.fake.created[0].is_cancelled


def begun(fake, act):
    reply = act()
    fake.queued, fake.running = 0, 60
    return reply


def test_task_with_another_seed_length_size_or_time_is_not_adopted(ark, subtests):
    for change in (
        {"seed": 8},
        {"seconds": 10},
        {"resolution": 480},
        {"ago": 400},
        {"ago": -400},
    ):
        with subtests.test(change=change):
            ark.reset()
            ark.submit(**{name: value for name, value in change.items() if name != "ago"})
            ark.fake.created[0].notes["created_at"] -= change.get("ago", 0)
            lost, task = lose(ark)
            task.is_deleted = True

            assert ark.provider.find(ark.connection, lost) == Search.ABSENT


def test_lost_task_is_found_by_its_seed_on_the_second_page(ark):
    lost, task = lose(ark)
    for n in range(120):
        other = ark.fake.create({"model": "m", "content": [], "seed": 1000 + n})
        other.notes["created_at"] = int(time.time())

    assert ark.provider.find(ark.connection, lost).task_id == task.id


def test_endless_list_is_undecided(ark):
    lost, task = lose(ark)
    task.is_deleted = True
    for n in range(501):
        other = ark.fake.create({"model": "m", "content": [], "seed": 1000 + n})
        other.notes["created_at"] = int(time.time())

    assert ark.provider.find(ark.connection, lost) == Search.UNDECIDED


def test_list_row_without_a_task_is_undecided(ark, subtests):
    for row in (
        None,
        "cgt-1",
        {},
    ):
        with subtests.test(row=row):
            lost, task = lose(ark)
            task.is_deleted = True

            def odd(request, act, row=row):
                reply = act()
                reply.body["items"] = [row]
                return reply

            ark.fake.fault_odd = odd
            ark.fake.next("list_tasks", "odd")

            assert ark.provider.find(ark.connection, lost) == Search.UNDECIDED
            assert ark.provider.find(ark.connection, lost) == Search.ABSENT


def test_matching_row_without_an_id_is_undecided(ark):
    lost, task = lose(ark)
    task.id = ""

    assert ark.provider.find(ark.connection, lost) == Search.UNDECIDED


def test_callback_is_read_for_its_task_id_only(ark):
    ark.connection = replace(ark.connection, webhook="https://studio.example/hooks/x/")
    done = ark.submit()

    assert ark.fake.created[0].request["callback_url"] == f"https://studio.example/hooks/x/?ref={REF}"
    reported = ark.fake.callback(ark.fake.created[0]) | {"content": {"video_url": "https://evil.example"}}
    assert ark.provider.read_callback(ark.connection, {}, json.dumps(reported).encode()) == Event(done.task_id)


def test_prices_are_known_for_china_only(ark):
    china = ark.provider.estimate(ark.request(model="doubao-seedance-2-5-260628", resolution=1080, seconds=10))
    abroad = ark.provider.estimate(ark.request(model="dreamina-seedance-2-0-260128"))

    assert (china.price, china.is_known, abroad.is_known) == (5_350_000, True, False)
