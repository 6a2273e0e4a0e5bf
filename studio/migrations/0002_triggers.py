from django.db import migrations

SQLITE = [
    """CREATE TRIGGER studio_sceneedit_no_update
    BEFORE UPDATE OF id, scene_id, rev, before, after, at ON studio_sceneedit FOR EACH ROW
    BEGIN SELECT RAISE(ABORT, 'studio_sceneedit is append-only'); END""",
    """CREATE TRIGGER studio_sceneedit_by_is_only_forgotten
    BEFORE UPDATE OF by_id ON studio_sceneedit FOR EACH ROW WHEN NEW.by_id IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'studio_sceneedit is append-only'); END""",
    """CREATE TRIGGER studio_sceneedit_no_delete BEFORE DELETE ON studio_sceneedit FOR EACH ROW
    WHEN EXISTS (SELECT 1 FROM studio_scene WHERE id = OLD.scene_id)
    BEGIN SELECT RAISE(ABORT, 'studio_sceneedit is append-only'); END""",
    """CREATE TRIGGER studio_scene_takes_its_history AFTER DELETE ON studio_scene FOR EACH ROW
    BEGIN DELETE FROM studio_sceneedit WHERE scene_id = OLD.id; END""",
]
POSTGRES = [
    """CREATE FUNCTION studio_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF NEW.by_id IS NULL THEN OLD.by_id := NULL; END IF;
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
      ELSIF NOT EXISTS (SELECT 1 FROM studio_scene WHERE id = OLD.scene_id) THEN RETURN OLD;
      END IF;
      RAISE EXCEPTION 'studio_sceneedit is append-only' USING ERRCODE = 'restrict_violation';
    END $$""",
    """CREATE FUNCTION studio_take_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      DELETE FROM studio_sceneedit WHERE scene_id = OLD.id;
      RETURN NULL;
    END $$""",
    """CREATE TRIGGER studio_sceneedit_only_grows BEFORE UPDATE OR DELETE ON studio_sceneedit
    FOR EACH ROW EXECUTE FUNCTION studio_keep_history()""",
    """CREATE TRIGGER studio_scene_takes_its_history AFTER DELETE ON studio_scene
    FOR EACH ROW EXECUTE FUNCTION studio_take_history()""",
]
UNDO_SQLITE = [
    "DROP TRIGGER studio_scene_takes_its_history",
    "DROP TRIGGER studio_sceneedit_no_delete",
    "DROP TRIGGER studio_sceneedit_by_is_only_forgotten",
    "DROP TRIGGER studio_sceneedit_no_update",
]
UNDO_POSTGRES = ["DROP FUNCTION studio_take_history() CASCADE", "DROP FUNCTION studio_keep_history() CASCADE"]


def run(sqlite, postgres):
    def execute(apps, schema_editor):
        for statement in sqlite if schema_editor.connection.vendor == "sqlite" else postgres:
            schema_editor.execute(statement)

    return execute


class Migration(migrations.Migration):
    """Make the edit history of scenes append-only: rows go only with their scene, and only the author may be cleared.

    SQLite drops triggers when a later migration rebuilds a table: repeat them after it.
    """

    dependencies = [("studio", "0001_initial")]
    operations = [migrations.RunPython(run(SQLITE, POSTGRES), run(UNDO_SQLITE, UNDO_POSTGRES))]
