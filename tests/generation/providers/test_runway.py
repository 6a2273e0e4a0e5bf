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
def harness(build_harness):
    return build_harness(RUNWAY)


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (1000, 1400, 3), np.uint8)).save(path)
    assert path.stat().st_size > 3_700_000
    return path


def test_every_call_has_the_api_version_header(harness):
    harness.provider.check(harness.connection)
    harness.poll(harness.submit())
    assert {call.headers["x-runway-version"] for call in harness.fake.calls} == {"2024-11-06"}


def test_check_reports_the_credits(harness):
    assert "4200" in harness.provider.check(harness.connection)


def test_large_picture_is_uploaded_without_our_key(harness, large):
    harness.submit(harness.request(Mode.FIRST_LAST, "veo3.1", last_frame=large))
    (task,) = harness.fake.created
    assert harness.fake.read_request(task)["pictures"] == [
        harness.media_files["start"].read_bytes(),
        large.read_bytes(),
    ]
    assert [image["position"] for image in task.request["promptImage"]] == ["first", "last"]
    (stored,) = [call for call in harness.fake.calls if call.path.startswith("/store/")]
    assert not [secret for secret in harness.secrets if secret in str(stored.headers)]


def test_upload_is_named_after_its_file_type(harness, tmp_path, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.runway.provider.INLINE", 0)
    Image.new("RGB", (640, 360), "teal").save(tmp_path / "shot.gif")
    harness.submit(harness.request(Mode.PICTURE, picture=tmp_path / "shot.gif"))
    created, stored = [call for call in harness.fake.calls if call.path == "/v1/uploads" or "/store/" in call.path]
    name, content = parse_form(stored)["file"]
    assert (created.json()["filename"], name, content[:3]) == ("shot.jpeg", "shot.jpeg", b"\xff\xd8\xff")


def test_failed_upload_buys_nothing_and_can_be_repeated(harness, large):
    harness.fake.fault_refuse = lambda request, act: Reply(403, "<Error/>")
    harness.fake.next("store", "refuse")
    request = harness.request(Mode.PICTURE, picture=large)
    with pytest.raises(NoAnswer):
        harness.prepare(request)
    assert harness.fake.created == []
    harness.submit(request)


def change_upload_url(harness, url):
    def change(request, act):
        reply = act()
        reply.body["uploadUrl"] = url
        return reply

    harness.fake.fault_changed = change
    harness.fake.next("upload", "changed")


def test_no_picture_is_uploaded_to_our_own_network(harness, large):
    change_upload_url(harness, "http://169.254.169.254/latest/")
    with pytest.raises(NotSent, match="InvalidIPAddress"):
        harness.prepare(harness.request(Mode.PICTURE, picture=large))


def test_no_picture_is_uploaded_to_an_invalid_address(harness, large, subtests):
    for url in (
        "http://[",
        "ftp://store.example/x",
        "https://store.example:x/",
        "/store/x",
        "",
    ):
        with subtests.test(url=url):
            change_upload_url(harness, url)
            with pytest.raises((NotSent, NoAnswer)):
                harness.prepare(harness.request(Mode.PICTURE, picture=large))


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://{host}/store/x", "https://runway.example"),  # an administrator allowed that host for another provider
        ("http://store.example:25/", "https://runway.example"),
    ],
)
def test_upload_goes_to_web_ports_only_and_to_no_host_of_another_provider(harness, large, url, base):
    """The same rule as for results (test_http_addresses.py): the server that names the address is not trusted."""
    host, paths = harness.connection.base_url.removeprefix("http://").split("/")[0], []
    original_post = HttpClient.post

    def post(client, path, **options):
        paths.append(path)
        if path == "v1/uploads":
            body = {"uploadUrl": url.format(host=host), "fields": {}, "runwayUri": "runway://x"}
            return Answer(200, {}, json.dumps(body).encode())
        return original_post(client, path, **options)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(NotSent):
        patch.setattr(HttpClient, "post", post)
        harness.provider.prepare(
            replace(harness.connection, base_url=base), harness.request(Mode.PICTURE, picture=large), "ref"
        )

    assert not [call for call in harness.fake.calls if call.path.startswith("/store")]


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
            snapshot = responses.read_snapshot(
                {"status": "FAILED", "failureCode": code, "failure": "words", "cost": {"credits": 0}}
            )
            assert (snapshot.stage, snapshot.error.fault, snapshot.error.code, snapshot.cost) == (
                Stage.FAILED,
                fault,
                code,
                "0 credits",
            )


def test_progress_and_maximum_price_are_reported(harness):
    harness.fake.running = 3600
    snapshot = harness.poll(harness.submit())
    assert (snapshot.progress, snapshot.cost) == (420, f"at most {12 * harness.request().seconds} credits")


def test_cancelling_a_finished_task_does_not_delete_its_video(harness):
    submitted = harness.submit()
    assert harness.provider.cancel(harness.connection, submitted.handle) == Stopped.TOO_LATE
    assert not [call for call in harness.fake.calls if call.method == "DELETE"]
    assert harness.poll(submitted).stage == Stage.SUCCEEDED


def test_unsupported_shape_at_a_resolution_names_the_field(harness):
    with pytest.raises(RemoteError) as caught:
        harness.prepare(harness.request(Mode.WORDS, "gen4.5", ratio="21:9"))
    assert (caught.value.fault, caught.value.field) == (Fault.INVALID, "ratio")
