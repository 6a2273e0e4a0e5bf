"""MiniMax (first API): tests of this provider only; test_contract*.py covers what all have in common."""

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from generation.providers.adapters.minimax.provider import MinimaxProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.models import Connection, WebhookEvent
from generation.providers.remote import Event, Recovery, Stage
from tests.fakes.minimax import MinimaxFake
from tests.fakes.server import Reply
from tests.generation.providers.connected_fake import REF, catch_error, connect_fake

HAILUO = {"seconds": 6, "resolution": 768}


@pytest.fixture
def hailuo(fake_server, shipped_models, tmp_path):
    return connect_fake(MinimaxProvider(), MinimaxFake(b"video"), fake_server, tmp_path)


def test_video_link_is_requested_fresh_each_time(hailuo):
    submitted = hailuo.submit(**HAILUO)

    first = hailuo.provider.poll(hailuo.connection, submitted.handle)
    second = hailuo.provider.poll(hailuo.connection, submitted.handle)

    paths = [call.path for call in hailuo.fake.calls]
    assert paths[1:3] == ["/v1/query/video_generation", "/v1/files/retrieve"]
    assert first.output.url != second.output.url


def test_file_is_requested_only_after_success(hailuo):
    hailuo.fake.running = 60
    submitted = hailuo.submit(**HAILUO)

    hailuo.provider.poll(hailuo.connection, submitted.handle)

    assert "/v1/files/retrieve" not in [call.path for call in hailuo.fake.calls]


def test_success_without_a_file_is_a_failure(hailuo):
    submitted = hailuo.submit(**HAILUO)
    hailuo.fake.next("poll", "success_without_file")

    snapshot = hailuo.provider.poll(hailuo.connection, submitted.handle)

    assert (snapshot.stage, snapshot.error.code) == (Stage.FAILED, "missing_video")


def test_failed_file_request_changes_nothing(hailuo):
    submitted = hailuo.submit(**HAILUO)
    hailuo.fake.next("retrieve", "busy", "html_502")

    for _ in range(2):
        assert catch_error(lambda: hailuo.provider.poll(hailuo.connection, submitted.handle)).fault == Fault.TRANSIENT
    assert hailuo.provider.poll(hailuo.connection, submitted.handle).stage == Stage.SUCCEEDED


def test_error_codes_inside_http_200_map_to_faults(hailuo, subtests):
    for code, at_submit, at_poll in (
        (1004, Fault.AUTH, Fault.AUTH),
        (2049, Fault.AUTH, Fault.AUTH),
        (1008, Fault.QUOTA, Fault.QUOTA),
        (2056, Fault.QUOTA, Fault.QUOTA),
        (1026, Fault.MODERATION, Fault.MODERATION),
        (2013, Fault.INVALID, Fault.LOST),
        (1002, Fault.TRANSIENT, Fault.TRANSIENT),
        (1041, Fault.TRANSIENT, Fault.TRANSIENT),
        (1000, Fault.UNKNOWN, Fault.TRANSIENT),
        (1001, Fault.UNKNOWN, Fault.TRANSIENT),
        (1013, Fault.UNKNOWN, Fault.TRANSIENT),
        (4711, Fault.UNKNOWN, Fault.TRANSIENT),
    ):
        with subtests.test(code=code, at_submit=at_submit, at_poll=at_poll):
            submitted = hailuo.submit(**HAILUO)
            body = {"task_id": "", "base_resp": {"status_code": code, "status_msg": "no"}}
            hailuo.fake.fault_coded = lambda request, act, body=body: Reply(200, body)
            hailuo.fake.next("submit", "coded")
            hailuo.fake.next("poll", "coded")

            error = hailuo.submit_refused(**HAILUO)

            assert (error.fault, error.code) == (at_submit, str(code))
            assert (
                catch_error(lambda submitted=submitted: hailuo.provider.poll(hailuo.connection, submitted.handle)).fault
                == at_poll
            )


def test_each_mode_has_its_own_picture_field(hailuo, subtests):
    for mode, model, names in (
        (Mode.WORDS, "MiniMax-Hailuo-2.3", set()),
        (Mode.PICTURE, "MiniMax-Hailuo-2.3-Fast", {"first_frame_image"}),
        (Mode.FIRST_LAST, "MiniMax-Hailuo-02", {"first_frame_image", "last_frame_image"}),
    ):
        with subtests.test(mode=mode, model=model, names=names):
            hailuo.reset()
            hailuo.submit(mode, model=model, **HAILUO)

            request = hailuo.fake.created[0].request
            assert {name for name in request if "image" in name} == names
            assert (request["duration"], request["resolution"]) == (6, "768P")


def test_reference_is_sent_as_the_subject(hailuo):
    hailuo.submit(Mode.REFERENCES, model="S2V-01", references=(hailuo.picture("girl"),))

    (subject,) = hailuo.fake.created[0].request["subject_reference"]
    assert (subject["type"], len(subject["image"])) == ("character", 1)


def test_ten_seconds_at_1080_are_refused_before_sending(hailuo):
    request = hailuo.request(seconds=10, resolution=1080)

    reasons = hailuo.provider.capability("").find_conflicts(request)

    assert reasons == {"seconds": "Hailuo 2.3 doesn’t support 10 seconds at 1080p."}
    error = hailuo.submit_refused(seconds=10, resolution=1080)
    assert (error.fault, error.field) == (Fault.INVALID, "seconds")
    assert hailuo.fake.calls == []


def test_six_seconds_at_1080_are_accepted(hailuo):
    request = hailuo.request(seconds=6, resolution=1080)

    assert hailuo.provider.capability("").find_conflicts(request) == {}


def test_callback_address_contains_our_reference(hailuo):
    hailuo.connection = replace(hailuo.connection, webhook="https://studio.example/hooks/x/")
    hailuo.submit(**HAILUO)

    address = urlsplit(hailuo.fake.created[0].request["callback_url"])

    assert hailuo.provider.traits.recovery == Recovery.WEBHOOK
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://studio.example/hooks/x/"
    assert parse_qs(address.query) == {"ref": [REF]}


def test_callback_contains_the_task(hailuo):
    submitted = hailuo.submit(**HAILUO)
    body = json.dumps(hailuo.fake.callback(hailuo.fake.created[0])).encode()

    assert hailuo.provider.read_callback(hailuo.connection, {}, body) == Event(submitted.task_id)


def test_challenge_is_echoed_and_names_no_task(hailuo):
    body = b'{"challenge": "c4ll3ng3"}'

    assert hailuo.provider.answer_challenge(body) == {"challenge": "c4ll3ng3"}
    assert hailuo.provider.read_callback(hailuo.connection, {}, body) == Event()


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["minimax", "minimax-v2"])
def test_endpoint_answers_a_challenge_and_stores_nothing(slug, client):
    connection = Connection.objects.create(provider=slug, label="ours")
    address = reverse("generation:webhook", args=[slug, connection.webhook_token])

    answer = client.post(address, b'{"challenge": "c4ll3ng3"}', content_type="application/json")

    assert (answer.status_code, answer.json()) == (200, {"challenge": "c4ll3ng3"})
    assert not WebhookEvent.objects.exists()


@pytest.mark.django_db
def test_callback_is_stored_with_the_reference_of_its_address(client):
    connection = Connection.objects.create(provider="minimax", label="ours")
    address = reverse("generation:webhook", args=["minimax", connection.webhook_token])

    answer = client.post(f"{address}?ref={REF}", b'{"task_id": "17", "status": "success"}', "application/json")

    event = WebhookEvent.objects.get()
    assert (answer.status_code, event.task_id, event.ref) == (204, "17", REF)


def test_only_a_challenge_is_echoed(hailuo, subtests):
    for body in (
        b"",
        b"[]",
        b'{"challenge": 5}',
        b'{"challenge": ""}',
        b'{"task_id": "1"}',
    ):
        with subtests.test(body=body):
            assert hailuo.provider.answer_challenge(body) is None
