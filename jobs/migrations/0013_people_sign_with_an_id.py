from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q, Subquery

NOBODY = ["", "guest"]  # how the studio itself and guests sign
WORKER = "worker "  # how workers do

_SQLITE = """CREATE TRIGGER jobs_jobevent_no_update BEFORE UPDATE ON jobs_jobevent FOR EACH ROW
    WHEN NEW.id <> OLD.id OR NEW.job_id <> OLD.job_id OR NEW.old <> OLD.old OR NEW.new <> OLD.new
      OR NEW.fence <> OLD.fence OR NEW.reason <> OLD.reason OR NEW.at <> OLD.at {and_the_person}
      OR (NEW.actor <> OLD.actor AND NEW.actor <> '')
    BEGIN SELECT RAISE(ABORT, 'jobs_jobevent is append-only'); END"""
_POSTGRES = "CREATE OR REPLACE FUNCTION jobs_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {rule} END $$"
_DROP = "DROP TRIGGER jobs_jobevent_no_update"
_RULE = """
      IF TG_OP = 'UPDATE' THEN
        IF NEW.actor = '' THEN OLD.actor := ''; END IF;
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
      ELSIF NOT EXISTS (SELECT 1 FROM jobs_job WHERE id = OLD.job_id) THEN RETURN OLD;
      END IF;
      RAISE EXCEPTION 'jobs_jobevent is append-only' USING ERRCODE = 'restrict_violation';
    """

# PostgreSQL compares whole rows, the new column with the others; it has to let the old rows be signed once.
OPENED = {"sqlite": [_DROP], "postgresql": [_POSTGRES.format(rule="RETURN NEW;")]}
CLOSED = {
    "sqlite": [_SQLITE.format(and_the_person="OR NEW.actor_id IS NOT OLD.actor_id")],
    "postgresql": [_POSTGRES.format(rule=_RULE)],
}
AS_BEFORE = {"sqlite": [_DROP, _SQLITE.format(and_the_person="")], "postgresql": []}


def run(statements):
    def execute(apps, schema_editor):
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement)

    return execute


def sign_and_forget(apps, schema_editor):
    """Of old lines the first of each job is known to be its asker's. Whole addresses go, and so do the names of askers
    who have erased themselves since."""
    jobs, lines = apps.get_model("jobs", "Job").objects, apps.get_model("jobs", "JobEvent").objects
    of_people = lines.exclude(actor__in=NOBODY).exclude(actor__startswith=WORKER)
    asker = jobs.filter(pk=OuterRef("job_id")).values("created_by")[:1]
    of_people.filter(old="", job__created_by__isnull=False).update(actor_id=Subquery(asker))
    of_people.filter(actor__contains="@").update(actor="")
    asked = lines.filter(job=OuterRef("job"), actor=OuterRef("actor"), old="", job__created_by=None)
    of_people.filter(Exists(asked)).update(actor="")


class Migration(migrations.Migration):
    """Whoever does something signs with an id, which is never changed: by it their name is found when they leave.
    A nullable column without a default rebuilds no table of SQLite, so that the other triggers of 0002 stay."""

    dependencies = [
        ("jobs", "0012_what_an_account_makes_now"),
    ]

    operations = [
        migrations.AddField(model_name="jobevent", name="actor_id", field=models.UUIDField(null=True)),
        migrations.AddIndex(
            model_name="jobevent",
            index=models.Index(fields=["actor_id"], condition=Q(actor_id__isnull=False), name="jobevent_by_person"),
        ),
        migrations.RunPython(run(OPENED), migrations.RunPython.noop),
        migrations.RunPython(sign_and_forget, migrations.RunPython.noop),
        migrations.RunPython(run(CLOSED), run(AS_BEFORE)),
    ]
