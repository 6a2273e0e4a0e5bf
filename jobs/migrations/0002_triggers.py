from django.db import migrations

SQLITE = [
    """CREATE TRIGGER jobs_jobevent_no_update BEFORE UPDATE ON jobs_jobevent FOR EACH ROW
    WHEN NEW.id <> OLD.id OR NEW.job_id <> OLD.job_id OR NEW.old <> OLD.old OR NEW.new <> OLD.new
      OR NEW.fence <> OLD.fence OR NEW.reason <> OLD.reason OR NEW.at <> OLD.at OR NEW.actor_id IS NOT OLD.actor_id
      OR (NEW.actor <> OLD.actor AND NEW.actor <> '')
    BEGIN SELECT RAISE(ABORT, 'jobs_jobevent is append-only'); END""",
    """CREATE TRIGGER jobs_jobevent_no_delete BEFORE DELETE ON jobs_jobevent FOR EACH ROW
    WHEN EXISTS (SELECT 1 FROM jobs_job WHERE id = OLD.job_id)
    BEGIN SELECT RAISE(ABORT, 'jobs_jobevent is append-only'); END""",
    """CREATE TRIGGER jobs_job_takes_its_history AFTER DELETE ON jobs_job FOR EACH ROW
    BEGIN DELETE FROM jobs_jobevent WHERE job_id = OLD.id; END""",
]
POSTGRES = [
    """CREATE FUNCTION jobs_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF NEW.actor = '' THEN OLD.actor := ''; END IF;
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
      ELSIF NOT EXISTS (SELECT 1 FROM jobs_job WHERE id = OLD.job_id) THEN RETURN OLD;
      END IF;
      RAISE EXCEPTION 'jobs_jobevent is append-only' USING ERRCODE = 'restrict_violation';
    END $$""",
    """CREATE FUNCTION jobs_take_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      DELETE FROM jobs_jobevent WHERE job_id = OLD.id;
      RETURN NULL;
    END $$""",
    """CREATE TRIGGER jobs_jobevent_only_grows BEFORE UPDATE OR DELETE ON jobs_jobevent
    FOR EACH ROW EXECUTE FUNCTION jobs_keep_history()""",
    """CREATE TRIGGER jobs_job_takes_its_history AFTER DELETE ON jobs_job
    FOR EACH ROW EXECUTE FUNCTION jobs_take_history()""",
]
UNDO_SQLITE = [
    "DROP TRIGGER jobs_job_takes_its_history",
    "DROP TRIGGER jobs_jobevent_no_delete",
    "DROP TRIGGER jobs_jobevent_no_update",
]
UNDO_POSTGRES = ["DROP FUNCTION jobs_take_history() CASCADE", "DROP FUNCTION jobs_keep_history() CASCADE"]


def run(sqlite, postgres):
    def execute(apps, schema_editor):
        for statement in sqlite if schema_editor.connection.vendor == "sqlite" else postgres:
            schema_editor.execute(statement)

    return execute


class Migration(migrations.Migration):
    """Make job events append-only: rows go only with their job, and only the name of a person may be cleared.

    SQLite drops triggers when a later migration rebuilds a table: repeat them after it. The index serves django-q2,
    which looks for the next task by these two columns and has none of its own.
    """

    dependencies = [
        ("jobs", "0001_initial"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [
        migrations.RunPython(run(SQLITE, POSTGRES), run(UNDO_SQLITE, UNDO_POSTGRES)),
        migrations.RunSQL(
            "CREATE INDEX jobs_nudge_by_lock ON django_q_ormq (key, lock)", "DROP INDEX jobs_nudge_by_lock"
        ),
    ]
