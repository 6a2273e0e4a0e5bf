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
from jobs.runtime import fairness
from studio.director import services as director_services
from studio.models import Direction
from studio.stories import services as story_services
from tests.fakes.language import FakeLanguage
from tests.fakes.server import FakeServer
from tests.generation.providers.raw_servers import answer, serving
from tests.sweep import sweep

pytestmark = pytest.mark.django_db
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
ENDLESS = 256 * 1024 * 1024


# --- Endless responses -----------------------------------------------------------------------------------------


def serve_endlessly(head: bytes, chunk: bytes):
    """Return a server that sends the chunk until the client disconnects, and the list of lengths it has sent."""
    sent_lengths = []

    def send(connection, request):
        connection.sendall(head)
        while sum(sent_lengths) < ENDLESS:
            connection.sendall(chunk)
            sent_lengths.append(len(chunk))

    return send, sent_lengths


CHUNK = b"x" * (1 << 20)
ENDLESS_RESPONSES = {
    "a stream that is not cut into chunks": (HEAD + b"Connection: close\r\n\r\n", CHUNK),
    "one line of any length": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK)),
    "one chunk of any size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % ENDLESS, CHUNK),
}


@pytest.mark.parametrize("name", ENDLESS_RESPONSES)
def test_an_endless_response_is_aborted_after_a_few_megabytes(name):
    send, sent_lengths = serve_endlessly(*ENDLESS_RESPONSES[name])
    with serving(send) as server:
        http_client = client.HttpClient(f"http://127.0.0.1:{server.port}", {}, allows_private=True)
        with pytest.raises(NoAnswer):
            list(streaming.stream_lines(http_client, "chat/completions", seconds=60, json={}))

    assert sum(sent_lengths) < 32 * 1024 * 1024


def test_a_compressed_response_is_not_expanded_into_memory():
    body = gzip.compress(b"data: " + b"x" * (64 * 1024 * 1024))
    compressed = answer(body, Content_Type="text/event-stream", Content_Encoding="gzip")
    with serving(lambda connection, request: connection.sendall(compressed)) as server:
        http_client = client.HttpClient(f"http://127.0.0.1:{server.port}", {}, allows_private=True)
        with pytest.raises(NoAnswer):
            list(streaming.stream_lines(http_client, "chat/completions", seconds=60, json={}))

    assert b"identity" in server.requests[0]


# --- Slow servers ------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def two_workers(settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 2}


@pytest.fixture
def model():
    fake = FakeLanguage()
    with FakeServer([fake]) as fake_server:
        fake.url = fake_server.url(fake.slug)
        yield fake


def connect(user, model):
    return connection_services.add_connection(
        by=user, provider="language-openai", label="A model", owner=user, base_url=model.url,
        allows_private=True, facts={"model": "small"}, secret={"keys": {"api_key": model.key}},
    )  # fmt: skip


@pytest.fixture
def connection(mika, model):
    return connect(mika, model)


@pytest.fixture
def story(mika):
    return story_services.create_story(workspace=mika.workspaces.get(), by=mika, title="The last letter")


@pytest.fixture
def start_direction(story, mika, connection):
    """``start_direction()`` requests one more concept. Returns its queued job."""

    def start(for_story=None, by=None, on=None):
        direction = director_services.start_direction(
            story=for_story or story, by=by or mika, idea="A fox", count=2, connection=on or connection,
            idem_key=uuid.uuid4().hex,
        )  # fmt: skip
        return direction.job

    return start


def respond_with(fake, *texts):
    """Make the model respond with these pieces."""
    chunks = [fake._chunk({"content": text}, None) for text in texts]
    body = "\n\n".join([*chunks, fake._chunk({}, "stop"), "data: [DONE]", ""])
    fake._stream = lambda request, **more: body.encode()


@pytest.mark.parametrize("kind", ["director", "connection_test", "clip_elsewhere"])
def test_one_workspace_never_occupies_every_worker_with_its_server(
    start_direction, connection, mika, kind, monkeypatch
):
    monkeypatch.setattr(fairness, "MIN_PAUSE", 60.0)  # seconds
    monkeypatch.setattr(fairness, "MAX_PAUSE", 60.0)
    running_job, waiting = start_direction(), None
    if kind == "connection_test":
        Job.objects.filter(pk=running_job.pk).update(kind=kind)
    if kind == "clip_elsewhere":
        Job.objects.filter(pk=running_job.pk).update(kind=kind, state=State.FETCHING)
    else:
        Job.objects.filter(pk=running_job.pk).update(state=State.RUNNING)
    Job.objects.filter(pk=running_job.pk).update(
        lease_owner="another worker", lease_until=Now() + timedelta(seconds=60)
    )
    waiting = test_job.start_test(connection, by=mika, workspace=mika.workspaces.get())

    engine.advance(waiting.pk)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.lease_until, waiting.no_progress_count) == (State.RUNNING, None, 0)
    assert waiting.next_run_at > timezone.now()
    Job.objects.filter(pk=running_job.pk).update(lease_until=None)
    Job.objects.filter(pk=waiting.pk).update(next_run_at=Now())
    engine.advance(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == State.READY


def test_a_slow_server_of_another_workspace_delays_no_jobs(start_direction, mika, ren, model):
    running_job = start_direction()
    Job.objects.filter(pk=running_job.pk).update(state=State.RUNNING, lease_until=Now() + timedelta(seconds=60))
    job = test_job.start_test(connect(ren, model), by=ren, workspace=ren.workspaces.get())

    engine.advance(job.pk)

    job.refresh_from_db()
    assert job.state == State.READY


@pytest.mark.parametrize(
    ("response_time", "yields"), [(timedelta(seconds=0.3), False), (timedelta(seconds=20), True), (None, True)]
)
def test_jobs_yield_only_where_servers_of_their_workspace_were_slow(start_direction, mika, response_time, yields):
    """A burst of quick submissions is no attack. Jobs yield after a late or missing response."""
    running_job, waiting_job, earlier = start_direction(), start_direction(), start_direction()
    Job.objects.filter(pk__in=[running_job.pk, waiting_job.pk, earlier.pk]).update(kind="clip_elsewhere")
    Job.objects.filter(pk=running_job.pk).update(state=State.SUBMITTING, lease_until=Now() + timedelta(seconds=60))
    submitted_at = timezone.now() - timedelta(seconds=60)
    Attempt.objects.create(
        job=earlier, n=1, client_ref="r" * 26, provider="echo", intent_at=submitted_at,
        answered_at=response_time and submitted_at + response_time,
    )  # fmt: skip

    waiting_job.refresh_from_db()

    assert bool(fairness.seconds_to_yield(waiting_job)) is yields


def test_old_slow_responses_do_not_count(start_direction):
    running_job, waiting_job = start_direction(), start_direction()
    Job.objects.filter(pk__in=[running_job.pk, waiting_job.pk]).update(kind="clip_elsewhere")
    Job.objects.filter(pk=running_job.pk).update(state=State.SUBMITTING, lease_until=Now() + timedelta(seconds=60))
    hour_ago = timezone.now() - timedelta(hours=1)
    Attempt.objects.create(job=running_job, n=1, client_ref="r" * 26, provider="echo", intent_at=hour_ago)

    waiting_job.refresh_from_db()

    assert fairness.seconds_to_yield(waiting_job) == 0


def test_with_one_worker_no_job_yields(start_direction, settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 1}
    before, job = start_direction(), start_direction()
    Job.objects.filter(pk=before.pk).update(state=State.RUNNING, lease_until=Now() + timedelta(seconds=60))

    engine.advance(job.pk)

    job.refresh_from_db()
    assert job.state == State.READY


# --- Text that a database refuses --------------------------------------------------------------------------------


def test_a_character_sent_in_two_halves_is_one_character(start_direction, model):
    respond_with(model, '{"title": "", "concept": "A fox \ud83e', '\udd8a runs" }')

    engine.advance(start_direction().pk)

    assert Direction.objects.get().proposal["concept"] == "A fox 🦊 runs"


def test_any_response_of_a_model_can_be_saved(start_direction, model):
    with sweep(["\ud800", "\x00", "\udfff\ud800"]) as rows:
        for text in rows:
            with rows.row(repr(text)):
                respond_with(model, '{"title": "", "concept": "A fox', text * 100, ' runs"}')
                job = start_direction()
                engine.advance(job.pk)
                job.refresh_from_db()
                direction = Direction.objects.get()
                assert job.error_code != "broken"
                assert can_be_saved(
                    direction.response + json.dumps(direction.proposal, ensure_ascii=False) + job.error_public
                )


def test_an_error_of_a_provider_can_be_saved():
    with sweep(["\ud800", "\x00"]) as rows:
        for text in rows:
            with rows.row(repr(text)):
                error = RemoteError(Fault.FAILED, f"co{text}de", f"de{text}tail", request_id=f"i{text}d")
                assert can_be_saved(error.code + error.detail + error.request_id + str(error) + redact_secrets(text))


def can_be_saved(text: str) -> bool:
    return "\x00" not in text and text.encode() is not None


# --- The page ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["begin", "ask"])
def test_an_idempotency_key_that_a_database_refuses_is_not_used(
    sign_in, mika, story, connection, start_direction, action
):
    data = {"do": action, "step": "concept", "idea": "A fox", "count": 2, "connection": connection.pk}
    if action == "ask":
        engine.advance(start_direction().pk)
        data["direction"] = Direction.objects.get().mark
    browser = sign_in(mika)

    with sweep(["k" * 120, "a\0b", "a b", "é" * 50]) as rows:
        for key in rows:
            with rows.row(repr(key)):
                response = browser.post(f"/stories/{story.pk}/director/", data | {"idem_key": key})
                assert response.status_code in (302, 422)
                keys = Job.objects.filter(kind="director").values_list("idem_key", flat=True)
                assert all(len(key) <= 128 and key.isascii() and key.isprintable() for key in keys)
