"""Luma: tests of this provider only; test_contract*.py covers what all have in common."""

import pytest

from generation.providers.adapters.luma import responses
from generation.providers.base import Mode
from generation.providers.errors import Fault, RemoteError
from generation.providers.remote import Stage
from tests.fakes.server import Reply
from tests.generation.providers.contract import LUMA


@pytest.fixture
def harness(build_harness):
    return build_harness(LUMA)


def test_failure_codes_map_to_faults(subtests):
    for code, fault in (
        ("content_moderated", Fault.MODERATION),
        ("generation_failed", Fault.FAILED),
        ("output_not_found", Fault.FAILED),
        ("budget_exhausted", Fault.QUOTA),
        ("image_too_large", Fault.INVALID),
        ("unsupported_format", Fault.INVALID),
        ("corrupt_input", Fault.INVALID),
        ("invalid_request", Fault.INVALID),
        ("rate_limited", Fault.FAILED),
        ("a_new_code", Fault.FAILED),
        (None, Fault.FAILED),
    ):
        with subtests.test(code=code, fault=fault):
            snapshot = responses.read_snapshot({"state": "failed", "failure_code": code, "failure_reason": "words"})
            assert (snapshot.stage, snapshot.error.fault) == (Stage.FAILED, fault)


def test_both_error_formats_are_understood(harness, subtests):
    for status, body, fault in (
        (400, {"detail": "Insufficient credits"}, Fault.QUOTA),
        (400, {"error": {"code": "content_moderated", "message": "no"}}, Fault.MODERATION),
        (429, {"error": {"code": "budget_exhausted", "message": "no"}}, Fault.QUOTA),
        (422, {"code": "image_too_large"}, Fault.INVALID),
        (503, {"code": "rate_limited"}, Fault.UNKNOWN),
        (400, ["odd"], Fault.INVALID),
        (400, {"error": "odd"}, Fault.INVALID),
    ):
        with subtests.test(status=status, body=body, fault=fault):
            harness.fake.fault_odd = lambda request, act, status=status, body=body: Reply(status, body)
            harness.fake.next("submit", "odd")
            with pytest.raises(RemoteError) as caught:
                harness.submit()
            assert caught.value.fault == fault


def test_frames_are_keyframes_and_references_are_separate(harness):
    harness.submit(harness.request(Mode.FIRST_LAST))
    harness.submit(harness.request(Mode.REFERENCES))
    framed, referring = (task.request for task in harness.fake.created)
    assert {"start_frame", "end_frame"} <= set(framed["video"])
    assert [item["media_type"] for item in referring["image_ref"]] == ["image/png", "image/png"]


def test_only_documented_fields_are_sent(harness):
    harness.submit(harness.request(seed=7))
    assert set(harness.fake.created[0].request) == {"prompt", "model", "type", "aspect_ratio", "video"}
