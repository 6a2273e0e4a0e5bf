"""DashScope: tests of this provider only; test_contract*.py covers what all have in common."""

from dataclasses import replace
from datetime import timedelta

import pytest

from generation.providers.adapters.dashscope.provider import DashscopeProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Search, Submitted
from tests.fakes import dashscope as fake_dashscope
from tests.fakes.dashscope import DashscopeFake
from tests.generation.providers.connected_fake import catch_error, connect_fake
from tests.generation.providers.contract import DASHSCOPE
from tests.generation.providers.lost_submissions import lose_response


@pytest.fixture
def wan(fake_server, shipped_models, tmp_path):
    return connect_fake(DashscopeProvider(), DashscopeFake(b"video"), fake_server, tmp_path)


def test_only_the_submission_has_the_async_header(wan):
    submitted = wan.submit()
    wan.provider.poll(wan.connection, submitted.handle)

    posted, polled = wan.fake.calls
    assert posted.headers["x-dashscope-async"] == "enable"
    assert "x-dashscope-async" not in polled.headers


def test_each_model_generation_has_its_own_request_format(wan, subtests):
    for model, mode, path, fields in (
        ("wan2.6-t2v", Mode.WORDS, "video-generation", {"size"}),
        ("wan2.6-i2v", Mode.PICTURE, "video-generation", {"img_url", "resolution"}),
        ("wan2.2-kf2v-flash", Mode.FIRST_LAST, "image2video", {"first_frame_url", "last_frame_url", "resolution"}),
        ("wan2.7-t2v", Mode.WORDS, "video-generation", {"resolution", "ratio"}),
        ("wan2.7-i2v", Mode.FIRST_LAST, "video-generation", {"media", "resolution"}),
        ("wan3.0-video", Mode.PICTURE, "video-generation", {"media", "resolution"}),
        ("wan3.0-video", Mode.REFERENCES, "video-generation", {"media", "resolution", "ratio"}),
    ):
        with subtests.test(model=model, mode=mode, path=path, fields=fields):
            wan.reset()
            wan.submit(mode, model=model)

            body = wan.fake.created[0].request
            every = {"size", "resolution", "ratio", "img_url", "first_frame_url", "last_frame_url", "media"}
            assert every & {*body["input"], *body["parameters"]} == fields
            assert wan.fake.calls[0].path == f"/services/aigc/{path}/video-synthesis"


def test_each_picture_is_sent_with_its_purpose(wan):
    wan.submit(Mode.FIRST_LAST, model="wan2.7-i2v")
    wan.submit(Mode.REFERENCES, model="wan2.7-r2v")

    frames, references = ([item["type"] for item in task.request["input"]["media"]] for task in wan.fake.created)
    assert (frames, references) == (["first_frame", "last_frame"], ["reference_image", "reference_image"])


def test_older_models_get_their_exact_sizes(wan, subtests):
    for ratio, resolution, size in (
        ("16:9", 720, "1280*720"),
        ("1:1", 720, "960*960"),
        ("3:4", 1080, "1248*1632"),
    ):
        with subtests.test(ratio=ratio, resolution=resolution, size=size):
            wan.reset()
            wan.submit(model="wan2.6-t2v", ratio=ratio, resolution=resolution)

            assert wan.fake.created[0].request["parameters"]["size"] == size


def test_size_of_no_older_model_is_refused_before_sending(wan):
    error = wan.submit_refused(model="wan2.6-t2v", ratio="4:3", resolution=480)

    assert (error.fault, error.code, error.field) == (Fault.INVALID, "size", "resolution")
    assert wan.fake.calls == []


def test_negative_prompt_above_the_limit_is_refused_before_sending(wan):
    error = wan.submit_refused(negative_prompt="x" * 501)

    assert (error.fault, error.field) == (Fault.INVALID, "negative_prompt")
    assert wan.fake.calls == []


def test_quota_and_rate_limit_errors_are_distinguished(wan, subtests):
    for fault, expected in (
        ("busy", Fault.TRANSIENT),
        ("allocation", Fault.QUOTA),
        ("quota", Fault.QUOTA),
        ("busy_retry_after", Fault.UNKNOWN),
    ):
        with subtests.test(fault=fault, expected=expected):
            wan.fake.next("submit", fault)

            assert wan.submit_refused().fault == expected


def test_provider_timeout_leaves_the_outcome_open(wan):
    wan.fake.next("submit", "time_out_after_create")

    assert wan.submit_refused().fault == Fault.UNKNOWN
    assert len(wan.fake.created) == 1


def test_lost_task_is_found_in_any_time_zone(wan, monkeypatch, subtests):
    for hours in (
        -8,
        0,
        5.5,
        8,
    ):
        for lists_created_at in (
            True,
            False,
        ):
            with subtests.test(hours=hours, lists_created_at=lists_created_at):
                wan.reset()
                monkeypatch.setattr(fake_dashscope, "ZONE", timedelta(hours=hours))
                wan.fake.lists_created_at = lists_created_at
                lost, task = lose_response(wan)

                assert wan.provider.find(wan.connection, lost).task_id == task.id


def test_task_with_another_prompt_model_or_time_is_not_adopted(wan, subtests):
    for change in (
        {"prompt": "two foxes"},
        {"model": "wan2.6-t2v"},
        {"ago": 400},
        {"ago": -400},
    ):
        for lists_created_at in (
            True,
            False,
        ):
            with subtests.test(change=change, lists_created_at=lists_created_at):
                wan.reset()
                wan.fake.lists_created_at = lists_created_at
                settings = {name: value for name, value in change.items() if name != "ago"}
                wan.submit(**settings)
                wan.fake.created[0].notes["submitted"] -= timedelta(seconds=change.get("ago", 0))
                lost, task = lose_response(wan)
                task.is_deleted = True

                assert wan.provider.find(wan.connection, lost) == Search.ABSENT


def test_long_list_is_undecided(wan):
    for _ in range(11):
        wan.submit(prompt="another")
    lost, task = lose_response(wan)
    task.is_deleted = True

    assert wan.provider.find(wan.connection, lost) == Search.UNDECIDED
    assert wan.provider.find(wan.connection, replace(lost, is_taken=lambda _id: True)) == Search.ABSENT


def test_incomplete_page_is_undecided(wan):
    lost, task = lose_response(wan)
    task.is_deleted = True

    def truncate(request, act):
        reply = act()
        reply.body["total"] = 30
        return reply

    wan.fake.fault_truncated = truncate
    wan.fake.next("list_tasks", "truncated")

    assert wan.provider.find(wan.connection, lost) == Search.UNDECIDED
    assert wan.provider.find(wan.connection, lost) == Search.ABSENT


@pytest.mark.parametrize("lists_created_at", [True, False])
def test_lost_task_is_found_behind_a_page_of_newer_ones(lists_created_at, wan):
    wan.fake.lists_created_at = lists_created_at
    lost, task = lose_response(wan)
    others = {wan.submit(prompt="another").task_id for _ in range(60)}

    assert wan.provider.find(wan.connection, replace(lost, is_taken=others.__contains__)).task_id == task.id


def test_failed_second_page_keeps_the_match_of_the_first(wan, subtests):
    for is_there in (
        True,
        False,
    ):
        for fault in ("broken", "cut"):
            with subtests.test(is_there=is_there, fault=fault):
                wan.fake.lists_created_at = False
                others = {wan.submit(prompt="another").task_id for _ in range(60)}
                lost, task = lose_response(wan)
                task.is_deleted = not is_there
                wan.fake.next("list_tasks", "", fault)

                result = wan.provider.find(wan.connection, replace(lost, is_taken=others.__contains__))

                assert result == (Submitted(task.id, lost.handle | {"id": task.id}) if is_there else Search.UNDECIDED)
                assert not wan.fake.faults["list_tasks"]


def test_failed_first_page_raises_its_error(wan):
    lost, _task = lose_response(wan)
    wan.fake.next("list_tasks", "broken")

    assert catch_error(lambda: wan.provider.find(wan.connection, lost)).fault == Fault.TRANSIENT


@pytest.mark.parametrize("lists_created_at", [True, False])
def test_list_is_read_to_older_tasks_but_not_endlessly(lists_created_at, wan):
    wan.fake.lists_created_at = lists_created_at
    others = {wan.submit(prompt="another").task_id for _ in range(310)}
    for other in wan.fake.created[:200]:
        other.notes["submitted"] -= timedelta(hours=1)
    lost, task = lose_response(wan)
    task.is_deleted = True
    before = len(wan.fake.calls)

    result = wan.provider.find(wan.connection, replace(lost, is_taken=others.__contains__))

    assert result == (Search.ABSENT if lists_created_at else Search.UNDECIDED)
    assert len(wan.fake.calls) - before == (3 if lists_created_at else 5)


def test_price_is_per_second_by_resolution(wan):
    estimate = wan.provider.estimate(wan.request(model="wan3.0-video", resolution=1080, seconds=5))

    assert (estimate.price, estimate.currency, estimate.is_known) == (1_000_000, "USD", True)


def test_refused_inline_picture_creates_no_task(build_harness):
    harness = build_harness(DASHSCOPE)
    harness.fake.accepts_media_data = False

    assert catch_error(lambda: harness.submit(harness.request(Mode.PICTURE, "wan2.7-i2v"))).fault == Fault.INVALID
    assert harness.fake.created == []
