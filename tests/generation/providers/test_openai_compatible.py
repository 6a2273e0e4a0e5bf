"""OpenAI-compatible servers: tests of this provider only; test_contract*.py covers what all have in common."""

import json
from dataclasses import replace

import pytest
from PIL import Image

from generation.providers.base import Mode
from generation.providers.errors import Fault, RemoteError
from generation.providers.remote import Search, Stage, Submitted
from jobs.models import State
from tests.fakes.multipart import parse_form
from tests.fakes.server import Reply
from tests.generation.providers.contract import OPENAI_COMPATIBLE
from tests.generation.providers.customer import Customer


@pytest.fixture
def harness(build_harness):
    return build_harness(OPENAI_COMPATIBLE)


def last_post(harness):
    return [call for call in harness.fake.calls if call.method == "POST"][-1]


def test_request_is_a_form_even_without_a_picture(harness):
    harness.submit()
    sent = parse_form(last_post(harness))
    assert {name: content.decode() for name, (_file, content) in sent.items()} == {
        "model": "wan-2.2",
        "prompt": "a girl on a hill at sunset, soft wind",
        "seconds": "4",
        "size": "1280x720",
    }


def test_json_gateways_get_the_picture_inline(build_harness):
    harness = build_harness(OPENAI_COMPATIBLE, extras={"model": "wan-2.2", "body": "json"})
    submitted = harness.submit(harness.request(Mode.PICTURE))
    sent = json.loads(last_post(harness).body)
    assert sent["input_reference"]["image_url"].startswith("data:image/png;base64,")
    assert harness.fake.read_request(harness.fake.tasks[submitted.task_id])["pictures"] == [
        harness.media_files["start"].read_bytes()
    ]


def test_vllm_gets_frames_seed_and_negative_prompt(harness):
    harness.submit(harness.request(model="vllm-omni", seconds=5, negative_prompt="rain"))
    sent = {name: content.decode() for name, (_file, content) in parse_form(last_post(harness)).items()}
    assert (sent["num_frames"], sent["fps"], sent["width"], sent["height"]) == ("81", "16", "848", "480")
    assert (sent["seed"], sent["negative_prompt"], sent["size"]) == ("424242", "rain", "848x480")


def test_single_model_server_gets_no_model_name(build_harness):
    harness = build_harness(OPENAI_COMPATIBLE, extras={})
    harness.submit()
    assert "model" not in parse_form(last_post(harness))


def test_picture_is_cropped_to_the_size_of_the_clip(harness, tmp_path):
    Image.new("RGB", (900, 900), "red").save(tmp_path / "square.png")
    submitted = harness.submit(harness.request(Mode.PICTURE, picture=tmp_path / "square.png"))
    (content,) = harness.fake.read_request(harness.fake.tasks[submitted.task_id])["pictures"]
    (tmp_path / "sent.png").write_bytes(content)
    with Image.open(tmp_path / "sent.png") as sent:
        assert sent.size == (1280, 720)


def test_transparent_areas_of_a_cropped_picture_become_white(harness, tmp_path):
    picture = Image.new("RGBA", (900, 900), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (0, 0, 450, 900))
    picture.save(tmp_path / "half.png")
    submitted = harness.submit(harness.request(Mode.PICTURE, picture=tmp_path / "half.png"))
    (content,) = harness.fake.read_request(harness.fake.tasks[submitted.task_id])["pictures"]
    (tmp_path / "sent.png").write_bytes(content)
    with Image.open(tmp_path / "sent.png") as sent:
        assert [sent.convert("RGBA").getpixel(at) for at in ((100, 360), (1200, 360))] == [
            (0, 0, 255, 255), (255, 255, 255, 255)
        ]  # fmt: skip


def test_wrapped_answer_of_a_gateway_is_understood(harness):
    submitted = harness.submit()
    harness.fake.next("poll", "wrapped")
    snapshot = harness.poll(submitted)
    assert (snapshot.stage, snapshot.progress) == (Stage.RUNNING, 300)


@pytest.mark.django_db
def test_answer_that_repeats_the_sent_picture_is_accepted(harness, fake_server):
    def echo_picture(request, act):
        reply = act()
        return Reply(reply.status, reply.body | {"input_reference": {"image_url": "A" * 3_000_000}})

    harness.fake.fault_echoed = echo_picture
    harness.fake.next("poll", *["echoed"] * 9)
    customer = Customer(harness, fake_server.url(harness.entry.slug))

    job = customer.run_job(customer.create_job())

    assert job.state == State.READY, job.error_public
    assert len(harness.fake.faults["poll"]) == 8


def test_progress_is_read_in_every_format(harness, subtests):
    for value, progress in (
        (40, 400),
        ("40%", 400),
        (None, None),
        ("soon", None),
        (1e400, None),
    ):
        with subtests.test(value=value, progress=progress):
            submitted = harness.submit()
            body = json.dumps({"id": submitted.task_id, "status": "in_progress", "progress": value})
            harness.fake.fault_progress = lambda request, act, body=body: Reply(200, body)
            harness.fake.next("poll", "progress")
            assert harness.poll(submitted).progress == progress


def test_key_is_sent_for_the_content_but_not_along_a_redirect(harness, video_bytes):
    submitted = harness.submit()
    snapshot = harness.poll(submitted)
    harness.fake.next("video", "content_elsewhere")
    assert harness.fetch(snapshot.output) == video_bytes
    own, elsewhere = [call for call in harness.fake.calls if call.path.startswith(("/outputs/", "/videos/"))][-2:]
    assert own.headers["authorization"].endswith(harness.fake.key)
    assert "authorization" not in elsewhere.headers


def test_video_link_in_the_answer_is_used_if_configured(build_harness, video_bytes):
    harness = build_harness(OPENAI_COMPATIBLE, extras={"video_location": "url"})
    submitted = harness.submit()
    harness.fake.next("poll", "with_address")
    snapshot = harness.poll(submitted)
    assert not snapshot.output.needs_key
    assert harness.fetch(snapshot.output) == video_bytes
    assert harness.poll(submitted).error.code == "missing_video"


@pytest.mark.parametrize("kind", ["fastapi", "plain_text_error"])
def test_refusals_of_other_servers_are_recognised(kind, harness):
    prepared, ref = harness.prepare()
    harness.fake.next("submit", kind)
    with pytest.raises(RemoteError) as caught:
        harness.provider.submit(harness.connection, prepared, ref)
    assert caught.value.fault == Fault.INVALID
    assert "size" in caught.value.detail


def test_list_without_prompts_is_undecided(harness):
    harness.fake.has_prompts = False
    request = harness.request()
    prepared, ref = harness.prepare(request)
    harness.submit(request)
    assert harness.provider.find(harness.connection, harness.lost(request, prepared.handle, ref)) == Search.UNDECIDED


def test_list_is_read_back_to_the_time_of_submission(harness, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.openai_compatible.provider.PAGE", 2)
    request = harness.request()
    submitted = harness.submit(request)
    for _ in range(5):
        harness.submit(replace(request, prompt="two foxes"))
    lost = harness.lost(request, {"model": "wan-2.2"}, "ref")
    assert harness.provider.find(harness.connection, lost) == Submitted(
        submitted.task_id, {"model": "wan-2.2", "id": submitted.task_id}
    )


@pytest.fixture
def without_has_more(harness, monkeypatch):
    """A server without has_more in its list and with two tasks per page."""
    monkeypatch.setattr("generation.providers.adapters.openai_compatible.provider.PAGE", 2)

    def remove_has_more(request, act):
        if harness.ignores_paging:
            request.query.pop("after", None)
        reply = act()
        return replace(reply, body={name: value for name, value in reply.body.items() if name != "has_more"})

    harness.ignores_paging, harness.fake.fault_without_has_more = False, remove_has_more
    harness.fake.next("list_tasks", *["without_has_more"] * 20)
    return harness


def test_full_page_without_has_more_is_undecided(without_has_more):
    without_has_more.ignores_paging = True  # only the first two tasks are visible
    request = without_has_more.request()
    without_has_more.submit(request)
    for _ in range(2):
        without_has_more.submit(replace(request, prompt="two foxes"))
    lost = without_has_more.lost(request, {"model": "wan-2.2"}, "ref")
    assert without_has_more.provider.find(without_has_more.connection, lost) == Search.UNDECIDED


def test_partial_page_of_an_unpaged_server_is_complete(without_has_more):
    without_has_more.ignores_paging = True
    request = without_has_more.request()
    without_has_more.submit(replace(request, prompt="two foxes"))
    lost = without_has_more.lost(request, {"model": "wan-2.2"}, "ref")
    assert without_has_more.provider.find(without_has_more.connection, lost) == Search.ABSENT


def test_list_without_has_more_ends_at_a_partial_page(without_has_more):
    request = without_has_more.request()
    submitted = without_has_more.submit(request)
    for _ in range(4):
        without_has_more.submit(replace(request, prompt="two foxes"))
    lost = without_has_more.lost(request, {"model": "wan-2.2"}, "ref")
    assert without_has_more.provider.find(without_has_more.connection, lost).task_id == submitted.task_id

    without_has_more.taken.add(submitted.task_id)
    assert without_has_more.provider.find(without_has_more.connection, lost) == Search.ABSENT


def test_old_task_ends_the_search_only_in_descending_order(harness, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.openai_compatible.provider.PAGE", 2)
    request = harness.request()
    for _ in range(2):
        harness.submit(replace(request, prompt="two foxes"))
    submitted = harness.submit(request)
    for n, task in enumerate(harness.fake.created):
        task.created_at = -n  # what the fake sorts by
        task.notes["at"] -= (9000, 8000, 0)[n]
    lost = harness.lost(request, {"model": "wan-2.2"}, "ref")
    assert harness.provider.find(harness.connection, lost).task_id == submitted.task_id


def test_length_may_be_a_number(harness):
    request = harness.request()
    submitted = harness.submit(request)
    describe_video = harness.fake.describe_video
    harness.fake.describe_video = lambda task: describe_video(task) | {"seconds": int(task.request["seconds"])}
    lost = harness.lost(request, {"model": "wan-2.2"}, "ref")
    assert harness.provider.find(harness.connection, lost).task_id == submitted.task_id


def test_check_reports_a_missing_model(build_harness):
    harness = build_harness(OPENAI_COMPATIBLE, extras={"model": "sora-9"})
    assert "“sora-9” is not one of them" in harness.provider.check(harness.connection)


def test_no_key_sends_no_header(build_harness):
    harness = build_harness(OPENAI_COMPATIBLE, keys={"api_key": ""})
    with pytest.raises(RemoteError):
        harness.provider.check(harness.connection)
    assert "authorization" not in harness.fake.calls[-1].headers
