from importlib import import_module

from django.db import migrations, models

history = import_module("studio.migrations.0002_history_only_grows")


class Migration(migrations.Migration):
    """SQLite rebuilds the table of scenes, which the triggers of their history speak of: they step aside for it."""

    dependencies = [("studio", "0006_a_price_that_nobody_knew")]
    operations = [
        migrations.RunPython(history.run(history.UNDO_SQLITE, []), history.run(history.SQLITE, [])),
        migrations.AddField("scene", "gain", models.SmallIntegerField("volume", default=0)),
        migrations.AddConstraint(
            "scene",
            models.CheckConstraint(condition=models.Q(gain__range=(-24, 24)), name="scene_is_within_24_decibels"),
        ),
        migrations.RunPython(history.run(history.SQLITE, []), history.run(history.UNDO_SQLITE, [])),
    ]
