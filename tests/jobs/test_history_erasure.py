"""Erased users are named in no job history; their actions stay recorded."""

import json

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts import privacy
from accounts.access import get_home
from jobs import events, services
from jobs.lifecycle import engine, recovery, transitions
from jobs.models import JobEvent, State
from tests.factories import MembershipFactory, UserFactory


@pytest.fixture
def petra(workspace):
    """Petra edits in Mika's workspace; her name and address occur nowhere else."""
    user = UserFactory(name="Petra Canary", email="canary@petra.example")
    MembershipFactory(user=user, workspace=workspace, role="editor")
    get_home(user)
    return user


@pytest.fixture
def stalled(submit):
    """``stalled()``: a stalled or unknown job of Mika's, on which an operator may act."""

    def create(state=State.STUCK):
        job = submit()
        if state == State.UNKNOWN:
            transitions.move(job, State.SUBMITTING)
        transitions.move(job, state)
        return job

    return create


ACTIONS = {
    "submit": lambda stalled, submit, by: submit(by=by),
    "cancel": lambda stalled, submit, by: services.cancel(submit(), by=by),
    "delete and restore": lambda stalled, submit, by: services.restore(services.delete(submit(), by=by), by=by),
    "retry": lambda stalled, submit, by: services.retry(services.cancel(submit(), by=by), by=by),
    "give up": lambda stalled, submit, by: services.give_up(stalled(), by=by),
    "requeue": lambda stalled, submit, by: services.requeue(stalled(), by=by),
    "release": lambda stalled, submit, by: recovery.release(stalled(State.UNKNOWN), by=by),
    "resend": lambda stalled, submit, by: recovery.resend(stalled(State.UNKNOWN), by=by),
}


@pytest.mark.rows
@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_erased_user_is_named_in_no_history(action, stalled, submit, petra, mika, sign_in):
    job, pk = action(stalled, submit, petra), petra.pk
    page = reverse("jobs:job", args=[job.pk])
    assert "Petra Canary" in sign_in(mika).get(page).text
    signed = JobEvent.objects.filter(actor_id=pk).count()

    privacy.erase_all(petra)

    text = sign_in(mika).get(page).text
    assert "Petra Canary" not in text and "Someone" in text
    assert "anary" not in str([list(model._base_manager.values_list()) for model in apps.get_models()])
    assert set(JobEvent.objects.filter(actor_id=pk).values_list("actor")) == {("",)}
    assert JobEvent.objects.filter(actor_id=pk).count() == signed


def test_other_users_stay_named(submit, petra, mika):
    job = services.cancel(submit(by=petra), by=mika)

    privacy.erase_all(petra)

    assert [line.actor for line in events.list_history(job)] == ["Someone", "Mika"]


def test_guests_and_workers_have_no_actor_id(submit, run_steps, guest_browser):
    job = run_steps(submit(workspace=guest_browser.guest, by=None))
    transitions.move(submit(), State.FAILED)

    assert {line.actor for line in events.list_history(job)} == {"Guest", ""}
    assert not JobEvent.objects.exclude(actor="Mika").exclude(actor_id=None).exists()
    assert {name.split(" ")[0] for name in JobEvent.objects.values_list("actor", flat=True)} >= {"guest", "worker", ""}


def test_user_named_like_a_worker_is_shown_as_a_user(submit):
    job = submit(by=UserFactory(name=f"{engine.WORKER}bee"))

    assert [line.actor for line in events.list_history(job)] == ["worker bee"]


def test_export_lists_actions_on_jobs_of_others(submit, petra, mika):
    job = submit(title="Mika's own petals")
    services.cancel(job, by=petra)

    exported = json.loads(json.dumps(privacy.collect_all(petra), cls=DjangoJSONEncoder))["jobs"]

    assert [(act["job_id"], act["what"]) for act in exported["acts"]] == [(str(job.pk), "Cancelled before it started")]
    assert exported["acts"][0]["at"] and exported["jobs"] == []
    assert "petals" not in json.dumps(exported)


@pytest.mark.rows
@pytest.mark.parametrize("change", ["another", "nobody"])
def test_event_actor_cannot_be_rewritten(submit, ren, mika, change):
    event = submit().events.get()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JobEvent.objects.filter(pk=event.pk).update(actor_id=ren.pk if change == "another" else None)

    assert JobEvent.objects.get(pk=event.pk).actor_id == mika.pk


@pytest.mark.rows
def test_unsigned_event_cannot_be_signed_later(submit, run_steps, ren):
    line = run_steps(submit()).events.last()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JobEvent.objects.filter(pk=line.pk).update(actor_id=ren.pk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JobEvent.objects.filter(pk=line.pk).update(actor="", reason="it was nothing")
