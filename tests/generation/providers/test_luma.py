"""What is peculiar to Luma; what every provider must do stands in test_contract.py."""

import pytest

from generation.providers.adapters.luma import answers
from generation.providers.base import Mode
from generation.providers.errors import Fault, RemoteError
from generation.providers.remote import Stage
from tests.fakes.server import Reply
from tests.generation.providers.contract import LUMA


@pytest.fixture
def desk(desk_of):
    return desk_of(LUMA)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
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
    ],
)
def test_each_code_of_a_failed_generation_means_what_the_note_says(code, fault):
    seen = answers.snapshot({"state": "failed", "failure_code": code, "failure_reason": "words"})
    assert (seen.stage, seen.error.fault) == (Stage.FAILED, fault)


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (400, {"detail": "Insufficient credits"}, Fault.QUOTA),
        (400, {"error": {"code": "content_moderated", "message": "no"}}, Fault.MODERATION),
        (429, {"error": {"code": "budget_exhausted", "message": "no"}}, Fault.QUOTA),
        (422, {"code": "image_too_large"}, Fault.INVALID),
        (503, {"code": "rate_limited"}, Fault.UNKNOWN),
        (400, ["odd"], Fault.INVALID),
        (400, {"error": "odd"}, Fault.INVALID),
    ],
)
def test_a_refusal_is_understood_in_either_shape(status, body, fault, desk):
    desk.fake.fault_odd = lambda request, act: Reply(status, body)
    desk.fake.next("submit", "odd")
    with pytest.raises(RemoteError) as caught:
        desk.submit()
    assert caught.value.fault == fault


def test_both_frames_stand_in_the_film_and_references_beside_it(desk):
    desk.submit(desk.request(Mode.FIRST_LAST))
    desk.submit(desk.request(Mode.REFERENCES))
    framed, referring = (task.request for task in desk.fake.created)
    assert {"start_frame", "end_frame"} <= set(framed["video"])
    assert [each["media_type"] for each in referring["image_ref"]] == ["image/png", "image/png"]


def test_nothing_is_sent_that_luma_does_not_know(desk):
    desk.submit(desk.request(seed=7))
    assert set(desk.fake.created[0].request) == {"prompt", "model", "type", "aspect_ratio", "video"}
