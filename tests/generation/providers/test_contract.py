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

SERVES_OWN_FILMS = {"comfyui", "openai-compatible"}  # these need the key for the film as well


def test_clip_is_made_as_requested_with_every_model_and_mode(entry, desk_of, film, subtests):
    for facts in catalogue.built_in_models(entry.slug):
        for mode in facts["modes"]:
            with subtests.test(model=facts["model"], mode=mode):
                make_clip(desk_of(entry), facts["model"], Mode(mode), film)


def make_clip(desk, model, mode, film):
    request = desk.request(mode, model)
    submitted = desk.submit(request)
    assert desk.submissions == 1
    (task,) = desk.fake.created
    assert submitted.task_id == task.id == submitted.handle["id"]
    assert isinstance(submitted.task_id, str)
    assert_received(desk.fake.read_request(task), request, desk.engine.capability(model))

    handle = json.dumps(submitted.handle)
    assert json.loads(handle) == submitted.handle
    assert not [secret for secret in desk.secrets if secret in handle]

    snapshot = desk.engine.poll(desk.connection, json.loads(handle))
    assert snapshot.stage == Stage.SUCCEEDED, snapshot
    assert desk.fetch(snapshot.output) == film
    assert len(desk.fake.created) == 1
    assert_key_stays_with_provider(desk)


def assert_received(received, request, able):
    pictures = [path for path in (request.start, request.last_frame, *request.references) if path]
    assert received["prompt"] == request.prompt
    assert received.get("pictures", []) == [path.read_bytes() for path in pictures]
    if request.video:
        assert received["video"] == request.video.read_bytes()
    if "seconds" in received or len(able.seconds) > 1:
        assert received["seconds"] == request.seconds
    if able.has_seed:
        assert received["seed"] == request.seed
    if request.negative_prompt:
        assert received["negative_prompt"] == request.negative_prompt
    if "size" in received:
        width, height = (int(part) for part in request.ratio.split(":"))
        assert received["size"][0] / received["size"][1] == pytest.approx(width / height, rel=0.1)
    elif "ratio" in received or not (able.ratio_follows_picture or len(able.ratios) == 1 or request.video):
        assert received["ratio"] == request.ratio


def assert_key_stays_with_provider(desk):
    own_host = desk.connection.base_url.removeprefix("http://").split("/")[0]
    other_calls = [call for call in desk.fake.calls if call.headers["host"] != own_host]
    assert other_calls or desk.entry.slug in SERVES_OWN_FILMS, "the film must come from another host"
    for call in other_calls:
        sent = f"{call.path} {call.query} {call.headers} {call.body!r}"
        assert not [secret for secret in desk.secrets if secret in sent]


def test_prepare_is_repeatable_and_keeps_nothing_of_other_requests(desk):
    """Shipped bodies are cached in memory and workers serve all users: they must be copied before use."""
    negative_prompt = "THEIRS" if desk.engine.capability().has_negative_prompt else ""
    desk.prepare(desk.request(prompt="THEIRS", negative_prompt=negative_prompt))

    request = desk.request(negative_prompt="")
    first, ref = desk.prepare(request)
    second, _ = desk.prepare(request, ref)

    assert first.body.keys() == second.body.keys()
    assert "THEIRS" not in repr(first)
    assert (desk.submissions, desk.fake.created) == (0, [])


def test_queued_running_and_finished_are_distinguished(desk):
    desk.fake.queued = 3600
    submitted = desk.submit()
    assert desk.poll(submitted).stage in (Stage.QUEUED, Stage.RUNNING)
    desk.fake.queued, desk.fake.running = 0, 3600
    running = desk.poll(submitted)
    assert running.stage == Stage.RUNNING
    if desk.entry.reports_progress_in_polls:
        assert (running.progress is not None) == desk.engine.traits.has_progress
    desk.fake.running = 0
    assert desk.poll(submitted).stage == Stage.SUCCEEDED


@pytest.mark.parametrize("entry", [entry for entry in CONTRACT if entry.words], ids=lambda entry: entry.slug)
def test_each_status_has_its_documented_stage_and_unknown_is_running(entry, desk_of, subtests):
    desk = desk_of(entry)
    submitted = desk.submit()
    for word, stage in entry.words.items():
        with subtests.test(word=word):
            desk.report_status(word)
            snapshot = desk.poll(submitted)
            assert snapshot.stage == stage
            assert (snapshot.output is not None) == (stage == Stage.SUCCEEDED)
            assert (snapshot.error is not None) == (stage == Stage.FAILED)

    unknown = 4242 if any(isinstance(word, int) for word in entry.words) else "pondering_2031"
    desk.report_status(unknown)
    snapshot = desk.poll(submitted)
    assert (snapshot.stage, snapshot.note) == (Stage.RUNNING, str(unknown))


def test_success_without_film_fails_and_missing_task_is_lost(desk):
    submitted = desk.submit()
    desk.fake.next(desk.entry.without_film_at, "success_without_url")
    snapshot = desk.poll(submitted)
    assert snapshot.stage == Stage.FAILED
    assert (snapshot.error.fault, snapshot.error.code) == (Fault.FAILED, "no_film")

    desk.fake.tasks[submitted.task_id].is_deleted = True
    with pytest.raises(RemoteError) as caught:
        desk.poll(submitted)
    assert caught.value.fault == Fault.LOST


def test_failed_task_reports_failure_or_moderation(desk, subtests):
    for ends, fault in (("failed", Fault.FAILED), ("moderated", Fault.MODERATION)):
        with subtests.test(ends=ends):
            submitted = desk.submit()
            desk.fake.tasks[submitted.task_id].outcome = ends
            snapshot = desk.poll(submitted)
            assert snapshot.stage == Stage.FAILED
            assert snapshot.error.fault == fault, snapshot.error


def test_finished_task_cannot_be_cancelled(desk):
    submitted = desk.submit()
    before = len(desk.fake.calls)
    answer = desk.engine.cancel(desk.connection, submitted.handle)
    if desk.engine.traits.stopping == Stopping.NONE:
        assert (answer, len(desk.fake.calls)) == (Stopped.UNSUPPORTED, before)
    else:
        assert answer == Stopped.TOO_LATE
        assert not desk.fake.tasks[submitted.task_id].is_cancelled


STOPPABLE = [entry for entry in CONTRACT if entry.engine().declared.stopping != Stopping.NONE]


@pytest.mark.parametrize("entry", STOPPABLE, ids=lambda entry: entry.slug)
def test_queued_and_running_tasks_are_cancelled_where_declared(entry, desk_of, subtests):
    for state in ("queued", "running"):
        with subtests.test(state=state):
            desk = desk_of(entry)
            setattr(desk.fake, state, 3600)
            submitted = desk.submit()
            answer = desk.engine.cancel(desk.connection, submitted.handle)
            is_possible = state == "queued" or desk.engine.traits.stopping == Stopping.ANY
            assert answer in ((Stopped.DONE, Stopped.REQUESTED) if is_possible else (Stopped.TOO_LATE,))
            if is_possible:
                assert desk.end_of(submitted) in ("cancelled", "failed", "lost")


@pytest.mark.parametrize("entry", STOPPABLE, ids=lambda entry: entry.slug)
def test_bad_gateway_during_cancel_is_not_taken_as_too_late(entry, desk_of, monkeypatch):
    desk = desk_of(entry)
    desk.fake.queued = 1000
    submitted, respond = desk.submit(), desk.fake.respond

    def fail(request):
        return respond(request) if request.method == "GET" else Reply(502, HTML)

    monkeypatch.setattr(desk.fake, "respond", fail)
    with pytest.raises((NoAnswer, RemoteError)) as caught:
        desk.engine.cancel(desk.connection, submitted.handle)
    assert getattr(caught.value, "fault", Fault.UNKNOWN) in (Fault.TRANSIENT, Fault.UNKNOWN)


def test_check_accepts_a_good_key_and_refuses_a_wrong_one(desk, desk_of):
    assert desk.engine.check(desk.connection)
    assert {call.method for call in desk.fake.calls} == {"GET"} and not desk.fake.created, "the check must be free"
    assert desk.submissions == 0
    if not desk.entry.has_wrong_key:
        return
    secret = {key.name for key in desk.engine.key_fields if key.is_secret}
    keys = {name: "wrong-key-00000000" if name in secret else value for name, value in desk.connection.keys.items()}
    other = desk_of(desk.entry, keys=keys)
    with pytest.raises(RemoteError) as caught:
        other.engine.check(other.connection)
    assert caught.value.fault == Fault.AUTH


def test_declared_traits_are_the_documented_ones(subtests):
    for entry in CONTRACT:
        with subtests.test(entry.slug):
            traits = entry.engine().traits
            assert entry.traits == (
                traits.recovery, traits.absence_is_proof, traits.is_busy_refusal, traits.billing, traits.stopping,
            )  # fmt: skip


def test_every_adapter_describes_itself_and_its_models(desk_of, subtests):
    for entry in CONTRACT:
        with subtests.test(entry.slug):
            desk = desk_of(entry)
            engine = desk.engine
            assert isinstance(engine, RemoteProvider)
            assert engine.slug == entry.slug == desk.fake.slug
            assert str(engine.label)
            assert re.search(r"[a-z]", str(engine.byline))
            assert isinstance(engine.traits.recovery, Recovery)
            assert isinstance(engine.traits.billing, Billing)
            names = [key.name for key in engine.key_fields]
            assert len(names) == len(set(names))
            for able in engine.capabilities():
                assert able.modes and able.ratios and able.seconds and able.resolutions
                assert (able.references_most > 0) == (Mode.REFERENCES in able.modes)
                assert engine.estimate(desk.request(model=able.model)).price >= 0


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

    assert with_price == {"fal", "runway", "dashscope", "ark", "minimax-v2", "gemini"}
