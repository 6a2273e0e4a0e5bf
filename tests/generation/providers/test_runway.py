"""Runway: tests of this provider only; test_contract*.py covers what all have in common."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from generation.providers.adapters.runway import responses
from generation.providers.base import Mode
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.http.client import Answer, HttpClient
from generation.providers.remote import Stage, Stopped
from tests.fakes.multipart import parse_form
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


def test_every_call_has_the_api_version_header(desk):
    desk.engine.check(desk.connection)
    desk.poll(desk.submit())
    assert {call.headers["x-runway-version"] for call in desk.fake.calls} == {"2024-11-06"}


def test_check_reports_the_credits(desk):
    assert "4200" in desk.engine.check(desk.connection)


def test_large_picture_is_uploaded_without_our_key(desk, large):
    desk.submit(desk.request(Mode.FIRST_LAST, "veo3.1", last_frame=large))
    (task,) = desk.fake.created
    assert desk.fake.read_request(task)["pictures"] == [desk.shots["start"].read_bytes(), large.read_bytes()]
    assert [shot["position"] for shot in task.request["promptImage"]] == ["first", "last"]
    (stored,) = [call for call in desk.fake.calls if call.path.startswith("/store/")]
    assert not [secret for secret in desk.secrets if secret in str(stored.headers)]


def test_upload_is_named_after_its_file_type(desk, tmp_path, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.runway.provider.INLINE", 0)
    Image.new("RGB", (640, 360), "teal").save(tmp_path / "shot.gif")
    desk.submit(desk.request(Mode.PICTURE, picture=tmp_path / "shot.gif"))
    asked, stored = [call for call in desk.fake.calls if call.path == "/v1/uploads" or "/store/" in call.path]
    name, content = parse_form(stored)["file"]
    assert (asked.json()["filename"], name, content[:3]) == ("shot.jpeg", "shot.jpeg", b"\xff\xd8\xff")


def test_failed_upload_buys_nothing_and_can_be_repeated(desk, large):
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


def test_no_picture_is_uploaded_to_our_own_network(desk, large):
    names_for_uploads(desk, "http://169.254.169.254/latest/")
    with pytest.raises(NotSent, match="InvalidIPAddress"):
        desk.prepare(desk.request(Mode.PICTURE, picture=large))


def test_no_picture_is_uploaded_to_an_invalid_address(desk, large, subtests):
    for url in (
        "http://[",
        "ftp://store.example/x",
        "https://store.example:x/",
        "/store/x",
        "",
    ):
        with subtests.test(url=url):
            names_for_uploads(desk, url)
            with pytest.raises((NotSent, NoAnswer)):
                desk.prepare(desk.request(Mode.PICTURE, picture=large))


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://{host}/store/x", "https://runway.example"),  # an operator opened that place, and not for Runway
        ("http://store.example:25/", "https://runway.example"),
    ],
)
def test_upload_goes_to_web_ports_only_and_to_no_host_of_another_provider(desk, large, url, base):
    """The same rule as for results (test_http_addresses.py): the server that names the address is not trusted."""
    host, asked = desk.connection.base_url.removeprefix("http://").split("/")[0], []
    there = HttpClient.post

    def post(client, path, **more):
        asked.append(path)
        if path == "v1/uploads":
            body = {"uploadUrl": url.format(host=host), "fields": {}, "runwayUri": "runway://x"}
            return Answer(200, {}, json.dumps(body).encode())
        return there(client, path, **more)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(NotSent):
        patch.setattr(HttpClient, "post", post)
        desk.engine.prepare(replace(desk.connection, base_url=base), desk.request(Mode.PICTURE, picture=large), "ref")

    assert not [call for call in desk.fake.calls if call.path.startswith("/store")]


def test_failure_codes_map_to_faults(subtests):
    for code, fault in (
        ("SAFETY.INPUT.TEXT", Fault.MODERATION),
        ("SAFETY.OUTPUT.VIDEO.ANY", Fault.MODERATION),
        ("INPUT_PREPROCESSING.SAFETY.TEXT", Fault.MODERATION),
        ("INPUT_PREPROCESSING.INTERNAL", Fault.FAILED),
        ("INTERNAL.BAD_OUTPUT.CODE01", Fault.FAILED),
        ("INTERNAL", Fault.FAILED),
        ("ASSET.INVALID", Fault.INVALID),
        ("THIRD_PARTY.UNAVAILABLE", Fault.FAILED),
    ):
        with subtests.test(code=code, fault=fault):
            seen = responses.read_snapshot(
                {"status": "FAILED", "failureCode": code, "failure": "words", "cost": {"credits": 0}}
            )
            assert (seen.stage, seen.error.fault, seen.error.code, seen.cost) == (
                Stage.FAILED,
                fault,
                code,
                "0 credits",
            )


def test_progress_and_maximum_price_are_reported(desk):
    desk.fake.running = 3600
    seen = desk.poll(desk.submit())
    assert (seen.progress, seen.cost) == (420, f"at most {12 * desk.request().seconds} credits")


def test_cancelling_a_finished_task_does_not_delete_its_film(desk):
    done = desk.submit()
    assert desk.engine.cancel(desk.connection, done.handle) == Stopped.TOO_LATE
    assert not [call for call in desk.fake.calls if call.method == "DELETE"]
    assert desk.poll(done).stage == Stage.SUCCEEDED


def test_unsupported_shape_at_a_resolution_names_the_field(desk):
    with pytest.raises(RemoteError) as caught:
        desk.prepare(desk.request(Mode.WORDS, "gen4.5", ratio="21:9"))
    assert (caught.value.fault, caught.value.field) == (Fault.INVALID, "ratio")
