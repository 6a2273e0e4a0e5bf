"""The fakes answer every request, also one that they do not expect."""

import json
import urllib.error
import urllib.request

import pytest

from tests.fakes.comfyui import ComfyUIFake
from tests.fakes.language import FakeLanguage
from tests.fakes.luma import LumaFake
from tests.fakes.luma_dream_machine import LumaDreamMachineFake
from tests.fakes.runway import RunwayFake
from tests.fakes.server import Fake, FakeServer
from tests.fakes.zhipu import ZhipuFake

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
ADDRESS = "https://media.studio.example/first.png"
CONCEPT = {"role": "user", "content": 'Write the concept: {"title": "…", "concept": "…"}'}


class BrokenFake(Fake):
    slug = "broken"
    routes = [("POST", "/tasks", "submit")]

    def submit(self, request):
        return request.json()["width"]


def post(url, key, body, **headers):
    """Return the status and the body of the answer."""
    headers |= {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


@pytest.fixture
def submit():
    """``submit(fake, path, body)`` posts to the fake and returns status and body; fails if the fake raised."""

    def send(fake, path, body, **headers):
        with FakeServer([fake]) as server:
            return post(server.url(fake.slug) + path, fake.key, body, **headers)

    return send


def test_unexpected_exception_in_a_fake_is_answered_and_fails_the_test():
    fake = BrokenFake()
    with pytest.raises(ExceptionGroup, match="broken") as raised, FakeServer([fake]) as server:
        status, body = post(f"{server.url('broken')}/tasks", fake.key, {})

    assert (status, json.loads(body)) == (500, {"error": "KeyError: 'width'"})
    assert [str(error) for error in raised.value.exceptions] == ["'width'"] == [str(error) for error in fake.errors]


def test_error_of_a_fake_does_not_hide_the_failure_of_the_test():
    fake = BrokenFake()
    with pytest.raises(ZeroDivisionError), FakeServer([fake]) as server:
        post(f"{server.url('broken')}/tasks", fake.key, {})
        raise ZeroDivisionError


def test_language_fake_answers_one_message_whole_or_as_a_stream(submit):
    path, fake = "/chat/completions", FakeLanguage()
    for extra, start in (({}, "{"), ({"stream": False}, "{"), ({"stream": True}, ": keep-alive")):
        status, body = submit(fake, path, {"model": "small", "messages": [CONCEPT], **extra})
        assert status == 200 and body.startswith(start) and "The last" in body, (extra, body)
    unspecific = {"model": "small", "messages": [{"role": "user", "content": "Hello"}]}
    assert submit(fake, path, unspecific)[0] == 200


def test_runway_fake_takes_pictures_at_https_addresses(submit):
    fake = RunwayFake()
    fake.public_files[ADDRESS] = b"a picture"
    body = {"model": "gen4.5", "promptText": "wind", "ratio": "1280:720", "duration": 5}
    for image in (ADDRESS, [{"uri": ADDRESS, "position": "first"}], f"data:image/png;base64,{PIXEL}"):
        status, text = send_to_runway(submit, fake, body | {"promptImage": image})
        assert status == 200, text
    assert [fake.read_request(task)["pictures"] for task in fake.created][:2] == [[b"a picture"]] * 2
    for image in ("http://media.studio.example/first.png", "data:image/png;base64,?", "runway://of-somebody-else"):
        assert send_to_runway(submit, fake, body | {"promptImage": image})[0] == 400, image


def send_to_runway(submit, fake, body):
    return submit(fake, "/v1/image_to_video", body, **{"X-Runway-Version": "2024-11-06"})


def test_luma_fake_takes_frames_by_address_and_by_generation(submit):
    fake = LumaFake()
    fake.public_files[ADDRESS] = b"a picture"
    body = {"prompt": "wind", "model": "ray-3.2", "type": "video", "aspect_ratio": "16:9"}
    video = {"duration": "5s", "resolution": "720p"}

    def send(**frames):
        return submit(fake, "/v1/generations", body | {"video": video | frames})[0]

    assert send(start_frame={"url": ADDRESS}) == 201
    (first,) = fake.created
    assert send(start_frame={"generation_id": first.id}, end_frame={"url": ADDRESS}) == 201
    assert [fake.read_request(task)["pictures"] for task in fake.created] == [[b"a picture"]] * 2
    for frame in (
        {"url": "http://a.example/b.png"},
        {"generation_id": "unknown"},
        {"url": ADDRESS, "data": PIXEL},
        None,
    ):
        assert send(start_frame=frame) == 422, frame


def test_luma_dream_machine_fake_takes_generations_as_keyframes(submit):
    fake = LumaDreamMachineFake()
    fake.public_files[ADDRESS] = b"a picture"
    body = {"prompt": "wind", "model": "ray-2", "aspect_ratio": "16:9", "duration": "5s", "resolution": "720p"}
    picture = {"type": "image", "url": ADDRESS}

    def send(**frames):
        return submit(fake, "/generations/video", body | {"keyframes": frames})[0]

    assert send(frame0=picture) == 201
    generation = {"type": "generation", "id": fake.created[0].id}
    assert send(frame0=generation, frame1=picture) == 201
    assert [fake.read_request(task)["pictures"] for task in fake.created] == [[b"a picture"]] * 2
    for frame in ({"type": "generation", "id": "unknown"}, {"type": "generation"}, generation | {"url": ADDRESS}):
        assert send(frame0=frame) == 422, frame


def test_zhipu_fake_reads_pictures_at_addresses(submit):
    fake = ZhipuFake()
    fake.public_files[ADDRESS] = b"a picture"
    body = {"model": "vidu2-image", "prompt": "wind", "duration": 4, "aspect_ratio": "16:9"}
    for image in (ADDRESS, f"data:image/png;base64,{PIXEL}"):
        assert submit(fake, "/videos/generations", body | {"image_url": image})[0] == 200
    by_address, by_data = [fake.read_request(task)["pictures"] for task in fake.created]
    assert by_address == [b"a picture"] and by_data[0].startswith(b"\x89PNG")


def test_comfyui_fake_reads_a_workflow_without_a_size():
    def node(title, **inputs):
        return {"class_type": "CLIPTextEncode", "inputs": inputs, "_meta": {"title": title}}

    graph = {"1": node("PROMPT", text="a cat"), "2": node("NEGATIVE", text=""), "3": node("SEED", seed=7)}
    fake = ComfyUIFake()

    assert fake.read_request(fake.create({"1": graph["1"]})) == {"prompt": "a cat", "pictures": []}
    assert fake.read_request(fake.create(graph)) == {
        "prompt": "a cat", "negative_prompt": "", "pictures": [], "seed": 7,
    }  # fmt: skip
