"""Kling: tests of this provider only; test_contract*.py covers what all have in common."""

import base64
import json
import re
from dataclasses import replace

import pytest

from generation.providers import catalogue
from generation.providers.adapters.kling.provider import KlingProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Event, Search, Stage, Submitted
from tests.fakes.kling import KlingFake
from tests.fakes.server import Reply
from tests.generation.providers.connected_fake import REF, catch_error, connect_fake
from tests.generation.providers.lost_submissions import build_lost, lose_response

OTHER = "5f0c1f6e-0000-4000-8000-000000000002"


@pytest.fixture
def kling(fake_server, shipped_models, tmp_path):
    return connect_fake(KlingProvider(), KlingFake(b"video"), fake_server, tmp_path)


@pytest.fixture
def signed(kling):
    """Kling with the older pair of keys."""
    keys = {"access_key": KlingFake.access_key, "secret_key": KlingFake.secret_key}
    kling.connection = replace(kling.connection, keys=keys)
    return kling


def queue_error_code(fake, status, code):
    """Make the next submission and the next poll fail with this code."""
    fake.fault_coded = lambda request, act: Reply(status, {"code": code, "message": "no", "request_id": "r"})
    fake.next("submit", "coded")
    fake.next("poll", "coded")


def read_token(call):
    header, claims, _signature = call.headers["authorization"].removeprefix("Bearer ").split(".")
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims)]


# --- keys -----------------------------------------------------------------------------------------------------------


def test_key_pair_signs_a_token_that_kling_accepts(signed):
    assert signed.provider.check(signed.connection)
    submitted = signed.submit()

    header, claims = read_token(signed.fake.calls[-1])

    assert signed.provider.poll(signed.connection, submitted.handle).stage == Stage.SUCCEEDED
    assert header == {"alg": "HS256", "typ": "JWT"}
    assert claims["iss"] == KlingFake.access_key
    assert claims["exp"] - claims["nbf"] == 1805
    assert not any(KlingFake.secret_key in str(call.headers) for call in signed.fake.calls)


def test_wrong_secret_is_refused(signed):
    signed.connection = replace(signed.connection, keys={**signed.connection.keys, "secret_key": "SK-other-0123456789"})

    error = catch_error(lambda: signed.provider.check(signed.connection))

    assert (error.fault, error.code) == (Fault.AUTH, "1002")


def test_incomplete_key_pair_sends_nothing(kling):
    kling.connection = replace(kling.connection, keys={"access_key": "AK-only"})

    error = catch_error(lambda: kling.provider.check(kling.connection))

    assert (error.fault, error.code) == (Fault.AUTH, "no_key")
    assert kling.fake.calls == []


@pytest.mark.parametrize(("ahead", "code"), [(-7200, "1003, clock +"), (7200, "1004, clock -")])
def test_clock_error_is_reported_with_its_offset(ahead, code, signed):
    signed.fake.clock = ahead

    error = signed.submit_refused()

    assert error.fault == Fault.AUTH
    assert error.code.startswith(code)
    off = int(re.search(r"clock ([+-]\d+) s$", error.code)[1])
    assert off == pytest.approx(-ahead, abs=60)  # the request takes time
    assert signed.fake.created == []


def test_single_key_does_not_depend_on_the_clock(kling):
    kling.fake.clock = -7200

    assert kling.submit().task_id == kling.fake.created[0].id


# --- requests -------------------------------------------------------------------------------------------------------


def test_mode_follows_from_resolution_and_features(kling, subtests):
    for settings, mode in (
        ({"resolution": 720}, "std"),
        ({"resolution": 1080}, "pro"),
        ({"resolution": 720, "model": "kling-v2-6", "options": {"audio": True}}, "pro"),
        ({"resolution": 720, "model": "kling-v3", "options": {"audio": True}}, "std"),
    ):
        with subtests.test(settings=settings, mode=mode):
            kling.reset()
            kling.submit(**settings)

            assert kling.fake.created[0].request["mode"] == mode


def test_last_frame_uses_pro_mode(kling):
    kling.submit(Mode.FIRST_LAST, resolution=720)

    body = kling.fake.created[0].request
    assert (body["mode"], "image" in body, "image_tail" in body) == ("pro", True, True)


def test_each_mode_has_its_own_address_for_submit_and_poll(kling, subtests):
    for mode, model, kind in (
        (Mode.WORDS, "kling-v3", "text2video"),
        (Mode.PICTURE, "kling-v3", "image2video"),
        (Mode.FIRST_LAST, "kling-v3", "image2video"),
        (Mode.REFERENCES, "kling-v1-6", "multi-image2video"),
        (Mode.WORDS, "kling-v3-omni", "omni-video"),
        (Mode.REFERENCES, "kling-video-o1", "omni-video"),
    ):
        with subtests.test(mode=mode, model=model, kind=kind):
            kling.reset()
            submitted = kling.submit(mode, model=model)

            assert kling.fake.created[0].notes["kind"] == submitted.handle["kind"] == kind
            assert kling.provider.poll(kling.connection, submitted.handle).stage == Stage.SUCCEEDED


def test_omni_model_lists_frames_with_a_type_and_references_without(kling):
    kling.submit(Mode.FIRST_LAST, model="kling-v3-omni", options={"audio": True})
    kling.submit(Mode.REFERENCES, model="kling-video-o1", ref=OTHER)

    frames, references = (task.request for task in kling.fake.created)
    assert [image.get("type") for image in frames["image_list"]] == ["first_frame", "end_frame"]
    assert [image.get("type") for image in references["image_list"]] == [None, None]
    assert ("aspect_ratio" in frames, references["aspect_ratio"]) == (False, "16:9")
    assert (frames["sound"], "sound" in references) == ("on", False)


def test_request_has_text_duration_sound_word_and_plain_base64(kling):
    kling.submit(Mode.PICTURE, seconds=10, options={"audio": True})

    body = kling.fake.created[0].request
    assert (body["duration"], body["sound"]) == ("10", "on")
    assert base64.b64decode(body["image"]).startswith(b"\x89PNG")
    assert "aspect_ratio" not in body


def test_small_picture_is_refused_before_sending(kling):
    from PIL import Image

    path = kling.folder / "small.png"
    Image.new("RGB", (640, 299)).save(path)

    error = kling.submit_refused(Mode.PICTURE, picture=path)

    assert (error.fault, error.code) == (Fault.INVALID, "picture_too_small")
    assert kling.fake.calls == []


def test_unpublished_price_of_4k_with_sound_is_not_made_up(kling):
    silent, sounding = (kling.request(resolution=2160, options={"audio": audio}) for audio in (False, True))

    assert kling.provider.estimate(silent).is_known
    assert kling.provider.estimate(sounding).is_known is False


# --- responses ------------------------------------------------------------------------------------------------------


def test_error_code_inside_http_200_is_a_refusal(kling):
    submitted = kling.submit()
    kling.fake.next("submit", "error_in_200")
    kling.fake.next("poll", "error_in_200")

    error = kling.submit_refused(ref=OTHER)

    assert (error.fault, error.code) == (Fault.MODERATION, "1301")
    assert catch_error(lambda: kling.provider.poll(kling.connection, submitted.handle)).fault == Fault.MODERATION


def test_error_codes_map_to_faults(kling, subtests):
    for status, code, at_submit, at_poll in (
        (429, 1100, Fault.QUOTA, Fault.QUOTA),
        (429, 1101, Fault.QUOTA, Fault.QUOTA),
        (429, 1102, Fault.QUOTA, Fault.QUOTA),
        (429, 1302, Fault.TRANSIENT, Fault.TRANSIENT),
        (429, 1303, Fault.TRANSIENT, Fault.TRANSIENT),
        (429, 1304, Fault.AUTH, Fault.AUTH),
        (429, 9999, Fault.UNKNOWN, Fault.TRANSIENT),
        (403, 1103, Fault.AUTH, Fault.AUTH),
        (404, 1203, Fault.INVALID, Fault.LOST),
        (400, 1300, Fault.MODERATION, Fault.MODERATION),
        (500, 5000, Fault.UNKNOWN, Fault.TRANSIENT),
        (503, 5001, Fault.UNKNOWN, Fault.TRANSIENT),
        (502, 1303, Fault.UNKNOWN, Fault.TRANSIENT),  # a proxy may have forwarded the request
        (504, 5002, Fault.UNKNOWN, Fault.TRANSIENT),
        (200, 5000, Fault.UNKNOWN, Fault.TRANSIENT),
    ):
        with subtests.test(status=status, code=code, at_submit=at_submit, at_poll=at_poll):
            kling.reset()
            submitted = kling.submit()
            queue_error_code(kling.fake, status, code)

            assert kling.submit_refused(ref=OTHER).fault == at_submit
            assert (
                catch_error(lambda submitted=submitted: kling.provider.poll(kling.connection, submitted.handle)).fault
                == at_poll
            )


def test_cost_is_recorded(kling):
    submitted = kling.submit()

    assert kling.provider.poll(kling.connection, submitted.handle).cost == "3 units"


# --- lost responses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accepts_ref_in_path", [True, False])
def test_lost_task_is_found_by_our_own_id(accepts_ref_in_path, kling):
    kling.fake.accepts_ref_in_path = accepts_ref_in_path
    kling.submit(ref=OTHER)
    lost, task = lose_response(kling)

    found = kling.provider.find(kling.connection, lost)

    assert found == Submitted(task.id, {"kind": "text2video", "id": task.id})


def test_duplicate_of_our_id_is_searched_not_refused(kling):
    submitted = kling.submit()

    error = kling.submit_refused()

    assert (error.fault, error.code) == (Fault.UNKNOWN, "1201")
    assert (
        kling.provider.find(kling.connection, build_lost(kling.request(), submitted.handle)).task_id
        == submitted.task_id
    )
    assert len(kling.fake.created) == 1


def test_list_is_read_back_to_the_time_of_submission(kling):
    kling.fake.accepts_ref_in_path = False
    lost, task = lose_response(kling)
    for n in range(250):
        later = kling.fake.create({"duration": "5"}, f"foreign-{n}")
        later.notes |= {"kind": "text2video", "created_at": task.notes["created_at"] + n}

    assert kling.provider.find(kling.connection, lost).task_id == task.id
    task.is_deleted = True
    assert kling.provider.find(kling.connection, lost) == Search.ABSENT


def test_our_id_on_another_jobs_task_is_undecided(kling):
    lost, task = lose_response(kling)

    assert kling.provider.find(kling.connection, replace(lost, is_taken={task.id}.__contains__)) == Search.UNDECIDED


# --- callbacks ------------------------------------------------------------------------------------------------------


def test_callback_is_read_for_its_ids_only(kling):
    submitted = kling.submit()
    payload = kling.fake.callback(kling.fake.created[0]) | {
        "task_result": {"videos": [{"url": "https://evil.example"}]}
    }

    assert kling.provider.read_callback(kling.connection, {}, json.dumps(payload).encode()) == Event(
        submitted.task_id, REF
    )


def test_callback_address_is_sent_if_there_is_one(kling):
    kling.submit()
    kling.connection = replace(kling.connection, webhook="https://studio.example/hooks/x/")
    kling.submit(ref=OTHER)

    without, with_address = (task.request for task in kling.fake.created)
    assert ("callback_url" in without, with_address["callback_url"]) == (False, "https://studio.example/hooks/x/")


def test_spelling_of_4k_is_a_fact_of_the_model(kling, monkeypatch):
    """The spelling is uncertain and can be overridden in the admin."""

    def mode():
        return kling.provider.prepare(kling.connection, kling.request(model="kling-v3", resolution=2160), REF).body[
            "mode"
        ]

    assert mode() == "4k"
    models = [facts | {"mode_4k": "uhd"} for facts in catalogue.built_in_models("kling")]
    monkeypatch.setattr(catalogue, "_merge_rows", lambda slug: models)
    catalogue.clear_cache()

    assert mode() == "uhd"
