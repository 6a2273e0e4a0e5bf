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
from tests.generation.providers.lost_submissions import lose_response


@pytest.fixture
def ark(fake_server, shipped_models, tmp_path):
    return connect_fake(ArkProvider(), ArkFake(b"video"), fake_server, tmp_path)


def test_each_picture_is_sent_with_its_frame_role(ark):
    ark.submit(Mode.FIRST_LAST)
    ark.submit(Mode.REFERENCES)

    frames, references = ([item.get("role") for item in task.request["content"]] for task in ark.fake.created)
    assert frames == [None, "first_frame", "last_frame"]
    assert references == [None, "reference_image", "reference_image"]


@pytest.mark.parametrize(
    ("model", "resolution", "expected"),
    [("dreamina-seedance-2-0-260128", 1080, "1080p"), ("doubao-seedance-2-0-260128", 2160, "4k")],
)
def test_size_seed_and_sound_are_top_level_fields(model, resolution, expected, ark):
    ark.submit(model=model, resolution=resolution, options={"audio": True}, seed=2**31 - 1, ratio="21:9")

    body = ark.fake.created[0].request
    assert (body["resolution"], body["ratio"], body["seed"]) == (expected, "21:9", 2**31 - 1)
    assert body["generate_audio"] is True


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
            submitted = ark.submit()
            ark.fake.fault_named = lambda request, act, status=status, code=code: Reply(
                status, {"error": {"code": code, "message": "no"}}
            )
            ark.fake.next("submit", "named")
            ark.fake.next("poll", "named")

            assert ark.submit_refused().fault == at_submit
            assert (
                catch_error(lambda submitted=submitted: ark.provider.poll(ark.connection, submitted.handle)).fault
                == at_poll
            )


def test_cost_is_recorded_in_tokens(ark):
    submitted = ark.submit()

    assert ark.provider.poll(ark.connection, submitted.handle).cost == "108900 tokens"


def test_cancelling_a_finished_task_does_not_delete_it(ark):
    submitted = ark.submit()

    assert ark.provider.cancel(ark.connection, submitted.handle) == Stopped.TOO_LATE
    assert [call.method for call in ark.fake.calls] == ["POST", "GET"]
    assert ark.provider.poll(ark.connection, submitted.handle).stage == Stage.SUCCEEDED


def test_task_that_starts_during_cancel_continues(ark):
    ark.fake.queued = 60
    submitted = ark.submit()
    ark.fake.fault_starts = lambda request, act: start_after(ark.fake, act)
    ark.fake.next("poll", "starts")

    assert ark.provider.cancel(ark.connection, submitted.handle) == Stopped.TOO_LATE
    assert ark.fake.calls[-1].method == "DELETE"
    assert not ark.fake.created[0].is_cancelled


def start_after(fake, act):
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
            lost, task = lose_response(ark)
            task.is_deleted = True

            assert ark.provider.find(ark.connection, lost) == Search.ABSENT


def test_lost_task_is_found_by_its_seed_on_the_second_page(ark):
    lost, task = lose_response(ark)
    for n in range(120):
        other = ark.fake.create({"model": "m", "content": [], "seed": 1000 + n})
        other.notes["created_at"] = int(time.time())

    assert ark.provider.find(ark.connection, lost).task_id == task.id


def test_list_row_without_a_task_is_undecided(ark, subtests):
    for row in (
        None,
        "cgt-1",
        {},
    ):
        with subtests.test(row=row):
            lost, task = lose_response(ark)
            task.is_deleted = True

            def replace_rows(request, act, row=row):
                reply = act()
                reply.body["items"] = [row]
                return reply

            ark.fake.fault_replaced_rows = replace_rows
            ark.fake.next("list_tasks", "replaced_rows")

            assert ark.provider.find(ark.connection, lost) == Search.UNDECIDED
            assert ark.provider.find(ark.connection, lost) == Search.ABSENT


def test_matching_row_without_an_id_is_undecided(ark):
    lost, task = lose_response(ark)
    task.id = ""

    assert ark.provider.find(ark.connection, lost) == Search.UNDECIDED


def test_callback_is_read_for_its_task_id_only(ark):
    ark.connection = replace(ark.connection, webhook="https://studio.example/hooks/x/")
    submitted = ark.submit()

    assert ark.fake.created[0].request["callback_url"] == f"https://studio.example/hooks/x/?ref={REF}"
    payload = ark.fake.callback(ark.fake.created[0]) | {"content": {"video_url": "https://evil.example"}}
    assert ark.provider.read_callback(ark.connection, {}, json.dumps(payload).encode()) == Event(submitted.task_id)


def test_ratio_of_a_picture_is_kept_by_the_newest_model(ark):
    sent = [
        ark.provider.prepare(ark.connection, ark.request(mode, model="dreamina-seedance-2-5-260628"), REF).body["ratio"]
        for mode in (Mode.PICTURE, Mode.FIRST_LAST, Mode.WORDS)
    ]

    assert sent == ["adaptive", "adaptive", "16:9"]


def test_prices_are_in_the_currency_of_the_region(ark):
    china = ark.provider.estimate(ark.request(model="doubao-seedance-2-5-260628", resolution=1080, seconds=10))
    abroad = ark.provider.estimate(ark.request(model="dreamina-seedance-2-0-260128", resolution=720, seconds=10))

    assert (china.price, china.currency) == (37_422_000, "CNY")
    assert (abroad.price, abroad.currency) == (1_500_000, "USD")
