"""Code of before a renewal goes on beside the renewed database until every machine has the new one."""

import uuid

import pytest
from django.db import connection, transaction
from django.db.migrations import AddField
from django.db.migrations.loader import MigrationLoader

from accounts.access import home_of
from generation.models import Clip
from generation.providers.models import Connection
from jobs.models import Job
from studio.models import Direction, Shot

BEFORE = [  # what was out when columns began to have defaults of the database's own
    ("accounts", "0002_ledger_and_audit_only_grow"),
    ("generation", "0009_tasks_whose_jobs_are_gone"),
    ("jobs", "0012_what_an_account_makes_now"),
    ("studio", "0009_a_character_knows_when_its_looks_changed"),
]


@pytest.fixture
def old(db):
    """``old("studio", "Shot")`` writes rows as code of before did, with no word of the columns that came since."""
    apps = MigrationLoader(connection).project_state(BEFORE).apps
    return lambda app, model: apps.get_model(app, model).objects


def newer_columns(loader):
    """(app, model, column) of all that migrations after those of BEFORE add to tables."""
    known = {each for node in BEFORE for each in loader.graph.forwards_plan(node)}
    for key, migration in loader.disk_migrations.items():
        if key[0] in dict(BEFORE) and key not in known:
            for each in migration.operations:
                if isinstance(each, AddField):
                    yield key[0], each.model_name_lower, each.name_lower


def test_every_newer_column_can_be_left_out_of_a_row():
    loader = MigrationLoader(None)
    tables, columns = loader.project_state().models, list(newer_columns(loader))

    assert ("generation", "clip", "has_lost_start") in columns
    for app, model, name in columns:
        field = tables[app, model].fields.get(name)  # None: it is gone again
        free = field is None or field.many_to_many or field.null or field.has_db_default()
        assert free, f"give {app}.{model}.{name} a db_default: older code makes rows without it"


def test_older_code_makes_its_rows_in_the_renewed_tables(old, mika):
    at, key = home_of(mika).pk, {"provider": "echo", "label": "Echo"}
    with transaction.atomic():
        account = old("generation", "Connection").create(**key)
        clip = old("generation", "Clip").create(workspace_id=at, title="A cat", prompt="A cat", seed=7)
        story = old("studio", "Story").create(workspace_id=at, title="Rain")
        idea = old("studio", "Direction").create(story=story, idea="Rain")
        scene = old("studio", "Scene").create(story=story, position=1, prompt="Rain")
        run = old("studio", "Run").create(story=story)
        shot = old("studio", "Shot").create(run=run, scene=scene, n=1)
        job = old("jobs", "Job").create(workspace_id=at, kind="test", title="Old", idem_key=uuid.uuid4().hex)

    assert Clip.objects.get(pk=clip.pk).has_lost_start is False
    assert Connection.objects.get(pk=account.pk).keys_digest == ""
    assert Direction.objects.get(pk=idea.pk).rev == 1
    assert Shot.objects.get(pk=shot.pk).terms == {}
    assert Job.objects.filter(pk=job.pk).exists()
