"""Guests before sign-up: access to their clips, limits, and files left after the purge."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from accounts.access import GUEST_KEY, get_home
from accounts.models import Workspace
from generation.media import storage
from generation.models import Clip
from generation.providers.registry import provider
from generation.worker import ingest
from jobs.lifecycle import engine
from jobs.models import Job, State

pytestmark = pytest.mark.django_db
FORM = {"prompt": "a kite over the sea"}


@pytest.fixture
def visitor(client):
    assert client.post("/try/", FORM).status_code == 302
    return client


def make_expired(workspace):
    Workspace.objects.filter(pk=workspace.pk).update(created_at=timezone.now() - timedelta(hours=25))


@pytest.mark.parametrize("state", [State.RUNNING, State.STORED])
def test_a_guest_purged_while_a_clip_is_drawn_leaves_no_file(visitor, monkeypatch, settings, tmp_path, state):
    clip = Clip.objects.get()
    make_expired(clip.workspace)
    stored = storage.store_file

    def purge_then_store(path, key):
        if Job.objects.filter(state=state).exists():
            accounts.delete_expired_guests()
        return stored(path, key)

    monkeypatch.setattr(type(provider("animatic")), "draw", lambda self, request, out, watch: out.write_bytes(b"film"))
    monkeypatch.setattr(ingest, "_ingest", lambda claim, clip, source, folder: IngestedClip(source))
    monkeypatch.setattr(storage, "store_file", purge_then_store)

    engine.advance(clip.job_id)

    assert not Clip.objects.exists()
    assert [path for path in Path(tmp_path / "media").rglob("*") if path.is_file()] == []


class IngestedClip:
    width = height = frames = 2
    has_sound, colour = False, "#000000"

    def __init__(self, path):
        self.files = {"mezzanine": path}


def test_sign_in_renews_the_session_and_the_old_key_opens_nothing(visitor, mika):
    clip, before = Clip.objects.get(), visitor.session.session_key

    visitor.post("/account/login/", {"login": mika.email, "password": "petals in the wind"})

    clip.refresh_from_db()
    assert clip.workspace == get_home(mika)
    assert visitor.session.session_key != before
    old_session = Client()
    old_session.cookies["tapwari_session"] = before
    assert old_session.get(clip.get_absolute_url()).status_code == 404


def test_a_guest_session_cannot_name_the_workspace_of_a_user(client, mika, request_clips):
    clip = request_clips(mika)[0]
    session = client.session
    session[GUEST_KEY] = str(get_home(mika).pk)
    session.save()

    assert client.get(clip.get_absolute_url()).status_code == 404


def test_a_forged_address_does_not_lift_the_limit_of_guest_clips(db):
    statuses = [
        Client(headers={"x-forwarded-for": f"203.0.113.{n}"}).post("/try/", FORM).status_code for n in range(12)
    ]

    assert statuses == [302] * 10 + [429] * 2


def test_a_guest_who_cancels_and_retries_without_end_is_limited(visitor):
    """Each round adds a job, a hold and history."""
    statuses = []
    for _round in range(12):
        job = Job.objects.latest("created_at")
        visitor.post(f"/jobs/{job.pk}/cancel/")
        statuses.append(visitor.post(f"/jobs/{job.pk}/retry/", headers={"hx-request": "true"}).status_code)

    assert 429 in statuses and Job.objects.count() <= 11
    assert visitor.post("/jobs/bulk/", {"act": "retry", "id": [str(job.pk)]}).status_code == 302
    assert Job.objects.count() <= 11


def test_a_retry_of_the_first_of_many_attempts_leads_to_the_last(visitor):
    """There are more attempts than Python allows nested calls."""
    first = Job.objects.get()
    fields = {name: getattr(first, name) for name in ("workspace_id", "kind", "title", "provider", "model", "params")}
    attempts = [first]
    for n in range(1200):
        attempts.append(Job(**fields, state=State.CANCELLED, retry_of=attempts[-1], idem_key=f"attempt-{n}"))
    Job.objects.bulk_create(attempts[1:])
    Job.objects.filter(pk=first.pk).update(state=State.CANCELLED)

    assert visitor.post(f"/jobs/{first.pk}/retry/").status_code == 302
    assert Job.objects.latest("created_at") == attempts[-1]
