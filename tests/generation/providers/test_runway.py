"""What is peculiar to Runway; what every provider must do stands in test_contract.py."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from generation.providers.adapters.runway import answers
from generation.providers.base import Mode
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.http.client import Answer, Wire
from generation.providers.remote import Stage, Stopped
from tests.fakes.forms import form
from tests.fakes.server import Reply
from tests.generation.providers.contract import RUNWAY


@pytest.fixture
def desk(desk_of):
    return desk_of(RUNWAY)


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (1000, 1400, 3), np.uint8)).save(path)
    assert path.stat().st_size > 3_700_000
    return path


def test_every_call_says_which_version_of_the_interface_it_means(desk):
    desk.engine.check(desk.account)
    desk.poll(desk.submit())
    assert {call.headers["x-runway-version"] for call in desk.fake.calls} == {"2024-11-06"}


def test_testing_the_connection_tells_the_credits(desk):
    assert "4200" in desk.engine.check(desk.account)


def test_a_large_picture_is_uploaded_to_the_store_without_our_key(desk, large):
    desk.submit(desk.request(Mode.FIRST_LAST, "veo3.1", last_frame=large))
    (task,) = desk.fake.created
    assert desk.fake.told(task)["pictures"] == [desk.shots["start"].read_bytes(), large.read_bytes()]
    assert [shot["position"] for shot in task.request["promptImage"]] == ["first", "last"]
    (stored,) = [call for call in desk.fake.calls if call.path.startswith("/store/")]
    assert not [secret for secret in desk.secrets if secret in str(stored.headers)]


def test_an_upload_is_named_after_the_kind_that_is_sent(desk, tmp_path, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.runway.provider.INLINE", 0)
    Image.new("RGB", (640, 360), "teal").save(tmp_path / "shot.gif")
    desk.submit(desk.request(Mode.PICTURE, picture=tmp_path / "shot.gif"))
    asked, stored = [call for call in desk.fake.calls if call.path == "/v1/uploads" or "/store/" in call.path]
    name, content = form(stored)["file"]
    assert (asked.json()["filename"], name, content[:3]) == ("shot.jpeg", "shot.jpeg", b"\xff\xd8\xff")


def test_an_upload_that_fails_has_bought_nothing_and_can_be_repeated(desk, large):
    desk.fake.fault_refuse = lambda request, act: Reply(403, "<Error/>")
    desk.fake.next("store", "refuse")
    request = desk.request(Mode.PICTURE, picture=large)
    with pytest.raises(NoAnswer):
        desk.prepare(request)
    assert desk.fake.created == []
    desk.submit(request)


def names_for_uploads(desk, url):
    def named(request, act):
        reply = act()
        reply.body["uploadUrl"] = url
        return reply

    desk.fake.fault_named = named
    desk.fake.next("upload", "named")


def test_a_place_that_names_our_own_network_gets_no_picture(desk, large):
    names_for_uploads(desk, "http://169.254.169.254/latest/")
    with pytest.raises(NotSent, match="InvalidIPAddress"):
        desk.prepare(desk.request(Mode.PICTURE, picture=large))


@pytest.mark.parametrize("url", ["http://[", "ftp://store.example/x", "https://store.example:x/", "/store/x", ""])
def test_a_place_that_is_no_web_address_gets_no_picture(desk, large, url):
    names_for_uploads(desk, url)
    with pytest.raises((NotSent, NoAnswer)):
        desk.prepare(desk.request(Mode.PICTURE, picture=large))


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://{town}/store/x", "https://runway.example"),  # an operator opened that place, and not for Runway
        ("http://store.example:25/", "https://runway.example"),
    ],
)
def test_a_picture_is_brought_to_the_ports_of_the_web_and_to_no_place_opened_for_another(desk, large, url, base):
    """The same as for results (test_wire.py): who says where is a server at an address of somebody's own."""
    town, asked = desk.account.base_url.removeprefix("http://").split("/")[0], []
    there = Wire.post

    def post(wire, path, **more):
        asked.append(path)
        if path == "v1/uploads":
            body = {"uploadUrl": url.format(town=town), "fields": {}, "runwayUri": "runway://x"}
            return Answer(200, {}, json.dumps(body).encode())
        return there(wire, path, **more)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(NotSent):
        patch.setattr(Wire, "post", post)
        desk.engine.prepare(replace(desk.account, base_url=base), desk.request(Mode.PICTURE, picture=large), "ref")

    assert not [call for call in desk.fake.calls if call.path.startswith("/store")]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("SAFETY.INPUT.TEXT", Fault.MODERATION),
        ("SAFETY.OUTPUT.VIDEO.ANY", Fault.MODERATION),
        ("INPUT_PREPROCESSING.SAFETY.TEXT", Fault.MODERATION),
        ("INPUT_PREPROCESSING.INTERNAL", Fault.FAILED),
        ("INTERNAL.BAD_OUTPUT.CODE01", Fault.FAILED),
        ("INTERNAL", Fault.FAILED),
        ("ASSET.INVALID", Fault.INVALID),
        ("THIRD_PARTY.UNAVAILABLE", Fault.FAILED),
    ],
)
def test_each_code_of_a_failure_means_what_the_note_says(code, fault):
    seen = answers.snapshot({"status": "FAILED", "failureCode": code, "failure": "words", "cost": {"credits": 0}})
    assert (seen.stage, seen.error.fault, seen.error.code, seen.cost) == (Stage.FAILED, fault, code, "0 credits")


def test_progress_and_the_price_it_may_reach_are_told(desk):
    desk.fake.running = 3600
    seen = desk.poll(desk.submit())
    assert (seen.progress, seen.cost) == (420, f"at most {12 * desk.request().seconds} credits")


def test_a_finished_film_is_never_deleted_by_stopping(desk):
    done = desk.submit()
    assert desk.engine.cancel(desk.account, done.handle) == Stopped.TOO_LATE
    assert not [call for call in desk.fake.calls if call.method == "DELETE"]
    assert desk.poll(done).stage == Stage.SUCCEEDED


def test_a_shape_that_the_model_lacks_at_that_resolution_names_the_field(desk):
    with pytest.raises(RemoteError) as caught:
        desk.prepare(desk.request(Mode.WORDS, "gen4.5", ratio="21:9"))
    assert (caught.value.fault, caught.value.field) == (Fault.INVALID, "ratio")
