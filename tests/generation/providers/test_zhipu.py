"""What is peculiar to Zhipu; what every provider must do stands in test_contract.py."""

import pytest

from generation.providers.adapters.zhipu.provider import ZhipuProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Stage
from tests.fakes.zhipu import ZhipuFake
from tests.generation.providers.talking import REF, fault_of, talking


@pytest.fixture
def zhipu(town, shipped_models, tmp_path):
    return talking(ZhipuProvider(), ZhipuFake(b"film"), town, tmp_path)


def test_our_reference_goes_along_so_that_a_second_request_is_refused_there(zhipu):
    zhipu.send()

    error = zhipu.refused()

    assert (error.fault, error.code) == (Fault.UNKNOWN, "1231")
    assert [task.ref for task in zhipu.fake.created] == [REF]


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [("16:9", 720, "1280x720"), ("9:16", 1080, "1080x1920"), ("1:1", 720, "1024x1024")],
)
def test_sizes_are_those_that_the_model_draws(ratio, resolution, size, zhipu):
    zhipu.send(ratio=ratio, resolution=resolution)

    assert zhipu.fake.created[0].request["size"] == size


def test_a_size_that_it_does_not_draw_is_refused_here(zhipu):
    error = zhipu.refused(ratio="4:3")

    assert (error.fault, error.field, zhipu.fake.calls) == (Fault.INVALID, "resolution", [])


def test_two_frames_go_as_a_pair_at_quality_speed(zhipu):
    zhipu.send(Mode.FIRST_LAST)

    asked = zhipu.fake.created[0].request
    assert (len(asked["image_url"]), asked["quality"]) == (2, "speed")
    assert all(image.startswith("data:image/png;base64,") for image in asked["image_url"])


def test_a_vidu_model_is_told_a_ratio_and_no_size(zhipu):
    zhipu.send(Mode.REFERENCES, model="vidu2-reference", seconds=4, ratio="1:1")

    asked = zhipu.fake.created[0].request
    assert (asked["aspect_ratio"], asked["duration"], len(asked["image_url"])) == ("1:1", 4, 2)
    assert "size" not in asked


def test_a_prompt_past_512_characters_is_refused_whole_and_never_cut(zhipu):
    error = zhipu.refused(prompt="樱" * 513)

    assert (error.code, error.field, zhipu.fake.calls) == ("prompt_too_long", "prompt", [])


@pytest.mark.parametrize(
    ("shape", "fault"),
    [
        ("quota", Fault.QUOTA),  # HTTP 429
        ("plan_limit", Fault.QUOTA),  # HTTP 429
        ("locked", Fault.AUTH),  # HTTP 429
        ("busy", Fault.TRANSIENT),  # HTTP 429
        ("error_in_200", Fault.QUOTA),
        ("no_permission", Fault.AUTH),  # HTTP 434
        ("overload_503", Fault.UNKNOWN),
        ("broken", Fault.UNKNOWN),
    ],
)
def test_its_own_code_is_read_before_the_http_status(shape, fault, zhipu):
    zhipu.fake.next("submit", shape)

    assert zhipu.refused().fault == fault


def test_a_failed_task_says_whether_it_was_refused(zhipu):
    provider, fake, account = zhipu
    done = zhipu.send()

    faults = {}
    for end in ("failed", "moderated"):
        fake.created[0].ends = end
        seen = provider.poll(account, done.handle)
        faults[end] = (seen.stage, seen.error.fault)

    assert faults == {"failed": (Stage.FAILED, Fault.FAILED), "moderated": (Stage.FAILED, Fault.MODERATION)}


def test_a_task_that_is_gone_is_lost_and_not_a_mistake_of_ours(zhipu):
    provider, fake, account = zhipu
    done = zhipu.send()
    fake.created[0].is_gone = True

    assert fault_of(lambda: provider.poll(account, done.handle)).fault == Fault.LOST


def test_the_test_of_a_connection_creates_nothing(zhipu):
    provider, fake, account = zhipu

    assert provider.check(account) == "The key works."
    account.keys["api_key"] = "kid.wrong"
    assert fault_of(lambda: provider.check(account)).fault == Fault.AUTH
    assert fake.created == []
