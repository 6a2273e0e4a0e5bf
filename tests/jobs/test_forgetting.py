"""Who erased themselves is named in no history any more, whosever the job is; what they did stays on record."""

import json

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from accounts import privacy
from accounts.access import home_of
from jobs import event_messages, recovery, services
from jobs.lifecycle import engine, transitions
from jobs.models import JobEvent, State
from tests.factories import MembershipFactory, UserFactory

BEFORE = [("jobs", "0012_what_an_account_makes_now")]


@pytest.fixture
def petra(desk):
    """Petra edits in Mika's workspace; her name and address occur nowhere else."""
    user = UserFactory(name="Petra Canary", email="canary@petra.example")
    MembershipFactory(user=user, workspace=desk, role="editor")
    home_of(user)
    return user


@pytest.fixture
def stuck(submit):
    """A job of Mika's that stands so that an operator may act."""

    def make(state=State.STUCK):
        job = submit()
        if state == State.UNKNOWN:
            transitions.move(job, State.SUBMITTING)
        transitions.move(job, state)
        return job

    return make


DEEDS = {
    "asks": lambda stuck, submit, by: submit(by=by),
    "stops": lambda stuck, submit, by: services.cancel(submit(), by=by),
    "throws away and takes back": lambda stuck, submit, by: services.restore(services.delete(submit(), by=by), by=by),
    "tries again": lambda stuck, submit, by: services.retry(services.cancel(submit(), by=by), by=by),
    "gives up": lambda stuck, submit, by: services.give_up(stuck(), by=by),
    "queues again": lambda stuck, submit, by: services.requeue(stuck(), by=by),
    "takes back the money": lambda stuck, submit, by: recovery.release(stuck(State.UNKNOWN), by=by),
    "asks anew": lambda stuck, submit, by: recovery.ask_anew(stuck(State.UNKNOWN), by=by),
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_after_erasing_no_history_of_anybody_has_their_name(deed, stuck, submit, petra, mika, sign_in):
    job, pk = deed(stuck, submit, petra), petra.pk
    page = reverse("jobs:job", args=[job.pk])
    assert "Petra Canary" in sign_in(mika).get(page).text
    signed = JobEvent.objects.filter(actor_id=pk).count()

    privacy.erase_all(petra)

    told = sign_in(mika).get(page).text
    assert "Petra Canary" not in told and "Somebody" in told
    assert "anary" not in str([list(model._base_manager.values_list()) for model in apps.get_models()])
    assert set(JobEvent.objects.filter(actor_id=pk).values_list("actor")) == {("",)}
    assert JobEvent.objects.filter(actor_id=pk).count() == signed


def test_whoever_else_acted_goes_on_being_named(submit, petra, mika):
    job = services.cancel(submit(by=petra), by=mika)

    privacy.erase_all(petra)

    assert [line.who for line in event_messages.of(job)] == ["Somebody", "Mika"]


def test_guests_workers_and_the_studio_have_no_id(submit, end, visitor):
    job = end(submit(workspace=visitor.guest, by=None))
    transitions.move(submit(), State.FAILED)

    assert {line.who for line in event_messages.of(job)} == {"Guest", ""}
    assert not JobEvent.objects.exclude(actor="Mika").exclude(actor_id=None).exists()
    assert {name.split(" ")[0] for name in JobEvent.objects.values_list("actor", flat=True)} >= {"guest", "worker", ""}


def test_who_calls_themselves_a_worker_is_a_person_all_the_same(submit):
    job = submit(by=UserFactory(name=f"{engine.WORKER}bee"))

    assert [line.who for line in event_messages.of(job)] == ["worker bee"]


def test_an_export_tells_what_one_did_to_jobs_of_others(submit, petra, mika):
    job = submit(title="Mika's own petals")
    services.cancel(job, by=petra)

    told = json.loads(json.dumps(privacy.collect_all(petra), cls=DjangoJSONEncoder))["jobs"]

    assert [(act["job_id"], act["what"]) for act in told["acts"]] == [(str(job.pk), "Stopped before it began")]
    assert told["acts"][0]["at"] and told["jobs"] == []
    assert "petals" not in json.dumps(told)


@pytest.mark.parametrize("change", ["another", "nobody"])
def test_whose_deed_it_was_cannot_be_rewritten(submit, ren, mika, change):
    event = submit().events.get()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JobEvent.objects.filter(pk=event.pk).update(actor_id=ren.pk if change == "another" else None)

    assert JobEvent.objects.get(pk=event.pk).actor_id == mika.pk


def test_what_nobody_signed_is_not_signed_later(submit, end, ren):
    line = end(submit()).events.last()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JobEvent.objects.filter(pk=line.pk).update(actor_id=ren.pk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JobEvent.objects.filter(pk=line.pk).update(actor="", reason="it was nothing")


@pytest.fixture
def studio_of_before(transactional_db):
    """The tables as they were before people signed with an id: gives its models, and what brings it up to date."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)

    def catch_up():
        up = MigrationExecutor(connection)
        up.migrate(up.loader.graph.leaf_nodes())

    yield executor.loader.project_state(BEFORE).apps, catch_up
    catch_up()


def test_old_lines_are_signed_where_it_is_sure_by_whom_and_lose_whole_addresses(studio_of_before, petra, mika, desk):
    models, catch_up = studio_of_before
    jobs, lines = (models.get_model("jobs", name).objects for name in ("Job", "JobEvent"))
    theirs, ours, orphan = (
        jobs.create(workspace_id=desk.pk, created_by_id=by, kind="test", title="Old", idem_key=f"old-{n}")
        for n, by in enumerate([petra.pk, mika.pk, None])
    )
    told = [
        (theirs, "", petra.email), (theirs, "queued", "worker desk@home:1:2"), (theirs, "queued", "Mika"),
        (ours, "", "Mika"), (ours, "queued", petra.email), (ours, "queued", "Petra Canary"), (ours, "queued", "guest"),
        (orphan, "", "Long Gone"), (orphan, "queued", "Long Gone"), (orphan, "queued", "Mika"),
    ]  # fmt: skip
    for job, old, actor in told:
        lines.create(job_id=job.pk, old=old, new="queued", actor=actor)

    catch_up()

    assert list(JobEvent.objects.order_by("pk").values_list("actor_id", "actor")) == [
        (petra.pk, ""), (None, "worker desk@home:1:2"), (None, "Mika"),
        (mika.pk, "Mika"), (None, ""), (None, "Petra Canary"), (None, "guest"),
        (None, ""), (None, ""), (None, "Mika"),
    ]  # fmt: skip
    privacy.erase_all(petra)
    assert not JobEvent.objects.filter(actor="Petra Canary").exists()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JobEvent.objects.update(actor_id=mika.pk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JobEvent.objects.all().delete()
