"""Zhipu: tests of this provider only; test_contract*.py covers what all have in common."""

import pytest

from generation.providers.adapters.zhipu.provider import ZhipuProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from tests.fakes.zhipu import ZhipuFake
from tests.generation.providers.connected_fake import REF, catch_error, connect_fake


@pytest.fixture
def zhipu(fake_server, shipped_models, tmp_path):
    return connect_fake(ZhipuProvider(), ZhipuFake(b"video"), fake_server, tmp_path)


def test_our_reference_is_sent_so_that_a_duplicate_is_refused(zhipu):
    zhipu.submit()

    error = zhipu.submit_refused()

    assert (error.fault, error.code) == (Fault.UNKNOWN, "1231")
    assert [task.ref for task in zhipu.fake.created] == [REF]


def test_sizes_are_those_of_the_model(zhipu, subtests):
    for ratio, resolution, size in (
        ("16:9", 720, "1280x720"),
        ("9:16", 1080, "1080x1920"),
        ("1:1", 720, "1024x1024"),
    ):
        with subtests.test(ratio=ratio, resolution=resolution, size=size):
            zhipu.reset()
            zhipu.submit(ratio=ratio, resolution=resolution)

            assert zhipu.fake.created[0].request["size"] == size


def test_unsupported_size_is_refused_before_sending(zhipu):
    error = zhipu.submit_refused(ratio="4:3")

    assert (error.fault, error.field, zhipu.fake.calls) == (Fault.INVALID, "resolution", [])


def test_two_frames_are_sent_as_a_pair_with_quality_speed(zhipu):
    zhipu.submit(Mode.FIRST_LAST)

    body = zhipu.fake.created[0].request
    assert (len(body["image_url"]), body["quality"]) == (2, "speed")
    assert all(image.startswith("data:image/png;base64,") for image in body["image_url"])


def test_vidu_model_gets_a_ratio_and_no_size(zhipu):
    zhipu.submit(Mode.REFERENCES, model="vidu2-reference", seconds=4, ratio="1:1")

    body = zhipu.fake.created[0].request
    assert (body["aspect_ratio"], body["duration"], len(body["image_url"])) == ("1:1", 4, 2)
    assert "size" not in body


def test_prompt_above_512_characters_is_refused_not_cut(zhipu):
    error = zhipu.submit_refused(prompt="樱" * 513)

    assert (error.code, error.field, zhipu.fake.calls) == ("prompt_too_long", "prompt", [])


def test_error_codes_map_to_faults(zhipu, subtests):
    for shape, fault in (
        ("quota", Fault.QUOTA),  # HTTP 429
        ("plan_limit", Fault.QUOTA),  # HTTP 429
        ("locked", Fault.AUTH),  # HTTP 429
        ("busy", Fault.TRANSIENT),  # HTTP 429
        ("error_in_200", Fault.QUOTA),
        ("no_permission", Fault.AUTH),  # HTTP 434
        ("overload_503", Fault.UNKNOWN),
        ("broken", Fault.UNKNOWN),
    ):
        with subtests.test(shape=shape, fault=fault):
            zhipu.fake.next("submit", shape)

            assert zhipu.submit_refused().fault == fault


def test_check_creates_nothing(zhipu):
    provider, fake, connection = zhipu

    assert provider.check(connection) == "The key works."
    connection.keys["api_key"] = "kid.wrong"
    assert catch_error(lambda: provider.check(connection)).fault == Fault.AUTH
    assert fake.created == []
