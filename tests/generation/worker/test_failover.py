"""Failover to another connection: only if nothing can have been bought, within the agreed price."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.billing import ledger
from generation.models import Clip, ClipReference, Picture
from generation.providers import registry
from generation.providers.base import Estimate
from generation.providers.errors import Fault, NotSent, RemoteError
from generation.providers.models import Connection
from generation.providers.remote import Billing, Recovery
from generation.worker import submission
from generation.worker.failover import fail_over
from jobs import events, maintenance
from jobs.lifecycle import engine, recovery
from jobs.lifecycle.lease import LeaseLost
from jobs.models import Attempt, Job, State
from tests.factories import WorkspaceFactory
from tests.fakes.echo import PRICE, EchoFake, EchoProvider
from tests.fakes.server import FakeServer
from tests.generation.worker.helpers import LIMIT, read_history

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


class Second(EchoProvider):
    slug, label = "second", "Second"
    price = PRICE

    def estimate(self, request):
        return Estimate(self.price, "USD", 5)


@pytest.fixture
def second(film, echo, settings, monkeypatch):
    """The fake of a second provider like Echo. ``second.join()`` registers the provider."""
    fake = EchoFake(film)
    fake.slug = "second"
    with FakeServer([fake]) as fake_server:
        settings.PROVIDER_PRIVATE_HOSTS += [f"{host}:{fake_server.server_port}" for host in ("127.0.0.1", "localhost")]
        fake.url = fake_server.url("second")
        fake.engine = Second(recovery=Recovery.OWN_ID, absence_is_proof=True)

        def register():
            monkeypatch.setitem(registry.providers(), "second", fake.engine)

        fake.join = register
        yield fake


@pytest.fixture
def failover_pair(echo, second, connect, mika):
    """Mika's workspace fails over from Echo to Second. Returns both fakes and the connection to Echo."""
    first = echo(recovery=Recovery.OWN_ID, absence_is_proof=True)
    second.join()
    workspace = mika.workspaces.get()
    one = connect(workspace=workspace, base_url=first.url, failover_position=1)
    two = connect(workspace=workspace, base_url=second.url, failover_position=2)
    Connection.objects.filter(pk=two.pk).update(provider="second")
    return first, second, one


def read_own_wallet(user) -> tuple[int, int]:
    """Return what the user's workspace has on hold and has spent at its own accounts."""
    wallet = ledger.get_wallet(user.workspaces.get(), "own")
    return wallet.reserved, wallet.spent


@pytest.mark.parametrize("kind", ["auth", "quota", "busy"])
def test_refusal_before_creation_fails_over_to_the_next_connection(failover_pair, create_job, run_job, kind):
    first, second, connection = failover_pair
    first.next("submit", kind)

    job = run_job(create_job(connection))

    assert job.state == State.READY
    assert (len(first.created), len(second.created)) == (0, 1)
    assert Clip.objects.get(job=job).provider == job.provider == "second"
    assert "submitting to Second instead" in " ".join(line.text for line in events.list_history(job))


def test_failover_to_an_own_account_gives_the_sites_money_back(failover_pair, create_job, run_job, get_balance):
    first, _second, connection = failover_pair
    Connection.objects.filter(pk=connection.pk).update(workspace=None)
    first.next("submit", "quota")

    job = run_job(create_job(connection))

    assert (job.state, job.payer, get_balance()) == (State.READY, "own", LIMIT)
    assert "this studio’s money was given back" in " ".join(line.text for line in events.list_history(job))


def test_failover_follows_the_workspace_order(failover_pair, create_job, run_job, connect, mika):
    first, second, connection = failover_pair
    nearest, *_others = [
        connect(workspace=workspace, base_url=second.url, failover_position=position)
        for workspace, position in [(mika.workspaces.get(), 2), (mika.workspaces.get(), 4), (WorkspaceFactory(), 1)]
    ]
    Connection.objects.filter(provider="second").update(failover_position=3)
    Connection.objects.exclude(pk=connection.pk).update(provider="second")
    first.next("submit", "quota")

    job = run_job(create_job(connection))

    assert Clip.objects.get(job=job).connection == nearest


@pytest.mark.parametrize("fault", ["cut_after_create", "html_502_after_create", "cut"])
def test_may_have_been_bought_blocks_failover(failover_pair, create_job, run_job, fault):
    first, second, connection = failover_pair
    first.next("submit", fault)

    run_job(create_job(connection), steps=4)

    assert not second.created


def test_resent_unknown_job_does_not_fail_over(failover_pair, create_job, run_job, mika):
    first, second, connection = failover_pair
    first.next("submit", "cut_after_create", "quota")
    first.next("list", *["html_502"] * 100)
    job = create_job(connection)
    job = run_job(job, until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))
    job = run_job(job, until=State.UNKNOWN)

    recovery.resend(job, by=mika)
    job = run_job(job, steps=4)

    assert len(first.created) == 1 and not first.faults["submit"], "the resend was not refused"
    assert job.state == State.QUEUED and not second.calls


@pytest.mark.parametrize("kind", ["invalid", "moderation"])
def test_invalid_or_moderated_request_does_not_fail_over(failover_pair, create_job, run_job, kind):
    first, second, connection = failover_pair
    first.next("submit", kind)

    assert run_job(create_job(connection)).state == State.FAILED
    assert not second.created


@pytest.mark.parametrize(
    "estimate",
    [Estimate(PRICE + 1, "USD", 5), Estimate(PRICE, "CNY", 5), Estimate(0, "USD", 5, is_known=False)],
    ids=["dearer", "another currency", "unknown"],
)
def test_failover_never_exceeds_the_agreed_price(failover_pair, create_job, run_job, estimate):
    first, second, connection = failover_pair
    second.engine.estimate = lambda request: estimate
    first.next("submit", "quota")

    job = run_job(create_job(connection), steps=3)

    assert job.state == State.QUEUED and not second.created


def test_cheaper_failover_charges_its_own_price_and_refunds_the_rest(
    failover_pair, create_job, run_job, get_balance, sign_in, mika
):
    first, second, connection = failover_pair
    second.engine.price = PRICE // 2
    first.next("submit", "quota")
    job = run_job(create_job(connection), until=State.RUNNING)
    assert (job.provider, read_own_wallet(mika)) == ("second", (PRICE, 0)), "the whole price is not on hold"

    job = run_job(job)

    assert (job.state, job.price_charged, read_own_wallet(mika)) == (State.READY, PRICE // 2, (0, PRICE // 2))
    assert get_balance() == LIMIT
    page = sign_in(mika).get(reverse("jobs:job", args=[job.pk])).text
    assert "$0.04, connected account" in page and "$0.04 on hold" not in page and "$0.02 charged" not in page
    assert "The provider billed about $0.02 to the connected account; this studio charged nothing." in page
    assert "Second generates it for $0.02; no more than that is charged" in page
    assert maintenance.find_violations() == []


def test_history_reports_a_higher_price_after_a_cheaper_failover(failover_pair, create_job, run_job):
    first, _second, connection = failover_pair
    job = create_job(connection)
    Job.objects.filter(pk=job.pk).update(provider_price=PRICE // 2)  # half of the agreed price
    first.next("submit", "quota")

    job = run_job(job)

    assert (job.state, job.price_charged) == (State.READY, PRICE)
    assert "Second generates it for $0.04; no more than that is charged" in read_history(job)


@pytest.mark.parametrize(("billing", "paid"), [(Billing.SUBMIT, PRICE // 2), (Billing.SUCCESS, 0)])
def test_failed_clip_at_the_cheaper_connection_costs_its_price_at_most(
    failover_pair, create_job, run_job, mika, billing, paid
):
    first, second, connection = failover_pair
    second.engine.price = PRICE // 2
    second.engine.declared = replace(second.engine.declared, billing=billing)
    first.next("submit", "quota")
    job = run_job(create_job(connection), until=State.RUNNING)
    second.created[0].outcome = "failed"

    assert run_job(job).state == State.FAILED
    assert (job.price_charged, read_own_wallet(mika)) == (paid, (0, paid))
    assert maintenance.find_violations() == []


def test_no_failover_without_an_order(failover_pair, create_job, run_job):
    first, second, connection = failover_pair
    Connection.objects.update(failover_position=None)
    first.next("submit", "quota")

    run_job(create_job(connection), steps=3)

    assert not second.created


def pause_connection(connection, **columns):
    Connection.objects.filter(pk=connection.pk).update(paused_until=timezone.now() + timedelta(minutes=5), **columns)


@pytest.mark.parametrize("fields", [{"is_enabled": False}, {"paused_until": "2200-01-01T00:00Z"}])
def test_closed_connection_fails_over_at_once(failover_pair, create_job, run_job, fields):
    first, second, connection = failover_pair
    job = create_job(connection)
    Connection.objects.filter(pk=connection.pk).update(**fields)

    job = run_job(job)

    assert job.state == State.READY and job.provider == "second"
    assert (len(first.calls), len(second.created)) == (0, 1)
    assert "submitting to Second instead" in " ".join(line.text for line in events.list_history(job))


def test_refused_key_is_tried_once_and_all_waiting_jobs_fail_over(failover_pair, create_job, run_job):
    first, second, connection = failover_pair
    first.next("submit", "auth")
    jobs = [create_job(connection) for _ in range(3)]

    assert [run_job(job).state for job in jobs] == [State.READY] * 3
    assert len([call for call in first.calls if call.method == "POST"]) == 1
    assert len(second.created) == 3


@pytest.mark.parametrize("error", [NotSent("off"), RemoteError(Fault.TRANSIENT, "http_503")])
def test_failed_prepare_fails_over_once_and_never_back(failover_pair, create_job, run_job, monkeypatch, error):
    first, second, connection = failover_pair
    prepare, attempts = EchoProvider.prepare, []

    def fail_prepare(engine, *args):
        attempts.append(engine.slug)
        if engine.slug in failing:
            raise error
        return prepare(engine, *args)

    monkeypatch.setattr(EchoProvider, "prepare", fail_prepare)
    failing = {"echo", "second"}
    job = run_job(create_job(connection), steps=5)
    assert job.state == State.QUEUED and attempts == ["echo", *["second"] * 4]

    failing = {"echo"}
    job = run_job(job)
    assert (job.state, job.provider) == (State.READY, "second")
    assert (len(first.created), len(second.created)) == (0, 1)
    assert maintenance.find_violations() == []


def test_paused_connection_is_no_failover_target(failover_pair, create_job, run_job):
    first, second, connection = failover_pair
    pause_connection(Connection.objects.get(provider="second"))
    first.next("submit", "quota")

    job = run_job(create_job(connection), steps=4)

    assert job.state == State.QUEUED and Clip.objects.get(job=job).connection == connection
    assert not second.calls


def test_clip_with_sound_never_fails_over_to_a_silent_model(failover_pair, create_job, run_job):
    first, second, connection = failover_pair
    job = create_job(connection)
    Clip.objects.filter(job=job).update(options={"audio": True, "style_words": "oil on canvas"})
    first.next("submit", "quota")

    assert run_job(job, steps=3).state == State.QUEUED and not second.created

    [silent] = second.engine.capabilities()
    second.engine.capabilities = lambda: (silent, replace(silent, model="echo-loud", has_audio=True))
    job = run_job(job)
    assert (job.state, job.model) == (State.READY, "echo-loud")


def test_clip_with_too_many_references_does_not_fail_over(failover_pair, create_job, run_job):
    _first, second, connection = failover_pair
    job = create_job(connection)
    clip = Clip.objects.get(job=job)
    for n in range(2):
        facts = {"key": f"p/{n}", "sha256": f"{n}", "width": 64, "height": 64, "bytes": 9}
        picture = Picture.objects.create(workspace=clip.workspace, **facts)
        ClipReference.objects.create(clip=clip, picture=picture, position=n)
    [one] = second.engine.capabilities()
    second.engine.capabilities = lambda: (replace(one, references_most=1),)
    pause_connection(connection)

    assert run_job(job, steps=3).state == State.QUEUED and Clip.objects.get(job=job).connection == connection

    second.engine.capabilities = lambda: (replace(one, references_most=2),)
    run_job(job, steps=1)
    assert Clip.objects.get(job=job).provider == "second"


def set_capability(second, **values):
    [one] = EchoProvider.capabilities(second.engine)
    second.engine.capabilities = lambda: (replace(one, **values),)


def test_prompt_too_long_after_styling_does_not_fail_over(failover_pair, create_job, run_job):
    _first, second, connection = failover_pair
    job = create_job(connection)
    clip = Clip.objects.get(job=job)
    set_capability(second, prompt_limit=len(clip.prompt) + 5)
    pause_connection(connection)

    assert run_job(job, steps=3).state == State.QUEUED and Clip.objects.get(job=job).connection == connection

    set_capability(second, prompt_limit=len(clip.prompt) + 200)
    run_job(job, steps=1)
    assert Clip.objects.get(job=job).provider == "second"


@pytest.mark.parametrize(
    "facts",
    [{"picture_least": 65}, {"picture_bytes": 8}, {"picture_shape": 1.5}, {}],
    ids=["small", "heavy", "long", "fetched"],
)
def test_unsupported_picture_does_not_fail_over(failover_pair, create_job, run_job, settings, facts):
    _first, second, connection = failover_pair
    job = create_job(connection)
    clip = Clip.objects.get(job=job)
    clip.picture = Picture.objects.create(
        workspace=clip.workspace, key="p/1.png", sha256="1", width=64, height=99, bytes=9
    )
    clip.save()
    set_capability(second, **facts)
    second.engine.needs_picture_urls = not facts
    settings.MEDIA_URL = "http://127.0.0.1:8000/media/"
    pause_connection(connection)

    assert run_job(job, steps=3).state == State.QUEUED and Clip.objects.get(job=job).connection == connection

    set_capability(second, picture_least=64, picture_bytes=9)
    settings.MEDIA_URL = "https://media.studio.example/media/"
    run_job(job, steps=1)
    assert Clip.objects.get(job=job).provider == "second"


@pytest.mark.parametrize("state", [State.QUEUED, State.SUBMITTING])
def test_worker_without_its_lease_does_not_fail_over(failover_pair, create_job, state):
    _first, _second, first = failover_pair
    job = create_job(first)
    Job.objects.filter(pk=job.pk).update(state=state)
    lease = engine.claim(job.pk)
    loaded = submission.load_submission(lease.job)
    Job.objects.filter(pk=job.pk).update(fence=F("fence") + 1)  # another worker has the job

    with pytest.raises(LeaseLost):
        fail_over(lease, loaded)

    job.refresh_from_db()
    assert Clip.objects.get(job=job).connection == first
    assert job.provider == "echo" and not job.events.filter(reason__startswith="failover").exists()
