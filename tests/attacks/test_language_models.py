"""Language models with hostile, slow or endless responses, and misuse of the director page."""

import gzip
import json
import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from generation.providers.adapters.language import streaming
from generation.providers.connections import services as connection_services
from generation.providers.connections import test_job
from generation.providers.errors import Fault, NoAnswer, RemoteError, redact_secrets
from generation.providers.http import client
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State
from jobs.worker import fairness
from studio.director import services as director_services
from studio.models import Direction
from studio.stories import services as story_services
from tests.fakes.language import FakeLanguage
from tests.fakes.server import Town
from tests.generation.providers.raw_servers import answer, serving
from tests.sweep import sweep

pytestmark = pytest.mark.django_db
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
ENDLESS = 256 * 1024 * 1024


# --- Endless responses -----------------------------------------------------------------------------------------


def pour(head: bytes, piece: bytes):
    """Return a server that sends ``piece`` until the client leaves, and the list of the lengths it has sent."""
    poured = []

    def act(connection, request):
        connection.sendall(head)
        while sum(poured) < ENDLESS:
            connection.sendall(piece)
            poured.append(len(piece))

    return act, poured


CHUNK = b"x" * (1 << 20)
FLOODS = {
    "a stream that is not cut into chunks": (HEAD + b"Connection: close\r\n\r\n", CHUNK),
    "one line of any length": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK)),
    "one chunk of any size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % ENDLESS, CHUNK),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_an_endless_response_is_aborted_after_a_few_megabytes(flood):
    act, poured = pour(*FLOODS[flood])
    with serving(act) as server:
        line = client.HttpClient(f"http://127.0.0.1:{server.port}", {}, allows_private=True)
        with pytest.raises(NoAnswer):
            list(streaming.stream_lines(line, "chat/completions", seconds=60, json={}))

    assert sum(poured) < 32 * 1024 * 1024


def test_a_compressed_response_is_not_expanded_into_memory():
    body = gzip.compress(b"data: " + b"x" * (64 * 1024 * 1024))
    told = answer(body, Content_Type="text/event-stream", Content_Encoding="gzip")
    with serving(lambda connection, request: connection.sendall(told)) as server:
        line = client.HttpClient(f"http://127.0.0.1:{server.port}", {}, allows_private=True)
        with pytest.raises(NoAnswer):
            list(streaming.stream_lines(line, "chat/completions", seconds=60, json={}))

    assert b"identity" in server.requests[0]


# --- A director that is kept waiting ------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def two_workers(settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 2}


@pytest.fixture
def model():
    fake = FakeLanguage()
    with Town([fake]) as town:
        fake.url = town.url(fake.slug)
        yield fake


def connect(person, model):
    return connection_services.add_connection(
        by=person, provider="language-openai", label="A model", owner=person, base_url=model.url,
        allows_private=True, facts={"model": "small"}, secret={"keys": {"api_key": model.key}},
    )  # fmt: skip


@pytest.fixture
def connection(mika, model):
    return connect(mika, model)


@pytest.fixture
def story(mika):
    return story_services.create_story(workspace=mika.workspaces.get(), by=mika, title="The last letter")


@pytest.fixture
def begin(story, mika, connection):
    """``begin()`` requests one more concept and returns its queued job."""

    def ask(of=None, by=None, through=None):
        made = director_services.start_direction(
            story=of or story, by=by or mika, idea="A fox", count=2, connection=through or connection,
            idem_key=uuid.uuid4().hex,
        )  # fmt: skip
        return made.job

    return ask


def pieces(fake, *texts):
    """Make the model respond with these pieces."""
    chunks = [fake._chunk({"content": text}, None) for text in texts]
    body = "\n\n".join([*chunks, fake._chunk({}, "stop"), "data: [DONE]", ""])
    fake._stream = lambda request, **more: body.encode()


@pytest.mark.parametrize("kind", ["director", "connection_test", "clip_elsewhere"])
def test_one_workspace_never_has_every_worker_wait_for_its_own_server(begin, connection, mika, kind, monkeypatch):
    monkeypatch.setattr(
        fairness, "MIN_PAUSE", 60.0
    )  # seconds: it is looked at whether it waits, whenever we get to that
    monkeypatch.setattr(fairness, "MAX_PAUSE", 60.0)
    held, waiting = begin(), None
    if kind == "connection_test":
        Job.objects.filter(pk=held.pk).update(kind=kind)
    if kind == "clip_elsewhere":
        Job.objects.filter(pk=held.pk).update(kind=kind, state=State.FETCHING)
    else:
        Job.objects.filter(pk=held.pk).update(state=State.RUNNING)
    Job.objects.filter(pk=held.pk).update(lease_owner="worker elsewhere", lease_until=Now() + timedelta(seconds=60))
    waiting = test_job.start_test(connection, by=mika, workspace=mika.workspaces.get())

    engine.advance(waiting.pk)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.lease_until, waiting.no_progress_count) == (State.RUNNING, None, 0)
    assert waiting.next_run_at > timezone.now()
    Job.objects.filter(pk=held.pk).update(lease_until=None)
    Job.objects.filter(pk=waiting.pk).update(next_run_at=Now())
    engine.advance(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == State.READY


def test_a_slow_server_of_another_workspace_does_not_delay_ones_own(begin, mika, ren, model):
    held = begin()
    Job.objects.filter(pk=held.pk).update(state=State.RUNNING, lease_until=Now() + timedelta(seconds=60))
    job = test_job.start_test(connect(ren, model), by=ren, workspace=ren.workspaces.get())

    engine.advance(job.pk)

    job.refresh_from_db()
    assert job.state == State.READY


@pytest.mark.parametrize(
    ("took", "makes_room"), [(timedelta(seconds=0.3), False), (timedelta(seconds=20), True), (None, True)]
)
def test_jobs_yield_only_where_servers_of_their_workspace_were_slow(begin, mika, took, makes_room):
    """A burst of quick submissions is no attack; a server that answered late, or not at all, loses its place."""
    held, asking, earlier = begin(), begin(), begin()
    Job.objects.filter(pk__in=[held.pk, asking.pk, earlier.pk]).update(kind="clip_elsewhere")
    Job.objects.filter(pk=held.pk).update(state=State.SUBMITTING, lease_until=Now() + timedelta(seconds=60))
    asked_at = timezone.now() - timedelta(seconds=60)
    Attempt.objects.create(
        job=earlier, n=1, client_ref="r" * 26, provider="echo", intent_at=asked_at,
        answered_at=took and asked_at + took,
    )  # fmt: skip

    asking.refresh_from_db()

    assert bool(fairness.seconds_to_yield(asking)) is makes_room


def test_an_old_slowness_is_forgotten(begin):
    held, asking = begin(), begin()
    Job.objects.filter(pk__in=[held.pk, asking.pk]).update(kind="clip_elsewhere")
    Job.objects.filter(pk=held.pk).update(state=State.SUBMITTING, lease_until=Now() + timedelta(seconds=60))
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Attempt.objects.create(job=held, n=1, client_ref="r" * 26, provider="echo", intent_at=an_hour_ago)

    asking.refresh_from_db()

    assert fairness.seconds_to_yield(asking) == 0


def test_with_one_worker_no_job_yields(begin, settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 1}
    before, job = begin(), begin()
    Job.objects.filter(pk=before.pk).update(state=State.RUNNING, lease_until=Now() + timedelta(seconds=60))

    engine.advance(job.pk)

    job.refresh_from_db()
    assert job.state == State.READY


# --- Text that no database keeps --------------------------------------------------------------------------------


def test_a_character_sent_in_two_halves_is_one_character(begin, model):
    pieces(model, '{"title": "", "concept": "A fox \ud83e', '\udd8a runs" }')

    engine.advance(begin().pk)

    assert Direction.objects.get().proposal["concept"] == "A fox 🦊 runs"


def test_any_response_of_a_model_can_be_saved(begin, model):
    with sweep(["\ud800", "\x00", "\udfff\ud800"]) as rows:
        for text in rows:
            with rows.row(repr(text)):
                pieces(model, '{"title": "", "concept": "A fox', text * 100, ' runs"}')
                job = begin()
                engine.advance(job.pk)
                job.refresh_from_db()
                direction = Direction.objects.get()
                assert job.error_code != "broken"
                assert keeps(direction.response + json.dumps(direction.proposal, ensure_ascii=False) + job.error_public)


def test_an_error_of_a_provider_can_be_saved():
    with sweep(["\ud800", "\x00"]) as rows:
        for text in rows:
            with rows.row(repr(text)):
                error = RemoteError(Fault.FAILED, f"co{text}de", f"de{text}tail", request_id=f"i{text}d")
                assert keeps(error.code + error.detail + error.request_id + str(error) + redact_secrets(text))


def keeps(text: str) -> bool:
    return "\x00" not in text and text.encode() is not None


# --- The page ----------------------------------------------------------------------------------------------------


def test_a_button_pressed_twice_sends_one_request(sign_in, mika, story, connection):
    browser, sent = sign_in(mika), {"do": "begin", "idea": "A fox", "count": 2, "connection": connection.pk}

    answers = [browser.post(f"/stories/{story.pk}/director/", sent | {"idem_key": "one"}) for _ in range(2)]

    assert [each.status_code for each in answers] == [302, 302]
    assert Direction.objects.get().job == Job.objects.get(kind="director")


@pytest.mark.parametrize("action", ["begin", "ask"])
def test_an_idempotency_key_that_no_database_keeps_is_not_used(sign_in, mika, story, connection, begin, action):
    sent = {"do": action, "step": "concept", "idea": "A fox", "count": 2, "connection": connection.pk}
    if action == "ask":
        engine.advance(begin().pk)
        sent["direction"] = Direction.objects.get().mark
    browser = sign_in(mika)

    with sweep(["k" * 120, "a\0b", "a b", "é" * 50]) as rows:
        for key in rows:
            with rows.row(repr(key)):
                response = browser.post(f"/stories/{story.pk}/director/", sent | {"idem_key": key})
                assert response.status_code in (302, 422)
                keys = Job.objects.filter(kind="director").values_list("idem_key", flat=True)
                assert all(len(key) <= 128 and key.isascii() and key.isprintable() for key in keys)
