"""Contract of every adapter: requests reach the provider unchanged and every answer has the documented meaning."""

import json
import re
from datetime import date

import pytest

from generation.providers import catalogue
from generation.providers.base import Mode
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.remote import Billing, Recovery, RemoteProvider, Stage, Stopped, Stopping
from tests.fakes.faults import HTML
from tests.fakes.server import Reply
from tests.generation.providers.contract import CONTRACT

SERVES_OWN_VIDEOS = {"comfyui", "openai-compatible"}  # the key is needed for the video too


def test_clip_is_made_as_requested_with_every_model_and_mode(entry, build_harness, video_bytes, subtests):
    for facts in catalogue.built_in_models(entry.slug):
        for mode in facts["modes"]:
            with subtests.test(model=facts["model"], mode=mode):
                make_clip(build_harness(entry), facts["model"], Mode(mode), video_bytes)


def make_clip(harness, model, mode, video_bytes):
    request = harness.request(mode, model)
    submitted = harness.submit(request)
    assert harness.submissions == 1
    (task,) = harness.fake.created
    assert submitted.task_id == task.id == submitted.handle["id"]
    assert isinstance(submitted.task_id, str)
    assert_received(harness.fake.read_request(task), request, harness.provider.capability(model))

    handle = json.dumps(submitted.handle)
    assert json.loads(handle) == submitted.handle
    assert not [secret for secret in harness.secrets if secret in handle]

    snapshot = harness.provider.poll(harness.connection, json.loads(handle))
    assert snapshot.stage == Stage.SUCCEEDED, snapshot
    assert harness.fetch(snapshot.output) == video_bytes
    assert len(harness.fake.created) == 1
    assert_key_stays_with_provider(harness)


def assert_received(received, request, capability):
    pictures = [path for path in (request.start, request.last_frame, *request.references) if path]
    assert received["prompt"] == request.prompt
    assert received.get("pictures", []) == [path.read_bytes() for path in pictures]
    if request.video:
        assert received["video"] == request.video.read_bytes()
    if "seconds" in received or len(capability.seconds) > 1:
        assert received["seconds"] == request.seconds
    if capability.has_seed:
        assert received["seed"] == request.seed
    if request.negative_prompt:
        assert received["negative_prompt"] == request.negative_prompt
    if "size" in received:
        width, height = (int(part) for part in request.ratio.split(":"))
        assert received["size"][0] / received["size"][1] == pytest.approx(width / height, rel=0.1)
    elif "ratio" in received or not (capability.ratio_follows_picture or len(capability.ratios) == 1 or request.video):
        assert received["ratio"] == request.ratio


def assert_key_stays_with_provider(harness):
    own_host = harness.connection.base_url.removeprefix("http://").split("/")[0]
    other_calls = [call for call in harness.fake.calls if call.headers["host"] != own_host]
    assert other_calls or harness.entry.slug in SERVES_OWN_VIDEOS, "the video must come from another host"
    for call in other_calls:
        sent = f"{call.path} {call.query} {call.headers} {call.body!r}"
        assert not [secret for secret in harness.secrets if secret in sent]


def test_prepare_is_repeatable_and_keeps_nothing_of_other_requests(harness):
    """Shipped bodies are cached in memory and workers serve all users: they must be copied before use."""
    negative_prompt = "THEIRS" if harness.provider.capability().has_negative_prompt else ""
    harness.prepare(harness.request(prompt="THEIRS", negative_prompt=negative_prompt))

    request = harness.request(negative_prompt="")
    first, ref = harness.prepare(request)
    second, _ = harness.prepare(request, ref)

    assert first.body.keys() == second.body.keys()
    assert "THEIRS" not in repr(first)
    assert (harness.submissions, harness.fake.created) == (0, [])


def test_queued_running_and_finished_are_distinguished(harness):
    harness.fake.queued = 3600
    submitted = harness.submit()
    assert harness.poll(submitted).stage in (Stage.QUEUED, Stage.RUNNING)
    harness.fake.queued, harness.fake.running = 0, 3600
    running = harness.poll(submitted)
    assert running.stage == Stage.RUNNING
    if harness.entry.reports_progress_in_polls:
        assert (running.progress is not None) == harness.provider.traits.has_progress
    harness.fake.running = 0
    assert harness.poll(submitted).stage == Stage.SUCCEEDED


@pytest.mark.parametrize("entry", [entry for entry in CONTRACT if entry.statuses], ids=lambda entry: entry.slug)
def test_each_status_has_its_documented_stage_and_unknown_is_running(entry, build_harness, subtests):
    harness = build_harness(entry)
    submitted = harness.submit()
    for status, stage in entry.statuses.items():
        with subtests.test(status=status):
            harness.report_status(status)
            snapshot = harness.poll(submitted)
            assert snapshot.stage == stage
            assert (snapshot.output is not None) == (stage == Stage.SUCCEEDED)
            assert (snapshot.error is not None) == (stage == Stage.FAILED)

    unknown = 4242 if any(isinstance(status, int) for status in entry.statuses) else "pondering_2031"
    harness.report_status(unknown)
    snapshot = harness.poll(submitted)
    assert (snapshot.stage, snapshot.note) == (Stage.RUNNING, str(unknown))


def test_success_without_video_fails_and_missing_task_is_lost(harness):
    submitted = harness.submit()
    harness.fake.next(harness.entry.success_without_url_route, "success_without_url")
    snapshot = harness.poll(submitted)
    assert snapshot.stage == Stage.FAILED
    assert (snapshot.error.fault, snapshot.error.code) == (Fault.FAILED, "missing_video")

    harness.fake.tasks[submitted.task_id].is_deleted = True
    with pytest.raises(RemoteError) as caught:
        harness.poll(submitted)
    assert caught.value.fault == Fault.LOST


def test_failed_task_reports_failure_or_moderation(harness, subtests):
    for ends, fault in (("failed", Fault.FAILED), ("moderated", Fault.MODERATION)):
        with subtests.test(ends=ends):
            submitted = harness.submit()
            harness.fake.tasks[submitted.task_id].outcome = ends
            snapshot = harness.poll(submitted)
            assert snapshot.stage == Stage.FAILED
            assert snapshot.error.fault == fault, snapshot.error


def test_finished_task_cannot_be_cancelled(harness):
    submitted = harness.submit()
    before = len(harness.fake.calls)
    answer = harness.provider.cancel(harness.connection, submitted.handle)
    if harness.provider.traits.stopping == Stopping.NONE:
        assert (answer, len(harness.fake.calls)) == (Stopped.UNSUPPORTED, before)
    else:
        assert answer == Stopped.TOO_LATE
        assert not harness.fake.tasks[submitted.task_id].is_cancelled


STOPPABLE = [entry for entry in CONTRACT if entry.load_provider().declared.stopping != Stopping.NONE]


@pytest.mark.parametrize("entry", STOPPABLE, ids=lambda entry: entry.slug)
def test_queued_and_running_tasks_are_cancelled_where_declared(entry, build_harness, subtests):
    for state in ("queued", "running"):
        with subtests.test(state=state):
            harness = build_harness(entry)
            setattr(harness.fake, state, 3600)
            submitted = harness.submit()
            answer = harness.provider.cancel(harness.connection, submitted.handle)
            is_possible = state == "queued" or harness.provider.traits.stopping == Stopping.ANY
            assert answer in ((Stopped.DONE, Stopped.REQUESTED) if is_possible else (Stopped.TOO_LATE,))
            if is_possible:
                assert harness.read_end(submitted) in ("cancelled", "failed", "lost")


@pytest.mark.parametrize("entry", STOPPABLE, ids=lambda entry: entry.slug)
def test_bad_gateway_during_cancel_is_not_taken_as_too_late(entry, build_harness, monkeypatch):
    harness = build_harness(entry)
    harness.fake.queued = 1000
    submitted, respond = harness.submit(), harness.fake.respond

    def fail(request):
        return respond(request) if request.method == "GET" else Reply(502, HTML)

    monkeypatch.setattr(harness.fake, "respond", fail)
    with pytest.raises((NoAnswer, RemoteError)) as caught:
        harness.provider.cancel(harness.connection, submitted.handle)
    assert getattr(caught.value, "fault", Fault.UNKNOWN) in (Fault.TRANSIENT, Fault.UNKNOWN)


def test_check_accepts_a_good_key_and_refuses_a_wrong_one(harness, build_harness):
    assert harness.provider.check(harness.connection)
    assert {call.method for call in harness.fake.calls} == {"GET"} and not harness.fake.created, (
        "the check must be free"
    )
    assert harness.submissions == 0
    if not harness.entry.has_wrong_key:
        return
    secret = {key.name for key in harness.provider.key_fields if key.is_secret}
    keys = {name: "wrong-key-00000000" if name in secret else value for name, value in harness.connection.keys.items()}
    other = build_harness(harness.entry, keys=keys)
    with pytest.raises(RemoteError) as caught:
        other.provider.check(other.connection)
    assert caught.value.fault == Fault.AUTH


def test_declared_traits_are_the_documented_ones(subtests):
    for entry in CONTRACT:
        with subtests.test(entry.slug):
            traits = entry.load_provider().traits
            assert entry.traits == (
                traits.recovery, traits.absence_is_proof, traits.is_busy_refusal, traits.billing, traits.stopping,
            )  # fmt: skip


def test_every_adapter_describes_itself_and_its_models(build_harness, subtests):
    for entry in CONTRACT:
        with subtests.test(entry.slug):
            harness = build_harness(entry)
            provider = harness.provider
            assert isinstance(provider, RemoteProvider)
            assert provider.slug == entry.slug == harness.fake.slug
            assert str(provider.label)
            assert re.search(r"[a-z]", str(provider.byline))
            assert isinstance(provider.traits.recovery, Recovery)
            assert isinstance(provider.traits.billing, Billing)
            names = [key.name for key in provider.key_fields]
            assert len(names) == len(set(names))
            for capability in provider.capabilities():
                assert capability.modes and capability.ratios and capability.seconds and capability.resolutions
                assert (capability.references_most > 0) == (Mode.REFERENCES in capability.modes)
                assert provider.estimate(harness.request(model=capability.model)).price >= 0


def test_every_shipped_price_has_a_date():
    rows = [
        (entry.slug, facts["model"], row)
        for entry in CONTRACT
        for facts in catalogue.built_in_models(entry.slug)
        for row in facts.get("price", ())
    ]
    assert rows and [row for row in rows if not isinstance(row[2].get("dated"), date)] == []


def test_only_prices_from_published_tables_ship():
    """A dated price means that somebody looked it up; prices from memory are left out."""
    shipped = {entry.slug: catalogue.built_in_models(entry.slug) for entry in CONTRACT}
    with_price = {slug for slug, models in shipped.items() if any(facts.get("price") for facts in models)}

    assert with_price == {
        "ark", "dashscope", "fal", "gemini", "kling", "minimax", "minimax-v2", "pixverse", "replicate", "runway",
        "vidu",
    }  # fmt: skip
