"""What is peculiar to the first MiniMax API; what every provider must do stands in test_contract.py."""

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
from tests.generation.providers.talking import REF, fault_of, talking

HAILUO = {"seconds": 6, "resolution": 768}


@pytest.fixture
def hailuo(town, shipped_models, tmp_path):
    return talking(MinimaxProvider(), MinimaxFake(b"film"), town, tmp_path)


def test_a_second_call_brings_the_address_of_the_film_fresh_each_time(hailuo):
    done = hailuo.send(**HAILUO)

    first = hailuo.provider.poll(hailuo.account, done.handle)
    second = hailuo.provider.poll(hailuo.account, done.handle)

    paths = [call.path for call in hailuo.fake.calls]
    assert paths[1:3] == ["/v1/query/video_generation", "/v1/files/retrieve"]
    assert first.output.url != second.output.url


def test_a_file_is_asked_for_only_when_there_is_one(hailuo):
    hailuo.fake.running = 60
    done = hailuo.send(**HAILUO)

    hailuo.provider.poll(hailuo.account, done.handle)

    assert "/v1/files/retrieve" not in [call.path for call in hailuo.fake.calls]


def test_success_without_a_file_is_a_failure(hailuo):
    done = hailuo.send(**HAILUO)
    hailuo.fake.next("poll", "success_without_file")

    seen = hailuo.provider.poll(hailuo.account, done.handle)

    assert (seen.stage, seen.error.code) == (Stage.FAILED, "no_film")


def test_trouble_with_the_second_call_changes_nothing(hailuo):
    done = hailuo.send(**HAILUO)
    hailuo.fake.next("retrieve", "busy", "html_502")

    for _ in range(2):
        assert fault_of(lambda: hailuo.provider.poll(hailuo.account, done.handle)).fault == Fault.TRANSIENT
    assert hailuo.provider.poll(hailuo.account, done.handle).stage == Stage.SUCCEEDED


@pytest.mark.parametrize(
    ("code", "at_submit", "at_poll"),
    [
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
    ],
)
def test_http_says_200_and_the_code_inside_says_no(code, at_submit, at_poll, hailuo):
    done = hailuo.send(**HAILUO)
    told = {"task_id": "", "base_resp": {"status_code": code, "status_msg": "no"}}
    hailuo.fake.fault_coded = lambda request, act: Reply(200, told)
    hailuo.fake.next("submit", "coded")
    hailuo.fake.next("poll", "coded")

    error = hailuo.refused(**HAILUO)

    assert (error.fault, error.code) == (at_submit, str(code))
    assert fault_of(lambda: hailuo.provider.poll(hailuo.account, done.handle)).fault == at_poll


@pytest.mark.parametrize(
    ("mode", "model", "names"),
    [
        (Mode.WORDS, "MiniMax-Hailuo-2.3", set()),
        (Mode.PICTURE, "MiniMax-Hailuo-2.3-Fast", {"first_frame_image"}),
        (Mode.FIRST_LAST, "MiniMax-Hailuo-02", {"first_frame_image", "last_frame_image"}),
    ],
)
def test_pictures_have_names_of_their_own(mode, model, names, hailuo):
    hailuo.send(mode, model=model, **HAILUO)

    asked = hailuo.fake.created[0].request
    assert {name for name in asked if "image" in name} == names
    assert (asked["duration"], asked["resolution"]) == (6, "768P")


def test_a_character_goes_as_the_subject(hailuo):
    hailuo.send(Mode.REFERENCES, model="S2V-01", references=(hailuo.picture("girl"),))

    (subject,) = hailuo.fake.created[0].request["subject_reference"]
    assert (subject["type"], len(subject["image"])) == ("character", 1)


def test_ten_seconds_at_1080_are_refused_by_the_form_and_never_sent(hailuo):
    request = hailuo.request(seconds=10, resolution=1080)

    reasons = hailuo.provider.capability("").reasons_against(request)

    assert reasons == {"seconds": "Hailuo 2.3 does not draw 10 seconds at 1080p."}
    error = hailuo.refused(seconds=10, resolution=1080)
    assert (error.fault, error.field) == (Fault.INVALID, "seconds")
    assert hailuo.fake.calls == []


def test_six_seconds_at_1080_are_fine(hailuo):
    request = hailuo.request(seconds=6, resolution=1080)

    assert hailuo.provider.capability("").reasons_against(request) == {}


def test_the_callback_address_carries_our_reference_since_nothing_else_does(hailuo):
    hailuo.account = replace(hailuo.account, webhook="https://studio.example/hooks/x/")
    hailuo.send(**HAILUO)

    address = urlsplit(hailuo.fake.created[0].request["callback_url"])

    assert hailuo.provider.manners.recovery == Recovery.WEBHOOK
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://studio.example/hooks/x/"
    assert parse_qs(address.query) == {"ref": [REF]}


def test_a_callback_names_the_task(hailuo):
    done = hailuo.send(**HAILUO)
    body = json.dumps(hailuo.fake.callback(hailuo.fake.created[0])).encode()

    assert hailuo.provider.event(hailuo.account, {}, body) == Event(done.task_id)


def test_a_challenge_is_given_back_and_names_no_task(hailuo):
    body = b'{"challenge": "c4ll3ng3"}'

    assert hailuo.provider.echo(body) == {"challenge": "c4ll3ng3"}
    assert hailuo.provider.event(hailuo.account, {}, body) == Event()


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["minimax", "minimax-v2"])
def test_the_callback_address_answers_a_challenge_and_keeps_nothing_of_it(slug, client):
    connection = Connection.objects.create(provider=slug, label="ours")
    address = reverse("generation:webhook", args=[slug, connection.webhook_token])

    answer = client.post(address, b'{"challenge": "c4ll3ng3"}', content_type="application/json")

    assert (answer.status_code, answer.json()) == (200, {"challenge": "c4ll3ng3"})
    assert not WebhookEvent.objects.exists()


@pytest.mark.django_db
def test_a_callback_is_kept_with_the_reference_of_its_address(client):
    connection = Connection.objects.create(provider="minimax", label="ours")
    address = reverse("generation:webhook", args=["minimax", connection.webhook_token])

    answer = client.post(f"{address}?ref={REF}", b'{"task_id": "17", "status": "success"}', "application/json")

    event = WebhookEvent.objects.get()
    assert (answer.status_code, event.task_id, event.ref) == (204, "17", REF)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"challenge": 5}', b'{"challenge": ""}', b'{"task_id": "1"}'])
def test_nothing_else_is_given_back(body, hailuo):
    assert hailuo.provider.echo(body) is None
